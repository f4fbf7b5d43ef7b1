// Facts about bank transfers: when they are offered, how long an order is kept for one, the reminder, the
// end, and the code that banking apps read. source: payments 21, P30.
#include "domain/registration/payment_terms.hpp"

#include <gtest/gtest.h>

#include "domain/registration/payment_setup.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/sale.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration::testing {
namespace {

Instant at(std::string_view text) {
  return Instant::parse(text).value();
}

// A conference in Berlin that begins on 2027-05-14.
class PaymentTerms : public Sale {
 protected:
  void SetUp() override {
    Sale::SetUp();
    clock().set(at("2027-04-01T10:00:00Z"));
    open({.ticket_types = {ticket("individual", 10000, 1)}});
    set_up([](PaymentSetup&) {});
  }
  template <class F>
  void set_up(F change) {
    fair().write([&](db::Tx& tx) {
      PaymentSetup setup = payment_setup_of(tx, fair().conference_id);
      setup.offers_transfer = true;
      setup.account_holder = "Fair e. V.";
      setup.iban = "de89 3704 0044 0532 0130 00";
      setup.bic = "COBADEFFXXX";
      change(setup);
      EXPECT_TRUE(save_payment_setup(tx, setup));
    });
  }
  PaymentSetup setup() {
    return fair().read([&](db::Tx& tx) { return payment_setup_of(tx, fair().conference_id); });
  }
  std::shared_ptr<const Catalogue> catalogue() {
    return fair().read([&](db::Tx& tx) { return load_catalogue(tx, fair().conference_id, fair().settings); });
  }
  Id ordered(const std::string& who = "ada") {
    fair().add(fair().guest(who), "individual");
    return fair().order(fair().guest(who), who + "@example.com").order_id;
  }
  TransferChosen choose(Id order_id) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return choose_transfer(tx, fair().shop, order, {"site", "buyer", ""});
    });
  }
  std::int64_t mails(const std::string& message) {
    return fair().read([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT count(*) FROM outbox WHERE kind = 'mail' AND payload LIKE $1",
                                  "%\"" + message + "\"%");
    });
  }
  std::int64_t remind() {
    return fair().write([&](db::Tx& tx) { return remind_of_transfers(tx, fair().conference_id); });
  }
};
ON_BOTH_ENGINES(PaymentTerms);

TEST_P(PaymentTerms, TheTermEndsWithADayInTheConferencesZone) {
  EXPECT_EQ(transfer_term(*catalogue(), at("2027-04-01T10:00:00Z")), at("2027-04-08T21:59:59.999999Z"));
  EXPECT_EQ(transfer_term(*catalogue(), at("2027-04-01T22:30:00Z")), at("2027-04-09T21:59:59.999999Z"))
      << "it is the second of April in Berlin already";
}

TEST_P(PaymentTerms, ItIsHiddenWhenItsWholeTermNoLongerFits) {
  EXPECT_TRUE(transfer_term(*catalogue(), at("2027-05-06T10:00:00Z"))) << "ends on the 13th, the day before";
  EXPECT_FALSE(transfer_term(*catalogue(), at("2027-05-07T10:00:00Z")));
  set_up([](PaymentSetup& s) { s.ends_days_before = 0; });
  EXPECT_TRUE(transfer_term(*catalogue(), at("2027-05-07T10:00:00Z")));
  set_up([](PaymentSetup& s) { s.offers_transfer = false; });
  EXPECT_FALSE(transfer_term(*catalogue(), at("2027-04-01T10:00:00Z")));
}

TEST_P(PaymentTerms, ChoosingItKeepsTheTicketsForTheTerm) {
  const Id order = ordered();
  const TransferChosen chosen = choose(order);
  EXPECT_TRUE(chosen.is_new);
  EXPECT_EQ(chosen.term.ends_at, at("2027-04-08T21:59:59.999999Z"));
  EXPECT_EQ(fair().get(order).hold_expires_at, chosen.term.ends_at);
  EXPECT_EQ(mails("order_placed"), 1);
  fair().clock.advance(Duration::days(7));
  fair().sweep();
  EXPECT_EQ(fair().get(order).status, OrderStatus::pending);
  EXPECT_EQ(fair().remaining("individual"), 0) << "nobody else gets it meanwhile";
  EXPECT_EQ(fair().pay(order).outcome, ChargeOutcome::succeeded) << "any other way still pays it";
  EXPECT_EQ(fair().get(order).status, OrderStatus::paid);
}

