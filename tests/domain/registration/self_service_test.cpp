// Facts about what buyers do themselves: cancel by policy, change sizes and extras, pay the difference.
#include <gmock/gmock.h>

#include "db/migrations.hpp"
#include "domain/registration/changing.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/money_in.hpp"

namespace plenary::registration::testing {
namespace {

class SelfService : public Changing {
 protected:
  Settled answer(Id payment, bool success) {
    return fair().write([&](db::Tx& tx) {
      return settle(tx, fair().shop, payment, success, {"sandbox", "system", "late answer"});
    });
  }
  WantedChange a_shirt(const std::string& size, std::int64_t quantity = 1) {
    return {.added = {{ProductKind::addon, product("shirt"), variations[size], quantity, {}}}};
  }
  std::string offer(const Order& order) {
    return fair().read([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      const auto offer = change_offer(*catalogue, order, tx.now());
      return offer.is_possible ? std::string() : offer.why_not->code();
    });
  }
  std::string state_of_change(Id id) {
    return fair().read(
        [&](db::Tx& tx) { return tx.one<std::string>("SELECT status FROM order_change WHERE id = $1", id); });
  }
};
ON_BOTH_ENGINES(SelfService);

TEST_P(SelfService, ACancelledOrderKeepsTheFeeWithItsTaxAndGivesTheRestBack) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"individual"}, {"shirt", "m", 1}});
  const auto shown = preview(order.id);
  EXPECT_TRUE(shown.is_possible);
  EXPECT_EQ(shown.kept, 1440);
  EXPECT_EQ(shown.comes_back, 12960);
  EXPECT_FALSE(shown.to_credit);
  self_cancel(order.id);
  const Order after = fair.get(order.id);
  EXPECT_EQ(after.status, OrderStatus::refunded);
  EXPECT_EQ(after.total, 1440);
  EXPECT_EQ(after.lines.back().kind, LineKind::fee);
  EXPECT_EQ(after.lines.back().tax, 230) << "14.40 with 19 % in it";
  EXPECT_EQ(after.lines.back().tax_rate, "19");
  EXPECT_EQ(money(order.id).refunded, 12960);
  EXPECT_EQ(money(order.id).kept, 1440);
  EXPECT_EQ(fair.remaining("individual"), 20);
  EXPECT_TRUE(seats(order.id).empty());
  EXPECT_EQ(after.attention, "");
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(SelfService, TheReviewSaysWhatThereIsNotEnoughOf) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"individual"}, {"shirt", "m", 3}});
  const auto refusal_of = [&](const WantedChange& wanted) {
    try {
      fair.read([&](db::Tx& tx) { return preview_change(tx, fair.shop, order, wanted); });
    } catch (const Refused& refused) {
      return refused.code() + ": " + refused.message();
    }
    return std::string();
  };
  // Two of them in all: one of two wanted, then none.
  EXPECT_EQ(refusal_of({.swapped = {{line_of(order, "shirt"), 3, variations["xl"]}}}),
            "sold_out: Only 2 of Extra shirt, xl left.");
  paid({{"shirt", "xl", 2}}, fair.guest("eve"));
  EXPECT_EQ(refusal_of({.swapped = {{line_of(order, "shirt"), 1, variations["xl"]}}}),
            "sold_out: Extra shirt, xl is sold out.");
  EXPECT_EQ(refusal_of({.added = {{ProductKind::addon, product("tutorial"), {}, 6, {}}}}),
            "sold_out: Only 5 of Extra tutorial left.");
  EXPECT_EQ(refusal_of({.added = {{ProductKind::addon, product("tutorial"), {}, 5, {}}}}), "");
}

TEST_P(SelfService, TheFeeIsAtLeastTheAmountAndNeverMoreThanWasPaid) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order small = paid({{"shirt", "m", 1}});
  EXPECT_EQ(preview(small.id).kept, 500);
  policy("cancel_fee_amount = 100000");
  EXPECT_EQ(preview(small.id).kept, 2500);
  self_cancel(small.id);
  EXPECT_EQ(fair.get(small.id).status, OrderStatus::refunded);
  EXPECT_EQ(money(small.id).refunded, 0);
  EXPECT_EQ(fair.get(small.id).total, 2500);
  EXPECT_EQ(faults_of(small.id), "");
}

