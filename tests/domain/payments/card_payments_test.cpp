// Facts about paying by card: the intention comes first, one intent for one amount, and what is promised to
// the buyer holds whatever the browser, Stripe and the clock do.
#include "domain/payments/card_shop.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/store.hpp"

namespace plenary::payments::testing {
namespace {

using reg::OrderStatus;
using reg::PaymentStatus;

class CardPaymentsTest : public CardShop {
 protected:
  void take_by_hand(Id order_id, std::int64_t amount) {
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
    });
  }
  // Keys under which intents were asked for, in order, each once.
  std::vector<std::string> keys_of_intents() {
    std::vector<std::string> keys;
    for (const auto& request : stripe().requests()) {
      if (request.method != "POST" || request.target != "/v1/payment_intents") continue;
      const auto key = request.headers.find("idempotency-key");
      if (key != request.headers.end() && std::find(keys.begin(), keys.end(), key->second) == keys.end())
        keys.push_back(key->second);
    }
    return keys;
  }
};
ON_BOTH_ENGINES(CardPaymentsTest);

TEST_P(CardPaymentsTest, TheFormIsForWhatIsDueAndTheOrderIsPaidByTheWebhook) {
  const Id id = place();
  const CardForm form = begin(id);
  EXPECT_EQ(form.amount, 10'000);
  EXPECT_EQ(form.currency, "USD");
  EXPECT_TRUE(form.is_test);
  EXPECT_EQ(form.publishable_key, "pk_test_standin0001");
  EXPECT_TRUE(form.client_secret.starts_with(form.intent_id + "_secret_"));
  EXPECT_EQ(form.js_url, stripe().url() + "/v3/stripe.js");
  ASSERT_EQ(payments(id).size(), 1u);
  EXPECT_EQ(payments(id)[0].status, PaymentStatus::pending);
  EXPECT_EQ(payments(id)[0].intent_id, form.intent_id);

  EXPECT_EQ(stripe().pay(form.intent_id), "succeeded");
  deliver_all();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  work();
  const reg::Payment payment = payments(id)[0];
  EXPECT_EQ(payment.status, PaymentStatus::succeeded);
  EXPECT_TRUE(payment.charge_id.starts_with("ch_"));
  EXPECT_EQ(payment.card_brand, "visa");
  EXPECT_EQ(payment.card_last4, "4242");
  EXPECT_EQ(payment.fee_amount, 10'000 * 29 / 1000 + 30);
  EXPECT_EQ(balance(reg::Account::stripe), 10'000 - 320);
  EXPECT_EQ(balance(reg::Account::provider_fees), 320);
}

TEST_P(CardPaymentsTest, WithoutAnyWebhookTheJobThatWatchesTheIntentSettlesIt) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().pay(form.intent_id);
  clock().advance(watch_delay(0));
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(payments(id)[0].fee_amount, 320);
}

TEST_P(CardPaymentsTest, WhoComesBackFromTheBankWakesTheJob) {
  const Id id = place();
  const CardForm form = begin(id);
  EXPECT_EQ(stripe().pay(form.intent_id, "4000002500003155"), "requires_action");
  EXPECT_EQ(stripe().authenticate(form.intent_id, true), "succeeded");
  for (int i = 0; i < 5; ++i) cards().look_now(fair().conference_id, form.intent_id);
  cards().look_now(fair().conference_id + 1, form.intent_id);
  cards().look_now(fair().conference_id, "pi_of_nobody");
  pool_is_empty();
  const auto looks = fair().read([](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT COUNT(*) FROM outbox WHERE kind = 'look_at_intent'");
  });
  EXPECT_EQ(looks, 1);
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
}

TEST_P(CardPaymentsTest, TheSameAmountIsTheSameIntentWhoeverAsks) {
  const Id id = place();
  const CardForm first = begin(id), second = begin(id);
  EXPECT_EQ(first.intent_id, second.intent_id);
  EXPECT_EQ(first.client_secret, second.client_secret);
  EXPECT_EQ(stripe().intents().size(), 1u);
  EXPECT_EQ(payments(id).size(), 1u);
}

TEST_P(CardPaymentsTest, AnotherAmountIsAnotherIntentAndTheOldOneIsCancelled) {
  const Id id = place();
  const CardForm first = begin(id);
  take_by_hand(id, 3'000);
  const CardForm second = begin(id);
  EXPECT_EQ(second.amount, 7'000);
  EXPECT_NE(first.intent_id, second.intent_id);
  work();
  EXPECT_EQ(stripe().status_of(first.intent_id), "canceled");
  stripe().pay(second.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(money(id).kept, 10'000);
}

TEST_P(CardPaymentsTest, AnAmountThatChangedWhileStripeWasAskedLeavesNoOtherFormToPay) {
  const Id id = place();
  stripe().add_fault(
      {.path = "payment_intents", .method = "POST", .times = 1, .is_done_first = true, .drops = true});
  CardForm second;
  while_waiting([&] {
    take_by_hand(id, 3'000);
    second = begin(id);
  });
  const CardForm first = begin(id);
  EXPECT_EQ(second.amount, 7'000);
  EXPECT_EQ(first.amount, 7'000) << "what is due, whoever asked first";
  EXPECT_EQ(first.intent_id, second.intent_id);
  work();
  ASSERT_EQ(stripe().intents().size(), 2u);
  for (const std::string& intent : stripe().intents()) {
    if (intent == second.intent_id) continue;
    EXPECT_EQ(stripe().status_of(intent), "canceled");
  }
  stripe().pay(second.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(money(id).kept, 10'000);
}

TEST_P(CardPaymentsTest, WhatBecameDueLaterIsAskedWithItsFeeAndTheFeeComesWithTheMoney) {
  fair().write([&](db::Tx& tx) {
    reg::PaymentSetup setup = reg::payment_setup_of(tx, fair().conference_id);
    setup.card_fee_percent = Decimal(2);
    EXPECT_TRUE(reg::save_payment_setup(tx, setup));
  });
  const auto made = paid();
  EXPECT_EQ(order(made.order_id).total, 10'200);
  fair().write([&](db::Tx& tx) {
    reg::Order now = reg::find_order(tx, made.order_id).value();
    reg::WantedChange wanted;
    wanted.repriced.push_back({now.lines.at(0).id, 15'000});
    reg::change_by_staff(tx, fair().shop, now, wanted, now.version, {"manage", "eve", ""});
  });
  const CardForm form = begin(made.order_id);
  EXPECT_EQ(form.amount, 5'100);
  EXPECT_EQ(begin(made.order_id).intent_id, form.intent_id) << "the same amount, the same intent";
  EXPECT_EQ(order(made.order_id).total, 15'200) << "a form that is left changes nothing";
  stripe().pay(form.intent_id);
  const auto events = stripe().take_events();
  for (int twice = 0; twice < 2; ++twice)
    for (const MadeEvent& one : events) deliver(one);
  work();
  EXPECT_EQ(order(made.order_id).total, 15'300);
  EXPECT_EQ(money(made.order_id).due(), 0);
  EXPECT_EQ(money(made.order_id).to_refund(), 0);
  EXPECT_TRUE(refunds(made.order_id).empty());
}

TEST_P(CardPaymentsTest, TheReasonOfADeclineIsCutBetweenCharacters) {
  const Id id = place();
  const CardForm form = begin(id);
  stripe().pay(form.intent_id, "4000000000000002");
  const std::string reason = "Your card was declined.", kept(499, 'x');
  for (MadeEvent one : stripe().take_events()) {
    const std::size_t at = one.payload.find(reason);
    if (at != std::string::npos) one.payload.replace(at, reason.size(), kept + "é");
    deliver(one);
  }
  ASSERT_EQ(payments(id).size(), 1u);
  EXPECT_EQ(payments(id)[0].status, PaymentStatus::failed);
  EXPECT_EQ(payments(id)[0].failure, kept);
}

TEST_P(CardPaymentsTest, ADeclineKeepsTheOrderAndTheNextCardPaysTheSameRow) {
  const Id id = place();
  const CardForm form = begin(id);
  EXPECT_EQ(stripe().pay(form.intent_id, "4000000000000002"), "generic_decline");
  deliver_all();
  ASSERT_EQ(payments(id).size(), 1u);
  EXPECT_EQ(payments(id)[0].status, PaymentStatus::failed);
  EXPECT_EQ(payments(id)[0].failure, "Your card was declined.");
  EXPECT_EQ(order(id).status, OrderStatus::pending);
  EXPECT_EQ(begin(id).intent_id, form.intent_id);
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  ASSERT_EQ(payments(id).size(), 1u);
  EXPECT_EQ(payments(id)[0].status, PaymentStatus::succeeded);
}

TEST_P(CardPaymentsTest, ADebitKeepsTheSeatUntilTheBankHasAnswered) {
  const Id id = place();
  const CardForm form = begin(id);
  EXPECT_EQ(stripe().pay(form.intent_id, "DE89370400440532013000"), "processing");
  deliver_all();
  EXPECT_EQ(payments(id)[0].status, PaymentStatus::processing);
  EXPECT_EQ(Fair::refusal([&] { begin(id); }), "payment_running");
  clock().advance(Duration::days(3));
  fair().sweep();
  EXPECT_EQ(order(id).status, OrderStatus::pending);
  EXPECT_EQ(fair().remaining("individual"), 4);
  stripe().finish(form.intent_id, true);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
}

TEST_P(CardPaymentsTest, TheHoldIsExtendedOnceForThePayer) {
  const Id id = place();
  clock().advance(Duration::minutes(28));
  begin(id);
  EXPECT_EQ(*order(id).hold_expires_at, clock().now() + Duration::minutes(card_form_minutes));
  clock().advance(Duration::minutes(10));
  begin(id);
  EXPECT_EQ(*order(id).hold_expires_at, clock().now() + Duration::minutes(card_form_minutes - 10));
  clock().advance(Duration::minutes(6));
  EXPECT_EQ(Fair::refusal([&] { begin(id); }), "hold_elapsed");
}

TEST_P(CardPaymentsTest, WhatCannotBePaidIsNotAsked) {
  const Paid done = paid();
  EXPECT_EQ(Fair::refusal([&] { begin(done.order_id); }), "not_payable");
  EXPECT_EQ(Fair::refusal([&] { begin(place("bob", "coin")); }), "amount_too_small");
  const Id id = place("eve");
  use_keys("sk_live_standin0001", "pk_live_standin0001");
  EXPECT_EQ(Fair::refusal([&] { begin(id); }), "wrong_mode");
  fair().settings.stripe.publishable_key.reset();
  EXPECT_EQ(Fair::refusal([&] { begin(id); }), "not_offered");
  EXPECT_FALSE(fair().read([&](db::Tx& tx) { return cards().is_offered(tx, fair().conference_id); }));
  EXPECT_EQ(stripe().intents().size(), 1u);
}

TEST_P(CardPaymentsTest, AStripeThatDoesNotAnswerLeavesAnIntentionThatIsTakenUpAgain) {
  const Id id = place();
  stripe().add_fault({.path = "payment_intents", .times = 3, .status = 503});
  EXPECT_THROW(begin(id), ProviderDown);
  ASSERT_EQ(payments(id).size(), 1u);
  EXPECT_EQ(payments(id)[0].status, PaymentStatus::pending);
  const CardForm form = begin(id);
  EXPECT_EQ(payments(id).size(), 1u);
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
}

TEST_P(CardPaymentsTest, AnAnswerThatWasLostIsFoundAgainByItsKey) {
  const Id id = place();
  stripe().add_fault(
      {.path = "payment_intents", .method = "POST", .times = 1, .is_done_first = true, .drops = true});
  const CardForm form = begin(id);
  EXPECT_EQ(stripe().intents().size(), 1u);
  EXPECT_EQ(form.intent_id, stripe().intents()[0]);
}

// Stripe keeps what it answered to a key for a day.
TEST_P(CardPaymentsTest, ARefusalIsNotRepeatedForADay) {
  const Id id = place();
  stripe().add_fault({.path = "payment_intents", .method = "POST", .times = 1, .status = 400});
  EXPECT_EQ(Fair::refusal([&] { begin(id); }), "refused_by_provider");
  const CardForm form = begin(id);
  EXPECT_EQ(keys_of_intents().size(), 2u) << "asked anew, with a key of its own";
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
}

TEST_P(CardPaymentsTest, AnAnswerThatWasLostIsNoHindranceWhenTheConferenceHasAnotherNameSince) {
  const Id id = place();
  stripe().add_fault(
      {.path = "payment_intents", .method = "POST", .times = 3, .is_done_first = true, .drops = true});
  EXPECT_THROW(begin(id), ProviderDown);
  fair().write([&](db::Tx& tx) {
    tx.exec("UPDATE conference SET name = 'Another Fair' WHERE id = $1", fair().conference_id);
  });
  const CardForm form = begin(id);  // the same key with other words would be refused
  stripe().pay(form.intent_id);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(money(id).kept, 10'000);
}

TEST_P(CardPaymentsTest, AProcessThatDiedBeforeItsNoteLosesNoMoney) {
  const Id id = place();
  stripe().add_fault(
      {.path = "payment_intents", .method = "POST", .times = 3, .is_done_first = true, .drops = true});
  EXPECT_THROW(begin(id), ProviderDown);
  ASSERT_EQ(stripe().intents().size(), 1u);
  // Somebody pays it all the same.
  stripe().pay(stripe().intents()[0]);
  deliver_all();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  EXPECT_EQ(payments(id).size(), 1u);
}

TEST_P(CardPaymentsTest, ADeadStripeAnswersAtOnceAndHoldsNoWrite) {
  const Id id = place();
  stripe().add_fault({.times = 1000, .drops = true});
  EXPECT_THROW(begin(id), ProviderDown);
  EXPECT_THROW(begin(id), ProviderDown);
  const std::size_t asked = stripe().requests().size();
  EXPECT_THROW(begin(id), ProviderDown);
  EXPECT_EQ(stripe().requests().size(), asked);
  // Meanwhile everybody else buys.
  EXPECT_EQ(order(place("bob")).status, OrderStatus::pending);
  stripe().clear_faults();
  clock().advance(Duration::seconds(16));
  EXPECT_EQ(begin(id).amount, 10'000);
}

TEST_P(CardPaymentsTest, AStalledStripeIsGivenUpInTimeAndThenNotAskedAgain) {
  // A call without patience has 20 s for each of three attempts. A second is long enough for any machine to
  // take an attempt's request.
  use_patience(Duration::seconds(3), Duration::seconds(1));
  stripe().add_fault({.path = "payment_intents", .times = 100, .silent = true});
  const Id id = place();
  EXPECT_THROW(begin(id), ProviderDown);
  const std::size_t asked = stripe().requests().size();
  EXPECT_GE(asked, 1u);
  EXPECT_LE(asked, 3u);
  EXPECT_EQ(payments(id).size(), 1u);
  EXPECT_EQ(payments(id)[0].status, reg::PaymentStatus::pending);
  // Two attempts in a row were not answered: nobody asks for a while, whoever wants to pay.
  const Id other = place("bob");
  EXPECT_THROW(begin(other), ProviderDown);
  EXPECT_THROW(begin(id), ProviderDown);
  EXPECT_EQ(stripe().requests().size(), asked);
}

TEST_P(CardPaymentsTest, WhoWaitedTooLongForThePoolIsToldWithoutAskingStripe) {
  use_patience(Duration::seconds(30), Duration::seconds(20));
  const Id id = place();
  const Duration long_ago{cards().now().micros - Duration::seconds(31).micros};
  EXPECT_THROW(cards().begin(fair().conference_id, id, "192.0.2.7", long_ago), ProviderDown);
  EXPECT_TRUE(stripe().requests().empty());
  EXPECT_EQ(begin(id).amount, 10'000);  // and the next one is served
}

TEST_P(CardPaymentsTest, AnOrderThatIsCancelledTakesItsIntentAlong) {
  const Id id = place();
  const CardForm form = begin(id);
  fair().write([&](db::Tx& tx) {
    reg::Order found = reg::find_order(tx, id).value();
    reg::cancel(tx, fair().shop, found, {"test", "buyer", ""});
    cards().cancel_later(tx, id);
  });
  work();
  EXPECT_EQ(stripe().status_of(form.intent_id), "canceled");
  EXPECT_EQ(payments(id)[0].failure, reg::closed_intent);
}

TEST_P(CardPaymentsTest, AnIntentThatNobodyNeedsAnyMoreIsCancelledByItsWatch) {
  const Id id = place();
  const CardForm form = begin(id);
  clock().advance(Duration::hours(2));
  fair().sweep();
  work();
  EXPECT_EQ(order(id).status, OrderStatus::cancelled);
  EXPECT_EQ(stripe().status_of(form.intent_id), "canceled");
}

TEST_P(CardPaymentsTest, CancellingAnIntentThatSucceededMeanwhileFollowsTheRuleForLatePayments) {
  const Id id = place();
  const CardForm form = begin(id);
  fair().write([&](db::Tx& tx) {
    reg::Order found = reg::find_order(tx, id).value();
    reg::cancel(tx, fair().shop, found, {"test", "buyer", ""});
    cards().cancel_later(tx, id);
  });
  stripe().pay(form.intent_id);
  work();
  EXPECT_EQ(order(id).status, OrderStatus::cancelled);
  EXPECT_EQ(stripe().refunded_of(form.intent_id), 10'000);
  EXPECT_EQ(stripe().taken(), 0);
}

}  // namespace
}  // namespace plenary::payments::testing