TEST_P(PaymentTerms, ChoosingItAgainChangesNothing) {
  const Id order = ordered();
  const Instant ends_at = choose(order).term.ends_at;
  fair().clock.advance(Duration::days(3));
  const TransferChosen again = choose(order);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.term.ends_at, ends_at);
  EXPECT_EQ(fair().get(order).hold_expires_at, ends_at);
  EXPECT_EQ(mails("order_placed"), 1);
}

TEST_P(PaymentTerms, WhatCannotBePaidCannotBeTransferred) {
  const Id paid = ordered();
  fair().pay(paid);
  EXPECT_EQ(Fair::refusal([&] { choose(paid); }), "not_payable");
  fair().write([&](db::Tx& tx) {
    TicketType type = *load_catalogue(tx, fair().conference_id, fair().settings)->ticket_type("individual");
    type.total_quantity = 10;
    save(tx, type);
  });
  const Id elapsed = ordered("bob");
  fair().clock.advance(Duration::minutes(16));
  EXPECT_EQ(Fair::refusal([&] { choose(elapsed); }), "hold_elapsed");
  const Id processing = ordered("eve");
  fair().pay(processing, "4000 0000 0000 0077");
  EXPECT_EQ(Fair::refusal([&] { choose(processing); }), "payment_running");
  fair().clock.set(at("2027-05-12T10:00:00Z"));
  const Id late = ordered("zoe");
  EXPECT_EQ(Fair::refusal([&] { choose(late); }), "no_transfer");
  EXPECT_EQ(mails("order_placed"), 0);
}

TEST_P(PaymentTerms, OneReminderBeforeTheEnd) {
  const Id order = ordered();
  choose(order);
  fair().clock.set(at("2027-04-06T21:00:00Z"));
  EXPECT_EQ(remind(), 0);
  fair().clock.set(at("2027-04-06T22:00:00Z"));
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return conferences_to_remind(tx); }),
            (std::vector<Id>{fair().conference_id}));
  EXPECT_EQ(remind(), 1);
  EXPECT_EQ(remind(), 0);
  EXPECT_EQ(mails("payment_reminder"), 1);
  const auto term = fair().read([&](db::Tx& tx) { return payment_term_of(tx, order); });
  EXPECT_FALSE(term->remind_at);
  EXPECT_EQ(term->reminded_at, at("2027-04-06T22:00:00Z"));
}

TEST_P(PaymentTerms, WhoHasPaidIsNotReminded) {
  const Id order = ordered();
  choose(order);
  fair().pay(order);
  fair().clock.set(at("2027-04-07T10:00:00Z"));
  EXPECT_EQ(remind(), 1) << "looked at";
  EXPECT_EQ(mails("payment_reminder"), 0);
  EXPECT_EQ(remind(), 0);
  EXPECT_FALSE(fair().read([&](db::Tx& tx) { return payment_term_of(tx, order); })->reminded_at);
}

TEST_P(PaymentTerms, NoReminderWhereNoneIsWanted) {
  set_up([](PaymentSetup& s) { s.reminder_days = 0; });
  choose(ordered());
  fair().clock.set(at("2027-04-08T21:00:00Z"));
  EXPECT_EQ(remind(), 0);
}

TEST_P(PaymentTerms, WithTheTermItLapsesAndLateMoneyRevivesItWhereThereIsRoom) {
  const Id order = ordered();
  choose(order);
  fair().clock.set(at("2027-04-08T22:00:00Z"));
  EXPECT_EQ(fair().remaining("individual"), 1) << "free again at once";
  fair().sweep();
  EXPECT_EQ(fair().get(order).status, OrderStatus::cancelled);
  EXPECT_TRUE(fair().read([&](db::Tx& tx) { return is_lapsed(tx, order); }));
  const Settled settled = fair().write([&](db::Tx& tx) {
    const Id payment = store::insert_payment(tx, {.order_id = order,
                                                  .conference_id = fair().conference_id,
                                                  .method = PaymentMethod::manual,
                                                  .status = PaymentStatus::pending,
                                                  .amount = 10000,
                                                  .currency = "USD",
                                                  .gateway_reference = {},
                                                  .failure = {},
                                                  .is_test = true,
                                                  .channel = "transfer"});
    return settle(tx, fair().shop, payment, true, {"bank", "system", "statement"});
  });
  EXPECT_EQ(settled, Settled::revived);
  EXPECT_EQ(fair().get(order).status, OrderStatus::paid);
}