TEST_P(SelfService, MoneyGoesToACreditWhereTheConferenceSaysSo) {
  Fair& fair = open_fair();
  offer_self_service("credit");
  const Id ada = person("ada");
  const Order order = paid({{"student", "", 2}}, fair.user(ada, "ada"));
  EXPECT_TRUE(preview(order.id).to_credit);
  self_cancel(order.id);
  const auto credits = fair.read([&](db::Tx& tx) { return credits_of_user(tx, fair.conference_id, ada); });
  ASSERT_EQ(credits.size(), 1u);
  EXPECT_EQ(credits[0].amount, 9000);
  // A guest has no account for it and gets the money.
  const Order guests = paid({{"student"}}, fair.guest("bob"));
  EXPECT_FALSE(preview(guests.id).to_credit);
  self_cancel(guests.id);
  EXPECT_EQ(money(guests.id).refunded, 4500);
}

TEST_P(SelfService, CancellingIsRefusedWhereItIsNotOfferedLateOrUsed) {
  Fair& fair = open_fair();
  const Order order = paid({{"student", "", 2}});
  EXPECT_EQ(preview(order.id).why_not->code(), "not_offered");
  offer_self_service();
  fair.write([&](db::Tx& tx) {
    tx.exec("UPDATE seat SET checked_in_at = 5 WHERE order_id = $1 AND position = 2", order.id);
  });
  EXPECT_EQ(preview(order.id).why_not->code(), "checked_in");
  fair.write(
      [&](db::Tx& tx) { tx.exec("UPDATE seat SET checked_in_at = NULL WHERE order_id = $1", order.id); });
  EXPECT_TRUE(preview(order.id).is_possible);
  const auto cancel_with = [&](std::int64_t version, std::int64_t comes_back) {
    return Fair::refusal([&] {
      fair.write([&](db::Tx& tx) {
        Order now = find_order(tx, order.id).value();
        cancel_by_buyer(tx, fair.shop, fair.gateway, now, version, comes_back, buyer);
      });
    });
  };
  EXPECT_EQ(cancel_with(order.version, 1), "changed_meanwhile") << "another amount than shown";
  EXPECT_EQ(cancel_with(order.version - 1, 9000), "changed_meanwhile");
  fair.clock.advance(Duration::hours(12));
  EXPECT_TRUE(preview(order.id).is_possible) << "the last instant is included";
  fair.clock.advance(Duration{1});
  EXPECT_EQ(preview(order.id).why_not->code(), "too_late");
  EXPECT_EQ(cancel_with(order.version, 9000), "too_late");
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
}

// One letter about all of it.
TEST_P(SelfService, WhoCancelsIsToldOnce) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"student", "", 2}});
  self_cancel(order.id);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::refunded);
  EXPECT_EQ(letters(order.id), (std::vector<std::string>{"order_cancelled"}));
}

TEST_P(SelfService, StaffCancelWithAFeeOfTheirsOrNone) {
  Fair& fair = open_fair();
  const Order order = paid({{"student", "", 2}});
  const auto cancel_now = [&](Id id, const StaffCancellation& how) {
    fair.write([&](db::Tx& tx) {
      Order now = find_order(tx, id).value();
      cancel_by_staff(tx, fair.shop, fair.gateway, now, how, now.version, staff);
    });
  };
  EXPECT_EQ(Fair::refusal([&] { cancel_now(order.id, {.fee = 10001}); }), "fee");
  cancel_now(order.id, {.fee = 2000, .money = StaffCancellation::Money::later, .reason = "ill"});
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::refunded);
  EXPECT_EQ(fair.get(order.id).attention, attention_owed);
  give_back(order.id, {.amount = 8000});
  EXPECT_EQ(fair.get(order.id).attention, "");
  EXPECT_EQ(faults_of(order.id), "");
  EXPECT_EQ(Fair::refusal([&] { cancel_now(order.id, {}); }), "not_cancellable");
  using Letters = std::vector<std::string>;
  EXPECT_EQ(letters(order.id), (Letters{"order_cancelled", "order_refunded"}));
  const Order silent = paid({{"student"}}, fair.guest("eve"));
  cancel_now(silent.id, {.tells_buyer = false});
  EXPECT_EQ(letters(silent.id), Letters()) << "staff told them themselves";
  const Order unpaid = ordered({{"student"}}, fair.guest("bob"));
  cancel_now(unpaid.id, {.reason = "made twice"});
  EXPECT_EQ(fair.get(unpaid.id).status, OrderStatus::cancelled);
  EXPECT_EQ(fair.remaining("student"), 30);
}

