// Facts about paying with store credit: the table of the payments chapter, who may spend what, and that what
// comes back of such a payment goes to the very credit it came from, never above its amount. source: payments
// 21, 5.4, 7, P15.
#include <gtest/gtest.h>

#include "domain/accounts/types.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/sale.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration::testing {
namespace {

class CreditPayments : public Sale {
 protected:
  void SetUp() override {
    Sale::SetUp();
    clock().set(Instant::parse("2027-04-01T10:00:00Z").value());
    open({.ticket_types = {ticket("t50", 5000, 0, 50), ticket("t100", 10000, 0, 50),
                           ticket("t200", 20000, 0, 50)}});
    fair().shop.limits.enabled = false;
    ada = person("ada");
  }
  Id person(const std::string& name) {
    return fair().write([&](db::Tx& tx) {
      accounts::User user;
      user.username = name;
      return accounts::user_table().insert(tx, user).id;
    });
  }
  Id give(Id user, std::int64_t amount, std::optional<Instant> expires_at = {}) {
    return fair().write([&](db::Tx& tx) {
      Credit credit;
      credit.conference_id = fair().conference_id;
      credit.user_id = user;
      credit.amount = amount;
      credit.currency = "USD";
      credit.expires_at = expires_at;
      return give_credit(tx, credit).id;
    });
  }
  Id ordered(const std::string& slug) {
    const Visitor who = fair().user(ada, "ada");
    fair().add(who, slug);
    return fair().order(who, "ada@example.com").order_id;
  }
  AppliedCredit apply_to(Id order_id, Id credit_id) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return apply_credit(tx, fair().shop, order, credit_id, {"site", "buyer", "paid with a credit"});
    });
  }
  Credit credit(Id id) {
    return fair().read([&](db::Tx& tx) { return credit_table().find(tx, id).value(); });
  }
  void reprice(Id order_id, std::int64_t price) {
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      WantedChange wanted;
      wanted.repriced.push_back({lines_left(order.lines).at(0).id, price});
      change_by_staff(tx, fair().shop, order, wanted, order.version, {"admin", "eve", ""});
    });
  }
  void offer_transfer() {
    fair().write([&](db::Tx& tx) {
      PaymentSetup setup = payment_setup_of(tx, fair().conference_id);
      setup.offers_transfer = true;
      setup.account_holder = "Fair e. V.";
      setup.iban = "DE89370400440532013000";
      setup.transfer_fee_percent = Decimal(1);
      EXPECT_TRUE(save_payment_setup(tx, setup));
    });
  }
  void cancel_order(Id order_id) {
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      cancel(tx, fair().shop, order, {"site", "buyer", "asked for"});
    });
  }
  std::vector<Credit> offered(Id order_id) {
    return fair().read([&](db::Tx& tx) {
      return spendable_credits(tx, *load_catalogue(tx, fair().conference_id, fair().settings),
                               find_order(tx, order_id).value());
    });
  }
  Id ada = 0;
};
ON_BOTH_ENGINES(CreditPayments);

TEST_P(CreditPayments, ACardFormThatIsOpenElsewhereIsGivenUpWhenACreditPaysAll) {
  static std::vector<Id> told;
  static const bool subscribed = [] {
    subscribe_no_longer_due([](db::Tx&, Id order_id) { told.push_back(order_id); });
    return true;
  }();
  ASSERT_TRUE(subscribed);
  told.clear();
  const Id order = ordered("t100");
  EXPECT_FALSE(apply_to(order, give(ada, 4000)).became_paid);
  EXPECT_TRUE(told.empty()) << "something is due still";
  EXPECT_TRUE(apply_to(order, give(ada, 6000)).became_paid);
  EXPECT_EQ(told, std::vector<Id>{order});
}

struct Row {
  const char* slug;
  std::int64_t paid, remaining, applied, after;
  CreditStatus credit;
  OrderStatus order;
  std::int64_t due;
};

