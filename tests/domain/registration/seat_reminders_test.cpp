// Facts about reminders to buyers of tickets without a name: whom they reach, and that they come once.
#include "domain/registration/seat_reminders.hpp"

#include <gtest/gtest.h>

#include "domain/registration/sale.hpp"
#include "domain/registration/seats.hpp"
#include "domain/registration/self_service.hpp"

namespace plenary::registration::testing {
namespace {

class Reminders : public Sale {
 protected:
  void begin() {
    clock().set(*Instant::parse("2027-04-01T10:00:00Z"));
    open({.ticket_types = {ticket("individual", 10000, 50, 50)}, .max_tickets_per_cart = 50});
  }
  Id buy(const std::string& who, int tickets) {
    fair().add(fair().guest(who), "individual", tickets);
    const Id order = fair().order(fair().guest(who), who + "@example.org").order_id;
    EXPECT_EQ(fair().pay(order).outcome, ChargeOutcome::succeeded);
    return order;
  }
  std::shared_ptr<const Catalogue> catalogue() {
    return fair().read([&](db::Tx& tx) { return load_catalogue(tx, fair().conference_id, fair().settings); });
  }
  SeatReminders look() {
    const auto known = catalogue();
    return fair().read([&](db::Tx& tx) { return seat_reminders(tx, *known); });
  }
  RemindersAsked ask(const std::string& token) {
    const auto known = catalogue();
    const conference::Actor actor{std::nullopt, "grace", "manage"};
    return fair().write([&](db::Tx& tx) { return ask_seat_reminders(tx, actor, *known, token); });
  }
  // As the worker does, with everything that was asked for, again and again.
  void deliver() {
    const auto payloads = fair().read([](db::Tx& tx) {
      return tx.query<std::string>("SELECT payload FROM outbox WHERE kind = 'seat_reminders' ORDER BY id");
    });
    for (const std::string& payload : payloads) {
      jobs::Delivery delivery;
      delivery.conference_id = fair().conference_id;
      delivery.payload = payload;
      deliver_seat_reminders(db(), delivery);
    }
  }
  std::int64_t mails(Id order) {
    return fair().read([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "SELECT CAST(COUNT(*) AS BIGINT) FROM outbox WHERE kind = 'mail' AND payload LIKE $1",
          "%\"names_missing\",\"order\":" + std::to_string(order) + "}");
    });
  }
  void set(const char* sql, Id id) {
    fair().write([&](db::Tx& tx) { tx.exec(sql, id); });
  }
};
ON_BOTH_ENGINES(Reminders);

TEST_P(Reminders, ReachTheBuyersOfTicketsThatNobodyIsNamedFor) {
  begin();
  const Id ada = buy("ada", 3), bob = buy("bob", 1), carl = buy("carl", 2), dora = buy("dora", 2),
           eve = buy("eve", 2), faye = buy("faye", 2);
  set("UPDATE seat SET email = 'friend@example.org', invited_at = 1 WHERE order_id = $1 AND position = 2",
      carl);
  set("UPDATE orders SET status = 'refunded' WHERE id = $1", dora);
  set("UPDATE orders SET billing_email = '', email_normalized = '' WHERE id = $1", eve);
  set("UPDATE orders SET billing_email = '' WHERE id = $1", faye);  // known by what was typed
  const SeatReminders found = look();
  EXPECT_EQ(found.orders, 2);
  EXPECT_EQ(found.seats, 3);
  EXPECT_EQ(found.without_address, 1);
  EXPECT_EQ(found.reminded, 0);
  ASSERT_EQ(found.references.size(), 2u);
  EXPECT_EQ(ask("a-form").orders, 2);
  EXPECT_TRUE(ask("a-form").is_repeat);
  deliver();
  EXPECT_EQ(mails(ada), 1);
  EXPECT_EQ(mails(faye), 1);
  for (const Id none : {bob, carl, dora, eve}) EXPECT_EQ(mails(none), 0) << none;
  set("UPDATE orders SET status = 'paid' WHERE id = $1", dora);  // as its stock says
}

TEST_P(Reminders, ComeOnceInThreeDaysHoweverOftenTheyAreAskedFor) {
  begin();
  const Id ada = buy("ada", 2);
  ask("one");
  ask("two");
  deliver();
  deliver();
  EXPECT_EQ(mails(ada), 1);
  EXPECT_EQ(look().reminded, 1);
  EXPECT_EQ(Fair::refusal([&] { ask("three"); }), "none");
  const Id bob = buy("bob", 2);
  ask("four");
  deliver();
  EXPECT_EQ(mails(ada), 1);
  EXPECT_EQ(mails(bob), 1);
  clock().advance(reminder_pause);
  EXPECT_EQ(look().orders, 2);
  ask("five");
  deliver();
  EXPECT_EQ(mails(ada), 2);
  const auto known = catalogue();
  const auto history =
      fair().read([&](db::Tx& tx) { return order_history(tx, *known, find_order(tx, ada).value()); });
  EXPECT_EQ(history.back().text, "The organisers asked who comes with your tickets.");
}

TEST_P(Reminders, EndWithTheConference) {
  begin();
  const Id ada = buy("ada", 2);
  ask("before");
  clock().set(names_end(*catalogue()) - Duration::seconds(1));
  EXPECT_FALSE(look().is_over);
  clock().advance(Duration::seconds(1));
  EXPECT_TRUE(look().is_over);
  EXPECT_EQ(Fair::refusal([&] { ask("after"); }), "over");
  EXPECT_EQ(mails(ada), 0);
}

}  // namespace
}  // namespace plenary::registration::testing
