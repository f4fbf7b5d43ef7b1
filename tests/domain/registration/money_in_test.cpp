// Facts about money that staff take in or let go: the worked examples of payments 21, 5.3, and of the staff
// pages 70, 11.5; two clerks at once; what comes late; sales at the desk; what is paid out by hand.
#include "domain/registration/money_in.hpp"

#include <atomic>
#include <thread>

#include "domain/registration/changing.hpp"
#include "domain/registration/credit_expiry.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/payment_fees.hpp"

namespace plenary::registration::testing {
namespace {

class MoneyAtHand : public Changing {
 protected:
  const Cause clerk{"admin", "eve", ""};

  ManualPayment transfer(std::int64_t amount) {
    ManualPayment payment;
    payment.amount = amount;
    payment.reference = "T-1";
    return payment;
  }
  MoneyIn take(Id order_id, const ManualPayment& payment) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return record_manual_payment(tx, fair().shop, order, payment, clerk);
    });
  }
  MoneyIn take(Id order_id, std::int64_t amount) { return take(order_id, transfer(amount)); }
  MoneyIn arrived(Id order_id, const ManualPayment& payment) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return take_transfer(tx, fair().shop, order, payment, clerk);
    });
  }
  MoneyIn waive(Id order_id, const std::string& note, const std::string& token = {}) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return waive_balance(tx, fair().shop, order, {note, {}, token}, clerk);
    });
  }
  DeskSold sell(DeskSale sale) {
    sale.link_key = &test_link_key();
    if (sale.buyer.name.empty()) sale.buyer.name = "Ada";
    return fair().write([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      return sell_at_desk(tx, fair().shop, *catalogue, sale, clerk);
    });
  }
  // 100.00: two students.
  Order hundred(const std::string& who = "ada") { return ordered({{"student", "", 2}}, fair().guest(who)); }
  std::vector<Payment> payments(Id order_id) {
    return fair().read([&](db::Tx& tx) { return payments_of(tx, order_id); });
  }
  std::vector<PayOut> payouts() {
    return fair().read([&](db::Tx& tx) { return payouts_to_make(tx, fair().conference_id); });
  }
  std::int64_t mails(const std::string& message) {
    return fair().read([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT COUNT(*) FROM outbox WHERE kind = 'mail' AND payload LIKE $1",
                                  "%\"" + message + "\"%");
    });
  }
  void hold_passes() { fair().clock.advance(Duration::hours(2)); }
};
ON_BOTH_ENGINES(MoneyAtHand);

TEST_P(MoneyAtHand, SixtyOfAHundredWaitsAndFortyMorePays) {
  Fair& fair = open_fair();
  const Order order = hundred();
  const MoneyIn first = take(order.id, 6000);
  EXPECT_FALSE(first.became_paid);
  EXPECT_EQ(first.due, 4000);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::pending);
  EXPECT_EQ(fair.get(order.id).hold_expires_at, order.hold_expires_at) << "its hold keeps running";
  EXPECT_TRUE(seats(order.id).empty());
  EXPECT_EQ(letters(order.id), (std::vector<std::string>{"payment_received"}));
  const MoneyIn second = take(order.id, 4000);
  EXPECT_TRUE(second.became_paid);
  EXPECT_EQ(second.due, 0);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(fair.get(order.id).hold_expires_at, std::nullopt);
  EXPECT_EQ(seats(order.id).size(), 2u);
  EXPECT_EQ(payments(order.id).at(0).channel, "transfer");
  EXPECT_EQ(payments(order.id).at(0).reference, "T-1");
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(MoneyAtHand, AboveTheBalanceIsRefusedUnlessItBecomesACredit) {
  Fair& fair = open_fair();
  const Id ada = person("ada");
  const Order order = ordered({{"student", "", 2}}, fair.user(ada, "ada"));
  EXPECT_EQ(
      Fair::refusal_text([&] { take(order.id, 15000); }),
      "$150.00 is more than the balance of $100.00. Enter at most the balance, or book what is above it as a "
      "store credit.");
  EXPECT_TRUE(payments(order.id).empty());
  ManualPayment payment = transfer(15000);
  payment.excess_as_credit = true;
  const MoneyIn in = take(order.id, payment);
  EXPECT_TRUE(in.became_paid);
  EXPECT_EQ(in.credited, 5000);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid)
      << "what was too much changes nothing about the order";
  EXPECT_EQ(fair.get(order.id).total, 10000);
  EXPECT_EQ(fair.get(order.id).attention, "");
  EXPECT_EQ(money(order.id).kept, 10000);
  const auto credits = fair.read([&](db::Tx& tx) { return credits_of_user(tx, fair.conference_id, ada); });
  ASSERT_EQ(credits.size(), 1u);
  EXPECT_EQ(credits[0].remaining, 5000);
  EXPECT_EQ(credits[0].source_order_id, order.id);
  EXPECT_EQ(faults_of(order.id), "");
  const Order guests = ordered({{"student"}}, fair.guest("bob"));
  payment.amount = 6000;
  EXPECT_EQ(Fair::refusal([&] { take(guests.id, payment); }), "no_account");
}

