// Facts about payments: every answer of a gateway, however late, and what it does to the order and its stock.
#include <gtest/gtest.h>

#include "domain/registration/sale.hpp"

namespace plenary::registration::testing {
namespace {

class Paying : public Sale {
 protected:
  PlacedOrder ordered(const std::string& who = "ada", std::int64_t quantity = 1) {
    fair().add(fair().guest(who), "individual", quantity);
    return fair().order(fair().guest(who), who + "@example.com");
  }
  Id processing(const PlacedOrder& placed) {
    return fair().pay(placed.order_id, "4000 0000 0000 0077").payment_id;
  }
  Settled answer(Id payment, bool success) {
    return fair().write([&](db::Tx& tx) {
      return settle(tx, fair().shop, payment, success, {"sandbox", "system", "late answer"});
    });
  }
  PaymentStatus status_of(const PlacedOrder& placed) {
    return fair().read([&](db::Tx& tx) { return payments_of(tx, placed.order_id).at(0).status; });
  }
};
ON_BOTH_ENGINES(Paying);

TEST_P(Paying, ADeclinedCardKeepsTheOrderAndItsHold) {
  open({.ticket_types = {ticket("individual", 10000, 1)}});
  const auto placed = ordered();
  const auto result = fair().pay(placed.order_id, "4000 0000 0000 0002");
  EXPECT_EQ(result.outcome, ChargeOutcome::declined);
  EXPECT_NE(result.message.find("Nothing was charged"), std::string::npos);
  EXPECT_EQ(fair().get(placed.order_id).status, OrderStatus::pending);
  EXPECT_EQ(status_of(placed), PaymentStatus::failed);
  EXPECT_EQ(fair().remaining("individual"), 0);
  EXPECT_EQ(fair().pay(placed.order_id).outcome, ChargeOutcome::succeeded) << "another card pays it";
}

TEST_P(Paying, AuthenticationIsAskedForAndRecordsNothingBefore) {
  open({.ticket_types = {ticket("individual", 10000, 1)}});
  const auto placed = ordered();
  EXPECT_EQ(fair().pay(placed.order_id, "4000 0025 0000 3155").outcome, ChargeOutcome::needs_authentication);
  EXPECT_TRUE(fair().read([&](db::Tx& tx) { return payments_of(tx, placed.order_id); }).empty());
  const auto confirmed = fair().write([&](db::Tx& tx) {
    Order order = find_order(tx, placed.order_id).value();
    ChargeRequest request;
    request.card_number = "4000002500003155";
    request.confirmation = "approve";
    return pay(tx, fair().shop, fair().gateway, order, request);
  });
  EXPECT_EQ(confirmed.outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair().get(placed.order_id).status, OrderStatus::paid);
}

TEST_P(Paying, ALateSuccessWithinTheHoldPaysTheOrder) {
  open({.ticket_types = {ticket("individual", 10000, 1)}});
  const auto placed = ordered();
  const Id payment = processing(placed);
  EXPECT_EQ(fair().get(placed.order_id).status, OrderStatus::pending);
  EXPECT_EQ(Fair::refusal([&] { fair().pay(placed.order_id); }), "payment_running");
  EXPECT_EQ(answer(payment, true), Settled::paid);
  EXPECT_EQ(fair().get(placed.order_id).status, OrderStatus::paid);
  EXPECT_EQ(answer(payment, true), Settled::already_settled) << "a repeat changes nothing";
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return seats_of(tx, placed.order_id); }).size(), 1u);
}

TEST_P(Paying, ALateRefusalLeavesTheOrderToBePaidOtherwise) {
  open({.ticket_types = {ticket("individual", 10000, 1)}});
  const auto placed = ordered();
  const Id payment = processing(placed);
  EXPECT_EQ(answer(payment, false), Settled::failed);
  EXPECT_EQ(answer(payment, false), Settled::already_settled);
  EXPECT_EQ(fair().pay(placed.order_id).outcome, ChargeOutcome::succeeded);
}

TEST_P(Paying, MoneyForAnExpiredOrderRevivesItWhereThereIsRoom) {
  open({.ticket_types = {ticket("individual", 10000, 1)}});
  const auto placed = ordered();
  const Id payment = processing(placed);
  fair().clock.advance(Duration::minutes(16));
  fair().sweep();
  EXPECT_EQ(fair().get(placed.order_id).status, OrderStatus::cancelled);
  EXPECT_EQ(answer(payment, true), Settled::revived);
  EXPECT_EQ(fair().get(placed.order_id).status, OrderStatus::paid);
  EXPECT_EQ(fair().remaining("individual"), 0);
}