// source: payments 21, 8.
TEST_P(PaymentTerms, AnOrderThatMoneyCameInForIsKeptForStaff) {
  const Id order = ordered();
  const auto keep = [&] {
    return fair().write([&](db::Tx& tx) { return keep_partly_paid(tx, fair().conference_id); });
  };
  fair().clock.advance(Duration::minutes(14));
  EXPECT_EQ(keep(), 0) << "nothing came in";
  fair().write([&](db::Tx& tx) {
    store::insert_payment(tx, {.order_id = order,
                               .conference_id = fair().conference_id,
                               .method = PaymentMethod::manual,
                               .status = PaymentStatus::succeeded,
                               .amount = 4000,
                               .currency = "USD",
                               .gateway_reference = {},
                               .failure = {},
                               .is_test = true,
                               .channel = "transfer"});
  });
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return conferences_with_partly_paid(tx); }).size(), 1u);
  EXPECT_EQ(keep(), 1);
  EXPECT_EQ(keep(), 0) << "once for each time that is over";
  fair().clock.advance(Duration::days(6));
  fair().sweep();
  EXPECT_EQ(fair().get(order).status, OrderStatus::pending);
  EXPECT_EQ(fair().get(order).attention, attention_partly_paid);
  EXPECT_EQ(fair().remaining("individual"), 0);
}

TEST_P(PaymentTerms, TheSetUpIsCheckedAsAWhole) {
  PaymentSetup wrong = setup();
  wrong.iban = "DE88 3704 0044 0532 0130 00";
  wrong.bic = "COBA";
  wrong.account_holder = "";
  wrong.reminder_days = 7;
  std::vector<std::string> fields;
  for (const db::FieldError& error : check_payment_setup(wrong)) fields.push_back(error.field);
  std::sort(fields.begin(), fields.end());
  EXPECT_EQ(fields, (std::vector<std::string>{"account_holder", "bic", "iban", "reminder_days"}));
  PaymentSetup elsewhere = setup();
  elsewhere.iban = "";
  EXPECT_EQ(check_payment_setup(elsewhere).size(), 1u) << "an account is needed";
  elsewhere.instructions = "Account 1234, routing number 026009593";
  EXPECT_TRUE(check_payment_setup(elsewhere).empty());
  PaymentSetup off = setup();
  off.offers_transfer = false;
  off.iban = off.account_holder = "";
  EXPECT_TRUE(check_payment_setup(off).empty());
}

TEST_P(PaymentTerms, ItIsStoredOnceAndNotOverSomebodyElsesChange) {
  const PaymentSetup read = setup();
  EXPECT_EQ(read.iban, "DE89370400440532013000") << "without blanks";
  set_up([](PaymentSetup& s) { s.term_days = 10; });
  EXPECT_EQ(setup().term_days, 10);
  const auto stored = fair().write([&](db::Tx& tx) { return save_payment_setup(tx, read); });
  EXPECT_FALSE(stored) << "it was changed since it was read";
  EXPECT_EQ(catalogue()->payment.term_days, 10) << "every page knows at once";
}

TEST(EpcCode, SaysWhatBankingAppsRead) {
  TransferDetails details;
  details.account_holder = "Fair e. V.";
  details.iban = "DE89370400440532013000";
  details.bic = "COBADEFFXXX";
  details.reference = "ORD-ABCD1234";
  details.amount = 12305;
  details.currency = "EUR";
  EXPECT_EQ(epc_text(details),
            "BCD\n002\n1\nSCT\nCOBADEFFXXX\nFair e. V.\nDE89370400440532013000\nEUR123.05\n\n\nORD-ABCD1234");
  details.currency = "USD";
  EXPECT_EQ(epc_text(details), "") << "for euros alone";
  details.currency = "EUR";
  details.account_holder = std::string(69, 'x') + "\xC3\xA4\xC3\xA4";
  EXPECT_NE(epc_text(details).find(std::string(69, 'x') + "\xC3\xA4\nDE"), std::string::npos)
      << "cut to 70 characters, never within one";
  details.iban = "";
  EXPECT_EQ(epc_text(details), "");
}

}  // namespace
}  // namespace plenary::registration::testing