// 100.00, of which 40.00 came in and 60.00 were waived: a fee is kept of the 40.00.
// Orders that were cancelled before what was waived of them was void: step 33 enters it.
TEST_P(SelfService, WaivedOrdersThatWereCancelledLongAgoGetTheirCorrection) {
  Fair& fair = open_fair();
  offer_self_service();
  const auto waived = [&](const std::string& who) {
    const Id id = ordered({{"student", "", 1}}, fair.guest(who)).id;
    fair.write([&](db::Tx& tx) {
      Order now = find_order(tx, id).value();
      waive_balance(tx, fair.shop, now, {"a speaker", {}, {}}, staff);
    });
    return id;
  };
  const Id open = waived("ada"), old = waived("bob"), recent = waived("carl");
  for (const Id id : {old, recent}) self_cancel(id);
  fair.write([&](db::Tx& tx) {
    tx.exec("DELETE FROM ledger_entry WHERE order_id = $1 AND kind = 'correction'", old);
  });
  EXPECT_THAT(fair.stock_faults(), ::testing::HasSubstr("5000 waived that is void, ledger 0"));
  const auto corrections = [&] {
    return fair.read([&](db::Tx& tx) {
      return tx.query<Id, std::int64_t>(
          "SELECT order_id, amount FROM ledger_entry WHERE kind = 'correction' AND debit = 'receivable' AND "
          "credit = 'waived' ORDER BY order_id");
    });
  };
  EXPECT_EQ(corrections().size(), 1u);
  const db::Migration& step = db::migrations().at(32);
  const std::string_view text = step.sql(db().engine());
  const std::string sql(text.substr(text.find("INSERT INTO ledger_entry")));
  for (int again = 0; again < 2; ++again) {
    fair.write([&](db::Tx& tx) { tx.exec(sql.c_str()); });
    EXPECT_EQ(corrections(), (std::vector<std::tuple<Id, std::int64_t>>{{old, 5000}, {recent, 5000}}));
  }
  EXPECT_EQ(fair.read([&](db::Tx& tx) {
    return tx.one<std::int64_t>(
        "SELECT COUNT(*) FROM ledger_entry e JOIN ledger_entry l ON l.id <> e.id WHERE "
        "e.kind = 'correction' AND e.order_id = $1 AND l.created_at > e.created_at",
        old);
  }),
            0)
      << "no figure of a time that is over changes";
  EXPECT_EQ(fair.stock_faults(), "");
  EXPECT_EQ(fair.get(open).status, OrderStatus::paid);
}