TEST_P(CreditPayments, TheTableOfTheChapter) {
  const Row rows[] = {
      {"t100", 0, 10000, 10000, 0, CreditStatus::applied, OrderStatus::paid, 0},
      {"t50", 0, 20000, 5000, 15000, CreditStatus::available, OrderStatus::paid, 0},
      {"t200", 0, 5000, 5000, 0, CreditStatus::applied, OrderStatus::pending, 15000},
      {"t100", 6000, 5000, 4000, 1000, CreditStatus::available, OrderStatus::paid, 0},
  };
  for (const Row& row : rows) {
    const Id order = ordered(row.slug);
    if (row.paid > 0) apply_to(order, give(ada, row.paid));
    const Id id = give(ada, row.remaining);
    const AppliedCredit applied = apply_to(order, id);
    EXPECT_EQ(applied.amount, row.applied) << row.slug;
    EXPECT_EQ(applied.due, row.due) << row.slug;
    EXPECT_EQ(applied.became_paid, row.order == OrderStatus::paid) << row.slug;
    EXPECT_EQ(credit(id).remaining, row.after) << row.slug;
    EXPECT_EQ(credit(id).status, row.credit) << row.slug;
    const Order now = fair().get(order);
    EXPECT_EQ(now.status, row.order) << row.slug;
    EXPECT_EQ(now.hold_expires_at.has_value(), row.order == OrderStatus::pending)
        << "the hold is cleared exactly when the order becomes paid";
    const Payment made = fair().read([&](db::Tx& tx) { return payments_of(tx, order).at(0); });
    EXPECT_EQ(made.method, PaymentMethod::credit);
    EXPECT_EQ(made.credit_id, id) << "the payment names its credit";
  }
}

TEST_P(CreditPayments, AnOrderThatAsksForNothingMoreIsRefused) {
  const Id order = ordered("t100"), id = give(ada, 1000);
  fair().write([&](db::Tx& tx) {
    store::insert_payment(tx, {.order_id = order,
                               .conference_id = fair().conference_id,
                               .method = PaymentMethod::manual,
                               .status = PaymentStatus::succeeded,
                               .amount = 10000,
                               .currency = "USD",
                               .gateway_reference = {},
                               .failure = {},
                               .is_test = true});
  });
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, id); }), "not_payable");
  EXPECT_EQ(credit(id).remaining, 1000);
  fair().write([&](db::Tx& tx) {
    Order paid = find_order(tx, order).value();
    apply(tx, fair().shop, paid, Transition::paid, {"site", "system", ""});
  });
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, id); }), "not_payable") << "nothing is due";
}

// ---- orders that are sold and became dearer

TEST_P(CreditPayments, WhatIsDueOfASoldOrderIsPaidToo) {
  const Id order = ordered("t50");
  fair().pay(order);
  const Id small = give(ada, 2000), large = give(ada, 20000);
  EXPECT_TRUE(offered(order).empty()) << "nothing is due";
  reprice(order, 8000);
  EXPECT_EQ(offered(order).size(), 2u);
  EXPECT_EQ(fair().get(order).attention, attention_due);
  const AppliedCredit part = apply_to(order, small);
  EXPECT_EQ(part.amount, 2000);
  EXPECT_EQ(part.due, 1000);
  EXPECT_FALSE(part.became_paid) << "it was before";
  EXPECT_EQ(fair().get(order).attention, attention_due);
  const AppliedCredit rest = apply_to(order, large);
  EXPECT_EQ(rest.amount, 1000);
  EXPECT_EQ(rest.due, 0);
  EXPECT_EQ(credit(large).remaining, 19000);
  const Order now = fair().get(order);
  EXPECT_EQ(now.status, OrderStatus::paid);
  EXPECT_EQ(now.attention, "");
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return money_of(tx, now).due(); }), 0);
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, large); }), "not_payable");
  // What comes back goes to the very credits.
  reprice(order, 5000);
  fair().write([&](db::Tx& tx) {
    Order cheaper = find_order(tx, order).value();
    refund(tx, fair().shop, fair().gateway, cheaper, {.amount = 3000}, {"admin", "eve", ""});
  });
  EXPECT_EQ(credit(large).remaining, 20000);
  EXPECT_EQ(credit(small).remaining, 2000);
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return verify_ledger(tx, fair().conference_id); }),
            std::vector<std::string>());
}

TEST_P(CreditPayments, ASoldOrderWhoseCardPaymentRunsIsNotPaidTwice) {
  const Id order = ordered("t50"), id = give(ada, 20000);
  fair().pay(order);
  reprice(order, 8000);
  EXPECT_EQ(fair().pay(order, "4000 0000 0000 0077").outcome, ChargeOutcome::processing);
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, id); }), "payment_running");
  EXPECT_EQ(credit(id).remaining, 20000);
}

