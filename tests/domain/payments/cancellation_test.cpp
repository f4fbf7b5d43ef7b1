// Facts about a conference that does not take place: what the preview says is what happens, each order once
// and with one mail, however often the run is cut off. source: payments 21, P34.
#include "domain/payments/cancellation.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "domain/conference/conferences.hpp"
#include "domain/registration/changing.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/ledger.hpp"

namespace plenary::payments {
namespace {

using registration::Order;
using registration::OrderStatus;
using registration::testing::Changing;
using registration::testing::Fair;

const conference::Actor eve{std::nullopt, "eve", "manage"};

class Cancellations : public Changing {
 protected:
  CancellationPreview preview_of(const CancellationTerms& terms) {
    return fair().read(
        [&](db::Tx& tx) { return preview_conference_cancellation(tx, fair().conference_id, terms); });
  }
  CancellationRun start(const CancellationTerms& terms) {
    const CancellationPreview shown = preview_of(terms);
    return fair().write(
        [&](db::Tx& tx) { return start_cancellation(tx, fair().conference_id, terms, shown, eve); });
  }
  std::int64_t run(int orders = 1'000'000) {
    return run_cancellation(db(), fair().shop, fair().conference_id, [&] { return orders-- > 0; });
  }
  CancellationRun state() {
    return fair().read([&](db::Tx& tx) { return cancellation_run(tx, fair().conference_id).value(); });
  }
  std::int64_t mails() {
    return fair().read([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "SELECT COUNT(*) FROM outbox WHERE kind = 'mail' AND payload LIKE '%\"conference_cancelled\"%'");
    });
  }
  std::int64_t other_mails() {
    return fair().read([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "SELECT COUNT(*) FROM outbox WHERE kind = 'mail' AND (payload LIKE '%\"order_cancelled\"%' OR "
          "payload LIKE "
          "'%\"order_refunded\"%')");
    });
  }
  // A guest by card 50.00; an account by card 100.00; a guest by transfer 50.00; one who only ordered; a free
  // one.
  std::vector<Order> orders_of_everybody() {
    const registration::Cause clerk{"admin", "eve", ""};
    Fair& f = fair();
    const Order card = paid({{"student"}}, f.guest("ada"));
    const Order account = paid({{"student", "", 2}}, f.user(person("bob"), "bob"));
    const Order transfer = ordered({{"student"}}, f.guest("carl"));
    const Order pending = ordered({{"student"}}, f.guest("dora"));
    const Order free = ordered({{"student"}}, f.guest("emil"));
    f.write([&](db::Tx& tx) {
      Order order = registration::find_order(tx, transfer.id).value();
      registration::ManualPayment payment;
      payment.amount = 5000;
      record_manual_payment(tx, f.shop, order, payment, clerk);
      Order given = registration::find_order(tx, free.id).value();
      waive_balance(tx, f.shop, given, {"speaker", {}, {}}, clerk);
    });
    return {card, account, transfer, pending, free};
  }
  void everything_is_over(const std::vector<Order>& orders) {
    for (const Order& order : orders) {
      const OrderStatus status = fair().get(order.id).status;
      EXPECT_TRUE(status == OrderStatus::cancelled || status == OrderStatus::refunded) << order.reference;
      EXPECT_TRUE(seats(order.id).empty());
      EXPECT_EQ(faults_of(order.id), "");
      EXPECT_EQ(fair().get(order.id).attention, "");
    }
  }
  std::int64_t refunded(registration::RefundDestination to) {
    return fair().read([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM refund WHERE destination = $1",
          registration::to_text(to));
    });
  }
};
ON_BOTH_ENGINES(Cancellations);

TEST_P(Cancellations, AllOfItGoesBackTheWayItCame) {
  Fair& fair = open_fair();
  const auto orders = orders_of_everybody();
  const CancellationPreview shown = preview_of({});
  EXPECT_EQ(shown.orders, 5);
  EXPECT_EQ(shown.unpaid, 1);
  EXPECT_EQ(shown.free, 1);
  EXPECT_EQ(shown.card.orders, 2);
  EXPECT_EQ(shown.card.amount, 15000);
  EXPECT_EQ(shown.by_hand.amount, 5000);
  EXPECT_EQ(shown.kept.amount, 0);
  const CancellationRun begun = start({.note = "The hall burnt down."});
  EXPECT_EQ(begun.orders, 5);
  EXPECT_FALSE(fair.read([&](db::Tx& tx) {
    return conference::find_state(tx, fair.conference_id)->sales_open;
  })) << "the sale stops first";
  EXPECT_EQ(Fair::refusal([&] { start({}); }), "running");
  EXPECT_EQ(run(), 5);
  const CancellationRun done = state();
  EXPECT_EQ(done.state, RunState::done);
  EXPECT_EQ(done.done, 5);
  EXPECT_EQ(done.failed, 0);
  EXPECT_EQ(done.card_amount, shown.card.amount);
  EXPECT_EQ(done.by_hand_amount, shown.by_hand.amount);
  EXPECT_EQ(done.kept_amount, 0);
  EXPECT_TRUE(done.finished_at.has_value());
  everything_is_over(orders);
  EXPECT_EQ(mails(), 5);
  EXPECT_EQ(other_mails(), 0) << "one mail each";
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(refunded(registration::RefundDestination::card), 15000);
}

