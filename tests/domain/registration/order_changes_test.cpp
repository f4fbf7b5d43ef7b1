// Facts about changes by staff: lines, stock, seats, money; and the arithmetic of lines.
#include <rapidcheck.h>

#include "domain/registration/changing.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration::testing {
namespace {

class OrderChanges : public Changing {
 protected:
  // What a size of the shirt costs from now on.
  void price(const char* size, std::int64_t price) {
    fair().write([&](db::Tx& tx) {
      Variation one =
          *load_catalogue(tx, fair().conference_id, fair().settings)->variation(variations.at(size));
      one.price = price;
      save(tx, one);
    });
  }
  void make(Voucher voucher) {
    voucher.conference_id = fair().conference_id;
    fair().write([&](db::Tx& tx) { save(tx, voucher); });
  }
  void apply(const Visitor& who, const char* code) {
    fair().write([&](db::Tx& tx) { apply_voucher(tx, fair().shop, who, code); });
  }
};
ON_BOTH_ENGINES(OrderChanges);

TEST(OrderLines, PartsOfALineAddUpToIt) {
  EXPECT_TRUE(rc::check([] {
    OrderLine line;
    line.id = 7;
    line.quantity = *rc::gen::inRange<std::int64_t>(1, 9);
    line.unit_price = *rc::gen::inRange<std::int64_t>(0, 30);
    const std::int64_t price = line.unit_price * line.quantity;
    line.condition_discount = *rc::gen::inRange<std::int64_t>(0, price + 1);
    line.voucher_discount = *rc::gen::inRange<std::int64_t>(0, price - line.condition_discount + 1);
    line.condition_units = *rc::gen::inRange<std::int64_t>(0, line.quantity + 1);
    line.line_total = price - line.condition_discount - line.voucher_discount;
    line.tax_rate = *rc::gen::element(std::string("19"), std::string("0"), std::string("7"));
    line.tax_inclusive = *rc::gen::arbitrary<bool>();
    tax_line(line);
    std::vector<OrderLine> lines{line};
    std::vector<OrderLine> left = lines_left(lines);
    while (!left.empty()) {
      const bool reduces = left[0].gross > 1 && *rc::gen::inRange(0, 4) == 0;
      const OrderLine part =
          reduces ? reduction_of(left[0], *rc::gen::inRange<std::int64_t>(1, left[0].gross + 1))
                  : reversal_of(left[0], *rc::gen::inRange<std::int64_t>(1, left[0].quantity + 1));
      RC_ASSERT(part.gross == part.net + part.tax);
      RC_ASSERT(part.gross <= 0 && part.net <= 0 && part.tax <= 0);
      RC_ASSERT(part.line_total ==
                part.unit_price * part.quantity - part.condition_discount - part.voucher_discount);
      lines.push_back(part);
      left = lines_left(lines);
      for (const OrderLine& one : left)
        RC_ASSERT(one.gross >= 0 && one.net >= 0 && one.tax >= 0 && one.condition_discount >= 0 &&
                  one.voucher_discount >= 0);
    }
    const OrderSums sums = sums_of(lines);
    RC_ASSERT(sums == OrderSums{});
  }));
}

TEST(OrderLines, HalfATicketTwiceIsTheWorkedExample) {
  OrderLine line;
  line.id = 1;
  line.quantity = 2;
  line.unit_price = 5950;
  line.line_total = 11900;
  line.tax_rate = "19";
  tax_line(line);
  EXPECT_EQ(line.tax, 1900);
  const OrderLine half = reversal_of(line, 1);
  EXPECT_EQ(half.gross, -5950);
  EXPECT_EQ(half.tax, -950);
}

// Worked examples 10 and 11 of the chapter, with orders. source: taxes 25, 2.
TEST_P(OrderChanges, TheTaxThatGoesBackIsTheTaxThatWasCharged) {
  Fair& fair = open({.ticket_types = {ticket("a", 999, 9), ticket("b", 999, 9), ticket("c", 999, 9),
                                      ticket("whole", 11900, 9)}});
  fair.write([&](db::Tx& tx) {
    const Id id = save_standard_tax(tx, fair.conference_id);
    for (const char* slug : {"a", "b", "c", "whole"}) {
      TicketType type = find_ticket_type(tx, fair.conference_id, slug).value();
      type.tax_rule_id = id;
      save(tx, type);
    }
  });
  const auto taxes = [&](Id order_id) {
    std::vector<std::int64_t> all;
    for (const OrderLine& line : fair.get(order_id).lines) all.push_back(line.tax);
    return all;
  };
  using Taxes = std::vector<std::int64_t>;
  const Order three = paid({{"a"}, {"b"}, {"c"}});
  EXPECT_EQ(taxes(three.id), (Taxes{159, 160, 160}));
  for (const char* name : {"Ticket b", "Ticket a"}) {
    change(three.id, {.taken_back = {{line_of(fair.get(three.id), name), 1, {}}}});
    give_back(three.id, {.amount = 999});
  }
  EXPECT_EQ(taxes(three.id), (Taxes{159, 160, 160, -160, -159}));
  EXPECT_EQ(fair.get(three.id).tax, 160);
  give_back(three.id, {.amount = 999});
  EXPECT_EQ(taxes(three.id), (Taxes{159, 160, 160, -160, -159, -160}));
  EXPECT_EQ(faults_of(three.id), "");

  const Order whole = paid({{"whole"}}, fair.guest("bob"));
  EXPECT_EQ(taxes(whole.id), (Taxes{1900}));
  give_back(whole.id, {.amount = 5950});
  give_back(whole.id, {.amount = 5950});
  EXPECT_EQ(taxes(whole.id), (Taxes{1900, -950, -950}));
  EXPECT_EQ(fair.get(whole.id).status, OrderStatus::refunded);
  EXPECT_EQ(faults_of(whole.id), "");
}

TEST_P(OrderChanges, ATicketTakenBackFreesItsStockAndItsSeat) {
  Fair& fair = open_fair();
  const Order order = paid({{"individual", "", 3}});
  EXPECT_EQ(fair.remaining("individual"), 17);
  const auto plan = change(order.id, {.taken_back = {{line_of(order, "individual"), 1, {2}}}});
  EXPECT_EQ(plan.difference(), -11900);
  EXPECT_EQ(fair.remaining("individual"), 18);
  EXPECT_EQ(fair.places(), 48);
  const auto left = seats(order.id);
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0].position, 1);
  EXPECT_EQ(left[1].position, 3) << "the named seat went";
  const Order after = fair.get(order.id);
  EXPECT_EQ(after.total, 23800);
  EXPECT_EQ(after.status, OrderStatus::paid);
  EXPECT_EQ(after.attention, attention_owed);
  EXPECT_EQ(money(order.id).to_refund(), 11900);
  EXPECT_EQ(after.version, order.version + 2) << "the change, and the note";
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, AnAddedTicketIsDueAndHasASeatOfItsOwn) {
  Fair& fair = open_fair();
  const Order order = paid({{"individual"}});
  change(order.id, {.added = {{ProductKind::ticket_type, product("student"), {}, 2, {}}}});
  EXPECT_EQ(fair.remaining("student"), 28);
  EXPECT_EQ(seats(order.id).size(), 3u);
  EXPECT_EQ(fair.get(order.id).total, 21900);
  EXPECT_EQ(fair.get(order.id).attention, attention_due);
  EXPECT_EQ(money(order.id).due(), 10000);
  EXPECT_EQ(faults_of(order.id), "");
  EXPECT_EQ(fair.pay(order.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(money(order.id).due(), 0);
  EXPECT_EQ(fair.get(order.id).attention, "");
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(Fair::refusal([&] { fair.pay(order.id); }), "not_payable");
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, ATicketTakenBackAllowsNoAddOnLater) {
  Fair& fair = open_fair();
  const Visitor ada = fair.guest("ada");
  const Order order = paid({{"individual"}, {"shirt", "m"}}, ada);
  fair.add_extra(ada, "tutorial");
  const Id tutorial = fair.cart(ada).items.at(0).id;
  fair.write([&](db::Tx& tx) { return remove_item(tx, fair.shop, ada, tutorial); });
  change(order.id, {.taken_back = {{line_of(order, "individual"), 1, {}}}});
  EXPECT_EQ(Fair::refusal([&] { fair.add_extra(ada, "tutorial"); }), "requires_ticket");
}

TEST_P(OrderChanges, WhatIsSoldOutCannotBeAdded) {
  Fair& fair = open_fair(1);
  const Order order = paid({{"student"}});
  paid({{"individual"}}, fair.guest("bob"));
  const WantedChange wanted{.added = {{ProductKind::ticket_type, product("individual"), {}, 1, {}}}};
  EXPECT_EQ(Fair::refusal([&] { change(order.id, wanted); }), "sold_out");
  EXPECT_EQ(fair.get(order.id).total, 5000);
  // In exchange for the other one at a full conference it would need a place of that type all the same.
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, AnExchangeAtAFullConferenceNeedsNoFurtherPlace) {
  Fair& fair = open_fair();
  const Order order = paid({{"student", "", 2}});
  fair.write([&](db::Tx& tx) { set_conference_capacity(tx, fair.conference_id, 2); });
  EXPECT_EQ(fair.places(), 0);
  change(order.id, {.taken_back = {{line_of(order, "student"), 1, {}}},
                    .added = {{ProductKind::ticket_type, product("individual"), {}, 1, {}}}});
  EXPECT_EQ(fair.places(), 0);
  EXPECT_EQ(seats(order.id).size(), 2u);
  EXPECT_EQ(money(order.id).due(), 6900);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, AnotherSizeAtTheSamePriceChangesNoMoney) {
  Fair& fair = open_fair();
  const Order order = paid({{"individual"}, {"shirt", "s", 2}});
  const Id line = line_of(order, "shirt");
  const auto plan = change(order.id, {.swapped = {{line, 1, variations["m"]}}});
  EXPECT_EQ(plan.difference(), 0);
  const Order after = fair.get(order.id);
  EXPECT_EQ(after.total, order.total);
  EXPECT_EQ(after.tax, order.tax);
  EXPECT_EQ(line_of(after, ", m") != 0, true);
  EXPECT_EQ(after.attention, "");
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, ADearerSizeCostsTheDifferenceOfTodaysPrices) {
  Fair& fair = open_fair();
  const Order order = paid({{"shirt", "s", 2}});
  // The shirt is dearer by now; the buyer pays what the sizes differ by.
  fair.write([&](db::Tx& tx) {
    AddOn shirt = *load_catalogue(tx, fair.conference_id, fair.settings)->addon("shirt");
    shirt.price = 2800;
    save(tx, shirt);
  });
  EXPECT_EQ(change(order.id, {.swapped = {{line_of(order, "shirt"), 2, variations["xl"]}}}).difference(),
            400);
  EXPECT_EQ(faults_of(order.id), "");
  EXPECT_EQ(Fair::refusal([&] {
              const Order now = fair.get(order.id);
              change(order.id, {.added = {{ProductKind::addon, product("shirt"), variations["xl"], 1, {}}}});
            }),
            "sold_out")
      << "there were two of that size";
}

// What the two cost today, and what the old one was bought for: never more than either asks.
TEST(SwapDifference, IsTheSmallerOfTheTwoOrNothing) {
  const auto difference = [](std::int64_t bought_for, std::int64_t before, std::int64_t after) {
    return swap_difference({bought_for, before, after});
  };
  EXPECT_EQ(difference(2000, 2000, 2500), 500);
  EXPECT_EQ(difference(2000, 2000, 1500), -500);
  EXPECT_EQ(difference(2000, 3000, 3000), 0) << "both rose alike";
  EXPECT_EQ(difference(2000, 3000, 3500), 500) << "both rose alike: the difference of the kinds";
  EXPECT_EQ(difference(2000, 3000, 2000), 0) << "the old one rose alone: nothing comes back for that";
  EXPECT_EQ(difference(2000, 3000, 1500), -500) << "no more than was paid above the new one";
  EXPECT_EQ(difference(2000, 1000, 2000), 0) << "the old one fell alone: the new one's price is paid already";
  EXPECT_EQ(difference(2000, 1000, 2200), 200);
  EXPECT_EQ(difference(3000, 2000, 2000), 0) << "both fell alike";
  EXPECT_EQ(difference(3000, 2000, 2500), 0) << "dearer than the old one, and paid already";
  EXPECT_EQ(difference(3000, 2000, 1500), -500);
  EXPECT_EQ(difference(0, 2000, 2500), 500) << "a ticket that staff gave away";
}

TEST_P(OrderChanges, APriceThatRoseSinceIsNeitherChargedNorGivenBack) {
  Fair& fair = open_fair();
  const Order order = paid({{"shirt", "s", 1}});
  const std::int64_t paid_for = order.total;
  // The small one alone is dearer by now.
  price("s", 9000);
  const auto medium = change(order.id, {.swapped = {{line_of(order, "shirt"), 1, variations["m"]}}});
  EXPECT_EQ(medium.difference(), 0) << "money back for a price that rose";
  ASSERT_EQ(medium.additions.size(), 1u);
  ASSERT_TRUE(medium.additions[0].swap);
  EXPECT_EQ(medium.additions[0].swap->before, 9000);
  const Order now = fair.get(order.id);
  EXPECT_EQ(now.total, paid_for);
  const auto catalogue =
      fair.read([&](db::Tx& tx) { return load_catalogue(tx, fair.conference_id, fair.settings); });
  EXPECT_FALSE(explain(*catalogue, medium.additions[0])) << "it costs what was paid for it";
  // Back again it is what was bought.
  const auto back = change(order.id, {.swapped = {{line_of(now, ", m"), 1, variations["s"]}}});
  EXPECT_EQ(back.difference(), 0);
  const auto why = explain(*catalogue, back.additions[0]);
  ASSERT_TRUE(why);
  EXPECT_TRUE(why->text.starts_with("The price stays"));
  EXPECT_EQ(faults_of(order.id), "");
}

// Whatever the prices did: a way that ends where it began costs nothing and gives nothing back.
TEST_P(OrderChanges, ChangingBackGivesThePriceThatWasPaid) {
  Fair& fair = open_fair();
  const Order order = paid({{"shirt", "s", 2}});
  const std::int64_t each = order.lines.at(0).unit_price;
  const auto prices = [&](std::int64_t s, std::int64_t m, std::int64_t xl) {
    price("s", s);
    price("m", m);
    price("xl", xl);
  };
  const auto swap = [&](const char* from, std::int64_t units, const char* to) {
    const Id line = line_of(fair.get(order.id), from);
    return change(order.id, {.swapped = {{line, units, variations[to]}}}).difference();
  };
  const std::int64_t paid_for = order.total;
  prices(each - 1000, each - 500, each);  // everything fell by more than sizes differ
  EXPECT_EQ(swap(", s", 1, "xl"), 0) << "its price of today is paid already";
  EXPECT_EQ(swap(", xl", 1, "s"), 0) << "the fall would come back";
  EXPECT_EQ(fair.get(order.id).total, paid_for);
  // By two steps, and with another price in between.
  prices(each, each + 500, each + 300);
  EXPECT_EQ(swap(", s", 1, "m"), 500);
  prices(each + 900, each + 2000, each - 300);
  EXPECT_EQ(swap(", m", 1, "xl"), -800) << "as from the small one: 300 below what was bought";
  EXPECT_EQ(swap(", xl", 1, "s"), 300);
  EXPECT_EQ(fair.get(order.id).total, paid_for);
  EXPECT_EQ(faults_of(order.id), "");
}

// A discount that a lower price could not bear comes back with the price.
TEST_P(OrderChanges, WhatWasFreeIsFreeAgainAfterChangingBack) {
  Fair& fair = open_fair();
  const Visitor ada = fair.guest("ada");
  Voucher voucher;
  voucher.code = "FREE";
  voucher.type = VoucherType::comp;
  voucher.ticket_scope = Scope::none;
  make(voucher);
  price("m", 1000);
  fair.add(ada, "individual");
  fair.write(
      [&](db::Tx& tx) { add_addon(tx, fair.shop, ada, {.slug = "shirt", .quantity = 1, .variation = "s"}); });
  apply(ada, "free");
  const Order order = paid({}, ada);
  EXPECT_EQ(order.total, 11900);
  const auto swap = [&](const char* from, const char* to) {
    const Id line = line_of(fair.get(order.id), from);
    return change(order.id, {.swapped = {{line, 1, variations[to]}}}).difference();
  };
  EXPECT_EQ(swap(", s", "m"), 0);
  EXPECT_EQ(swap(", m", "s"), 0) << "it was free";
  EXPECT_EQ(swap(", s", "xl"), 500);
  EXPECT_EQ(faults_of(order.id), "");
  EXPECT_EQ(fair.stock_faults(), "");
}

TEST_P(OrderChanges, ARepricedLineKeepsItsSeats) {
  Fair& fair = open_fair();
  const Order order = paid({{"individual", "", 2}});
  const auto before = seats(order.id);
  change(order.id, {.repriced = {{line_of(order, "individual"), 5950}}});
  const auto after = seats(order.id);
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[0].access_code, before[0].access_code);
  EXPECT_EQ(fair.get(order.id).total, 11900);
  EXPECT_EQ(fair.get(order.id).tax, 1900);
  EXPECT_EQ(fair.remaining("individual"), 18);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, AnUnpaidOrderHoldsWhatItConsistsOf) {
  Fair& fair = open_fair();
  const Order order = ordered({{"individual", "", 2}}, fair.guest("ada"));
  change(order.id, {.taken_back = {{line_of(order, "individual"), 1, {}}},
                    .added = {{ProductKind::addon, product("shirt"), variations["m"], 1, {}}}});
  EXPECT_EQ(fair.remaining("individual"), 19);
  EXPECT_EQ(fair.remaining("shirt"), 29);
  EXPECT_EQ(fair.stock_faults(), "");
  EXPECT_EQ(fair.pay(order.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair.get(order.id).total, 14400);
  EXPECT_EQ(seats(order.id).size(), 1u);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, AnUnpaidOrderThatCostsNothingAnyMoreIsPaid) {
  Fair& fair = open_fair();
  const Order order = ordered({{"individual"}}, fair.guest("ada"));
  change(order.id, {.repriced = {{line_of(order, "individual"), 0}}});
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(seats(order.id).size(), 1u);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, TheVoucherOfTheOrderReachesWhatIsAddedOnlyOnce) {
  Fair& fair = open_fair();
  const Visitor ada = fair.guest("ada");
  Voucher voucher;
  voucher.code = "HALF";
  voucher.type = VoucherType::percentage;
  voucher.percent = Decimal(50);
  voucher.max_uses = 1;
  voucher.max_units = 2;
  make(voucher);
  fair.add(ada, "student", 1);
  apply(ada, "half");
  const Order order = paid({}, ada);
  EXPECT_EQ(order.total, 2500);
  // It is used up for everybody else, and reaches one more unit of this order.
  EXPECT_EQ(
      change(order.id, {.added = {{ProductKind::ticket_type, product("student"), {}, 2, {}}}}).difference(),
      7500);
  EXPECT_EQ(faults_of(order.id), "");
  // Taken back, its unit is free for another one.
  const Order now = fair.get(order.id);
  const auto plan = change(order.id, {.taken_back = {{line_of(now, "student"), 1, {}}},
                                      .added = {{ProductKind::ticket_type, product("student"), {}, 1, {}}}});
  EXPECT_EQ(plan.difference() <= 2500, true);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, AnOrderThatChangedMeanwhileIsLookedAtAgain) {
  Fair& fair = open_fair();
  const Order order = paid({{"student", "", 2}});
  const WantedChange wanted{.taken_back = {{line_of(order, "student"), 1, {}}}};
  const auto with_version = [&](std::int64_t version) {
    return Fair::refusal([&] {
      fair.write([&](db::Tx& tx) {
        Order now = find_order(tx, order.id).value();
        change_by_staff(tx, fair.shop, now, wanted, version, staff);
      });
    });
  };
  EXPECT_EQ(with_version(order.version), "");
  EXPECT_EQ(with_version(order.version), "changed_meanwhile");
  EXPECT_EQ(seats(order.id).size(), 1u);
}

TEST_P(OrderChanges, WrongChangesAreRefusedAndChangeNothing) {
  Fair& fair = open_fair();
  const Order order = paid({{"student", "", 2}});
  const Id line = line_of(order, "student");
  const auto refused = [&](const WantedChange& wanted) {
    return Fair::refusal([&] { change(order.id, wanted); });
  };
  EXPECT_EQ(refused({}), "no_change");
  EXPECT_EQ(refused({.taken_back = {{line, 3, {}}}}), "quantity");
  EXPECT_EQ(refused({.taken_back = {{line, 2, {}}, {line, 1, {}}}}), "no_line");
  EXPECT_EQ(refused({.taken_back = {{line, 1, {7}}}}), "no_seat");
  EXPECT_EQ(refused({.taken_back = {{line, 1, {1, 2}}}}), "no_seat");
  EXPECT_EQ(refused({.taken_back = {{999999, 1, {}}}}), "no_line");
  EXPECT_EQ(refused({.added = {{ProductKind::addon, product("shirt"), {}, 1, {}}}}), "variation");
  EXPECT_EQ(refused({.added = {{ProductKind::addon, 999999, {}, 1, {}}}}), "unavailable");
  EXPECT_EQ(refused({.repriced = {{line, -1}}}), "price");
  EXPECT_EQ(fair.get(order.id).version, order.version);
  EXPECT_EQ(seats(order.id).size(), 2u);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(OrderChanges, WithoutUnitsAnOrderIsRefundedAndEverythingIsFree) {
  Fair& fair = open_fair();
  const Order order = paid({{"student", "", 2}, {"shirt", "m", 1}});
  fair.write([&](db::Tx& tx) {
    Order now = find_order(tx, order.id).value();
    change_by_staff(tx, fair.shop, now, all_of(now), now.version, staff);
  });
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::refunded);
  EXPECT_EQ(fair.get(order.id).attention, attention_owed);
  EXPECT_EQ(fair.remaining("student"), 30);
  EXPECT_EQ(fair.remaining("shirt"), 30);
  EXPECT_TRUE(seats(order.id).empty());
  EXPECT_EQ(faults_of(order.id), "");
}

}  // namespace
}  // namespace plenary::registration::testing
