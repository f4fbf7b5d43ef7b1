// Facts about refunds, by the model of the payments chapter: from which payment, where to, what comes of it;
// and every transition of an order, legal and illegal.
#include "domain/registration/changing.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration::testing {
namespace {

class Refunds : public Changing {
 protected:
  // 100.00 by card and 50.00 in cash.
  Order card_and_cash() {
    const Order order = paid({{"student", "", 2}});
    change(order.id, {.added = {{ProductKind::ticket_type, product("student"), {}, 1, {}}}});
    fair().write([&](db::Tx& tx) {
      store::insert_payment(tx, {.order_id = order.id,
                                 .conference_id = fair().conference_id,
                                 .method = PaymentMethod::manual,
                                 .status = PaymentStatus::succeeded,
                                 .amount = 5000,
                                 .currency = order.currency,
                                 .gateway_reference = {},
                                 .failure = {},
                                 .is_test = order.is_sandbox});
    });
    return fair().get(order.id);
  }
  std::vector<Refund> refunds(Id order_id) {
    return fair().read([&](db::Tx& tx) { return refunds_of(tx, order_id); });
  }
};
ON_BOTH_ENGINES(Refunds);

TEST_P(Refunds, AllOfItTakesEverythingBack) {
  Fair& fair = open_fair();
  const Order order = paid({{"individual"}});
  give_back(order.id, {.amount = 11900});
  const auto made = refunds(order.id);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].status, RefundStatus::succeeded);
  EXPECT_EQ(made[0].destination, RefundDestination::card);
  EXPECT_EQ(made[0].idempotency_key, "refund-" + std::to_string(made[0].id));
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::refunded);
  EXPECT_EQ(fair.get(order.id).total, 0);
  EXPECT_EQ(fair.remaining("individual"), 20);
  EXPECT_TRUE(seats(order.id).empty());
  EXPECT_EQ(money(order.id).payments.at(0).status, PaymentStatus::refunded);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(Refunds, APartLowersThePriceWithItsTaxAndKeepsTheTicket) {
  Fair& fair = open_fair();
  const Order order = paid({{"individual"}});
  give_back(order.id, {.amount = 1190});
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::partially_refunded);
  EXPECT_EQ(fair.get(order.id).total, 10710);
  EXPECT_EQ(fair.get(order.id).tax, 1710);
  EXPECT_EQ(seats(order.id).size(), 1u);
  EXPECT_EQ(faults_of(order.id), "");
  give_back(order.id, {.amount = 10710});
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::refunded);
  EXPECT_EQ(fair.get(order.id).tax, 0);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(Refunds, NeverMoreThanIsThere) {
  Fair& fair = open_fair();
  const Order order = paid({{"student", "", 2}});
  give_back(order.id, {.amount = 7000});
  EXPECT_EQ(Fair::refusal_text([&] { give_back(order.id, {.amount = 5000}); }),
            "$50.00 is more than can go back: $30.00.");
  EXPECT_EQ(Fair::refusal([&] { give_back(order.id, {.amount = 0}); }), "amount");
  EXPECT_EQ(money(order.id).kept, 3000);
  EXPECT_EQ(fair.get(order.id).total, 3000);
  EXPECT_EQ(faults_of(order.id), "");
}

// One payment may go back two ways, and no more of it than there is.
TEST_P(Refunds, TheSharesOfOnePaymentAreNoMoreThanIt) {
  open_fair();
  const Id ada = person("ada");
  const Order order = paid({{"student", "", 2}}, fair().user(ada, "ada's browser"));
  const Id payment = money(order.id).payments.at(0).id;
  const auto both = [&](std::int64_t card, std::int64_t credit) {
    RefundAsked asked;
    asked.shares = {{payment, RefundDestination::card, card}, {payment, RefundDestination::credit, credit}};
    return Fair::refusal_text([&] { give_back(order.id, asked); });
  };
  EXPECT_EQ(both(7000, 4000), "$40.00 is more than can go back: $30.00.");
  EXPECT_TRUE(refunds(order.id).empty());
  EXPECT_EQ(both(7000, 3000), "");
  EXPECT_EQ(money(order.id).refundable, 0);
  EXPECT_EQ(faults_of(order.id), "");
}

// Whoever was there may still get money back; their ticket is void all the same.
TEST_P(Refunds, ATicketThatWasUsedCanBeRefundedByStaff) {
  Fair& fair = open_fair();
  const Order order = paid({{"individual"}});
  fair.write(
      [&](db::Tx& tx) { return tx.exec("UPDATE seat SET checked_in_at = 5 WHERE order_id = $1", order.id); });
  give_back(order.id, {.amount = 11900});
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::refunded);
  EXPECT_TRUE(seats(order.id).empty());
}

