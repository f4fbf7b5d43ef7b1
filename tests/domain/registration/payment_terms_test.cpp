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
#include "domain/registration/vouchers.hpp"

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
  // Paid by a card that is played, with its fee; then worth more.
  Id dearer(Id order_id, std::int64_t by) {
    const auto sold = catalogue();
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      set_payment_fee(tx, *sold, order, PayWay::card, {"site", "buyer", ""});
    });
    EXPECT_EQ(fair().pay(order_id).outcome, ChargeOutcome::succeeded);
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      WantedChange wanted;
      wanted.repriced.push_back({order.lines.at(0).id, 10'000 + by});
      change_by_staff(tx, fair().shop, order, wanted, order.version, {"admin", "eve", ""});
    });
    return order_id;
  }
  MoneyIn transferred(Id order_id, std::int64_t amount) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return take_transfer(tx, fair().shop, order, {.amount = amount}, {"bank statement", "eve", ""});
    });
  }
  MoneyIn handed_in(Id order_id, std::int64_t amount) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return record_manual_payment(tx, fair().shop, order, {.amount = amount}, {"manage", "eve", ""});
    });
  }
  // As a transfer pays it.
  std::int64_t balance(Id order_id) {
    return fair().read([&](db::Tx& tx) {
      return balance_of(tx, *catalogue_now(tx, fair().shop, fair().conference_id),
                        find_order(tx, order_id).value());
    });
  }
  // And left again. Whether the order has another fee by that.
  bool open_card_form(Id order_id) {
    const auto sold = catalogue();
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return set_payment_fee(tx, *sold, order, PayWay::card, {"site", "buyer", ""});
    });
  }
  static Id newest(db::Tx& tx, Id order_id) {
    Id id = 0;
    for (const Payment& payment : payments_of(tx, order_id)) id = std::max(id, payment.id);
    return id;
  }
  OrderMoney money(Id order_id) {
    return fair().read([&](db::Tx& tx) { return money_of(tx, find_order(tx, order_id).value()); });
  }
  void more_tickets() {
    fair().write([&](db::Tx& tx) {
      TicketType type = *load_catalogue(tx, fair().conference_id, fair().settings)->ticket_type("individual");
      type.total_quantity = 10;
      save(tx, type);
    });
  }
  Id more_tickets_and_order(const std::string& who) {
    more_tickets();
    return ordered(who);
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
  EXPECT_EQ(fair().read([&](db::Tx& tx) {
    return balance_of(tx, *catalogue_now(tx, fair().shop, fair().conference_id), find_order(tx, id).value());
  }),
            2'500);
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
  const auto of = [&](std::int64_t amount) {
    return payment_fee(*catalogue(), fair().get(id), PayWay::card, amount);
  };
  EXPECT_EQ(of(33), 35) << "0.495 of a cent is none";
  EXPECT_EQ(of(100), 37) << "half a cent is one: 1.5";
  EXPECT_EQ(of(0), 0) << "what is free costs nothing to pay";
  EXPECT_EQ(fair().get(id).total, 10'000) << "nobody has chosen yet";
  const auto set = [&](std::optional<PayWay> way) {
    const auto sold = catalogue();
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, id).value();
      return set_payment_fee(tx, *sold, order, way, {"site", "buyer", ""});
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
      set_payment_fee(tx, *sold, order, way, {"site", "buyer", ""});
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

// What became due of a sold order: 25.00 more.
TEST_P(PaymentTerms, ALaterBalanceCostsTheFeeOfItsWayAndTheLineComesWithTheMoney) {
  set_up([](PaymentSetup& s) {
    s.card_fee_percent = Decimal(2);
    s.transfer_fee_amount = 119;
  });
  const Id by_card = dearer(ordered(), 2'500);
  EXPECT_EQ(fair().get(by_card).total, 12'500 + 200) << "the first payment's fee is a part of it";
  EXPECT_EQ(payment_fee(*catalogue(), fair().get(by_card), PayWay::card, 2'500), 50);
  const PayResult declined = fair().pay(by_card, "4000 0000 0000 0002");
  EXPECT_EQ(declined.outcome, ChargeOutcome::declined);
  EXPECT_EQ(fair().get(by_card).total, 12'700) << "nothing came, so nothing is added";
  EXPECT_EQ(fair().pay(by_card).outcome, ChargeOutcome::succeeded);
  Order order = fair().get(by_card);
  EXPECT_EQ(order.total, 12'750);
  EXPECT_EQ(order.status, OrderStatus::paid);
  EXPECT_EQ(lines_left(order.lines).back().description, "Fee for paying by card");
  EXPECT_EQ(money(by_card).due(), 0);
  EXPECT_EQ(money(by_card).to_refund(), 0);
  EXPECT_EQ(Fair::refusal([&] { fair().pay(by_card); }), "not_payable");
}

TEST_P(PaymentTerms, ALateAnswerForABalanceBringsItsFeeToo) {
  set_up([](PaymentSetup& s) { s.card_fee_percent = Decimal(2); });
  const Id id = dearer(ordered(), 2'500);
  EXPECT_EQ(fair().pay(id, "4000 0000 0000 0077").outcome, ChargeOutcome::processing);
  EXPECT_EQ(fair().get(id).total, 12'700);
  const auto settled = fair().write([&](db::Tx& tx) {
    return settle(tx, fair().shop, newest(tx, id), true, {"sandbox", "system", ""});
  });
  EXPECT_EQ(settled, Settled::balance_paid);
  EXPECT_EQ(fair().get(id).total, 12'750);
  EXPECT_EQ(money(id).due(), 0);
}

TEST_P(PaymentTerms, ABalanceByTransferIsTheAmountThatItsBuyerWasTold) {
  set_up([](PaymentSetup& s) {
    s.card_fee_percent = Decimal(2);
    s.transfer_fee_amount = 119;
  });
  const Id id = dearer(ordered(), 2'500);
  EXPECT_EQ(balance(id), 2'500) << "nobody has chosen a transfer";
  choose(id);
  EXPECT_EQ(balance(id), 2'619);
  EXPECT_EQ(fair().get(id).total, 12'700);
  const Id by_hand = dearer(more_tickets_and_order("bob"), 2'500);
  choose(by_hand);
  fair().write([&](db::Tx& tx) {
    Order order = find_order(tx, by_hand).value();
    EXPECT_EQ(payable_by_hand(tx, *catalogue_now(tx, fair().shop, fair().conference_id), order), 2'619);
    const MoneyIn taken =
        record_manual_payment(tx, fair().shop, order, {.amount = 2'619}, {"manage", "eve", ""});
    EXPECT_EQ(taken.due, 0);
  });
  EXPECT_EQ(fair().get(by_hand).total, 12'819);
  EXPECT_EQ(money(by_hand).to_refund(), 0);
  MoneyIn in = transferred(id, 2'500);
  EXPECT_EQ(in.due, 119) << "the fee stays due";
  EXPECT_EQ(fair().get(id).total, 12'819);
  EXPECT_EQ(fair().get(id).attention, "balance due");
  EXPECT_EQ(balance(id), 119);
  in = transferred(id, 119);
  EXPECT_EQ(in.owed_back, 0);
  EXPECT_EQ(money(id).due(), 0) << "no fee on a fee";
  EXPECT_EQ(money(id).to_refund(), 0);
  EXPECT_EQ(fair().get(id).total, 12'819);
}

// What was announced stays, whatever comes in of it by whatever way.
TEST_P(PaymentTerms, APartPaymentLeavesWhatWasAnnounced) {
  set_up([](PaymentSetup& s) { s.transfer_fee_percent = Decimal(1); });
  const Id id = ordered();
  choose(id);
  EXPECT_EQ(balance(id), 10'100);
  EXPECT_EQ(transferred(id, 4'000).due, 6'100);
  EXPECT_EQ(balance(id), 6'100);
  set_up([](PaymentSetup& s) { s.transfer_fee_percent = Decimal(5); });
  EXPECT_EQ(balance(id), 6'100) << "nor does another set-up change it";
  open_card_form(id);
  EXPECT_EQ(balance(id), 6'100) << "nor a card form that was left";
  EXPECT_EQ(transferred(id, 6'000).due, 100);
  EXPECT_EQ(balance(id), 100) << "the fee is left, and no more";
  EXPECT_FALSE(open_card_form(id)) << "a card would pay what is left as it is";
  EXPECT_EQ(fair().get(id).total, 10'100);
  const MoneyIn in = transferred(id, 100);
  EXPECT_TRUE(in.became_paid);
  EXPECT_EQ(in.owed_back, 0);
  EXPECT_EQ(fair().get(id).total, 10'100);
}

TEST_P(PaymentTerms, WhatIsLeftOfAFeeIsPaidByCardOrWaivedAsItIs) {
  more_tickets();
  set_up([](PaymentSetup& s) {
    s.transfer_fee_percent = Decimal(1);
    s.card_fee_percent = Decimal(2);
  });
  for (const std::int64_t came : {10'000, 10'040}) {
    const Id by_card = ordered("ada" + std::to_string(came));
    choose(by_card);
    transferred(by_card, came);
    open_card_form(by_card);
    EXPECT_EQ(fair().pay(by_card).outcome, ChargeOutcome::succeeded);
    EXPECT_EQ(fair().get(by_card).total, 10'100);
    const Id waived = ordered("bob" + std::to_string(came));
    choose(waived);
    transferred(waived, came);
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, waived).value();
      waive_balance(tx, fair().shop, order, {.note = "small change"}, {"manage", "eve", ""});
    });
    for (const Id id : {by_card, waived}) {
      EXPECT_EQ(fair().get(id).status, OrderStatus::paid);
      EXPECT_EQ(money(id).due(), 0);
      EXPECT_EQ(money(id).overpaid(), 0);
    }
  }
}

TEST_P(PaymentTerms, APartOfABalanceBringsItsFeeOnce) {
  set_up([](PaymentSetup& s) { s.transfer_fee_percent = Decimal(1); });
  const Id id = dearer(ordered(), 2'500);
  choose(id);
  EXPECT_EQ(balance(id), 2'525);
  EXPECT_EQ(transferred(id, 1'000).due, 1'525);
  EXPECT_EQ(balance(id), 1'525);
  EXPECT_EQ(fair().get(id).total, 12'525);
  EXPECT_EQ(transferred(id, 1'524).due, 1);
  EXPECT_EQ(balance(id), 1);
  EXPECT_EQ(transferred(id, 1).due, 0);
  EXPECT_EQ(money(id).overpaid(), 0);
  EXPECT_EQ(balance(id), 0);
}

TEST_P(PaymentTerms, AnotherBalanceEndsTheTermOfASoldOrder) {
  set_up([](PaymentSetup& s) { s.transfer_fee_percent = Decimal(1); });
  const Id id = dearer(ordered(), 2'500);
  EXPECT_TRUE(choose(id).is_new);
  EXPECT_FALSE(choose(id).is_new);
  fair().write([&](db::Tx& tx) {
    Order order = find_order(tx, id).value();
    WantedChange wanted;
    wanted.repriced.push_back({lines_left(order.lines).at(0).id, 14'000});
    change_by_staff(tx, fair().shop, order, wanted, order.version, {"admin", "eve", ""});
  });
  EXPECT_EQ(balance(id), 4'000) << "nobody was told of a transfer of this";
  EXPECT_TRUE(choose(id).is_new);
  EXPECT_EQ(balance(id), 4'040);
  EXPECT_EQ(transferred(id, 4'040).due, 0);
  EXPECT_EQ(money(id).overpaid(), 0);
}

// Any sequence of parts: their sum is what was announced, and nothing is left over or comes back.
TEST_P(PaymentTerms, PartsOfWhatWasAnnouncedPayItToTheCent) {
  set_up([](PaymentSetup& s) { s.card_fee_percent = *Decimal::parse("1.75"); });
  fair().write([&](db::Tx& tx) {
    TicketType type = *load_catalogue(tx, fair().conference_id, fair().settings)->ticket_type("individual");
    type.total_quantity = 0;
    save(tx, type);
  });
  fair().shop.limits.enabled = false;
  SeededRandom random(GetParam() == db::Engine::sqlite ? 1 : 2);
  const auto below = [&](std::int64_t limit) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(limit)));
  };
  for (int round = 0; round < (GetParam() == db::Engine::sqlite ? 60 : 20); ++round) {
    SCOPED_TRACE(round);
    set_up([&](PaymentSetup& s) {
      s.transfer_fee_percent = Decimal::scaled(below(2'500), 2);
      s.transfer_fee_amount = below(300);
    });
    Id id = ordered("ada" + std::to_string(round));
    if (round % 2 == 1) dearer(id, 1 + below(9'000));
    choose(id);
    const std::int64_t announced = balance(id);
    std::int64_t left = announced;
    while (left > 0) {
      switch (below(4)) {
        case 0:
          open_card_form(id);
          break;
        case 1:
          set_up([&](PaymentSetup& s) { s.transfer_fee_percent = Decimal::scaled(below(2'500), 2); });
          break;
        default:
          const std::int64_t part = below(3) == 0 ? left : 1 + below(left);
          const MoneyIn in = below(2) == 0 ? transferred(id, part) : handed_in(id, part);
          left -= part;
          EXPECT_EQ(in.due, left);
          EXPECT_EQ(in.owed_back, 0);
          break;
      }
      EXPECT_EQ(balance(id), left) << "of " << announced;
    }
    EXPECT_EQ(fair().get(id).status, OrderStatus::paid);
    EXPECT_EQ(money(id).due(), 0);
    EXPECT_EQ(money(id).overpaid(), 0);
  }
}

TEST_P(PaymentTerms, AfterItsTermABalanceCostsTheFeeWhenThatCameToo) {
  set_up([](PaymentSetup& s) { s.transfer_fee_amount = 119; });
  for (const std::int64_t came : {2'500, 2'619}) {
    const Id id = dearer(ordered("ada" + std::to_string(came)), 2'500);
    const Instant ends_at = choose(id).term.ends_at;
    fair().clock.set(ends_at + Duration::hours(1));
    const MoneyIn in = transferred(id, came);
    EXPECT_EQ(in.due, 0);
    EXPECT_EQ(in.owed_back, 0);
    EXPECT_EQ(money(id).due(), 0);
    EXPECT_EQ(fair().get(id).total, 10'000 + came);
    more_tickets();
    fair().clock.set(at("2027-04-01T10:00:00Z"));
  }
}

TEST_P(PaymentTerms, WhatIsTakenByHandOrWaivedHoldsNoFeeOfACardFormThatWasLeft) {
  set_up([](PaymentSetup& s) { s.card_fee_amount = 500; });
  const auto opened = [&](const std::string& who) {
    const Id id = ordered(who);
    const auto sold = catalogue();
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, id).value();
      set_payment_fee(tx, *sold, order, PayWay::card, {"site", "buyer", ""});
    });
    EXPECT_EQ(fair().get(id).total, 10'500);
    return id;
  };
  more_tickets();
  const Id cash = opened("ada");
  const auto take = [&](Id id, std::int64_t amount) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, id).value();
      EXPECT_EQ(payable_by_hand(tx, *catalogue_now(tx, fair().shop, fair().conference_id), order), 10'000);
      return record_manual_payment(tx, fair().shop, order, {.amount = amount, .channel = ManualChannel::cash},
                                   {"manage", "eve", ""});
    });
  };
  EXPECT_EQ(Fair::refusal([&] { take(cash, 10'500); }), "above_balance");
  EXPECT_TRUE(take(cash, 10'000).became_paid);
  EXPECT_EQ(fair().get(cash).total, 10'000);
  const Id waived = opened("bob");
  fair().write([&](db::Tx& tx) {
    Order order = find_order(tx, waived).value();
    EXPECT_TRUE(
        waive_balance(tx, fair().shop, order, {.note = "a guest"}, {"manage", "eve", ""}).became_paid);
  });
  EXPECT_EQ(fair().get(waived).total, 10'000);
}

TEST_P(PaymentTerms, ALateTransferRevivesAnOrderWhoseCardFormWasOpenedInVain) {
  set_up([](PaymentSetup& s) {
    s.card_fee_amount = 500;
    s.transfer_fee_amount = 119;
  });
  const Id id = ordered();
  choose(id);
  const auto sold = catalogue();
  fair().write([&](db::Tx& tx) {
    Order order = find_order(tx, id).value();
    set_payment_fee(tx, *sold, order, PayWay::card, {"site", "buyer", ""});
  });
  fair().clock.set(at("2027-04-09T10:00:00Z"));
  fair().sweep();
  EXPECT_EQ(fair().get(id).status, OrderStatus::cancelled);
  EXPECT_TRUE(transferred(id, 10'119).became_paid);
  EXPECT_EQ(fair().get(id).status, OrderStatus::paid);
  EXPECT_EQ(fair().get(id).total, 10'119);
  EXPECT_EQ(money(id).to_refund(), 0);
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

// Nobody looked in time: the server was down when it ended.
TEST_P(PaymentTerms, MoneyThatCameInKeepsAnOrderAlsoAfterItsTimeWhereThereIsRoom) {
  Voucher half;
  half.conference_id = fair().conference_id;
  half.code = "HALF";
  half.type = VoucherType::fixed_amount;
  half.amount = 1000;
  half.budget = 1000;
  half.max_units.reset();
  const auto uses = [&] {
    return fair().read(
        [&](db::Tx& tx) { return times_used(tx, find_voucher(tx, fair().conference_id, "HALF").value()); });
  };
  fair().write([&](db::Tx& tx) { return save(tx, half); });
  const auto part = [&](Id id, std::int64_t amount) {
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, id).value();
      ManualPayment payment;
      payment.amount = amount;
      return record_manual_payment(tx, fair().shop, order, payment, {"admin", "eve", ""});
    });
  };
  const auto ada = fair().guest("ada");
  fair().add(ada, "individual");
  fair().write([&](db::Tx& tx) { return apply_voucher(tx, fair().shop, ada, "HALF"); });
  const Id kept = fair().order(ada, "ada@example.org").order_id;
  part(kept, 4000);
  fair().clock.advance(Duration::hours(3));
  EXPECT_EQ(uses(), 0);
  EXPECT_GE(fair().sweep(), 1);
  EXPECT_EQ(fair().get(kept).status, OrderStatus::pending);
  EXPECT_EQ(fair().get(kept).hold_expires_at, fair().clock.now() + kept_for_staff);
  EXPECT_EQ(fair().get(kept).attention, attention_partly_paid);
  EXPECT_EQ(uses(), 1);
  EXPECT_EQ(fair().remaining("individual"), 0);
  EXPECT_EQ(fair().sweep(), 0);
  part(kept, fair().get(kept).total - 4000);
  EXPECT_EQ(fair().get(kept).status, OrderStatus::paid);
}

TEST_P(PaymentTerms, MoneyThatCameInKeepsNoOrderWhoseTicketSomebodyHas) {
  const Id order = ordered();
  fair().write([&](db::Tx& tx) {
    Order found = find_order(tx, order).value();
    ManualPayment payment;
    payment.amount = 4000;
    return record_manual_payment(tx, fair().shop, found, payment, {"admin", "eve", ""});
  });
  fair().clock.advance(Duration::hours(3));
  fair().add(fair().guest("bob"), "individual");
  EXPECT_GE(fair().sweep(), 1);
  EXPECT_EQ(fair().get(order).status, OrderStatus::cancelled);
  EXPECT_EQ(fair().get(order).attention, attention_owed);
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
