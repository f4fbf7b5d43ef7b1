// Facts about bank transfers: when they are offered, how long an order is kept for one, the reminder, the
// end, and the code that banking apps read. source: payments 21, P30.
#include "domain/registration/payment_terms.hpp"

#include <gtest/gtest.h>

#include "domain/registration/money_in.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/sale.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/tax_rules.hpp"

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

// ---- what is due of orders that are sold

TEST_P(PaymentTerms, WhatBecameDueLaterIsTransferredWithATermOfItsOwn) {
  set_up([](PaymentSetup& s) { s.reminder_days = 2; });
  const Id id = ordered();
  choose(id);
  fair().pay(id);
  EXPECT_FALSE(fair().read([&](db::Tx& tx) { return payment_term_of(tx, find_order(tx, id).value()); }))
      << "the first term is over";
  fair().write([&](db::Tx& tx) {
    Order order = find_order(tx, id).value();
    WantedChange dearer;
    dearer.repriced.push_back({order.lines.at(0).id, 12'500});
    change_by_staff(tx, fair().shop, order, dearer, order.version, {"admin", "eve", ""});
  });
  fair().clock.advance(Duration::days(1));
  const TransferChosen chosen = choose(id);
  EXPECT_TRUE(chosen.is_new);
  EXPECT_TRUE(chosen.term.is_balance);
  EXPECT_EQ(chosen.term.ends_at, at("2027-04-09T21:59:59.999999Z"));
  EXPECT_EQ(mails("order_placed"), 2);
  EXPECT_FALSE(choose(id).is_new);
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return balance_of(tx, find_order(tx, id).value()); }), 2'500);
  fair().clock.set(chosen.term.ends_at - Duration::days(2) + Duration::hours(1));
  EXPECT_EQ(remind(), 1);
  EXPECT_EQ(mails("payment_reminder"), 1);
  fair().write([&](db::Tx& tx) {
    Order order = find_order(tx, id).value();
    EXPECT_EQ(take_transfer(tx, fair().shop, order, {.amount = 2'500}, {"bank statement", "eve", ""}).due, 0);
  });
  EXPECT_EQ(fair().get(id).status, OrderStatus::paid);
  EXPECT_EQ(Fair::refusal([&] {
              fair().clock.advance(Duration::days(30));
              choose(id);
            }),
            "not_payable");
}

// ---- fees

TEST_P(PaymentTerms, AFeeIsALineOfTheOrderWithItsTaxFromWhenItsWayIsChosen) {
  const Id rule = fair().write([&](db::Tx& tx) {
    TaxRule made;
    made.conference_id = fair().conference_id;
    made.name = made.slug = "full";
    made.rate = Decimal(19);
    return save(tx, made);
  });
  set_up([&](PaymentSetup& s) {
    s.card_fee_amount = 35;
    s.card_fee_percent = *Decimal::parse("1.5");
    s.transfer_fee_amount = 119;
    s.fee_tax_rule_id = rule;
  });
  const Id id = ordered();
  const auto shown = [&](PayWay way) { return payment_fee(*catalogue(), fair().get(id), way, 10'000); };
  EXPECT_EQ(shown(PayWay::card), 185);
  EXPECT_EQ(shown(PayWay::transfer), 119);
  EXPECT_EQ(fair().get(id).total, 10'000) << "nobody has chosen yet";
  const auto set = [&](std::optional<PayWay> way) {
    const auto sold = catalogue();
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, id).value();
      return set_payment_fee(tx, fair().shop, *sold, order, way, {"site", "buyer", ""});
    });
  };
  EXPECT_TRUE(set(PayWay::card));
  EXPECT_FALSE(set(PayWay::card)) << "it is there once";
  EXPECT_EQ(fair().get(id).total, 10'185);
  choose(id);
  const Order order = fair().get(id);
  EXPECT_EQ(order.total, 10'119) << "another way, another fee";
  const auto left = lines_left(order.lines);
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[1].kind, LineKind::fee);
  EXPECT_EQ(left[1].gross, 119);
  EXPECT_EQ(left[1].tax, 19);
  EXPECT_EQ(left[1].tax_rate, "19");
  EXPECT_EQ(due_without_fee(order, 0), 10'000);
  set(PayWay::card);  // a card form that was opened and left
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, id).value();
    EXPECT_EQ(
        take_transfer(tx, fair().shop, now, {.amount = 10'119}, {"bank statement", "eve", ""}).owed_back, 0);
  });
  EXPECT_EQ(fair().get(id).status, OrderStatus::paid);
  EXPECT_EQ(fair().get(id).total, 10'119);
  EXPECT_FALSE(set(std::nullopt)) << "what is paid stays";
}

TEST_P(PaymentTerms, AFeeIsRefusedAbove25PercentAndGoneFromOrdersWithoutIt) {
  EXPECT_EQ(Fair::refusal([&] { set_up([](PaymentSetup& s) { s.card_fee_percent = Decimal(26); }); }),
            Fair::refusal([&] { set_up([](PaymentSetup& s) { s.card_fee_percent = Decimal(-1); }); }));
  set_up([](PaymentSetup& s) { s.card_fee_amount = 100; });
  const Id id = ordered();
  const auto set = [&](std::optional<PayWay> way) {
    const auto sold = catalogue();
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, id).value();
      set_payment_fee(tx, fair().shop, *sold, order, way, {"site", "buyer", ""});
    });
  };
  set(PayWay::card);
  EXPECT_EQ(fair().get(id).total, 10'100);
  set(PayWay::transfer);
  EXPECT_EQ(fair().get(id).total, 10'000);
  set(PayWay::card);
  set(std::nullopt);
  EXPECT_EQ(fair().get(id).total, 10'000);
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
  const auto term =
      fair().read([&](db::Tx& tx) { return payment_term_table().maybe(tx, "WHERE order_id = $1", order); });
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
  EXPECT_FALSE(
      fair()
          .read([&](db::Tx& tx) { return payment_term_table().maybe(tx, "WHERE order_id = $1", order); })
          ->reminded_at);
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