TEST_P(Paying, MoneyForAnElapsedHoldNotSweptYetPaysWhereThereIsRoom) {
  open({.ticket_types = {ticket("individual", 10000, 1)}});
  const auto placed = ordered();
  const Id payment = processing(placed);
  fair().clock.advance(Duration::minutes(16));
  EXPECT_EQ(answer(payment, true), Settled::paid);
  EXPECT_EQ(fair().remaining("individual"), 0);
}

TEST_P(Paying, MoneyThatComesWhenTheTicketIsGoneIsRefunded) {
  open({.ticket_types = {ticket("individual", 10000, 1)}});
  const auto placed = ordered("ada");
  const Id payment = processing(placed);
  fair().clock.advance(Duration::minutes(16));
  const auto bobs = ordered("bob");
  fair().pay(bobs.order_id);
  EXPECT_EQ(answer(payment, true), Settled::refunded_no_room);
  EXPECT_EQ(status_of(placed), PaymentStatus::refunded);
  EXPECT_NE(fair().get(placed.order_id).status, OrderStatus::paid) << "no seat is sold twice";
  EXPECT_EQ(fair().remaining("individual"), 0);
}

TEST_P(Paying, MoneyForAnOrderTheBuyerCancelledIsRefunded) {
  open({.ticket_types = {ticket("individual", 10000, 2)}});
  const auto placed = ordered();
  const Id payment = processing(placed);
  fair().write([&](db::Tx& tx) {
    Order order = find_order(tx, placed.order_id).value();
    apply(tx, fair().shop, order, Transition::cancelled_by_staff, {"staff", "eve", "asked by phone"});
  });
  EXPECT_EQ(answer(payment, true), Settled::refunded_not_needed);
  EXPECT_EQ(fair().get(placed.order_id).status, OrderStatus::cancelled);
}

TEST_P(Paying, NoTransitionLeavesTheStateMachine) {
  open({.ticket_types = {ticket("individual", 10000, 2)}});
  const auto placed = ordered();
  fair().pay(placed.order_id);
  for (const Transition t : {Transition::paid, Transition::cancelled_by_buyer, Transition::cancelled_by_staff,
                             Transition::expired, Transition::revived})
    EXPECT_EQ(Fair::refusal([&] {
                fair().write([&](db::Tx& tx) {
                  Order order = find_order(tx, placed.order_id).value();
                  apply(tx, fair().shop, order, t, {"staff", "eve", ""});
                });
              }),
              "illegal_transition");
}

TEST(Sandbox, EveryTestNumberAnswersAsItsTableSays) {
  const SandboxGateway gateway(Duration::seconds(7));
  struct Case {
    std::string number, confirmation;
    ChargeOutcome outcome;
  };
  const Case cases[] = {{"4242424242424242", "", ChargeOutcome::succeeded},
                        {"4242 4242 4242 4242", "", ChargeOutcome::succeeded},
                        {"4000000000000002", "", ChargeOutcome::declined},
                        {"4000 0000 0000 9995", "", ChargeOutcome::declined},
                        {"4000002500003155", "", ChargeOutcome::needs_authentication},
                        {"4000002500003155", "approve", ChargeOutcome::succeeded},
                        {"4000002500003155", "refuse", ChargeOutcome::declined},
                        {"4000000000000077", "", ChargeOutcome::processing},
                        {"4000000000000259", "", ChargeOutcome::processing},
                        {"", "", ChargeOutcome::declined},
                        {"1234", "", ChargeOutcome::declined}};
  for (const auto& c : cases) {
    ChargeRequest request;
    request.card_number = c.number;
    request.confirmation = c.confirmation;
    const auto answer = gateway.charge(request);
    EXPECT_EQ(answer.outcome, c.outcome) << c.number << c.confirmation;
    EXPECT_EQ(answer.outcome == ChargeOutcome::declined, !answer.message.empty())
        << "a refusal says what to do";
    EXPECT_EQ(answer.answer_after,
              answer.outcome == ChargeOutcome::processing ? Duration::seconds(7) : Duration{});
  }
}

}  // namespace
}  // namespace plenary::registration::testing
