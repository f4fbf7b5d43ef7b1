// What whoever wants more than was paid for tries, and what comes late or at the wrong moment: money for
// orders that are over, other ways to pay while a form is open, answers of a provider between two steps of a
// buyer. Every test ends with a ledger that adds up. source: payments 21, 10.2 and P9 to P15; docs/orders.md.
#include "domain/registration/changing.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/provider_payments.hpp"

namespace plenary::registration::testing {
namespace {

class Hostile : public Changing {
 protected:
  void SetUp() override {
    Sale::SetUp();
    clock().set(Instant::parse("2027-04-01T10:00:00Z").value());
    open_fair();
    offer_self_service();
  }
  void TearDown() override {
    EXPECT_EQ(fair().read([&](db::Tx& tx) { return verify_ledger(tx, fair().conference_id); }),
              std::vector<std::string>());
    Sale::TearDown();
  }
  WantedChange a_shirt(const std::string& size, std::int64_t quantity = 1) {
    return {.added = {{ProductKind::addon, product("shirt"), variations[size], quantity, {}}}};
  }
  void set_up(const std::function<void(PaymentSetup&)>& change) {
    fair().write([&](db::Tx& tx) {
      PaymentSetup setup = payment_setup_of(tx, fair().conference_id);
      setup.offers_transfer = true;
      setup.account_holder = "Fair e. V.";
      setup.iban = "DE89370400440532013000";
      change(setup);
      EXPECT_TRUE(save_payment_setup(tx, setup));
    });
  }
  // A card form is open at the provider: what it asks for.
  Id card_form(Id order_id) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      set_payment_fee(tx, *catalogue_now(tx, fair().shop, fair().conference_id), order, PayWay::card, buyer);
      const Id id = note_intention(tx, order, payable_now(tx, fair().shop, order));
      set_intent(tx, id, "pi_" + std::to_string(id));
      return id;
    });
  }
  Payment payment(Id id) {
    return fair().read([&](db::Tx& tx) { return find_payment(tx, id).value(); });
  }
  // The provider has what the form asked for.
  Settled webhook(Id payment_id) {
    const std::int64_t amount = payment(payment_id).amount;
    return fair().write([&](db::Tx& tx) {
      return settle_received(tx, fair().shop, payment_id, {.amount = amount, .currency = "USD"},
                             {"webhook", "Stripe", ""});
    });
  }
  void choose_transfer_for(Id order_id) {
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      choose_transfer(tx, fair().shop, order, buyer);
    });
  }
  Id give(Id user, std::int64_t amount) {
    return fair().write([&](db::Tx& tx) {
      Credit credit;
      credit.conference_id = fair().conference_id;
      credit.user_id = user;
      credit.amount = amount;
      return give_credit(tx, credit).id;
    });
  }
  // Taken off shirts, for so many units.
  Id limited(const std::string& name, int percent, std::int64_t units) {
    return fair().write([&](db::Tx& tx) {
      Condition condition;
      condition.conference_id = fair().conference_id;
      condition.name = name;
      condition.percent = Decimal(percent);
      condition.ticket_scope = Scope::none;
      condition.usage_limit = units;
      return save_condition(tx, condition);
    });
  }
  // A voucher of 50 percent for any number of units and orders.
  Id with_budget(const std::string& code, std::int64_t budget, Scope tickets = Scope::all) {
    return fair().write([&](db::Tx& tx) {
      Voucher voucher;
      voucher.conference_id = fair().conference_id;
      voucher.code = code;
      voucher.type = VoucherType::percentage;
      voucher.percent = Decimal(50);
      voucher.max_uses = 20;
      voucher.max_units.reset();
      voucher.budget = budget;
      voucher.ticket_scope = tickets;
      return save(tx, voucher);
    });
  }
  std::int64_t left_of(StockKind kind, Id id) {
    return fair().read([&](db::Tx& tx) {
      const StockLevels levels = kind == StockKind::condition ? stock_levels(tx, fair().conference_id)
                                                              : voucher_levels(tx, fair().conference_id, id);
      const StockLevel* level = levels.find(kind, id);
      return level ? level->remaining().value_or(-1) : -2;
    });
  }
  using Changing::self_change;
  StartedChange self_change(Id order_id, const WantedChange& wanted, std::int64_t shown) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return change_by_buyer(tx, fair().shop, fair().gateway, order, wanted, order.version, shown, buyer);
    });
  }
  // The late answer of the sandbox: it succeeded.
  Settled answer(Id payment) {
    return fair().write([&](db::Tx& tx) {
      return settle(tx, fair().shop, payment, true, {"sandbox", "system", "late answer"});
    });
  }
  std::optional<OrderChange> waiting(Id order_id) {
    return fair().read([&](db::Tx& tx) { return waiting_change(tx, order_id); });
  }
};
ON_BOTH_ENGINES(Hostile);

