// Facts about the comparison with Stripe: each kind of difference between what Stripe says and what is here
// is found, brought in where it can be, reported where it cannot, and reported as what it is; over several of
// Stripe's pages; payouts that do not add up; the restricted key.
#include <fmt/format.h>

#include "domain/payments/card_shop.hpp"
#include "domain/registration/ledger_sums.hpp"

namespace plenary::payments::testing {
namespace {

using reg::OrderStatus;
using reg::PaymentStatus;

class Reconciliation : public CardShop {
 protected:
  Reconciled compare(bool repairs = true) {
    return reconcile(provider(), fair().conference_id, reconciled_days, repairs);
  }
  // The one difference that there is.
  Difference difference(bool repairs = true) {
    const Reconciled found = compare(repairs);
    EXPECT_EQ(found.differences.size(), 1u);
    return found.differences.empty() ? Difference{} : found.differences[0];
  }
  void hours_pass() { clock().advance(Duration::hours(2)); }
  // The conference's own account, not the one of the whole program.
  void own_account() {
    const Id id = fair().conference_id;
    const auto sealed = [&](const char* column, const char* text) {
      return provider().keys.seal(Secret(text), fmt::format("conference.{}.{}", column, id),
                                  Random::system());
    };
    const std::string secret = sealed("stripe_secret_key", "sk_test_standin0001"),
                      publishable = sealed("stripe_publishable_key", "pk_test_standin0001"),
                      webhook = sealed("stripe_webhook_secret", "whsec_standin0001");
    fair().write([&](db::Tx& tx) {
      tx.exec(
          "UPDATE conference SET stripe_secret_key = $1, stripe_publishable_key = $2, "
          "stripe_webhook_secret = $3 WHERE id = $4",
          secret, publishable, webhook, id);
    });
  }
};
ON_BOTH_ENGINES(Reconciliation);

TEST_P(Reconciliation, WhatAgreesIsNoDifference) {
  const Paid one = paid("ada");
  give_back(one.order_id, 1'000);
  work();
  deliver_all();
  stripe().dispute(paid("bob").intent);
  deliver_all();
  hours_pass();
  const Reconciled found = compare();
  EXPECT_TRUE(found.differences.empty());
  EXPECT_EQ(found.checked, 4);  // two payments, a refund, a dispute
}

TEST_P(Reconciliation, AChargeThatOnlyStripeKnowsIsBroughtIn) {
  const Id id = place();
  const std::string reference = order(id).reference;
  const std::string intent =
      stripe().make_intent(10'000, "usd", {{"order_id", std::to_string(id)}, {"reference", reference}});
  stripe().pay(intent);
  stripe().take_events();  // none arrives
  const Difference reported = difference(false);
  EXPECT_EQ(reported.text, "at Stripe it is succeeded, here it is unknown");
  EXPECT_FALSE(reported.repaired);
  EXPECT_EQ(order(id).status, OrderStatus::pending);
  const Difference found = difference();
  EXPECT_EQ(found.reference, reference);
  EXPECT_EQ(found.number, intent);
  EXPECT_TRUE(found.repaired);
  EXPECT_EQ(order(id).status, OrderStatus::paid);
  work();
  EXPECT_TRUE(compare().differences.empty());
}

TEST_P(Reconciliation, AChargeForAnOrderThatIsNotHereIsForAPerson) {
  paid();
  const std::string here = std::to_string(fair().conference_id);
  stripe().pay(stripe().make_intent(
      4'200, "usd", {{"order_id", "99999"}, {"reference", "ORD-XXXXXXXX"}, {"conference_id", here}}));
  stripe().pay(stripe().make_intent(700, "usd", {}));  // somebody else's
  const Difference found = difference();
  EXPECT_EQ(found.reference, "ORD-XXXXXXXX");
  EXPECT_EQ(found.text, "42.00 USD came in at Stripe for an order that is not here");
  EXPECT_FALSE(found.repaired);
}

TEST_P(Reconciliation, APaymentThatStripeDoesNotKnowIsForAPerson) {
  const Paid known = paid();
  stripe().lose(known.intent);
  const Difference found = difference();
  EXPECT_EQ(found.reference, order(known.order_id).reference);
  EXPECT_EQ(found.number, known.intent);
  EXPECT_EQ(found.text, "here it is succeeded, Stripe's account does not know it");
  EXPECT_FALSE(found.repaired);
  EXPECT_EQ(order(known.order_id).status, OrderStatus::paid);
}

TEST_P(Reconciliation, AnotherAmountAndAnotherCurrencyAreForAPerson) {
  const Paid amount = paid("ada");
  stripe().change_intent(amount.intent, 9'000, "usd");
  EXPECT_EQ(difference().text, "at Stripe 90.00 USD came in, here 100.00 USD");
  stripe().change_intent(amount.intent, 10'000, "eur");
  const Difference found = difference();
  EXPECT_EQ(found.text, "at Stripe 100.00 EUR came in, here 100.00 USD");
  EXPECT_FALSE(found.repaired);
  EXPECT_EQ(payments(amount.order_id)[0].amount, 10'000);
}

TEST_P(Reconciliation, MoneyInAnotherCurrencyThanTheOrdersIsNeverCalledRepaired) {
  const Id id = place();
  stripe().pay(stripe().make_intent(10'000, "eur",
                                    {{"order_id", std::to_string(id)}, {"reference", order(id).reference}}));
  paid("bob");  // so that there is something to compare
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(difference().repaired);
  EXPECT_EQ(order(id).status, OrderStatus::pending);
}

TEST_P(Reconciliation, ARefundThatOnlyStripeKnowsIsBroughtIn) {
  const Paid known = paid();
  stripe().refund_in_dashboard(known.intent, 2'500);
  stripe().take_events();
  hours_pass();
  const Difference found = difference();
  EXPECT_EQ(found.text, "a refund is succeeded at Stripe, here it is unknown");
  EXPECT_TRUE(found.repaired);
  EXPECT_EQ(money(known.order_id).kept, 7'500);
  EXPECT_EQ(order(known.order_id).status, OrderStatus::partially_refunded);
  EXPECT_TRUE(compare().differences.empty());
}

TEST_P(Reconciliation, ARefundOfAnotherAmountOrThatIsGoneIsForAPerson) {
  const Paid known = paid();
  give_back(known.order_id, 2'500);
  work();
  deliver_all();
  const std::string refund = refunds(known.order_id)[0].provider_id;
  stripe().change_refund(refund, 2'000);
  EXPECT_EQ(difference().text, "a refund is of 20.00 USD at Stripe, here of 25.00 USD");
  stripe().lose(refund);
  hours_pass();
  const Difference found = difference();
  EXPECT_EQ(found.number, refund);
  EXPECT_EQ(found.text, "here 25.00 USD went back, Stripe's account does not know the refund");
  EXPECT_FALSE(found.repaired);
}

TEST_P(Reconciliation, ADisputeThatOnlyStripeKnowsIsBroughtInAndOneOfAnotherAmountIsForAPerson) {
  const Paid known = paid();
  const std::string dispute = stripe().dispute(known.intent);
  stripe().take_events();
  hours_pass();
  EXPECT_TRUE(difference().repaired);
  EXPECT_EQ(balance(reg::Account::disputed), 10'000);
  stripe().change_dispute(dispute, 5'000, "usd");
  EXPECT_EQ(difference().text, "a dispute is over 50.00 USD at Stripe, here over 100.00 USD");
  stripe().change_dispute(dispute, 10'000, "eur");
  const Difference found = difference();
  EXPECT_EQ(found.text, "a dispute is over 100.00 EUR at Stripe, here over 100.00 USD");
  EXPECT_FALSE(found.repaired);
}

TEST_P(Reconciliation, EveryPageOfALongListIsRead) {
  stripe().set_page_size(2);
  std::vector<Id> orders;
  for (int i = 0; i < 5; ++i) {
    const Id id = place("buyer" + std::to_string(i));
    orders.push_back(id);
    stripe().pay(begin(id).intent_id);
  }
  stripe().take_events();
  const Reconciled found = compare();
  EXPECT_EQ(found.differences.size(), 5u);
  for (const Id id : orders) EXPECT_EQ(order(id).status, OrderStatus::paid);
  work();
  const Id first = orders[0];
  for (int i = 0; i < 5; ++i) stripe().refund_in_dashboard(payments(first)[0].intent_id, 1'000);
  stripe().take_events();
  hours_pass();
  EXPECT_EQ(compare().differences.size(), 5u);
  EXPECT_EQ(money(first).kept, 5'000);
  // The job of one intent reads its refunds in pages too.
  give_back(first, 500);
  work();
  deliver_all();
  EXPECT_EQ(money(first).kept, 4'500);
}

TEST_P(Reconciliation, AKeyThatStripeDoesNotTakeIsNotedWithTheRun) {
  paid();
  stripe().add_fault({.path = "/v1/payment_intents", .times = 10, .status = 401});
  EXPECT_THROW(compare(), ProviderRefused);
  const auto runs = fair().read([&](db::Tx& tx) { return reconciliation_runs(tx, fair().conference_id, 1); });
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_FALSE(runs[0].problem.empty());
}

// ---- payouts

TEST_P(Reconciliation, APayoutThatNoEventToldIsPostedOnceAndComesBackWhenItFails) {
  own_account();
  paid();
  const std::string payout = stripe().pay_out(5'000, "usd");
  stripe().take_events();
  EXPECT_EQ(difference().text, "50.00 USD was paid out by Stripe, here it is unknown");
  EXPECT_EQ(balance(reg::Account::bank), 5'000);
  EXPECT_TRUE(compare().differences.empty());
  stripe().fail_payout(payout);
  const std::vector<MadeEvent> failed = stripe().take_events();
  EXPECT_EQ(difference().text, "a payout of 50.00 USD failed at Stripe, here it is paid");
  EXPECT_EQ(balance(reg::Account::bank), 0);
  for (const MadeEvent& event : failed) deliver(event);  // late
  EXPECT_EQ(balance(reg::Account::bank), 0);
  EXPECT_TRUE(compare().differences.empty());
}

TEST_P(Reconciliation, APayoutThatDoesNotAddUpIsForAPerson) {
  own_account();
  paid();
  const std::string payout = stripe().pay_out(5'000, "usd");
  deliver_all();
  EXPECT_EQ(balance(reg::Account::bank), 5'000);
  EXPECT_TRUE(compare().differences.empty());
  for (int i = 0; i < 3; ++i) stripe().move_in_payout(payout, -300);
  stripe().set_page_size(2);
  const Difference found = difference();
  EXPECT_EQ(found.number, payout);
  EXPECT_EQ(found.text, "50.00 USD was paid out by Stripe, but what it consists of adds up to 41.00 USD");
  EXPECT_FALSE(found.repaired);
}

TEST_P(Reconciliation, APayoutOfAnotherAmountThanWasPostedIsForAPerson) {
  own_account();
  paid();
  const std::string payout = stripe().pay_out(5'000, "usd");
  fair().write([&](db::Tx& tx) {
    reg::post_payout(tx, fair().conference_id, reg::Account::stripe, 4'000, "USD", payout, true);
  });
  const Difference found = difference();
  EXPECT_EQ(found.text, "50.00 USD was paid out by Stripe, here 40.00 USD");
  EXPECT_FALSE(found.repaired);
}

TEST_P(Reconciliation, AKeyThatMayNotReadPayoutsComparesTheRest) {
  own_account();
  paid();
  stripe().add_fault({.path = "/v1/payouts", .times = 1, .status = 403});
  EXPECT_EQ(difference().text, "the secret key may not read payouts, so they were not compared");
}

TEST_P(Reconciliation, TheSharedAccountsPayoutsAreNobodys) {
  paid();
  stripe().pay_out(5'000, "usd");
  EXPECT_TRUE(compare().differences.empty());
  EXPECT_EQ(balance(reg::Account::bank), 0);
}

// ---- fees in another currency

TEST_P(Reconciliation, AFeeInTheAccountsCurrencyIsPostedInItAndNothingIsAddedUpAcross) {
  stripe().keep_balance_in("eur", 0.9);
  const Paid known = paid();
  const reg::Payment payment = payments(known.order_id)[0];
  EXPECT_EQ(payment.fee_amount, 288);  // 3.20 USD
  EXPECT_EQ(payment.fee_currency, "EUR");
  const auto figures = [&](const std::string& currency) {
    return fair().read([&](db::Tx& tx) {
      return reg::ledger_figures(tx, fair().conference_id,
                                 {.from = {}, .until = {}, .is_test = true, .currency = currency});
    });
  };
  for (const auto& figure : figures("USD")) {
    EXPECT_NE(figure.account, reg::Account::provider_fees);
    if (figure.account == reg::Account::stripe) {
      EXPECT_EQ(figure.balance(), 10'000);
    }
  }
  std::int64_t sum = 0;
  for (const auto& figure : figures("EUR")) {
    sum += figure.balance();
    if (figure.account == reg::Account::provider_fees) {
      EXPECT_EQ(figure.balance(), 288);
    }
  }
  EXPECT_EQ(sum, 0);
  const std::vector<std::string> both{"EUR", "USD"};
  reg::LedgerBooks books;
  EXPECT_EQ(fair().read([&](db::Tx& tx) {
    return books.overview(tx, fair().conference_id, {.from = {}, .until = {}, .is_test = true}).currencies;
  }),
            both);
  // Told again, it is posted once; a dispute's fee in it is added.
  stripe().dispute(known.intent);
  deliver_all();
  work();
  EXPECT_EQ(payments(known.order_id)[0].fee_amount, 288);
}

// ---- disputes in the recount

TEST_P(Reconciliation, ADisputeThatTheLedgerTellsOtherwiseIsFoundByTheRecount) {
  const Paid known = paid();
  stripe().dispute(known.intent);
  deliver_all();
  const auto faults = [&] {
    return fair().read([&](db::Tx& tx) {
      auto all = reg::verify_ledger(tx, fair().conference_id);
      for (const std::string& one : verify_disputes(tx, fair().conference_id)) all.push_back(one);
      return all.size();
    });
  };
  EXPECT_EQ(faults(), 0u);
  fair().write(
      [](db::Tx& tx) { tx.exec("UPDATE ledger_entry SET amount = amount - 1 WHERE kind = 'dispute'"); });
  EXPECT_EQ(faults(), 2u);  // of the payment, and of the dispute
  fair().write(
      [](db::Tx& tx) { tx.exec("UPDATE ledger_entry SET amount = amount + 1 WHERE kind = 'dispute'"); });
  fair().write([](db::Tx& tx) { tx.exec("UPDATE dispute SET held_back = 1"); });
  EXPECT_EQ(faults(), 2u);  // the dispute itself, and its payment
  fair().write([](db::Tx& tx) { tx.exec("UPDATE dispute SET held_back = amount"); });
  EXPECT_EQ(faults(), 0u);
}

}  // namespace
}  // namespace plenary::payments::testing
