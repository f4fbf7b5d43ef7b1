// Facts about orders of the test mode: going live removes them with all that belongs to them, and nothing
// else; a key of the other mode is refused while orders can still be paid.
#include "domain/test_orders.hpp"

#include <fmt/format.h>

#include "domain/registration/letters.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/sale.hpp"
#include "jobs/outbox.hpp"

namespace plenary::domain {
namespace {

using registration::testing::Fair;
using registration::testing::ticket;

class TestOrdersTest : public registration::testing::Sale {
 protected:
  void SetUp() override {
    Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10'000, 5)}});
  }
  std::int64_t place(const std::string& who) {
    fair().add(fair().guest(who), "individual");
    return fair().order(fair().guest(who), who + "@example.org").order_id;
  }
  std::int64_t count(const char* sql) {
    return fair().read([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
};
ON_BOTH_ENGINES(TestOrdersTest);

TEST_P(TestOrdersTest, GoingLiveRemovesThemAllAndFreesTheirPlaces) {
  const std::int64_t paid = place("ada"), refunded = place("bob"), real = place("eve");
  place("dan");
  for (const std::int64_t id : {paid, refunded, real}) fair().pay(id);
  fair().write([&](db::Tx& tx) {
    registration::Order order = registration::find_order(tx, refunded).value();
    registration::refund(tx, fair().shop, fair().gateway, order, {.amount = 4'000}, {"test", "staff", ""});
    tx.exec("UPDATE orders SET is_sandbox = 0 WHERE id = $1", real);
    tx.exec("UPDATE ledger_entry SET is_test = 0 WHERE order_id = $1", real);
  });
  EXPECT_EQ(fair().remaining("individual"), 1);
  const auto counted = fair().read([&](db::Tx& tx) { return count_test_orders(tx, fair().conference_id); });
  EXPECT_EQ(counted.orders, 3);
  EXPECT_EQ(counted.open, 1);

  const TestOrders gone = delete_test_orders(db(), fair().shop, fair().conference_id, {{}, "ada", "manage"});
  EXPECT_EQ(gone.orders, 3);
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM payment"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM refund"), 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM ledger_entry WHERE is_test = 1"), 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'orders'"), 1);
  EXPECT_EQ(fair().get(real).status, registration::OrderStatus::paid);
  EXPECT_EQ(fair().remaining("individual"), 4);
  EXPECT_EQ(delete_test_orders(db(), fair().shop, fair().conference_id, {{}, "ada", "manage"}).orders, 0);
}

// On SQLite the first real order has the number that the last test order had.
TEST_P(TestOrdersTest, JobsOfWhatIsGoneConcernNobodyElse) {
  const std::int64_t real = place("eve"), test = place("ada");
  fair().pay(real);
  fair().pay(test);
  const auto confirm = [&](std::int64_t id) {
    fair().write(
        [&](db::Tx& tx) { registration::mail_confirmation(tx, registration::find_order(tx, id).value()); });
  };
  const auto confirmations_of = [&](std::int64_t id) {
    return fair().read([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT COUNT(*) FROM outbox WHERE done_at IS NULL AND payload = $1",
                                  fmt::format(R"({{"message":"order_confirmation","order":{}}})", id));
    });
  };
  fair().write([&](db::Tx& tx) {
    tx.exec("UPDATE orders SET is_sandbox = 0 WHERE id = $1", real);
    tx.exec("UPDATE ledger_entry SET is_test = 0 WHERE order_id = $1", real);
  });
  for (const std::int64_t id : {real, test}) confirm(id);
  fair().write([&](db::Tx& tx) {
    tx.exec("UPDATE outbox SET done_at = $1", tx.now());
    for (const std::int64_t id : {real, test}) {
      const auto payment = registration::payments_of(tx, id).at(0).id;
      jobs::enqueue(tx, "cancel_intent", fair().conference_id, jobs::payload({{"payment", payment}}),
                    fmt::format("cancel-{}", payment));
    }
  });
  delete_test_orders(db(), fair().shop, fair().conference_id, {{}, "ada", "manage"});
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE kind = 'cancel_intent'"), 1) << "the real order's";
  const std::int64_t next = place("bob");
  fair().pay(next);
  confirm(next);
  EXPECT_EQ(confirmations_of(next), 1) << "it is told to its buyer";
  confirm(real);
  EXPECT_EQ(confirmations_of(real), 0) << "that was said";
}

TEST_P(TestOrdersTest, AKeyOfTheOtherModeWaitsForOpenOrders) {
  const auto refusal = [&](const char* before, const char* after) {
    return Fair::refusal([&] {
      fair().read([&](db::Tx& tx) {
        check_key_change(tx, fair().conference_id, Secret(before), Secret(after), "stripe_secret_key");
      });
    });
  };
  EXPECT_EQ(refusal("sk_test_a", "sk_live_a"), "");
  place("ada");
  EXPECT_EQ(refusal("sk_test_a", "sk_live_a"), "open_orders");
  EXPECT_EQ(refusal("sk_test_a", "rk_test_b"), "");
  EXPECT_EQ(refusal("sk_live_a", "sk_test_a"), "");
  EXPECT_EQ(refusal("", "sk_live_a"), "");
  clock().advance(Duration::hours(3));
  EXPECT_EQ(refusal("sk_test_a", "sk_live_a"), "");
}

}  // namespace
}  // namespace plenary::domain
