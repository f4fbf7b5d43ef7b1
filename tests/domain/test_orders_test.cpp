// Facts about orders of the test mode: going live removes them with all that belongs to them, and nothing
// else; a key of the other mode is refused while orders can still be paid.
#include "domain/test_orders.hpp"

#include <fmt/format.h>

#include "domain/conference/audit_of_row.hpp"
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

// On SQLite the first real order has the number of a test order: what staff did to that one is not its
// history.
TEST_P(TestOrdersTest, WhatIsRecordedOfATestOrderIsNoHistoryOfTheRealOne) {
  const std::int64_t test = place("ada");
  const auto note = [&](std::int64_t id, const char* text) {
    fair().write([&](db::Tx& tx) {
      conference::record(tx, {{}, "eve", "manage"}, conference::AuditAction::change,
                         {fair().conference_id, "orders", std::to_string(id), "Order", 7},
                         {{"comment", "Comment", "", text}});
    });
  };
  note(test, "only a test");
  delete_test_orders(db(), fair().shop, fair().conference_id, {{}, "ada", "manage"});
  const std::int64_t real = place("bob");
  if (db().engine() == db::Engine::sqlite) {
    EXPECT_EQ(real, test);
  }
  const auto history = [&](const auto& of) {
    return fair().read([&](db::Tx& tx) { return of(tx, "orders", std::to_string(test), 10, 0).size(); });
  };
  EXPECT_EQ(history(conference::history_of), 2u) << "the change and the deletion stay in the record";
  EXPECT_EQ(history(conference::history_of_row), 0u);
  EXPECT_TRUE(
      fair()
          .read([&](db::Tx& tx) { return conference::changes_since(tx, "orders", std::to_string(test), 1); })
          .empty());
  note(test, "a real one");
  EXPECT_EQ(history(conference::history_of_row), 1u);
  // One without anything recorded leaves nothing behind.
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'orders' AND action = 'delete'"), 2);
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