// ---- fees of other ways

TEST_P(CreditPayments, ACreditCostsNoFeeAndAPartLeavesWhatWasAnnounced) {
  offer_transfer();
  const auto choose = [&](Id id) {
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, id).value();
      choose_transfer(tx, fair().shop, order, {"site", "buyer", ""});
    });
    return fair().get(id).total;
  };
  const Id whole = ordered("t100");
  EXPECT_EQ(choose(whole), 10100);
  EXPECT_TRUE(apply_to(whole, give(ada, 10000)).became_paid);
  EXPECT_EQ(fair().get(whole).total, 10000);

  const Id part = ordered("t100");
  choose(part);
  EXPECT_EQ(apply_to(part, give(ada, 4000)).due, 6100) << "what was announced, less the credit";
  fair().write([&](db::Tx& tx) {
    Order order = find_order(tx, part).value();
    const MoneyIn in = take_transfer(tx, fair().shop, order, {.amount = 6100}, {"bank", "eve", ""});
    EXPECT_TRUE(in.became_paid);
    EXPECT_EQ(in.owed_back, 0);
  });

  const Id before = ordered("t100");
  apply_to(before, give(ada, 4000));
  EXPECT_EQ(choose(before), 10060) << "a fee of what was left to transfer";

  const Id sold = ordered("t50");
  fair().pay(sold);
  reprice(sold, 8000);
  choose(sold);
  const AppliedCredit applied = apply_to(sold, give(ada, 5000));
  EXPECT_EQ(applied.amount, 3000);
  EXPECT_EQ(applied.due, 0);
  EXPECT_EQ(fair().get(sold).total, 8000);
}

TEST_P(CreditPayments, ASecondTryFindsNothingLeft) {
  const Id order = ordered("t200"), id = give(ada, 5000);
  apply_to(order, id);
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, id); }), "no_credit");
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return amount_paid(tx, order); }), 5000);
}

TEST_P(CreditPayments, OnlyTheBuyersOwnOfThisConferenceAndInTime) {
  const Id order = ordered("t100");
  const Id bobs = give(person("bob"), 5000);
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, bobs); }), "no_credit");
  const Id late = give(ada, 5000, fair().clock.now() + Duration::minutes(5));
  EXPECT_EQ(offered(order).size(), 1u) << "another's is not offered";
  fair().clock.advance(Duration::minutes(5));
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, late); }), "no_credit") << "its time is over";
  EXPECT_TRUE(offered(order).empty());
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, 999'999); }), "no_credit");
  const Visitor guest = fair().guest("guest");
  fair().add(guest, "t50");
  const Id guests = fair().order(guest, "guest@example.com").order_id;
  EXPECT_EQ(Fair::refusal([&] { apply_to(guests, bobs); }), "no_credit") << "a guest has none";
  EXPECT_EQ(credit(bobs).remaining, 5000);
}

TEST_P(CreditPayments, ThoseThatExpireFirstAreOfferedFirst) {
  const Id order = ordered("t200");
  const Id never_ends = give(ada, 100), later = give(ada, 200, fair().clock.now() + Duration::days(9)),
           soon = give(ada, 300, fair().clock.now() + Duration::days(2));
  std::vector<Id> ids;
  for (const Credit& one : offered(order)) ids.push_back(one.id);
  EXPECT_EQ(ids, (std::vector<Id>{soon, later, never_ends}));
}

TEST_P(CreditPayments, AnElapsedHoldIsNotPaid) {
  const Id order = ordered("t100"), id = give(ada, 10000);
  fair().clock.advance(Duration::minutes(16));
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, id); }), "hold_elapsed");
  EXPECT_EQ(credit(id).remaining, 10000);
}

TEST_P(CreditPayments, AConferenceMayTakeNone) {
  const Id order = ordered("t100"), id = give(ada, 10000);
  fair().write([&](db::Tx& tx) {
    PaymentSetup setup = payment_setup_of(tx, fair().conference_id);
    setup.offers_credit = false;
    save_payment_setup(tx, setup);
  });
  EXPECT_TRUE(offered(order).empty());
  EXPECT_EQ(Fair::refusal([&] { apply_to(order, id); }), "no_credits");
}