TEST_P(MoneyAtHand, FiftyByHandAndTheRestWaived) {
  Fair& fair = open_fair();
  const Order order = hundred();
  take(order.id, 5100);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::pending);
  EXPECT_EQ(Fair::refusal([&] { take(order.id, 6000); }), "above_balance");
  EXPECT_EQ(Fair::refusal([&] { waive(order.id, "  "); }), "note");
  const MoneyIn in = waive(order.id, "speaker");
  EXPECT_TRUE(in.became_paid);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(payments(order.id).at(0).method, PaymentMethod::comp);
  EXPECT_EQ(payments(order.id).at(0).amount, 4900);
  EXPECT_EQ(money(order.id).refundable, 5100) << "what was waived is no money";
  EXPECT_EQ(Fair::refusal([&] { waive(order.id, "again"); }), "not_payable");
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(MoneyAtHand, RefusalsWriteNothing) {
  Fair& fair = open_fair();
  const Order order = hundred();
  EXPECT_EQ(Fair::refusal([&] { take(order.id, 0); }), "amount");
  EXPECT_EQ(Fair::refusal([&] { take(order.id, -5); }), "amount");
  ManualPayment payment = transfer(100);
  payment.note = std::string(2001, 'x');
  EXPECT_EQ(Fair::refusal([&] { take(order.id, payment); }), "note");
  payment.note.clear();
  payment.received_on = Date::of(2190, 1, 1);
  EXPECT_EQ(Fair::refusal([&] { take(order.id, payment); }), "received_on");
  const Order sold = paid({{"student"}}, fair.guest("bob"));
  EXPECT_EQ(Fair::refusal_text([&] { take(sold.id, 100); }), "Nothing is due of this order.");
  const Order gone = ordered({{"student"}}, fair.guest("carl"));
  fair.write([&](db::Tx& tx) {
    Order cancelled = find_order(tx, gone.id).value();
    cancel(tx, fair.shop, cancelled, buyer);
  });
  EXPECT_EQ(Fair::refusal_text([&] { take(gone.id, 100); }),
            "This order is cancelled; there is nothing to pay.");
  EXPECT_TRUE(payments(order.id).empty());
  EXPECT_TRUE(payments(gone.id).empty());
  EXPECT_EQ(payments(sold.id).size(), 1u);
}

TEST_P(MoneyAtHand, WhenTheTimeIsOverOnlyTheWholeBalanceAndOnlyWithRoom) {
  Fair& fair = open_fair(2);
  const Order order = ordered({{"individual", "", 2}}, fair.guest("ada"));
  hold_passes();
  EXPECT_EQ(Fair::refusal([&] { take(order.id, 100); }), "hold_elapsed");
  EXPECT_TRUE(take(order.id, 23800).became_paid);
  EXPECT_EQ(seats(order.id).size(), 2u);

  Fair& other = fair;
  const Order late = ordered({{"student", "", 2}}, other.guest("bob"));
  hold_passes();
  paid({{"student", "", 29}}, other.guest("carl"));
  EXPECT_EQ(Fair::refusal([&] { take(late.id, 10000); }), "hold_elapsed");
  EXPECT_TRUE(payments(late.id).empty()) << "nothing is kept of money that was not taken";
}