// A part was paid by credit, which went back with the time; the card brings the rest, late.
TEST_P(Hostile, LateCardMoneyThatIsNotEnoughGoesBack) {
  const Id ada = person("ada");
  const Order order = ordered({{"student", "", 1}}, fair().user(ada, "ada"));
  const Id credit = give(ada, 3000);
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, order.id).value();
    apply_credit(tx, fair().shop, now, credit, buyer);
  });
  const Id card = card_form(order.id);
  EXPECT_EQ(payment(card).amount, 2000);
  fair().clock.advance(Duration::minutes(31));
  fair().sweep();
  EXPECT_EQ(fair().get(order.id).status, OrderStatus::cancelled);
  EXPECT_EQ(webhook(card), Settled::refunded_not_needed);
  EXPECT_EQ(money(order.id).kept, 0) << "it does not stay with an order that is over";
  EXPECT_EQ(money(order.id).requested, 2000);
  EXPECT_EQ(fair().get(order.id).status, OrderStatus::cancelled);
}

// What was sent back at the provider of an unpaid order is not here any more.
TEST_P(Hostile, MoneyThatWentBackPaysNothing) {
  const Order order = ordered({{"student", "", 1}}, fair().guest("ada"));
  const Id first = card_form(order.id);
  fair().write([&](db::Tx& tx) {
    settle_received(tx, fair().shop, first, {.amount = 3000, .currency = "USD"}, {"webhook", "Stripe", ""});
    return take_refund(tx, fair().shop, find_payment(tx, first).value(),
                       {.provider_id = "re_1", .amount = 2000}, {"webhook", "Stripe", ""});
  });
  EXPECT_EQ(money(order.id).kept, 1000);
  const Id second = card_form(order.id);
  EXPECT_EQ(payment(second).amount, 4000);
  EXPECT_EQ(webhook(second), Settled::paid);
  EXPECT_EQ(money(order.id).kept, 5000);
  EXPECT_EQ(faults_of(order.id), "");
}

// The form of a card stays open in one tab, a transfer is chosen in another.
TEST_P(Hostile, ACardPaysWhatItsFormAskedForWhateverWayWasChosenSince) {
  for (const bool transfer_is_dearer : {true, false}) {
    set_up([&](PaymentSetup& s) {
      s.card_fee_amount = 100;
      s.transfer_fee_amount = transfer_is_dearer ? 500 : 20;
    });
    const Order order = ordered({{"student", "", 1}}, fair().guest(transfer_is_dearer ? "ada" : "bob"));
    const Id card = card_form(order.id);
    EXPECT_EQ(payment(card).amount, 5100);
    choose_transfer_for(order.id);
    EXPECT_EQ(webhook(card), Settled::paid);
    const Order now = fair().get(order.id);
    EXPECT_EQ(now.total, 5100);
    EXPECT_EQ(lines_left(now.lines).back().description, "Fee for paying by card");
    EXPECT_EQ(money(order.id).overpaid(), 0);
    EXPECT_EQ(faults_of(order.id), "");
  }
}