TEST_P(SelfService, OfAPartlyWaivedOrderAFeeIsKeptOfTheMoneyWhoeverCancels) {
  Fair& fair = open_fair();
  offer_self_service();
  const auto partly_waived = [&](const std::string& who) {
    const Order order = ordered({{"student", "", 2}}, fair.guest(who));
    fair.write([&](db::Tx& tx) {
      Order now = find_order(tx, order.id).value();
      ManualPayment payment;
      payment.amount = 4000;
      record_manual_payment(tx, fair.shop, now, payment, staff);
      waive_balance(tx, fair.shop, now, {"a speaker", {}, {}}, staff);
    });
    return order.id;
  };
  const auto receivable = [&](Id id) {
    return fair.read([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "SELECT CAST(COALESCE(SUM(CASE WHEN debit = 'receivable' THEN amount ELSE -amount END), 0) AS "
          "BIGINT) FROM ledger_entry WHERE order_id = $1 AND (debit = 'receivable' OR credit = "
          "'receivable')",
          id);
    });
  };
  const auto cancel_now = [&](Id id, const StaffCancellation& how) {
    fair.write([&](db::Tx& tx) {
      Order now = find_order(tx, id).value();
      cancel_by_staff(tx, fair.shop, fair.gateway, now, how, now.version, staff);
    });
  };
  const Id by_buyer = partly_waived("ada"), by_staff = partly_waived("bob"), later = partly_waived("carl");
  EXPECT_EQ(fair.get(by_buyer).status, OrderStatus::paid);
  EXPECT_EQ(preview(by_buyer).kept, 500) << "10 percent of 40.00 are less than 5.00";
  EXPECT_EQ(preview(by_buyer).comes_back, 3500);
  self_cancel(by_buyer);
  EXPECT_EQ(Fair::refusal([&] { cancel_now(by_staff, {.fee = 4001}); }), "fee");
  cancel_now(by_staff, {.fee = 500});
  cancel_now(later, {.fee = 500, .money = StaffCancellation::Money::later});
  EXPECT_EQ(fair.get(later).attention, attention_owed);
  EXPECT_EQ(money(later).to_refund(), 3500);
  EXPECT_EQ(Fair::refusal([&] { give_back(later, {.amount = 4000}); }), "not_refundable");
  give_back(later, {.amount = 3500});
  for (const Id id : {by_buyer, by_staff, later}) {
    const Order after = fair.get(id);
    EXPECT_EQ(after.status, OrderStatus::refunded);
    EXPECT_EQ(after.total, 500);
    EXPECT_EQ(after.attention, "");
    EXPECT_EQ(money(id).refunded, 3500);
    EXPECT_EQ(money(id).kept, 500);
    EXPECT_EQ(money(id).to_refund(), 0);
    EXPECT_EQ(money(id).due(), 0);
    EXPECT_EQ(receivable(id), 0);
    EXPECT_EQ(faults_of(id), "");
  }
  // All of it waived: there is nothing to keep.
  const Id free = ordered({{"student"}}, fair.guest("dora")).id;
  fair.write([&](db::Tx& tx) {
    Order now = find_order(tx, free).value();
    waive_balance(tx, fair.shop, now, {"a speaker", {}, {}}, staff);
  });
  EXPECT_EQ(preview(free).kept, 0);
  self_cancel(free);
  EXPECT_EQ(fair.get(free).total, 0);
  EXPECT_EQ(receivable(free), 0);
  EXPECT_EQ(faults_of(free), "");
}

