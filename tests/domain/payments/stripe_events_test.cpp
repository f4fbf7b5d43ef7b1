// Facts about Stripe's events: the decision table of the payments chapter, 10.2, row by row; refunds,
// disputes, payouts; that no order of events, no repeat and no stranger changes what comes of them.
#include <random>

#include "domain/payments/card_shop.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/store.hpp"

namespace plenary::payments::testing {
namespace {

using reg::OrderStatus;
using reg::PaymentStatus;
using reg::RefundStatus;

class StripeEvents : public CardShop {
 protected:
  MadeEvent last_event(const std::string& kind) {
    MadeEvent found;
    for (const MadeEvent& event : stripe().all_events())
      if (event.kind == kind) found = event;
    EXPECT_EQ(found.kind, kind);
    return found;
  }
  void pay_by_hand(Id order_id, std::int64_t amount) {
    fair().write([&](db::Tx& tx) {
      reg::store::insert_payment(tx, {.order_id = order_id,
                                      .conference_id = fair().conference_id,
                                      .method = reg::PaymentMethod::manual,
                                      .status = PaymentStatus::succeeded,
                                      .amount = amount,
                                      .currency = "USD",
                                      .gateway_reference = {},
                                      .failure = {},
                                      .is_test = true});
      reg::Order found = reg::find_order(tx, order_id).value();
      if (amount >= found.total)
        reg::apply(tx, fair().shop, found, reg::Transition::paid, {"test", "staff", ""});
    });
  }
};
ON_BOTH_ENGINES(StripeEvents);

// ---- the decision table

TEST_P(StripeEvents, KnownAlreadyChangesNothing) {
  const Paid done = paid();
  const reg::Order before = order(done.order_id);
  fair().write([&](db::Tx& tx) { tx.exec("UPDATE stripe_event SET state = 'new'"); });
  for (const MadeEvent& event : stripe().all_events()) deliver(event);
  work();
  EXPECT_EQ(order(done.order_id).version, before.version);
  EXPECT_EQ(payments(done.order_id).size(), 1u);
  EXPECT_EQ(balance(reg::Account::stripe), 10'000 - 320);
}

TEST_P(StripeEvents, LessThanIsDueIsAShortPayment) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().set_received(form.intent_id, 4'000);
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::pending);
  EXPECT_EQ(attention(id), "short payment");
  EXPECT_EQ(money(id).kept, 4'000);
  EXPECT_EQ(begin(id).amount, 6'000);
}

TEST_P(StripeEvents, MoreThanIsDuePaysAndTheRestGoesBack) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().set_received(form.intent_id, 12'500);
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);  // what was too much went back; nothing lost value
  EXPECT_EQ(stripe().refunded_of(form.intent_id), 2'500);
  EXPECT_EQ(money(id).kept, 10'000);
  EXPECT_EQ(order(id).total, 10'000);
}

TEST_P(StripeEvents, AnotherCurrencyPaysNothingAndIsForStaff) {
  const Id id = place();
  const reg::Order placed = order(id);
  const std::string intent = stripe().make_intent(
      10'000, "eur", {{"order_id", std::to_string(id)}, {"reference", placed.reference}});
  stripe().pay(intent);
  deliver_all();
  EXPECT_EQ(order(id).status, OrderStatus::pending);
  EXPECT_NE(attention(id).find("another currency"), std::string::npos);
  EXPECT_EQ(money(id).kept, 0);
  // Staff have dealt with it; Stripe says it again every day, and nobody is told again.
  fair().write([&](db::Tx& tx) {
    reg::flag_order(tx, id, "");
    return 0;
  });
  const std::int64_t version = order(id).version;
  fair().write([&](db::Tx& tx) {
    const reg::Payment payment = reg::payment_of_intent(tx, placed.conference_id, intent).value();
    const reg::Received received{.amount = 10'000, .currency = "EUR"};
    EXPECT_EQ(reg::settle_received(tx, fair().shop, payment.id, received, {"stripe", "Stripe", intent}),
              reg::Settled::wrong_currency);
    return 0;
  });
  EXPECT_EQ(attention(id), "");
  EXPECT_EQ(order(id).version, version);
}

TEST_P(StripeEvents, AfterItsTimeWithRoomTheOrderComesAlive) {
  const Id id = place();
  const CardForm form = begin(id);
  clock().advance(Duration::hours(2));
  fair().sweep();
  EXPECT_EQ(order(id).status, OrderStatus::cancelled);
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(fair().remaining("individual"), 4);
}

TEST_P(StripeEvents, AfterItsTimeWithoutRoomTheMoneyGoesBack) {
  const Id id = place("ada", "individual", 5);
  const CardForm form = begin(id);
  clock().advance(Duration::hours(2));
  fair().sweep();
  const Id other = place("bob");
  pay_by_hand(other, 10'000);
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::cancelled);
  EXPECT_EQ(stripe().refunded_of(form.intent_id), 50'000);
  EXPECT_EQ(order(other).status, OrderStatus::paid);
}

TEST_P(StripeEvents, CancelledByItsBuyerTheMoneyGoesBack) {
  const Id id = place();
  const CardForm form = begin(id);
  fair().write([&](db::Tx& tx) {
    reg::Order found = reg::find_order(tx, id).value();
    reg::cancel(tx, fair().shop, found, {"test", "buyer", ""});
  });
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::cancelled);
  EXPECT_EQ(stripe().refunded_of(form.intent_id), 10'000);
}

TEST_P(StripeEvents, OfMoneyForNothingTheRestGoesBackWhenAPartWasSentBackAtStripe) {
  const Id id = place();
  const CardForm form = begin(id);
  fair().write([&](db::Tx& tx) {
    reg::Order found = reg::find_order(tx, id).value();
    reg::cancel(tx, fair().shop, found, {"test", "buyer", ""});
  });
  stripe().pay(form.intent_id);
  const std::vector<MadeEvent> paid = stripe().take_events();
  stripe().refund_in_dashboard(form.intent_id, 2'500);
  for (const MadeEvent& event : paid) deliver(event);
  work();  // all of it is too much to ask for by now
  deliver_all();
  work();
  EXPECT_EQ(stripe().refunded_of(form.intent_id), 10'000);
  EXPECT_EQ(money(id).kept, 0);
}

TEST_P(StripeEvents, PaidByOtherMoneyItGoesBackOnce) {
  const Id id = place();
  const CardForm form = begin(id);
  pay_by_hand(id, 10'000);
  stripe().pay(form.intent_id);
  deliver_all();
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(stripe().refunded_of(form.intent_id), 10'000);
  EXPECT_EQ(money(id).kept, 10'000);
}

TEST_P(StripeEvents, PaidInPartByOtherMoneyTheRestIsKeptAndTheExcessGoesBack) {
  const Id id = place();
  const CardForm form = begin(id);
  pay_by_hand(id, 3'000);
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(stripe().refunded_of(form.intent_id), 3'000);
  EXPECT_EQ(money(id).kept, 10'000);
}

TEST_P(StripeEvents, WhatWasTooMuchAndWentBackInStripesPagesLeavesTheOrderPaid) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().set_received(form.intent_id, 12'500);
  stripe().pay(form.intent_id);
  const std::vector<MadeEvent> paid = stripe().take_events();
  for (const MadeEvent& event : paid) deliver(event);   // the excess is to be asked for
  stripe().refund_in_dashboard(form.intent_id, 2'500);  // and somebody was faster
  deliver_all();
  work();
  deliver_all();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(order(id).total, 10'000);
  EXPECT_EQ(stripe().refunded_of(form.intent_id), 2'500);
  ASSERT_EQ(refunds(id).size(), 1u);
  EXPECT_EQ(refunds(id)[0].status, RefundStatus::succeeded);
  EXPECT_EQ(money(id).kept, 10'000);
}

TEST_P(StripeEvents, ReconciliationThatBringsTheExcessBackLeavesTheOrderPaid) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().set_received(form.intent_id, 12'500);
  stripe().pay(form.intent_id);
  stripe().take_events();  // none arrives
  stripe().refund_in_dashboard(form.intent_id, 2'500);
  stripe().take_events();
  clock().advance(Duration::hours(2));
  reconcile(provider(), fair().conference_id);
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(order(id).total, 10'000);
  EXPECT_EQ(money(id).kept, 10'000);
  EXPECT_EQ(stripe().refunded_of(form.intent_id), 2'500);
}

TEST_P(StripeEvents, APartOfALineThatWentBackIsNotForgottenWhenExcessFollows) {
  const Paid done = paid();
  give_back(done.order_id, 2'000);
  work();
  deliver_all();
  EXPECT_EQ(order(done.order_id).status, OrderStatus::partially_refunded);
  fair().write([&](db::Tx& tx) {
    reg::Order found = reg::find_order(tx, done.order_id).value();
    reg::take_transfer(tx, fair().shop, found, {.amount = 700}, {"test", "staff", ""});
  });
  EXPECT_EQ(order(done.order_id).status, OrderStatus::partially_refunded);
  EXPECT_EQ(order(done.order_id).total, 8'000);
}

// ---- strangers

TEST_P(StripeEvents, NobodyElsesIntentPaysAnOrder) {
  const Id id = place();
  const reg::Order placed = order(id);
  const auto number = std::to_string(id);
  for (const auto& metadata : std::vector<std::vector<std::pair<std::string, std::string>>>{
           {},
           {{"order_id", number}},
           {{"order_id", number}, {"reference", "ORD-XXXXXXXX"}},
           {{"order_id", "99999"}, {"reference", placed.reference}},
           {{"order_id", number + "x"}, {"reference", placed.reference}},
           {{"order_id", number}, {"reference", placed.reference}, {"conference_id", "77"}}}) {
    stripe().pay(stripe().make_intent(50, "usd", metadata));
  }
  for (const MadeEvent& event : stripe().take_events()) EXPECT_EQ(deliver(event), EventState::ignored);
  EXPECT_EQ(order(id).status, OrderStatus::pending);
  EXPECT_TRUE(payments(id).empty());
}

TEST_P(StripeEvents, AnotherConferencesEndpointChangesNothingHere) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().pay(form.intent_id);
  const Id other = reg::testing::make_fair(db(), {.slug = "other"});
  for (const MadeEvent& event : stripe().all_events()) EXPECT_EQ(deliver(event, other), EventState::ignored);
  EXPECT_EQ(order(id).status, OrderStatus::pending);
  deliver_all();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
}

TEST_P(StripeEvents, AChargeWithoutAnIntentMatchesNoPayment) {
  const Id id = place();
  pay_by_hand(id, 10'000);
  for (const char* intent : {"null", "\"\"", "\"None\"", "17"}) {
    const MadeEvent event = stripe().make_event(
        "charge.refunded",
        std::string(R"({"id":"ch_x","object":"charge","amount":10000,"amount_refunded":10000,)"
                    R"("currency":"usd","payment_intent":)") +
            intent + "}");
    EXPECT_EQ(deliver(event), EventState::ignored);
  }
  EXPECT_EQ(order(id).status, OrderStatus::paid);
}

TEST_P(StripeEvents, WhateverShapeAnEventHasItIsStoredAndHarmsNothing) {
  for (const char* object : {"{}", "[]", "null", "17", R"({"id":null})", R"({"id":"x","metadata":[1]})"}) {
    for (const std::string& kind : wanted_event_kinds())
      EXPECT_EQ(deliver(stripe().make_event(kind, "{\"wrapped\":1}")), EventState::ignored) << kind;
    const std::string body =
        std::string(R"({"id":"evt_)") + std::to_string(std::hash<std::string>{}(object)) +
        R"(","object":"event","type":"payment_intent.succeeded","created":1,"api_version":null,)" +
        R"("data":{"object":)" + object + "}}";
    EXPECT_EQ(deliver({"", "", body}), EventState::ignored) << object;
  }
  for (const char* body :
       {"", "{", "[]", "{}", R"({"object":"event"})", R"({"object":"event","id":"evt_1"})"})
    EXPECT_EQ(Fair::refusal([&] { read_event(body); }), "json") << body;
}

TEST_P(StripeEvents, TestEventsConcernNobodyWhileTheKeysAreLive) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().pay(form.intent_id);
  use_keys("sk_live_standin0001", "pk_live_standin0001");
  for (const MadeEvent& event : stripe().take_events()) EXPECT_EQ(deliver(event), EventState::ignored);
  EXPECT_EQ(order(id).status, OrderStatus::pending);
}

// ---- storing, failing, replaying

TEST_P(StripeEvents, TheSameEventIsOneRowAndDoneOnce) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().pay(form.intent_id);
  const MadeEvent event = last_event("payment_intent.succeeded");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(deliver(event), EventState::processed);
  const StoredEvent stored = this->event(event.id);
  EXPECT_EQ(stored.attempts, 1);
  EXPECT_EQ(stored.outcome, "the order is paid");
  EXPECT_EQ(stored.intent_id, form.intent_id);
}

TEST_P(StripeEvents, WhatFailedIsKeptWithItsErrorAndDoneWhenItCan) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().pay(form.intent_id);
  const MadeEvent event = last_event("payment_intent.succeeded");
  // The live mode's event while the keys are of the test mode: somebody has to look.
  MadeEvent live = event;
  live.payload.replace(live.payload.rfind("\"livemode\":false"), 16, "\"livemode\":true");
  EXPECT_EQ(deliver(live), EventState::failed);
  EXPECT_NE(this->event(event.id).last_error.find("live mode"), std::string::npos);
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return count_events(tx, fair().conference_id); }).failed, 1);
  EXPECT_EQ(order(id).status, OrderStatus::pending);
  fair().write([](db::Tx& tx) { tx.exec("UPDATE stripe_event SET livemode = 0"); });
  const Replayed replayed = replay_open(provider(), fair().conference_id);
  EXPECT_EQ(replayed.done, 1);
  EXPECT_EQ(replayed.open, 0);
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(this->event(event.id).last_error, "");
}

TEST_P(StripeEvents, ReplayingWhatWasDoneChangesNothing) {
  const Paid done = paid();
  give_back(done.order_id, 2'000);
  work();
  deliver_all();
  const auto before = money(done.order_id);
  for (const auto& stored :
       fair().read([&](db::Tx& tx) { return list_events(tx, fair().conference_id, {}, std::nullopt, 100); }))
    replay(provider(), fair().conference_id, stored.id);
  work();
  EXPECT_EQ(money(done.order_id).kept, before.kept);
  EXPECT_EQ(refunds(done.order_id).size(), 1u);
}

TEST_P(StripeEvents, PayloadsAreEmptiedAfterTheirTime) {
  const Paid done = paid();
  clock().advance(payload_kept + Duration::hours(1));
  const auto count = fair().write([](db::Tx& tx) { return redact_payloads(tx, tx.now() - payload_kept); });
  EXPECT_GT(count, 0);
  const auto listed = fair().read([&](db::Tx& tx) {
    return list_events(tx, fair().conference_id, {.search = done.intent}, std::nullopt, 10);
  });
  ASSERT_FALSE(listed.empty());
  EXPECT_EQ(listed[0].payload, "{}");
  EXPECT_EQ(Fair::refusal([&] { replay(provider(), fair().conference_id, listed[0].id); }), "redacted");
}

TEST_P(StripeEvents, OtherRoomsAreToldOfWhatIsTheirs) {
  static std::vector<std::string> told;
  told.clear();
  static const bool once = [] {
    subscribe_events("invoice.", [](db::Tx&, const EventFacts& facts) -> std::optional<std::string> {
      if (facts.object_json.find("in_ours") == std::string::npos) return std::nullopt;
      told.push_back(facts.kind);
      return "noted";
    });
    return true;
  }();
  EXPECT_TRUE(once);
  EXPECT_EQ(deliver(stripe().make_event("invoice.paid", R"({"id":"in_ours","object":"invoice"})")),
            EventState::processed);
  EXPECT_EQ(deliver(stripe().make_event("invoice.paid", R"({"id":"in_x","object":"invoice"})")),
            EventState::ignored);
  EXPECT_EQ(told, std::vector<std::string>{"invoice.paid"});
}

// ---- any order, any repeat

TEST_P(StripeEvents, NoOrderAndNoRepeatOfEventsChangesWhatComesOfThem) {
  // Declined, then paid; a part refunded at Stripe, a part by staff; disputed and won.
  std::mt19937 random(7);
  for (int turn = 0; turn < 8; ++turn) {
    const std::string who = "buyer" + std::to_string(turn);
    const Id id = place(who, turn < 5 ? "individual" : "individual");
    const CardForm form = begin(id);
    stripe().take_events();
    stripe().pay(form.intent_id, "4000000000000002");
    clock().advance(Duration::seconds(1));
    stripe().pay(form.intent_id);
    clock().advance(Duration::seconds(1));
    stripe().refund_in_dashboard(form.intent_id, 1'500);
    clock().advance(Duration::seconds(1));
    stripe().refund_in_dashboard(form.intent_id, 1'500);
    const std::string dispute = stripe().dispute(form.intent_id);
    clock().advance(Duration::seconds(1));
    stripe().update_dispute(dispute, "under_review");
    clock().advance(Duration::seconds(1));
    stripe().update_dispute(dispute, "won");
    std::vector<MadeEvent> events = stripe().take_events();
    const std::vector<MadeEvent> once = events;
    events.insert(events.end(), once.begin(), once.end());
    if (turn > 0) std::shuffle(events.begin(), events.end(), random);
    for (const MadeEvent& event : events) {
      EXPECT_NE(deliver(event), EventState::failed) << this->event(event.id).last_error;
      if (random() % 3 == 0) work();
    }
    work();
    EXPECT_EQ(order(id).status, OrderStatus::partially_refunded) << turn;
    ASSERT_EQ(payments(id).size(), 1u) << turn;
    EXPECT_EQ(payments(id)[0].status, PaymentStatus::succeeded) << turn;
    EXPECT_EQ(payments(id)[0].fee_amount, 320 + 1'500) << turn;
    EXPECT_EQ(refunds(id).size(), 2u) << turn;
    EXPECT_EQ(money(id).kept, 7'000) << turn;
    EXPECT_EQ(order(id).total, 7'000) << turn;
    EXPECT_EQ(money(id).refundable, 7'000) << turn;
    // Makes room for the next turn.
    give_back(id, 7'000);
    work();
    deliver_all();
    EXPECT_EQ(order(id).status, OrderStatus::refunded) << turn;
  }
  EXPECT_EQ(balance(reg::Account::disputed), 0);
  EXPECT_EQ(balance(reg::Account::receivable), 0);
  EXPECT_EQ(balance(reg::Account::stripe), -8 * (320 + 1'500));
}

TEST_P(StripeEvents, ProcessingThatIsToldAfterTheFailureIsOlderNews) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().pay(form.intent_id, "DE89370400440532013000");
  clock().advance(Duration::days(2));
  stripe().finish(form.intent_id, false);
  EXPECT_EQ(deliver(last_event("payment_intent.payment_failed")), EventState::processed);
  EXPECT_EQ(deliver(last_event("payment_intent.processing")), EventState::processed);
  EXPECT_EQ(payments(id)[0].status, PaymentStatus::failed);
}

// ---- refunds

TEST_P(StripeEvents, WhatADisputeHoldsBackCannotAlsoBeRefunded) {
  const Paid done = paid();
  const std::string dispute = stripe().dispute(done.intent);
  deliver_all();
  const auto refused = [&](std::int64_t amount, bool by_payment) {
    return Fair::refusal([&] {
      fair().write([&](db::Tx& tx) {
        reg::Order order = reg::find_order(tx, done.order_id).value();
        reg::RefundAsked asked{.amount = amount};
        if (by_payment)
          asked.shares = {{reg::money_of(tx, order).payments[0].id, reg::RefundDestination::card, amount}};
        reg::refund(tx, fair().shop, fair().gateway, order, asked, {"test", "staff", ""});
      });
    });
  };
  for (const bool by_payment : {false, true}) EXPECT_EQ(refused(1, by_payment), "amount") << by_payment;
  stripe().update_dispute(dispute, "won");
  deliver_all();
  EXPECT_EQ(refused(10'000, true), "");
  work();
  EXPECT_EQ(refunds(done.order_id)[0].status, RefundStatus::succeeded);
}

TEST_P(StripeEvents, TwoEqualRefundsAreTwoRefunds) {
  const Paid done = paid();
  give_back(done.order_id, 2'000);
  give_back(done.order_id, 2'000);
  work();
  deliver_all();
  work();
  EXPECT_EQ(stripe().refunded_of(done.intent), 4'000);
  EXPECT_EQ(refunds(done.order_id).size(), 2u);
  for (const reg::Refund& refund : refunds(done.order_id)) {
    EXPECT_EQ(refund.status, RefundStatus::succeeded);
    EXPECT_TRUE(refund.provider_id.starts_with("re_"));
  }
  EXPECT_EQ(money(done.order_id).kept, 6'000);
}

TEST_P(StripeEvents, ARefundWhoseAnswerIsLostIsMadeOnce) {
  const Paid done = paid();
  give_back(done.order_id, 2'500);
  stripe().add_fault(
      {.path = "refunds", .method = "POST", .times = 100, .is_done_first = true, .drops = true});
  work();
  EXPECT_EQ(refunds(done.order_id)[0].status, RefundStatus::requested);
  stripe().clear_faults();
  stripe().forget_keys();  // as if a day had passed
  clock().advance(Duration::hours(1));
  work();
  EXPECT_EQ(refunds(done.order_id)[0].status, RefundStatus::succeeded);
  EXPECT_EQ(stripe().refunded_of(done.intent), 2'500);
}

TEST_P(StripeEvents, ARefundThatStripeRefusesSaysWhy) {
  const Paid done = paid();
  give_back(done.order_id, 2'500);
  stripe().refund_in_dashboard(done.intent, 9'000);
  work();
  const auto made = refunds(done.order_id);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].status, RefundStatus::failed);
  EXPECT_NE(made[0].failure.find("greater than unrefunded"), std::string::npos);
  EXPECT_NE(attention(done.order_id).find("a refund failed"), std::string::npos);
}

TEST_P(StripeEvents, APendingRefundIsSettledByItsEventOrByLooking) {
  const Paid done = paid("ada", "4000000000007726");
  give_back(done.order_id, 2'500);
  work();
  EXPECT_EQ(refunds(done.order_id)[0].status, RefundStatus::requested);
  EXPECT_EQ(refunds(done.order_id)[0].provider_id, stripe().refunds()[0]);
  EXPECT_EQ(money(done.order_id).kept, 7'500);
  stripe().settle_refund(stripe().refunds()[0], true);
  clock().advance(Duration::hours(7));
  work();
  EXPECT_EQ(refunds(done.order_id)[0].status, RefundStatus::succeeded);
}

TEST_P(StripeEvents, ARefundThatFailsLaterOpensTheBalanceAgain) {
  const Paid done = paid();
  give_back(done.order_id, 2'500);
  work();
  deliver_all();
  EXPECT_EQ(money(done.order_id).kept, 7'500);
  stripe().settle_refund(stripe().refunds()[0], false);
  deliver_all();
  EXPECT_EQ(refunds(done.order_id)[0].status, RefundStatus::failed);
  EXPECT_EQ(money(done.order_id).kept, 10'000);
  EXPECT_EQ(money(done.order_id).overpaid(), 2'500);
  EXPECT_NE(attention(done.order_id).find("a refund failed"), std::string::npos);
}

TEST_P(StripeEvents, AllOfItRefundedAtStripeFreesTheSeats) {
  const Paid done = paid();
  EXPECT_EQ(fair().remaining("individual"), 4);
  stripe().refund_in_dashboard(done.intent, 10'000);
  deliver_all();
  work();
  EXPECT_EQ(order(done.order_id).status, OrderStatus::refunded);
  EXPECT_EQ(payments(done.order_id)[0].status, PaymentStatus::refunded);
  EXPECT_EQ(fair().remaining("individual"), 5);
}

TEST_P(StripeEvents, AFullRefundOfOneOfTwoPaymentsDoesNotEndTheOrder) {
  const Id id = place();
  pay_by_hand(id, 4'000);
  const CardForm form = begin(id);
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  stripe().refund_in_dashboard(form.intent_id, 6'000);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::partially_refunded);
  EXPECT_EQ(fair().remaining("individual"), 4);
  EXPECT_EQ(money(id).kept, 4'000);
}

// ---- disputes and payouts

TEST_P(StripeEvents, ADisputeHoldsTheMoneyBackAndSaysUntilWhenToAnswer) {
  const Paid done = paid("ada", "4000000000000259");
  const auto disputes = fair().read([&](db::Tx& tx) { return disputes_of(tx, done.order_id); });
  ASSERT_EQ(disputes.size(), 1u);
  EXPECT_EQ(disputes[0].status, "needs_response");
  EXPECT_EQ(disputes[0].held_back, 10'000);
  ASSERT_TRUE(disputes[0].evidence_due_at);
  EXPECT_NE(attention(done.order_id).find("the buyer's bank disputes 100.00 USD: answer at Stripe until"),
            std::string::npos);
  EXPECT_EQ(order(done.order_id).status, OrderStatus::paid);
  EXPECT_EQ(money(done.order_id).refundable, 0);
  EXPECT_EQ(Fair::refusal([&] { give_back(done.order_id, 100); }), "amount");
  EXPECT_EQ(balance(reg::Account::disputed), 10'000);
  clock().advance(Duration::days(20));
  stripe().update_dispute(disputes[0].provider_id, "lost");
  deliver_all();
  EXPECT_EQ(balance(reg::Account::disputed), 0);
  EXPECT_EQ(balance(reg::Account::dispute_losses), 10'000);
  EXPECT_EQ(balance(reg::Account::stripe), -320 - 1'500);
  EXPECT_EQ(money(done.order_id).refundable, 0);
  EXPECT_NE(attention(done.order_id).find("was lost"), std::string::npos);
  EXPECT_FALSE(fair().read([&](db::Tx& tx) { return disputes_of(tx, done.order_id); })[0].is_open());
}

TEST_P(StripeEvents, ADisputeStaysWithItsPaymentWhateverALaterMessageNames) {
  const Paid done = paid("ada", "4000000000000259"), other = paid("bob");
  const Dispute known = fair().read([&](db::Tx& tx) { return disputes_of(tx, done.order_id); }).at(0);
  StripeDispute told;
  told.id = known.provider_id;
  told.intent_id = other.intent;
  told.amount = known.amount;
  told.currency = told.balance_currency = known.currency;
  told.status = "won";
  told.created_at = known.opened_at;
  clock().advance(Duration::days(20));
  fair().write([&](db::Tx& tx) { return take_dispute(tx, fair().conference_id, told, clock().now()); });
  const Dispute won = fair().read([&](db::Tx& tx) { return disputes_of(tx, done.order_id); }).at(0);
  EXPECT_EQ(won.payment_id, known.payment_id);
  EXPECT_EQ(won.held_back, 0);
  EXPECT_EQ(money(done.order_id).refundable, 10'000);
  EXPECT_EQ(balance(reg::Account::disputed), 0);
  EXPECT_TRUE(fair().read([&](db::Tx& tx) { return disputes_of(tx, other.order_id); }).empty());
}

TEST_P(StripeEvents, PayoutsOfAConferencesOwnAccountAreInTheLedgerOnce) {
  stripe().pay_out(5'000, "usd");
  const MadeEvent event = last_event("payout.paid");
  EXPECT_EQ(deliver(event), EventState::ignored);  // the account of all conferences
  EXPECT_EQ(balance(reg::Account::bank), 0);
}

}  // namespace
}  // namespace plenary::payments::testing