// Taking something back and adding something at once: the provider's answer for the first comes in between.
TEST_P(Hostile, ARefundThatIsSettledMeanwhileLeavesTheChangeThatWaits) {
  OtherGateway provider;
  provider.at_once = false;
  const Order order = paid({{"individual"}, {"shirt", "m", 1}});
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, order.id).value();
    const WantedChange back{.taken_back = {{line_of(order, "shirt"), 1, {}}}};
    change_by_buyer(tx, fair().shop, provider, now, back, now.version, -2500, buyer);
  });
  const StartedChange started = self_change(order.id, a_shirt("xl"));
  EXPECT_EQ(started.to_pay, 3000);
  fair().write([&](db::Tx& tx) {
    const Id refund = refunds_of(tx, order.id).at(0).id;
    return settle_refund(tx, fair().shop, refund, {RefundOutcome::succeeded, "re_1", ""}, staff);
  });
  EXPECT_EQ(fair().get(order.id).status, OrderStatus::partially_refunded);
  EXPECT_EQ(fair().pay(order.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair().get(order.id).total, 11900 + 3000);
  EXPECT_EQ(money(order.id).due(), 0);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(Hostile, AChangeCostsWhatItDidWhenItWasWanted) {
  fair().write([&](db::Tx& tx) {
    Condition early;
    early.conference_id = fair().conference_id;
    early.name = "early";
    early.kind = ConditionKind::time_limit;
    early.discount_type = DiscountType::percentage;
    early.percent = Decimal(20);
    early.end_time = tx.now() + Duration::minutes(5);
    save_condition(tx, early);
  });
  const Order order = paid({{"individual"}});
  const StartedChange started = self_change(order.id, a_shirt("m"));
  EXPECT_EQ(started.to_pay, 2000);
  fair().clock.advance(Duration::minutes(10));
  EXPECT_EQ(fair().pay(order.id).outcome, ChargeOutcome::succeeded) << "within its time";
  EXPECT_EQ(fair().get(order.id).total, 11900 * 8 / 10 + 2000);
  EXPECT_EQ(faults_of(order.id), "");
}

// Less than its form asked for makes no change: it is kept, and somebody looks at it. source: 21, 10.2.
TEST_P(Hostile, LessThanAChangeCostsMakesNoChange) {
  const Order order = paid({{"individual"}});
  self_change(order.id, a_shirt("xl", 2));
  const Id form = card_form(order.id);
  const std::int64_t asked = payment(form).amount;
  const auto settled = fair().write([&](db::Tx& tx) {
    return settle_received(tx, fair().shop, form, {.amount = asked - 1, .currency = "USD"},
                           {"webhook", "Stripe", ""});
  });
  EXPECT_EQ(settled, Settled::short_payment);
  const Order now = fair().get(order.id);
  EXPECT_EQ(now.total, order.total) << "no shirt";
  EXPECT_EQ(now.attention, "short payment");
  EXPECT_EQ(money(order.id).kept, order.total + asked - 1);
  EXPECT_EQ(faults_of(order.id), "");
}

// A bank that is asked may say yes: until then nobody pays a second time, and nobody cancels. source: 21, 8.
TEST_P(Hostile, AnOrderWhoseDebitRunsIsNeitherPaidByHandNorCancelled) {
  const Order order = ordered({{"individual"}}, fair().guest("ada"));
  const Id debit = card_form(order.id);
  fair().write([&](db::Tx& tx) { return set_processing(tx, debit); });
  const auto act = [&](auto&& what) {
    return Fair::refusal([&] {
      fair().write([&](db::Tx& tx) {
        Order now = find_order(tx, order.id).value();
        what(tx, now);
        return 0;
      });
    });
  };
  EXPECT_EQ(act([&](db::Tx& tx, Order& now) { cancel(tx, fair().shop, now, buyer); }), "payment_running");
  EXPECT_EQ(act([&](db::Tx& tx, Order& now) {
              cancel_by_buyer(tx, fair().shop, fair().gateway, now, now.version, 0, buyer);
            }),
            "payment_running");
  EXPECT_EQ(act([&](db::Tx& tx, Order& now) {
              cancel_by_staff(tx, fair().shop, fair().gateway, now, {}, now.version, staff);
            }),
            "payment_running");
  EXPECT_EQ(act([&](db::Tx& tx, Order& now) {
              ManualPayment by_hand;
              by_hand.amount = now.total;
              record_manual_payment(tx, fair().shop, now, by_hand, staff);
            }),
            "payment_running");
  EXPECT_EQ(fair().get(order.id).status, OrderStatus::pending);
  EXPECT_EQ(money(order.id).kept, 0);
}

TEST_P(Hostile, AChangeIsKeptWhileItsPaymentIsProcessed) {
  const Order order = paid({{"individual"}});
  const StartedChange started = self_change(order.id, a_shirt("xl", 2));
  const Id debit = card_form(order.id);
  fair().write([&](db::Tx& tx) { return set_processing(tx, debit); });
  fair().clock.advance(Duration::days(3));
  fair().sweep();
  ASSERT_TRUE(waiting(order.id)) << "a bank's answer to a debit takes days";
  EXPECT_EQ(waiting(order.id)->id, started.change_id);
  EXPECT_EQ(
      Fair::refusal([&] {
        const Visitor late = fair().guest("late");
        fair().write([&](db::Tx& tx) { return add_addon(tx, fair().shop, late, {"shirt", 1, "xl", {}}); });
      }),
      "sold_out");
  EXPECT_EQ(webhook(debit), Settled::changed);
  EXPECT_EQ(fair().get(order.id).total, 11900 + 6000);
  EXPECT_EQ(faults_of(order.id), "");
}

// Held for two weeks while a bank works on it, and then for two weeks less three days for nobody.
TEST_P(Hostile, AFailedDebitKeepsItsPlacesNoLongerThanAnUnpaidOrder) {
  constexpr Duration normal = Duration::minutes(15);
  const auto fail = [&](Id payment) {
    EXPECT_TRUE(
        fair().write([&](db::Tx& tx) { return set_failed(tx, payment, "insufficient_funds", normal); }));
    EXPECT_FALSE(
        fair().write([&](db::Tx& tx) { return set_failed(tx, payment, "insufficient_funds", normal); }));
  };
  const auto held = [&](Id order) { return fair().get(order).hold_expires_at.value() - fair().clock.now(); };
  const Order order = ordered({{"shirt", "xl", 1}}, fair().guest("ada"));
  const Id debit = card_form(order.id);
  fair().write([&](db::Tx& tx) { return set_processing(tx, debit); });
  EXPECT_EQ(held(order.id), Duration::days(14));
  fair().clock.advance(Duration::days(3));
  fail(debit);
  EXPECT_EQ(held(order.id), Duration::days(1)) << "nobody sits in front of the page";
  EXPECT_EQ(fair().get(order.id).status, OrderStatus::pending);
  EXPECT_EQ(fair().read([&](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT COUNT(*) FROM outbox WHERE payload LIKE '%\"payment_failed\"%'");
  }),
            1);
  EXPECT_EQ(faults_of(order.id), "");

  const Order quick = ordered({{"shirt", "xl", 1}}, fair().guest("bob"));
  const Id wallet = card_form(quick.id);
  fair().write([&](db::Tx& tx) { return set_processing(tx, wallet); });
  fair().clock.advance(Duration::minutes(2));
  fail(wallet);
  EXPECT_EQ(held(quick.id), normal) << "the buyer still sits there";

  fair().clock.advance(Duration::days(1));
  fair().sweep();
  for (const Id id : {order.id, quick.id}) EXPECT_EQ(fair().get(id).status, OrderStatus::cancelled);
  const Visitor next = fair().guest("next");
  fair().write([&](db::Tx& tx) { return add_addon(tx, fair().shop, next, {"shirt", 2, "xl", {}}); });
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(Hostile, AChangeIsKeptNoLongerThanItsFailedDebit) {
  const Order order = paid({{"individual"}});
  self_change(order.id, a_shirt("xl", 2));
  const Id debit = card_form(order.id);
  fair().write([&](db::Tx& tx) { return set_processing(tx, debit); });
  fair().clock.advance(Duration::days(3));
  fair().write(
      [&](db::Tx& tx) { return set_failed(tx, debit, "insufficient_funds", Duration::minutes(15)); });
  ASSERT_TRUE(waiting(order.id));
  EXPECT_EQ(waiting(order.id)->expires_at, fair().clock.now() + Duration::days(1));
  fair().clock.advance(Duration::days(1));
  fair().sweep();
  EXPECT_FALSE(waiting(order.id));
  const Visitor next = fair().guest("next");
  fair().write([&](db::Tx& tx) { return add_addon(tx, fair().shop, next, {"shirt", 2, "xl", {}}); });
  EXPECT_EQ(faults_of(order.id), "");
}

// The order was made cheaper, and what was too much stays noted for it.
TEST_P(Hostile, WhatWasPaidTooMuchPaysAChangeAtOnce) {
  const Order order = paid({{"individual"}});
  change(order.id, {.repriced = {{line_of(order, "individual"), 8900}}});
  EXPECT_EQ(money(order.id).to_refund(), 3000);
  const StartedChange started = self_change(order.id, a_shirt("m"));
  EXPECT_EQ(started.change_id, 0) << "there is nothing to wait for";
  EXPECT_EQ(fair().get(order.id).total, 8900 + 2500);
  EXPECT_EQ(money(order.id).to_refund(), 500);
  EXPECT_EQ(fair().get(order.id).attention, attention_owed);
  const StartedChange rest = self_change(order.id, a_shirt("m"));
  EXPECT_EQ(rest.to_pay, 2000);
  EXPECT_EQ(faults_of(order.id), "");
}

// ---- limited discounts and budgets while a change waits

TEST_P(Hostile, AWaitingChangeHoldsTheLastUnitOfADiscount) {
  const Id early = limited("early", 20, 1);
  const Order adas = paid({{"individual"}}), bobs = paid({{"individual"}}, fair().guest("bob"));
  const StartedChange first = self_change(adas.id, a_shirt("m"));
  EXPECT_EQ(first.to_pay, 2000);
  EXPECT_EQ(left_of(StockKind::condition, early), 0);
  // The second has looked at his price before; he is told before he pays anything.
  EXPECT_EQ(Fair::refusal([&] { self_change(bobs.id, a_shirt("m"), 2000); }), "changed_meanwhile");
  EXPECT_FALSE(waiting(bobs.id));
  EXPECT_EQ(self_change(bobs.id, a_shirt("m")).to_pay, 2500);
  // Nobody who buys meanwhile takes it away.
  EXPECT_EQ(paid({{"shirt", "s"}}, fair().guest("carol")).total, 2500);
  EXPECT_EQ(fair().stock_faults(), "");
  EXPECT_EQ(fair().pay(bobs.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair().pay(adas.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair().get(adas.id).total, 11900 + 2000);
  EXPECT_EQ(fair().get(bobs.id).total, 11900 + 2500);
  EXPECT_EQ(money(adas.id).due(), 0);
  EXPECT_EQ(left_of(StockKind::condition, early), 0);
  EXPECT_EQ(fair().stock_faults(), "");
  // Taken back it is there again.
  change(adas.id, {.taken_back = {{line_of(fair().get(adas.id), "shirt"), 1, {}}}});
  EXPECT_EQ(left_of(StockKind::condition, early), 1);
  EXPECT_EQ(faults_of(adas.id) + faults_of(bobs.id), "");
}

TEST_P(Hostile, ADiscountIsFreeAgainWhenTheTimeOfTheChangeIsOver) {
  const Id early = limited("early", 20, 1);
  const Order order = paid({{"individual"}});
  self_change(order.id, a_shirt("m"));
  const Id late = fair().pay(order.id, "4000 0000 0000 0077").payment_id;
  fair().clock.advance(Duration::minutes(16));
  EXPECT_EQ(left_of(StockKind::condition, early), 1) << "to the instant";
  EXPECT_EQ(paid({{"shirt", "s"}}, fair().guest("bob")).total, 2000);
  EXPECT_EQ(answer(late), Settled::refunded_not_needed) << "it was promised for a time";
  EXPECT_EQ(fair().get(order.id).total, 11900);
  EXPECT_EQ(money(order.id).kept, 11900);
  EXPECT_EQ(faults_of(order.id), "");
}

// While nobody wants it, late money finds it still there.
TEST_P(Hostile, ALateChangeHasItsDiscountWhileThereIsSome) {
  const Id early = limited("early", 20, 2);
  const Order order = paid({{"individual"}});
  self_change(order.id, a_shirt("m"));
  const Id late = fair().pay(order.id, "4000 0000 0000 0077").payment_id;
  fair().clock.advance(Duration::minutes(16));
  EXPECT_EQ(answer(late), Settled::changed);
  EXPECT_EQ(fair().get(order.id).total, 11900 + 2000);
  EXPECT_EQ(left_of(StockKind::condition, early), 1);
  EXPECT_EQ(faults_of(order.id), "");
}

// What comes back meanwhile makes the change no cheaper: it costs what was shown.
TEST_P(Hostile, UnitsThatComeBackMeanwhileChangeNoPromise) {
  const Id early = limited("early", 20, 2);
  const Visitor bob = fair().guest("bob");
  const Order bobs = ordered({{"shirt", "s"}}, bob);  // holds one of the two
  const Order order = paid({{"individual"}});
  EXPECT_EQ(self_change(order.id, a_shirt("m", 2)).to_pay, 2000 + 2500);
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, bobs.id).value();
    cancel(tx, fair().shop, now, buyer);
  });
  EXPECT_EQ(left_of(StockKind::condition, early), 1);
  EXPECT_EQ(fair().pay(order.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair().get(order.id).total, 11900 + 4500);
  EXPECT_EQ(left_of(StockKind::condition, early), 1);
  EXPECT_EQ(faults_of(order.id), "");
}

// The buyer goes back and wants something else instead: what waited is theirs.
TEST_P(Hostile, ANewChangeHasWhatTheOneBeforeItHeld) {
  const Id early = limited("early", 20, 1);
  const Order order = paid({{"individual"}});
  self_change(order.id, a_shirt("xl", 2));  // both of that size
  EXPECT_EQ(left_of(StockKind::condition, early), 0);
  const StartedChange second = self_change(order.id, a_shirt("xl", 2));
  EXPECT_EQ(second.to_pay, 2400 + 3000);
  EXPECT_EQ(left_of(StockKind::condition, early), 0);
  EXPECT_EQ(fair().stock_faults(), "");
  // And so it is for staff, who end it.
  change(order.id, {.added = {{ProductKind::addon, product("shirt"), variations["xl"], 2, {}}}});
  EXPECT_FALSE(waiting(order.id));
  EXPECT_EQ(fair().get(order.id).total, 11900 + 5400);
  EXPECT_EQ(faults_of(order.id), "");
}

// A discounted unit that goes makes room for one that comes, whoever takes what is left.
TEST_P(Hostile, AnExchangeKeepsItsDiscount) {
  const Id early = limited("early", 20, 1);
  const Order order = paid({{"shirt", "m"}});
  EXPECT_EQ(order.total, 2000);
  const StartedChange started =
      self_change(order.id, {.taken_back = {{line_of(order, "shirt"), 1, {}}},
                             .added = {{ProductKind::addon, product("shirt"), variations["xl"], 1, {}}}});
  EXPECT_EQ(started.to_pay, 400);
  EXPECT_EQ(fair().pay(order.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair().get(order.id).total, 2400);
  EXPECT_EQ(left_of(StockKind::condition, early), 0);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(Hostile, AWaitingChangeHoldsItsPartOfAVouchersBudget) {
  const Id voucher = with_budget("HALF", 6500);
  const auto with_voucher = [&](const std::string& name) {
    const Visitor who = fair().guest(name);
    fair().add(who, "student", 1);
    fair().write([&](db::Tx& tx) { apply_voucher(tx, fair().shop, who, "half"); });
    return paid({}, who);
  };
  const Order adas = with_voucher("ada"), bobs = with_voucher("bob");  // 25.00 off each
  EXPECT_EQ(left_of(StockKind::voucher_budget, voucher), 1500);
  EXPECT_EQ(self_change(adas.id, a_shirt("m")).to_pay, 1250);
  EXPECT_EQ(left_of(StockKind::voucher_budget, voucher), 250);
  EXPECT_EQ(Fair::refusal([&] { self_change(bobs.id, a_shirt("m"), 1250); }), "changed_meanwhile");
  EXPECT_EQ(self_change(bobs.id, a_shirt("m")).to_pay, 2250) << "all that is left";
  EXPECT_EQ(left_of(StockKind::voucher_budget, voucher), 0);
  EXPECT_EQ(fair().stock_faults(), "");
  EXPECT_EQ(fair().pay(adas.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair().pay(bobs.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair().get(adas.id).total, 2500 + 1250);
  EXPECT_EQ(fair().get(bobs.id).total, 2500 + 2250);
  EXPECT_EQ(left_of(StockKind::voucher_budget, voucher), 0);
  // It comes back with what it was for.
  change(adas.id, {.taken_back = {{line_of(fair().get(adas.id), "shirt"), 1, {}}}});
  EXPECT_EQ(left_of(StockKind::voucher_budget, voucher), 1250);
  EXPECT_EQ(faults_of(adas.id) + faults_of(bobs.id), "");
}

// Two discounted units were ordered, staff took one back; then the time was over.
TEST_P(Hostile, LateMoneyUsesOfADiscountWhatIsLeftOfTheOrder) {
  const Id early = limited("early", 20, 2);
  const Order order = ordered({{"shirt", "m", 2}}, fair().guest("ada"));
  change(order.id, {.taken_back = {{line_of(order, "shirt"), 1, {}}}});
  EXPECT_EQ(left_of(StockKind::condition, early), 1);
  const Id card = card_form(order.id);
  fair().clock.advance(Duration::minutes(31));
  fair().sweep();
  EXPECT_EQ(left_of(StockKind::condition, early), 2);
  EXPECT_EQ(webhook(card), Settled::revived);
  EXPECT_EQ(left_of(StockKind::condition, early), 1);
  EXPECT_EQ(faults_of(order.id), "");
}

// The voucher took nothing off what was ordered first.
TEST_P(Hostile, WhatIsAddedLaterCountsAgainstTheBudget) {
  const Id voucher = with_budget("HALF", 2000, Scope::none);
  const Visitor ada = fair().guest("ada");
  fair().add(ada, "student", 1);
  fair().write([&](db::Tx& tx) { apply_voucher(tx, fair().shop, ada, "half"); });
  const Order order = paid({}, ada);
  EXPECT_EQ(order.total, 5000);
  EXPECT_EQ(self_change(order.id, a_shirt("m")).to_pay, 1250);
  EXPECT_EQ(left_of(StockKind::voucher_budget, voucher), 750);
  EXPECT_EQ(fair().pay(order.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(self_change(order.id, a_shirt("m")).to_pay, 1750) << "all that is left";
  EXPECT_EQ(left_of(StockKind::voucher_budget, voucher), 0);
  EXPECT_EQ(faults_of(order.id), "");
}

// An earlier release let such changes wait without holding their discount.
TEST_P(Hostile, AChangeThatHoldsNoDiscountHasItWhileThereIsSome) {
  const Id early = limited("early", 20, 1);
  const Order order = paid({{"individual"}});
  self_change(order.id, a_shirt("m"));
  fair().write([&](db::Tx& tx) {
    const Id stock = tx.one<Id>("SELECT id FROM stock WHERE kind = 'condition' AND product_id = $1", early);
    tx.exec("UPDATE stock SET held = 0 WHERE id = $1", stock);
    tx.exec("DELETE FROM hold WHERE stock_id = $1", stock);
  });
  EXPECT_EQ(fair().pay(order.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair().get(order.id).total, 11900 + 2000);
  EXPECT_EQ(left_of(StockKind::condition, early), 0);
  EXPECT_EQ(faults_of(order.id), "");
}

}  // namespace
}  // namespace plenary::registration::testing