TEST_P(Refunds, CashGoesBackAsCashAndBothTogetherAreEverything) {
  Fair& fair = open_fair();
  const Order order = card_and_cash();
  EXPECT_EQ(Fair::refusal([&] { give_back(order.id, {.amount = 16000}); }), "amount");
  give_back(order.id, {.amount = 11000});
  auto made = refunds(order.id);
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[0].destination, RefundDestination::manual) << "the newest payment first";
  EXPECT_EQ(made[0].amount, 5000);
  EXPECT_EQ(made[1].destination, RefundDestination::card);
  EXPECT_EQ(made[1].amount, 6000);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::partially_refunded);
  give_back(order.id, {.amount = 4000});
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::refunded);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(Refunds, ACreditIsGivenInsteadOfMoneyNeverBeside) {
  Fair& fair = open_fair();
  const Id ada = person("ada");
  const Order order = paid({{"student", "", 2}}, fair.user(ada, "ada"));
  give_back(order.id, {.amount = 4000, .way = RefundWay::credit, .note = "a gesture"});
  const auto credits = fair.read([&](db::Tx& tx) { return credits_of_user(tx, fair.conference_id, ada); });
  ASSERT_EQ(credits.size(), 1u);
  EXPECT_EQ(credits[0].remaining, 4000);
  EXPECT_EQ(credits[0].source_order_id, order.id);
  const auto made = refunds(order.id);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].credit_id, credits[0].id);
  EXPECT_EQ(made[0].provider_id, "") << "no card was asked";
  EXPECT_EQ(faults_of(order.id), "");
  const Order guests = paid({{"student"}}, fair.guest("bob"));
  EXPECT_EQ(Fair::refusal([&] { give_back(guests.id, {.amount = 100, .way = RefundWay::credit}); }),
            "no_account");
  EXPECT_EQ(fair.get(guests.id).total, 5000) << "nothing was lowered";
}

TEST_P(Refunds, WhatWasOverpaidGoesBackWithoutLoweringThePrice) {
  Fair& fair = open_fair();
  const Order order = paid({{"student", "", 2}});
  change(order.id, {.taken_back = {{line_of(order, "student"), 1, {}}}});
  give_back(order.id, {.amount = 5000});
  EXPECT_EQ(fair.get(order.id).total, 5000);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::partially_refunded);
  EXPECT_EQ(fair.get(order.id).attention, "");
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(Refunds, ASlowGatewayIsAskedAfterTheCommit) {
  Fair& fair = open_fair();
  OtherGateway slow;
  slow.at_once = false;
  const Order order = paid({{"student", "", 2}});
  const Id id = give_back(order.id, {.amount = 3000}, slow).at(0);
  EXPECT_EQ(refunds(order.id)[0].status, RefundStatus::requested);
  EXPECT_EQ(money(order.id).refundable, 7000) << "what is requested counts as gone";
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(fair.read([&](db::Tx& tx) {
    return tx.query<std::string>("SELECT dedup_key FROM outbox WHERE kind = 'refund'");
  }),
            std::vector<std::string>{"refund-" + std::to_string(id)});
  const auto answer = [&] {
    return fair.write([&](db::Tx& tx) {
      return settle_refund(tx, fair.shop, id, {RefundOutcome::succeeded, "re_1", ""}, staff);
    });
  };
  EXPECT_TRUE(answer());
  EXPECT_FALSE(answer()) << "a repeat changes nothing";
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::partially_refunded);
  EXPECT_EQ(refunds(order.id)[0].provider_id, "re_1");
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(Refunds, ARefundThatFailsLeavesTheMoneyHereAndTheStatusFollowsTheSums) {
  Fair& fair = open_fair();
  OtherGateway closed;
  closed.outcome = RefundOutcome::failed;
  const Order order = paid({{"student", "", 2}});
  give_back(order.id, {.amount = 3000}, closed);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_NE(fair.get(order.id).attention.find("the card was closed"), std::string::npos);
  EXPECT_EQ(money(order.id).to_refund(), 3000) << "it is owed still";
  EXPECT_EQ(faults_of(order.id), "");
  give_back(order.id, {.amount = 3000});
  EXPECT_EQ(fair.get(order.id).total, 7000) << "the price is lowered once";
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::partially_refunded);
  // A refund that had succeeded may come back later.
  const auto made = refunds(order.id);
  fair.write([&](db::Tx& tx) {
    settle_refund(tx, fair.shop, made.back().id, {RefundOutcome::failed, "", "returned"}, staff);
  });
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(money(order.id).to_refund(), 3000);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(Refunds, AComplimentaryPaymentIsNoMoney) {
  Fair& fair = open_fair();
  const Order order = ordered({{"student"}}, fair.guest("ada"));
  change(order.id, {.repriced = {{line_of(order, "student"), 0}}});
  EXPECT_EQ(money(order.id).refundable, 0);
  EXPECT_EQ(Fair::refusal([&] { give_back(order.id, {.amount = 1}); }), "amount");
}