// source: payments 21, P15: paired by position, 30.00 would vanish here.
TEST_P(CreditPayments, CancellingGivesEachCreditItsOwnBack) {
  const Id order = ordered("t200");
  const Id c1 = give(ada, 5000), c2 = give(ada, 2000);
  apply_to(order, c2);
  apply_to(order, c1);
  cancel_order(order);
  EXPECT_EQ(credit(c1).remaining, 5000);
  EXPECT_EQ(credit(c2).remaining, 2000);
  EXPECT_EQ(credit(c1).status, CreditStatus::available);
  EXPECT_EQ(credit(c2).status, CreditStatus::available);
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return credits_of_user(tx, fair().conference_id, ada); }).size(),
            2u)
      << "no new credit";
  for (const Payment& payment : fair().read([&](db::Tx& tx) { return payments_of(tx, order); }))
    EXPECT_EQ(payment.status, PaymentStatus::refunded);
}

TEST_P(CreditPayments, OneSpentOnTwoOrdersGetsBackWhatTheCancelledOneHad) {
  const Id id = give(ada, 12000), first = ordered("t50"), second = ordered("t200");
  apply_to(first, id);   // 50.00: paid
  apply_to(second, id);  // 70.00 of 200.00
  EXPECT_EQ(credit(id).remaining, 0);
  cancel_order(second);
  EXPECT_EQ(credit(id).remaining, 7000);
  EXPECT_EQ(credit(id).status, CreditStatus::available);
}

TEST_P(CreditPayments, WhatLapsesGivesTheCreditBack) {
  const Id order = ordered("t200"), id = give(ada, 5000);
  apply_to(order, id);
  fair().clock.advance(Duration::minutes(16));
  fair().sweep();
  EXPECT_EQ(fair().get(order).status, OrderStatus::cancelled);
  EXPECT_EQ(credit(id).remaining, 5000);
}

TEST_P(CreditPayments, ARefundOfWhatItPaidRestoresIt) {
  const Id order = ordered("t100"), id = give(ada, 10000);
  apply_to(order, id);
  fair().write([&](db::Tx& tx) {
    Order paid = find_order(tx, order).value();
    refund(tx, fair().shop, fair().gateway, paid, {.amount = 4000}, {"admin", "eve", "a gesture"});
  });
  EXPECT_EQ(credit(id).remaining, 4000);
  fair().write([&](db::Tx& tx) {
    Order paid = find_order(tx, order).value();
    refund(tx, fair().shop, fair().gateway, paid, {.amount = 6000}, {"admin", "eve", "all of it"});
  });
  EXPECT_EQ(credit(id).remaining, 10000);
  EXPECT_EQ(fair().get(order).status, OrderStatus::refunded);
  const auto refunds = fair().read([&](db::Tx& tx) { return refunds_of(tx, order); });
  ASSERT_EQ(refunds.size(), 2u);
  EXPECT_EQ(refunds[1].credit_id, id);
}

TEST_P(CreditPayments, OneThatIsFullIsLeftAsItIsAndOneWhoseTimeIsOverGetsMore) {
  const Id full = give(ada, 1000);
  EXPECT_EQ(fair().write([&](db::Tx& tx) { return restore_credit(tx, full, 500); }), 0);
  EXPECT_EQ(credit(full).remaining, 1000);
  const Id ending = give(ada, 5000, fair().clock.now() + Duration::minutes(10));
  const Id order = ordered("t200");
  apply_to(order, ending);
  fair().clock.advance(Duration::minutes(12));
  cancel_order(order);
  EXPECT_EQ(credit(ending).remaining, 5000);
  EXPECT_EQ(credit(ending).expires_at, fair().clock.now() + restored_for);
}

TEST_P(CreditPayments, StatementsSayWhereFromAndWhatFor) {
  const Id order = ordered("t50"), id = give(ada, 8000);
  apply_to(order, id);
  fair().write([&](db::Tx& tx) {
    Order paid = find_order(tx, order).value();
    refund(tx, fair().shop, fair().gateway, paid, {.amount = 1000}, {"admin", "eve", ""});
  });
  const auto statements =
      fair().read([&](db::Tx& tx) { return credit_statements(tx, fair().conference_id, ada); });
  ASSERT_EQ(statements.size(), 1u);
  EXPECT_EQ(statements[0].credit.remaining, 4000);
  EXPECT_EQ(statements[0].source_reference, "");
  EXPECT_EQ(statements[0].spent_on, (std::vector<std::string>{fair().get(order).reference}));
}

}  // namespace
}  // namespace plenary::registration::testing