TEST_P(MoneyAtHand, ASecondSubmitOfTheSameFormDoesNothing) {
  open_fair();
  const Order order = hundred();
  ManualPayment payment = transfer(6000);
  payment.token = token_hash("form");
  const MoneyIn first = take(order.id, payment);
  const MoneyIn again = take(order.id, payment);
  EXPECT_TRUE(again.is_repeat);
  EXPECT_EQ(again.payment_id, first.payment_id);
  EXPECT_EQ(again.due, 4000);
  EXPECT_EQ(payments(order.id).size(), 1u);
  const std::string waiver = token_hash("waiver");
  waive(order.id, "sponsor", waiver);
  EXPECT_TRUE(waive(order.id, "sponsor", waiver).is_repeat);
  EXPECT_EQ(payments(order.id).size(), 2u);
}

TEST_P(MoneyAtHand, OfTwoClerksExactlyOneCompletesTheOrder) {
  Fair& fair = open_fair();
  for (int round = 0; round < 12; ++round) {
    const Order order = hundred("buyer" + std::to_string(round));
    take(order.id, 4000);
    std::atomic<int> arrived{0}, completed{0}, refused{0};
    const auto clerk_at_work = [&] {
      ++arrived;
      while (arrived.load() < 2) std::this_thread::yield();
      try {
        if (take(order.id, 6000).became_paid) ++completed;
      } catch (const Refused& why) {
        if (why.code() == "not_payable") ++refused;
      }
    };
    std::thread one(clerk_at_work), two(clerk_at_work);
    one.join();
    two.join();
    EXPECT_EQ(completed, 1);
    EXPECT_EQ(refused, 1);
    EXPECT_EQ(money(order.id).kept, 10000);
    EXPECT_EQ(seats(order.id).size(), 2u);
    fair.write([&](db::Tx& tx) {
      Order done = find_order(tx, order.id).value();
      cancel_by_staff(tx, fair.shop, fair.gateway, done, {}, done.version, clerk);
    });
  }
}

TEST_P(MoneyAtHand, TheRestOfASoldOrder) {
  Fair& fair = open_fair();
  const Order order = paid({{"student"}});
  change(order.id, {.added = {{ProductKind::ticket_type, product("student"), {}, 1, {}}}});
  EXPECT_EQ(fair.get(order.id).attention, "balance due");
  EXPECT_EQ(fair.read([&](db::Tx& tx) {
    return payable_by_hand(tx, *catalogue_now(tx, fair.shop, fair.conference_id),
                           find_order(tx, order.id).value());
  }),
            5000);
  const MoneyIn part = take(order.id, 2000);
  EXPECT_EQ(part.due, 3000);
  EXPECT_FALSE(part.became_paid);
  EXPECT_EQ(take(order.id, 3000).due, 0);
  EXPECT_EQ(fair.get(order.id).attention, "");
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(MoneyAtHand, OpenPaymentsAtAProviderAreGivenUpWhenTheOrderIsPaid) {
  Fair& fair = open_fair();
  static std::vector<Id> told;
  told.clear();
  static const bool subscribed = [] {
    subscribe_no_longer_due([](db::Tx&, Id order_id) { told.push_back(order_id); });
    return true;
  }();
  ASSERT_TRUE(subscribed);
  const Order order = hundred();
  take(order.id, 6000);
  EXPECT_TRUE(told.empty());
  take(order.id, 4000);
  EXPECT_EQ(told, std::vector<Id>{order.id});
  const Order other = ordered({{"student"}}, fair.guest("bob"));
  waive(other.id, "guest of honour");
  EXPECT_EQ(told.back(), other.id);
}

// ---- money that is on the account already

TEST_P(MoneyAtHand, LateMoneyBringsTheOrderBackWhereThereIsRoom) {
  Fair& fair = open_fair();
  const Order order = hundred();
  hold_passes();
  fair.sweep();
  ASSERT_EQ(fair.get(order.id).status, OrderStatus::cancelled);
  EXPECT_TRUE(arrived(order.id, transfer(10000)).became_paid);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(seats(order.id).size(), 2u);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(MoneyAtHand, LateMoneyWithoutRoomIsOwedBack) {
  Fair& fair = open_fair();
  const Order order = hundred();
  hold_passes();
  fair.sweep();
  paid({{"student", "", 29}}, fair.guest("bob"));
  ManualPayment payment = transfer(10000);
  payment.payer_name = "Ada Lovelace";
  payment.payer_iban = "DE02120300000000202051";
  const MoneyIn in = arrived(order.id, payment);
  EXPECT_EQ(in.owed_back, 10000);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::cancelled);
  EXPECT_NE(fair.get(order.id).attention, "");
  const auto list = payouts();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].amount, 10000);
  EXPECT_EQ(list[0].iban, "DE02120300000000202051");
  EXPECT_EQ(list[0].account_name, "Ada Lovelace");
  EXPECT_EQ(list[0].order_reference, order.reference);
  EXPECT_EQ(letters(order.id), (std::vector<std::string>{"order_expired", "late_payment_refunded"}));
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(MoneyAtHand, MoneyForWhatIsPaidOrCancelledIsOwedBackAndTooMuchIsNoted) {
  Fair& fair = open_fair();
  const Order sold = paid({{"student"}});
  EXPECT_EQ(arrived(sold.id, transfer(5000)).owed_back, 5000);
  EXPECT_EQ(fair.get(sold.id).status, OrderStatus::paid);  // nothing that was sold lost value
  const Order gone = ordered({{"student"}}, fair.guest("bob"));
  fair.write([&](db::Tx& tx) {
    Order order = find_order(tx, gone.id).value();
    cancel(tx, fair.shop, order, buyer);
  });
  EXPECT_EQ(arrived(gone.id, transfer(5000)).owed_back, 5000);
  const Order over = ordered({{"student"}}, fair.guest("carl"));
  const MoneyIn in = arrived(over.id, transfer(6000));
  EXPECT_TRUE(in.became_paid);
  EXPECT_EQ(in.owed_back, 1000);
  EXPECT_EQ(fair.get(over.id).attention, "refund due");
  const Order shorts = ordered({{"student"}}, fair.guest("dora"));
  EXPECT_EQ(arrived(shorts.id, transfer(4000)).due, 1000);
  EXPECT_EQ(fair.get(shorts.id).attention, "short payment");
  for (const Order* order : {&sold, &gone, &over, &shorts}) EXPECT_EQ(faults_of(order->id), "");
  EXPECT_EQ(payouts().size(), 2u);
}