// ---- transitions

TEST_P(Refunds, EveryTransitionIsLegalFromItsStatusesAlone) {
  Fair& fair = open_fair();
  using enum OrderStatus;
  struct Rule {
    Transition transition;
    std::vector<OrderStatus> from;
  };
  const std::vector<Rule> rules{{Transition::paid, {pending}},
                                {Transition::cancelled_by_buyer, {pending}},
                                {Transition::cancelled_by_staff, {pending}},
                                {Transition::expired, {pending}},
                                {Transition::revived, {cancelled}},
                                {Transition::partially_refunded, {paid, partially_refunded}},
                                {Transition::refund_failed, {paid, partially_refunded, refunded}}};
  int number = 0;
  for (const OrderStatus status : {pending, paid, partially_refunded, refunded, cancelled})
    for (const Rule& rule : rules) {
      const Visitor who = fair.guest("g" + std::to_string(++number));
      const Order order = ordered({{"student"}}, who);
      if (status != pending && status != cancelled) fair.pay(order.id);
      if (status == cancelled) {
        fair.clock.advance(Duration::minutes(16));
        fair.sweep();
      }
      if (status == partially_refunded) give_back(order.id, {.amount = 100});
      if (status == refunded) give_back(order.id, {.amount = 5000});
      ASSERT_EQ(fair.get(order.id).status, status);
      const bool legal = std::find(rule.from.begin(), rule.from.end(), status) != rule.from.end();
      const std::string refusal = Fair::refusal([&] {
        fair.write([&](db::Tx& tx) {
          Order now = find_order(tx, order.id).value();
          apply(tx, fair.shop, now, rule.transition, staff);
        });
      });
      EXPECT_EQ(refusal, legal ? "" : "illegal_transition")
          << to_text(status) << ", transition " << static_cast<int>(rule.transition);
      if (legal) {
        const auto last = fair.read([&](db::Tx& tx) {
          return tx.query<std::string, std::string, std::string>(
              "SELECT from_status, actor, reason FROM order_event WHERE order_id = $1 ORDER BY id DESC LIMIT "
              "1",
              order.id);
        });
        EXPECT_EQ(std::get<0>(last.at(0)), to_text(status));
        EXPECT_EQ(std::get<1>(last.at(0)), "eve");
        EXPECT_EQ(std::get<2>(last.at(0)), "asked by phone");
      } else {
        EXPECT_EQ(fair.get(order.id).status, status);
      }
    }
}

TEST_P(Refunds, AnOrderIsRefundedOnlyFromPaidAndWithoutUnits) {
  Fair& fair = open_fair();
  const auto apply_to = [&](Id id) {
    fair.write([&](db::Tx& tx) {
      Order now = find_order(tx, id).value();
      apply(tx, fair.shop, now, Transition::refunded, staff);
    });
  };
  const Order unpaid = ordered({{"student"}}, fair.guest("bob"));
  EXPECT_EQ(Fair::refusal([&] { apply_to(unpaid.id); }), "illegal_transition");
  const Order order = paid({{"student"}});
  EXPECT_THROW(apply_to(order.id), std::logic_error);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  give_back(order.id, {.amount = 5000});
  EXPECT_EQ(Fair::refusal([&] { apply_to(order.id); }), "illegal_transition");
}

TEST_P(Refunds, OthersHearOfChangesCancellationsAndRefunds) {
  static std::vector<std::pair<OrderEvent, Id>> heard;
  static const bool once = [] {
    for (const OrderEvent event : {OrderEvent::changed, OrderEvent::cancelled, OrderEvent::refunded})
      subscribe(event, [event](db::Tx&, const Order& order) { heard.emplace_back(event, order.id); });
    return true;
  }();
  (void)once;
  open_fair();
  const Order order = paid({{"student", "", 2}});
  heard.clear();
  change(order.id, {.taken_back = {{line_of(order, "student"), 1, {}}}});
  give_back(order.id, {.amount = 5000});
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, order.id).value();
    cancel_by_staff(tx, fair().shop, fair().gateway, now, {.reason = "asked by phone"}, now.version, staff);
  });
  const std::vector<std::pair<OrderEvent, Id>> expected{{OrderEvent::changed, order.id},
                                                        {OrderEvent::refunded, order.id},
                                                        {OrderEvent::cancelled, order.id},
                                                        {OrderEvent::refunded, order.id}};
  EXPECT_EQ(heard, expected);
}

}  // namespace
}  // namespace plenary::registration::testing