TEST_P(Cancellations, AFeeIsKeptOfWhatWasPaid) {
  open_fair();
  const auto orders = orders_of_everybody();
  EXPECT_EQ(Fair::refusal([&] { preview_of({.way = CancellationWay::less_fee}); }), "fee");
  EXPECT_EQ(Fair::refusal([&] { preview_of({.fee_percent = Decimal(101)}); }), "fee");
  const CancellationTerms terms{
      .way = CancellationWay::less_fee, .fee_percent = Decimal(10), .fee_amount = 700};
  const CancellationPreview shown = preview_of(terms);
  EXPECT_EQ(shown.kept.amount, 700 + 1000 + 700) << "10 percent of 100.00 is more than 7.00";
  EXPECT_EQ(shown.card.amount, 4300 + 9000);
  EXPECT_EQ(shown.by_hand.amount, 4300);
  start(terms);
  run();
  EXPECT_EQ(state().kept_amount, 2400);
  EXPECT_EQ(state().card_amount, 13300);
  everything_is_over(orders);
}

// 100.00, of which 40.00 came in and 60.00 were waived.
TEST_P(Cancellations, AFeeIsKeptOfTheMoneyOfAPartlyWaivedOrder) {
  Fair& f = open_fair();
  const registration::Cause clerk{"admin", "eve", ""};
  const Order order = ordered({{"student", "", 2}}, f.guest("ada"));
  f.write([&](db::Tx& tx) {
    Order now = registration::find_order(tx, order.id).value();
    registration::ManualPayment payment;
    payment.amount = 4000;
    record_manual_payment(tx, f.shop, now, payment, clerk);
    waive_balance(tx, f.shop, now, {"speaker", {}, {}}, clerk);
  });
  const CancellationTerms terms{
      .way = CancellationWay::less_fee, .fee_percent = Decimal(10), .fee_amount = 500};
  const CancellationPreview shown = preview_of(terms);
  EXPECT_EQ(shown.kept.amount, 500);
  EXPECT_EQ(shown.by_hand.amount, 3500);
  start(terms);
  run();
  EXPECT_EQ(state().kept_amount, 500);
  EXPECT_EQ(state().by_hand_amount, 3500);
  EXPECT_EQ(f.get(order.id).total, 500);
  EXPECT_EQ(money(order.id).kept, 500);
  everything_is_over({order});
}

TEST_P(Cancellations, ACreditForAccountsAndTheMoneyForGuests) {
  Fair& fair = open_fair();
  const auto orders = orders_of_everybody();
  const CancellationTerms terms{.way = CancellationWay::credit};
  const CancellationPreview shown = preview_of(terms);
  EXPECT_EQ(shown.credit.orders, 1);
  EXPECT_EQ(shown.credit.amount, 10000);
  EXPECT_EQ(shown.card.amount, 5000);
  start(terms);
  run();
  EXPECT_EQ(state().credit_amount, 10000);
  const auto credits =
      fair.read([&](db::Tx& tx) { return registration::credits_of(tx, fair.conference_id); });
  ASSERT_EQ(credits.size(), 1u);
  EXPECT_EQ(credits[0].remaining, 10000);
  everything_is_over(orders);
}

TEST_P(Cancellations, NobodyStartsWhatTheyDidNotSee) {
  Fair& fair = open_fair();
  paid({{"student"}}, fair.guest("ada"));
  const CancellationPreview shown = preview_of({});
  paid({{"student"}}, fair.guest("bob"));
  EXPECT_EQ(
      Fair::refusal([&] {
        fair.write([&](db::Tx& tx) { return start_cancellation(tx, fair.conference_id, {}, shown, eve); });
      }),
      "changed_meanwhile");
  EXPECT_TRUE(
      fair.read([&](db::Tx& tx) { return conference::find_state(tx, fair.conference_id)->sales_open; }));
}

TEST_P(Cancellations, HaltedAndContinuedEachOrderIsDoneOnce) {
  Fair& fair = open_fair();
  const auto orders = orders_of_everybody();
  start({});
  EXPECT_EQ(run(2), 2);
  EXPECT_EQ(state().done, 2);
  fair.write([&](db::Tx& tx) { stop_cancellation(tx, fair.conference_id, eve); });
  EXPECT_EQ(run(), 0) << "halted";
  fair.write([&](db::Tx& tx) { continue_cancellation(tx, fair.conference_id, eve); });
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(state().state, RunState::done);
  EXPECT_EQ(state().card_amount, 15000);
  everything_is_over(orders);
  EXPECT_EQ(mails(), 5);
}