// ---- the desk

TEST_P(MoneyAtHand, ASaleAtTheDeskIsOrderMoneyAndSeatsInOneWrite) {
  Fair& fair = open_fair(2);
  DeskSale sale;
  sale.items = {{ProductKind::ticket_type, product("individual"), 2}};
  sale.received = 25000;
  sale.token = token_hash("desk");
  const DeskSold sold = sell(sale);
  EXPECT_EQ(sold.total, 23800);
  EXPECT_EQ(sold.change, 1200);
  EXPECT_EQ(fair.get(sold.order_id).status, OrderStatus::paid);
  EXPECT_EQ(seats(sold.order_id).size(), 2u);
  EXPECT_EQ(payments(sold.order_id).at(0).channel, "cash");
  EXPECT_EQ(mails("order_confirmation"), 0) << "nobody gave an address";
  const DeskSold again = sell(sale);
  EXPECT_TRUE(again.is_repeat);
  EXPECT_EQ(again.order_id, sold.order_id);
  EXPECT_EQ(again.change, 1200);
  sale.token.clear();
  EXPECT_EQ(Fair::refusal([&] { sell(sale); }), "sold_out");
  EXPECT_EQ(faults_of(sold.order_id), "");
}

TEST_P(MoneyAtHand, AtTheDeskWhatDoesNotReachIsRefusedAndNothingIsFree) {
  Fair& fair = open_fair();
  DeskSale sale;
  EXPECT_EQ(Fair::refusal([&] { sell(sale); }), "empty");
  sale.items = {{ProductKind::ticket_type, product("student")}};
  sale.received = 4999;
  EXPECT_EQ(Fair::refusal_text([&] { sell(sale); }), "$49.99 is less than the total of $50.00.");
  sale.received.reset();
  sale.buyer.name = "Ada";
  sale.buyer.email = "nonsense";
  EXPECT_EQ(Fair::refusal([&] { sell(sale); }), "email");
  sale.buyer.email = "ada@example.org";
  sale.channel = ManualChannel::card_reader;
  sale.reference = "receipt 7";
  const DeskSold sold = sell(sale);
  EXPECT_EQ(payments(sold.order_id).at(0).channel, "card");
  EXPECT_EQ(fair.get(sold.order_id).billing.email, "ada@example.org");
  EXPECT_EQ(fair.remaining("student"), 29);
}

