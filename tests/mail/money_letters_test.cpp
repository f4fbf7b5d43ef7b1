// Mail about money follows what happens to orders: once for each cause, and not when it is moot by then.
#include "domain/registration/money_letters.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>

#include "domain/accounts/groups.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/seats.hpp"
#include "domain/registration/self_service.hpp"
#include "mail/post_office.hpp"

namespace plenary::mail::testing {
namespace {

using registration::Id;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class MoneyMail : public PostOffice {
 protected:
  // A payment whose answer comes later.
  Id pay_late(Id order_id, const char* card = "4000 0000 0000 0077") {
    registration::ChargeRequest request;
    request.card_number = card;
    const registration::SandboxGateway gateway;
    return write([&](db::Tx& tx) {
      registration::Order order = registration::find_order(tx, order_id).value();
      return registration::pay(tx, shop(), gateway, order, request).payment_id;
    });
  }
  void settle(Id payment, bool succeeded) {
    write([&](db::Tx& tx) {
      registration::settle(tx, shop(), payment, succeeded, {"sandbox", "system", ""});
    });
  }
  void sweep() {
    write([&](db::Tx& tx) { registration::sweep_expired(tx, shop(), conference_id(), 100); });
  }
  // What the mails are, by their names in the record.
  std::vector<std::string> kinds() {
    return db().read_now(
        [](db::Tx& tx) { return tx.query<std::string>("SELECT kind FROM mail_message ORDER BY id"); });
  }
  std::string text(std::size_t i) { return mails().at(i).part("text/plain")->bytes; }
};
ON_BOTH_ENGINES(MoneyMail);

TEST_P(MoneyMail, AnOrderThatIsNotPaidInTimeIsToldOnce) {
  order();
  clock().advance(Duration::hours(2));
  sweep();
  sweep();
  deliver();
  EXPECT_THAT(kinds(), ElementsAre("order_expired"));
  EXPECT_THAT(text(0), HasSubstr("was not paid in time"));
}

TEST_P(MoneyMail, ARefusalOfWhatWasOnItsWayIsToldWithALinkToTryAgain) {
  const Id id = order();
  settle(pay_late(id), false);
  deliver();
  EXPECT_THAT(kinds(), ElementsAre("payment_failed"));
  EXPECT_THAT(text(0), AllOf(HasSubstr("$1,234.50"), HasSubstr("registration:order-secret-pay"),
                             HasSubstr("We hold what you ordered until")));
}

TEST_P(MoneyMail, ARefusalIsMootOncePaid) {
  const Id id = order();
  settle(pay_late(id), false);
  pay(id);
  deliver();
  EXPECT_THAT(kinds(), ElementsAre("order_confirmation"));
}

TEST_P(MoneyMail, ARefusalInFrontOfTheBuyerWaitsForTheirNextTry) {
  const Id id = order();
  const Id payment = pay_late(id);
  write([&](db::Tx& tx) { tx.exec("UPDATE payment SET status = 'pending' WHERE id = $1", payment); });
  settle(payment, false);
  deliver();
  EXPECT_THAT(kinds(), IsEmpty());
  clock().advance(Duration::minutes(6));
  deliver();
  EXPECT_THAT(kinds(), ElementsAre("payment_failed"));
}

TEST_P(MoneyMail, MoneyThatComesWhenTheTicketsAreGoneGoesBackAndIsTold) {
  const Id id = order();
  const Id payment = pay_late(id);
  write([&](db::Tx& tx) { tx.exec("UPDATE payment SET status = 'pending' WHERE id = $1", payment); });
  clock().advance(Duration::hours(2));
  sweep();
  write([&](db::Tx& tx) { tx.exec("UPDATE stock SET capacity = 0 WHERE kind = 'ticket_type'"); });
  settle(payment, true);
  deliver();
  EXPECT_THAT(kinds(), UnorderedElementsAre("order_expired", "late_payment_refunded"));
  const std::string both = text(0) + text(1);
  EXPECT_THAT(both, HasSubstr("the tickets are sold to others by now"));
}

TEST_P(MoneyMail, APartIsAcknowledgedWithWhatIsStillDue) {
  const Id id = order();
  const Id payment = pay_late(id);
  write([&](db::Tx& tx) { tx.exec("UPDATE payment SET amount = 23450 WHERE id = $1", payment); });
  settle(payment, true);
  deliver();
  EXPECT_THAT(kinds(), ElementsAre("payment_received"));
  EXPECT_THAT(text(0), AllOf(HasSubstr("payment of $234.50"), HasSubstr("$1,000.00 is still due"),
                             HasSubstr("Pay the rest")));
}

TEST_P(MoneyMail, AnOrderMailedAsPlacedOrReminderIsDroppedOncePaid) {
  const Id id = order();
  write([&](db::Tx& tx) {
    const auto placed = registration::find_order(tx, id).value();
    registration::mail_order_placed(tx, placed);
    registration::mail_payment_reminder(tx, placed, 2);
    registration::mail_payment_reminder(tx, placed, 2);
  });
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE kind = 'mail'"), 2);
  pay(id);
  deliver();
  EXPECT_THAT(kinds(), ElementsAre("order_confirmation"));
}

TEST_P(MoneyMail, HoldersOfVoidSeatsAreTold) {
  const Id id = order("ada@example.org", "Ada Lovelace", 3);
  pay(id);
  deliver();
  const auto seats = db().read_now([&](db::Tx& tx) { return registration::seats_of(tx, id); });
  write([&](db::Tx& tx) {
    // Grace has her link; Bob is written down and knows nothing; the third is the buyer's own.
    tx.exec(
        "UPDATE seat SET name = 'Grace', email = 'grace@example.org', language = 'de', invited_at = $1 WHERE "
        "id = $2",
        tx.now(), seats[0].id);
    tx.exec("UPDATE seat SET name = 'Bob', email = 'bob@example.org' WHERE id = $1", seats[1].id);
    tx.exec("UPDATE seat SET name = 'Ada', email = 'ada@example.org', confirmed_at = $1 WHERE id = $2",
            tx.now(), seats[2].id);
    registration::Order order = registration::find_order(tx, id).value();
    registration::StaffCancellation cancellation;
    cancellation.reason = "no longer needed";
    const registration::SandboxGateway gateway;
    registration::cancel_by_staff(tx, shop(), gateway, order, cancellation, order.version,
                                  {"manage", "Grace", "no longer needed"});
  });
  deliver();
  EXPECT_THAT(kinds(), UnorderedElementsAre("order_confirmation", "seat_cancelled", "order_cancelled"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_message WHERE kind = 'seat_cancelled' AND recipient = "
                  "'grace@example.org'"),
            1);
}

TEST_P(MoneyMail, DisputesAreToldToWhoeverMayChangeTheFinancesElseToTheContact) {
  const Id id = order();
  pay(id);
  deliver();
  registration::DisputeNews news;
  news.dispute_id = "dp_1";
  news.amount = 123'450;
  news.currency = "USD";
  news.reason = "fraudulent";
  news.respond_by = clock().now() + Duration::days(7);
  const auto tell = [&] {
    return write([&](db::Tx& tx) {
      return registration::mail_dispute_opened(tx, registration::find_order(tx, id).value(), news);
    });
  };
  EXPECT_EQ(tell(), 1);
  deliver();
  EXPECT_EQ(server().mails().back().to, "help@example.org") << "the conference's contact";
  const auto person = [&](const std::string& email, const char* permission,
                          std::optional<Duration> until = {}) {
    write([&](db::Tx& tx) {
      const auto user =
          accounts::become_account(tx, {.email = email, .name = "F", .language = "de", .password_hash = "x"});
      const std::int64_t group = accounts::ensure_group(tx, std::string("Group ") + permission);
      accounts::set_permissions_of_group(tx, group, {std::string("program_conference.") + permission});
      std::optional<Instant> end;
      if (until) end = tx.now() + *until;
      accounts::give_role(tx, {user.id, group, conference_id(), end, {}});
    });
  };
  person("fay@example.org", "change_finance");
  person("gone@example.org", "change_finance", Duration::days(1));
  person("desk@example.org", "view_registration");
  clock().advance(Duration::days(2));
  news.dispute_id = "dp_2";
  EXPECT_EQ(tell(), 1);
  EXPECT_EQ(tell(), 1) << "and not mailed again";
  deliver();
  EXPECT_EQ(server().mails().back().to, "fay@example.org");
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_message WHERE kind = 'dispute_opened'"), 2);
  EXPECT_THAT(std::string(mails().back().header("Content-Language")), "de");
  EXPECT_THAT(text(mails().size() - 1), HasSubstr("manage:order-detail"));
}

}  // namespace
}  // namespace plenary::mail::testing