TEST_P(Cancellations, WhatCannotBeCancelledYetIsSaidAndTriedAgain) {
  Fair& fair = open_fair();
  const Order order = ordered({{"student"}}, fair.guest("ada"));
  const Order other = paid({{"student"}}, fair.guest("bob"));
  EXPECT_EQ(fair.pay(order.id, "4000 0000 0000 0077").outcome, registration::ChargeOutcome::processing);
  EXPECT_EQ(preview_of({}).processing, 1);
  const CancellationRun begun = start({});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(state().failed, 1);
  EXPECT_EQ(state().state, RunState::done);
  const auto failed = fair.read([&](db::Tx& tx) { return failed_orders(tx, begun.id); });
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].order_reference, order.reference);
  EXPECT_NE(failed[0].failure.find("being processed"), std::string::npos);
  fair.write([&](db::Tx& tx) {
    const registration::Id payment = registration::payments_of(tx, order.id).at(0).id;
    settle(tx, fair.shop, payment, true, {"sandbox", "system", ""});
    continue_cancellation(tx, fair.conference_id, eve);
  });
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(state().failed, 0);
  EXPECT_EQ(state().done, 2);
  everything_is_over({order, other});
}

TEST_P(Cancellations, WhoWaitsIsToldOnceAndLeavesTheList) {
  Fair& fair = open_fair();
  paid({{"student"}}, fair.guest("ada"));
  fair.write([&](db::Tx& tx) {
    for (const char* status : {"waiting", "offered", "left"})
      tx.exec(
          "INSERT INTO waiting_entry (conference_id, name, email, email_normalized, language, status, "
          "joined_at, "
          "updated_at) VALUES ($1, 'Grace', $2, $2, 'en', $3, $4, $4)",
          fair.conference_id, std::string(status) + "@example.org", status, tx.now());
  });
  const auto mails = [&] {
    return fair.read([](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "SELECT COUNT(*) FROM outbox WHERE kind = 'mail' AND payload LIKE '%waiting_cancelled%'");
    });
  };
  start({});
  run();
  EXPECT_EQ(mails(), 2);
  EXPECT_EQ(fair.read([](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT COUNT(*) FROM waiting_entry WHERE status = 'removed'");
  }),
            2);
  run();
  EXPECT_EQ(mails(), 2);
  EXPECT_EQ(state().state, RunState::done);
}

// A process is killed in the middle, again and again; what it leaves is finished, and nothing is done twice.
TEST_P(Cancellations, KilledInTheMiddleItGoesOn) {
  Fair& fair = open_fair();
  std::vector<Order> orders;
  for (int at = 0; at < 20; ++at)
    orders.push_back(paid({{"student"}}, fair.guest("buyer" + std::to_string(at))));
  start({});
  const registration::Id conference = fair.conference_id;
  const db::DatabaseOptions options = database().options();
  const Instant now = fair.clock.now();
  leave();
  database().close();
  for (int killed = 0; killed < 4; ++killed) {
    const pid_t child = ::fork();
    if (child == 0) {
      test::ManualClock clock(now);
      db::DatabaseOptions own = options;
      own.clock = &clock;
      const auto opened = db::Database::open(own);
      config::ProgramSettings settings;
      registration::Catalogues catalogues(settings);
      registration::Shop shop{settings, catalogues, Random::system(), {}};
      int left = 1 + 2 * killed;
      run_cancellation(*opened, shop, conference, [&] {
        if (left-- == 0) ::kill(::getpid(), SIGKILL);
        return true;
      });
      ::_exit(1);  // it was to be killed before the end
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
  }
  database().reopen();
  config::ProgramSettings settings;
  registration::Catalogues catalogues(settings);
  registration::Shop shop{settings, catalogues, Random::system(), {}};
  EXPECT_EQ(run_cancellation(db(), shop, conference, [] { return true; }), 20 - (1 + 3 + 5 + 7));
  const auto last = db().read_now([&](db::Tx& tx) { return cancellation_run(tx, conference).value(); });
  EXPECT_EQ(last.state, RunState::done);
  EXPECT_EQ(last.done, 20);
  EXPECT_EQ(last.card_amount, 20 * 5000);
  const auto [refunds, amount, told] = db().read_now([&](db::Tx& tx) {
    return tx.one<std::int64_t, std::int64_t, std::int64_t>(
        "SELECT (SELECT COUNT(*) FROM refund), CAST((SELECT SUM(amount) FROM refund) AS BIGINT), (SELECT "
        "COUNT(*) FROM "
        "outbox WHERE kind = 'mail' AND payload LIKE '%\"conference_cancelled\"%')");
  });
  EXPECT_EQ(refunds, 20);
  EXPECT_EQ(amount, 20 * 5000);
  EXPECT_EQ(told, 20);
  for (const auto& fault :
       db().read_now([&](db::Tx& tx) { return registration::verify_stock(tx, conference); }))
    ADD_FAILURE() << fault.what;
  for (const auto& fault :
       db().read_now([&](db::Tx& tx) { return registration::verify_ledger(tx, conference); }))
    ADD_FAILURE() << fault;
}

}  // namespace
}  // namespace plenary::payments