// ---- paid out by hand

TEST_P(MoneyAtHand, WhatGoesBackByHandWaitsUntilItIsPaidOutOnce) {
  Fair& fair = open_fair();
  const Order order = hundred();
  take(order.id, 10000);
  give_back(order.id, {.amount = 4000});
  auto list = payouts();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].amount, 4000);
  EXPECT_EQ(list[0].channel, "transfer");
  const Id refund = list[0].refund_id;
  const auto account = [&](const std::string& iban) {
    fair.write([&](db::Tx& tx) { set_payout_account(tx, fair.conference_id, refund, "Ada L.", iban); });
  };
  EXPECT_EQ(Fair::refusal([&] { account("DE02 1203 0000 0000 2020 52"); }), "iban");
  account("de02 1203 0000 0000 2020 51");
  EXPECT_EQ(payouts().at(0).iban, "DE02120300000000202051");
  const auto sum_of = [&](bool is_test) {
    fair.write([&](db::Tx& tx) {
      return tx.exec("UPDATE orders SET is_sandbox = $1 WHERE id = $2", is_test, order.id);
    });
    return fair.read([&](db::Tx& tx) { return payouts_open(tx, fair.conference_id); });
  };
  const PayOutSum real = sum_of(false), play = sum_of(true);
  EXPECT_EQ(real.count, 1);
  EXPECT_EQ(real.amount, 4000);
  EXPECT_EQ(real.test_count, 0);
  EXPECT_EQ(play.count, 0) << "play money is in no sum";
  EXPECT_EQ(play.amount, 0);
  EXPECT_EQ(play.test_count, 1);
  const auto mark = [&] {
    return fair.write([&](db::Tx& tx) {
      return mark_paid_out(tx, fair.conference_id, refund, {"bank 1", {}}, clerk);
    });
  };
  EXPECT_TRUE(mark());
  EXPECT_FALSE(mark());
  EXPECT_TRUE(payouts().empty());
  EXPECT_THROW(
      fair.write([&](db::Tx& tx) { return mark_paid_out(tx, fair.conference_id + 1, refund, {}, clerk); }),
      NotFound);
}

TEST_P(MoneyAtHand, CreditsWhoseTimeIsOverExpireWithWhatRemains) {
  Fair& fair = open_fair();
  const Id ada = person("ada");
  fair.write([&](db::Tx& tx) {
    for (const std::int64_t hours : {1, 48}) {
      Credit credit;
      credit.conference_id = fair.conference_id;
      credit.user_id = ada;
      credit.amount = 1000 * hours;
      credit.note = "a gesture";
      credit.expires_at = tx.now() + Duration::hours(hours);
      give_credit(tx, credit);
    }
  });
  const auto owed = [&] {
    return fair.read([&](db::Tx& tx) { return outstanding_credit(tx, fair.conference_id); });
  };
  const auto expire = [&] {
    return fair.write([&](db::Tx& tx) { return expire_credits(tx, fair.conference_id); });
  };
  EXPECT_EQ(expire(), 0);
  EXPECT_EQ(owed().at(0).amount, 49000);
  fair.clock.advance(Duration::hours(1));
  EXPECT_EQ(owed().at(0).amount, 48000) << "the instant itself counts as over";
  EXPECT_EQ(expire(), 1);
  EXPECT_EQ(expire(), 0);
  EXPECT_EQ(owed().at(0).credits, 1);
  EXPECT_EQ(owed().at(0).ending, 48000);
}

TEST(Iban, ItsCheckDigitsAndCountryAreLookedAt) {
  EXPECT_EQ(checked_iban("GB82 WEST 1234 5698 7654 32"), "GB82WEST12345698765432");
  EXPECT_EQ(checked_iban("de89370400440532013000"), "DE89370400440532013000");
  for (const char* wrong :
       {"", "DE", "DE89370400440532013001", "8989370400440532013000", "DE8937040044053201300!",
        "DE89 3704 0044 0532 0130 00 DE89 3704 0044 0532 0130 00"})
    EXPECT_EQ(checked_iban(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace plenary::registration::testing