TEST_P(SelfService, NoFeeIsTakenOfWhatWasOwedBackAnyway) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"student", "", 2}});
  change(order.id, {.taken_back = {{line_of(order, "student"), 1, {}}}});
  EXPECT_EQ(fair.get(order.id).attention, attention_owed);
  EXPECT_EQ(preview(order.id).kept, 500) << "of 50.00, not of 100.00";
  EXPECT_EQ(preview(order.id).comes_back, 9500);
  self_cancel(order.id);
  EXPECT_EQ(fair.get(order.id).total, 500);
  EXPECT_EQ(fair.get(order.id).attention, "");
  EXPECT_EQ(money(order.id).refunded, 9500);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(SelfService, AChangeThatCostsNothingMoreIsDoneAtOnce) {
  Fair& fair = open_fair();
  const Order order = paid({{"individual"}, {"shirt", "m", 2}});
  EXPECT_EQ(offer(order), "not_offered");
  offer_self_service();
  EXPECT_EQ(offer(order), "");
  const auto swapped = self_change(order.id, {.swapped = {{line_of(order, "shirt"), 1, variations["s"]}}});
  EXPECT_EQ(swapped.change_id, 0);
  EXPECT_EQ(swapped.comes_back, 0);
  const auto less = self_change(order.id, {.taken_back = {{line_of(fair.get(order.id), ", m"), 1, {}}}});
  EXPECT_EQ(less.comes_back, 2500);
  EXPECT_EQ(money(order.id).refunded, 2500);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::partially_refunded);
  EXPECT_EQ(fair.remaining("shirt"), 29);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(SelfService, AChangeThatCostsMoreWaitsForItsPayment) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"individual"}});
  const auto started = self_change(order.id, a_shirt("xl", 2));
  EXPECT_EQ(started.to_pay, 6000);
  EXPECT_EQ(fair.get(order.id).total, 11900) << "nothing changed yet";
  EXPECT_EQ(fair.remaining("shirt"), 28) << "but it is held";
  EXPECT_EQ(fair.stock_faults(), "");
  EXPECT_EQ(fair.pay(order.id, "4000 0000 0000 0002").outcome, ChargeOutcome::declined);
  EXPECT_EQ(fair.get(order.id).total, 11900);
  EXPECT_EQ(fair.pay(order.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair.get(order.id).total, 17900);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(state_of_change(started.change_id), "applied");
  EXPECT_EQ(money(order.id).due(), 0);
  EXPECT_EQ(fair.remaining("shirt"), 28);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(SelfService, AnUnpaidChangeLapsesAndFreesWhatItHeld) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"individual"}});
  const auto started = self_change(order.id, a_shirt("m"));
  fair.clock.advance(Duration::minutes(16));
  EXPECT_EQ(fair.remaining("shirt"), 30) << "to the instant";
  EXPECT_EQ(Fair::refusal([&] { fair.pay(order.id); }), "not_payable");
  fair.sweep();
  EXPECT_EQ(state_of_change(started.change_id), "lapsed");
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(SelfService, ANewChangeReplacesTheOneThatWaits) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"individual"}});
  const auto first = self_change(order.id, a_shirt("m", 3));
  const auto second = self_change(order.id, a_shirt("s", 1));
  EXPECT_EQ(state_of_change(first.change_id), "lapsed");
  EXPECT_EQ(fair.remaining("shirt"), 29);
  EXPECT_EQ(second.to_pay, 2500);
  fair.pay(order.id);
  EXPECT_EQ(fair.get(order.id).total, 14400);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(SelfService, StaffsChangeEndsTheBuyersThatWaits) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"individual", "", 2}});
  const auto started = self_change(order.id, a_shirt("m"));
  const Id payment = fair.pay(order.id, "4000 0000 0000 0077").payment_id;
  EXPECT_EQ(Fair::refusal([&] {
              change(order.id, {.taken_back = {{line_of(order, "individual"), 1, {}}}});
            }),
            "payment_running");
  answer(payment, false);
  change(order.id, {.taken_back = {{line_of(order, "individual"), 1, {}}}});
  EXPECT_EQ(state_of_change(started.change_id), "lapsed");
  EXPECT_EQ(fair.remaining("shirt"), 30);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(SelfService, ALateAnswerAppliesTheChangeOrSendsTheMoneyBack) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"individual"}});
  self_change(order.id, a_shirt("m"));
  Id payment = fair.pay(order.id, "4000 0000 0000 0077").payment_id;
  EXPECT_EQ(answer(payment, true), Settled::changed);
  EXPECT_EQ(fair.get(order.id).total, 14400);
  EXPECT_EQ(answer(payment, true), Settled::already_settled);
  // The two of that size are gone when the answer comes.
  self_change(order.id, a_shirt("xl", 2));
  payment = fair.pay(order.id, "4000 0000 0000 0077").payment_id;
  fair.clock.advance(Duration::minutes(16));
  paid({{"shirt", "xl", 1}}, fair.guest("bob"));
  EXPECT_EQ(answer(payment, true), Settled::refunded_not_needed);
  EXPECT_EQ(fair.get(order.id).total, 14400);
  EXPECT_EQ(money(order.id).kept, 14400);
  EXPECT_NE(fair.get(order.id).attention, "");
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(SelfService, BuyersChangeOnlyWhatIsTheirsToChange) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order student = paid({{"student"}}, fair.guest("bob"));
  EXPECT_EQ(Fair::refusal([&] {
              self_change(student.id, {.added = {{ProductKind::addon, product("tutorial"), {}, 1, {}}}});
            }),
            "requires_ticket");
  const Order order = paid({{"individual"}, {"tutorial"}});
  const auto refused = [&](const WantedChange& wanted) {
    return Fair::refusal([&] { self_change(order.id, wanted); });
  };
  EXPECT_EQ(refused({.taken_back = {{line_of(order, "individual"), 1, {}}}}), "not_offered");
  EXPECT_EQ(refused({.repriced = {{line_of(order, "individual"), 1}}}), "not_offered");
  EXPECT_EQ(refused({.added = {{ProductKind::ticket_type, product("student"), {}, 1, {}}}}), "not_offered");
  EXPECT_EQ(refused({}), "no_change");
  EXPECT_EQ(refused({.added = {{ProductKind::addon, product("tutorial"), variations["s"], 1, {}}}}),
            "unavailable")
      << "a kind of something else";
  const Order shirts = paid({{"shirt", "m", 2}}, fair.guest("carl"));
  EXPECT_EQ(Fair::refusal([&] {
              self_change(shirts.id, {.taken_back = {{line_of(shirts, "shirt"), 2, {}}}});
            }),
            "nothing_left")
      << "that is cancelling, which keeps a fee";
  self_change(shirts.id, {.taken_back = {{line_of(shirts, "shirt"), 1, {}}}});
  EXPECT_EQ(fair.get(shirts.id).total, 2500);
  fair.write([&](db::Tx& tx) {
    AddOn tutorial = *load_catalogue(tx, fair.conference_id, fair.settings)->addon("tutorial");
    tutorial.is_active = false;
    save(tx, tutorial);
  });
  EXPECT_EQ(refused({.added = {{ProductKind::addon, product("tutorial"), {}, 1, {}}}}), "unavailable");
  fair.write([&](db::Tx& tx) {
    AddOn tutorial = *load_catalogue(tx, fair.conference_id, fair.settings)->addon("tutorial");
    tutorial.is_active = true;
    tutorial.available_until = tx.now() - Duration{1};
    save(tx, tutorial);
  });
  EXPECT_EQ(refused({.added = {{ProductKind::addon, product("tutorial"), {}, 1, {}}}}), "unavailable")
      << "its sale is over";
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(SelfService, TheHistoryTellsInPlainWordsWithoutNamesOfStaff) {
  Fair& fair = open_fair();
  offer_self_service();
  const Order order = paid({{"individual"}, {"shirt", "m", 1}});
  fair.clock.advance(Duration::minutes(1));
  change(order.id, {.taken_back = {{line_of(order, "shirt"), 1, {}}}});
  fair.clock.advance(Duration::minutes(1));
  give_back(order.id, {.amount = 2500});
  fair.clock.advance(Duration::minutes(1));
  self_cancel(order.id);
  const auto told = fair.read([&](db::Tx& tx) {
    const auto catalogue = load_catalogue(tx, fair.conference_id, fair.settings);
    std::vector<std::string> lines;
    for (const HistoryEntry& entry : order_history(tx, *catalogue, find_order(tx, order.id).value())) {
      std::string line = fill(entry.text, entry.arguments);
      for (const std::string& detail : entry.details) line += " | " + detail;
      lines.push_back(line);
    }
    return lines;
  });
  const std::vector<std::string> expected{
      "The order was made.",
      "The order was paid.",
      "The organisers changed the order. | − 1 × Extra shirt, m",
      "$25.00 went back to the card.",
      "You cancelled the order. | − 1 × Ticket individual | + 1 × Cancellation fee",
      "$107.10 went back to the card."};
  EXPECT_EQ(told, expected);
}

}  // namespace
}  // namespace plenary::registration::testing
