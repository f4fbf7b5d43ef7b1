// Vouchers and discounts from cart to order: what they take off, what they unlock and keep back, and that
// their uses are counted as exactly as seats. source: registration 20, 5, 6, 8, 10 and D3, D6, D9, D10, D12.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/registration/conditions.hpp"
#include "domain/registration/sale.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"
#include "domain/registration/voucher_removal.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration {
namespace {

using testing::addon;
using testing::Fair;
using testing::FairPlan;
using testing::ticket;

class Discounts : public testing::Sale {
 protected:
  void SetUp() override {
    testing::Sale::SetUp();
    FairPlan plan;
    plan.capacity = 100;
    TicketType hidden = ticket("speaker", 50'00, 5);
    hidden.requires_voucher = true;
    plan.ticket_types = {ticket("individual", 100'00, 10), ticket("student", 40'00, 2), hidden};
    plan.addons = {addon("shirt", 25'00, 20)};
    open(plan);
  }

  Voucher model(const std::string& code) {
    Voucher v;
    v.conference_id = fair().conference_id;
    v.code = code;
    return v;
  }
  Id store(const Voucher& v, const ScopedProducts& products = {}) {
    return fair().write([&](db::Tx& tx) { return save(tx, v, products); });
  }
  Condition early(std::int64_t limit) {
    Condition c;
    c.conference_id = fair().conference_id;
    c.kind = ConditionKind::time_limit;
    c.name = "Early bird";
    c.percent = Decimal(50);
    c.usage_limit = limit;
    return c;
  }
  // Two uses that keep both places of the student ticket back.
  void reserve_student_tickets() {
    Voucher v = model("VIP");
    v.ticket_scope = Scope::selected;
    v.addon_scope = Scope::none;
    v.max_uses = 2;
    v.reserves = true;
    store(v, {{product("student")}, {}});
    EXPECT_EQ(fair().remaining("student"), 0);
  }
  CartChange use(const Visitor& who, const std::string& code) {
    return fair().write([&](db::Tx& tx) { return apply_voucher(tx, fair().shop, who, code); });
  }
  std::int64_t uses(const std::string& code) {
    return fair().read(
        [&](db::Tx& tx) { return times_used(tx, find_voucher(tx, fair().conference_id, code).value()); });
  }
  Id product(const std::string& slug) {
    return fair().read([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      const TicketType* type = catalogue->ticket_type(slug);
      return type ? type->id : catalogue->addon(slug)->id;
    });
  }
  // Not stored yet.
  Variation small_shirt() {
    Variation small;
    small.conference_id = fair().conference_id;
    small.addon_id = product("shirt");
    small.name = "Small";
    small.slug = "s";
    return small;
  }
};

TEST_P(Discounts, AVoucherIsUsedByTheOrderAndGivenBackWhenItIsCancelled) {
  store(model("FREE"));
  const Visitor ada = fair().guest("ada");
  fair().add(ada, "individual", 2);
  EXPECT_THAT(Fair::refusal([&] { use(ada, "nope"); }), "unknown_code");
  use(ada, " free ");
  EXPECT_EQ(fair().cart(ada).quote.total, 100'00);  // one unit a use
  EXPECT_EQ(uses("FREE"), 0);
  const PlacedOrder placed = fair().order(ada, "ada@example.org");
  EXPECT_EQ(uses("FREE"), 1);
  const Order order = fair().get(placed.order_id);
  EXPECT_EQ(order.voucher_code, "FREE");
  EXPECT_EQ(order.discount, 100'00);
  EXPECT_EQ(order.lines[0].voucher_discount, 100'00);
  fair().write([&](db::Tx& tx) {
    Order open = find_order(tx, placed.order_id).value();
    cancel(tx, fair().shop, open, {"test", "buyer", ""});
    return 0;
  });
  EXPECT_EQ(uses("FREE"), 0);
}

TEST_P(Discounts, AnOrderThatElapsesGivesItsUseBackAtThatInstant) {
  store(model("FREE"));
  const Visitor ada = fair().guest("ada"), bob = fair().guest("bob");
  fair().add(ada, "individual", 2);
  use(ada, "FREE");
  fair().order(ada, "ada@example.org");
  EXPECT_EQ(Fair::refusal([&] { use(bob, "FREE"); }), "unknown_code");
  clock().advance(Duration::minutes(fair().settings.pending_order_expiry_minutes));
  EXPECT_EQ(uses("FREE"), 0);
  fair().add(bob, "individual", 2);
  use(bob, "FREE");
  const PlacedOrder placed = fair().order(bob, "bob@example.org");
  fair().pay(placed.order_id);
  EXPECT_EQ(uses("FREE"), 1);
}

TEST_P(Discounts, ABudgetThatIsSetLaterCountsWhatEarlierOrdersTookOff) {
  Voucher v = model("HALF");
  v.type = VoucherType::percentage;
  v.percent = Decimal(50);
  v.max_uses = 100;
  v.max_units = std::nullopt;
  v.id = store(v);
  const auto order = [&](const std::string& name) {
    const Visitor who = fair().guest(name);
    fair().add(who, "individual", 1);
    use(who, "HALF");
    return fair().order(who, name + "@example.org").order_id;
  };
  const auto set = [&](std::optional<std::int64_t> budget) {
    v = fair().read([&](db::Tx& tx) { return find_voucher(tx, fair().conference_id, "half").value(); });
    v.budget = budget;
    store(v);
  };
  const auto left = [&]() -> std::int64_t {
    const StockLevels levels =
        fair().read([&](db::Tx& tx) { return voucher_levels(tx, fair().conference_id, v.id); });
    const StockLevel* level = levels.find(StockKind::voucher_budget, v.id);
    return level ? level->remaining().value_or(-1) : -2;
  };
  const auto price = [&](const std::string& name) {
    const Visitor who = fair().guest(name);
    fair().add(who, "individual", 1);
    use(who, "HALF");
    return fair().cart(who).quote.total;
  };
  const Id paid = order("ada"), unpaid = order("bob"), gone = order("carl");
  fair().pay(paid);
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, gone).value();
    cancel(tx, fair().shop, now, {"test", "buyer", ""});
  });
  set(120'00);
  EXPECT_EQ(left(), 20'00) << "50.00 are taken off by a paid order, 50.00 by an unpaid one";
  EXPECT_EQ(price("dora"), 80'00);
  // What comes back makes room again, what is paid stays counted.
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, unpaid).value();
    cancel(tx, fair().shop, now, {"test", "buyer", ""});
  });
  EXPECT_EQ(left(), 70'00);
  // Without a budget for a while: that counts as well.
  set(std::nullopt);
  const Id between = order("emil");
  fair().pay(between);
  set(110'00);
  EXPECT_EQ(left(), 10'00);
  set(60'00);
  EXPECT_EQ(left(), -40'00);
  EXPECT_EQ(price("fred"), 100'00) << "nothing more is taken off";
  const auto found = fair().read([&](db::Tx& tx) { return verify_stock(tx, fair().conference_id); });
  ASSERT_EQ(found.size(), 1u) << fair().stock_faults();
  EXPECT_TRUE(found[0].is_remark);
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, paid).value();
    cancel_by_staff(tx, fair().shop, fair().gateway, now, {}, now.version, {"admin", "eve", ""});
  });
  EXPECT_EQ(left(), 10'00);
}

TEST_P(Discounts, AVoucherThatIsDeletedKeepsNothingBack) {
  reserve_student_tickets();
  fair().write([&](db::Tx& tx) { remove(tx, find_voucher(tx, fair().conference_id, "VIP").value()); });
  EXPECT_EQ(fair().remaining("student"), 2);
  EXPECT_EQ(fair().places(), 100);
}

TEST_P(Discounts, AllKindsOfATicketCountWhenTheLimitIsCheckedAgainAtThePayment) {
  fair().write([&](db::Tx& tx) {
    TicketType type = find_ticket_type(tx, fair().conference_id, "individual").value();
    type.limit_per_user = 2;
    save(tx, type);
    for (const char* kind : {"blue", "red"}) {
      Variation variation;
      variation.conference_id = fair().conference_id;
      variation.ticket_type_id = type.id;
      variation.name = variation.slug = kind;
      save(tx, variation);
    }
  });
  const auto add = [&](const Visitor& who, const std::string& kind) {
    fair().write([&](db::Tx& tx) { return add_ticket(tx, fair().shop, who, {"individual", 1, kind, {}}); });
  };
  const Visitor here = fair().guest("here"), elsewhere = fair().guest("elsewhere");
  add(here, "blue");
  add(here, "red");
  const Id two = fair().order(here, "ada@example.org").order_id;
  add(elsewhere, "red");
  const Id one = fair().order(elsewhere, "ada@example.org").order_id;
  fair().pay(one);
  EXPECT_EQ(Fair::refusal([&] { fair().pay(two); }), "limit") << "three of two";
}

// Legal: nothing more is sold, and who recounts is told and not alarmed.
TEST_P(Discounts, LimitsBelowWhatIsInUseAreARemarkOfTheRecount) {
  Voucher v = model("TEN");
  v.type = VoucherType::fixed_amount;
  v.amount = 10'00;
  v.max_uses = 5;
  v.id = store(v);
  Condition c = early(5);
  c.id = fair().write([&](db::Tx& tx) { return save_condition(tx, c); });
  for (const char* name : {"ada", "bob"}) {
    const Visitor who = fair().guest(name);
    fair().add(who, "individual", 2);
    use(who, "TEN");
    const Id id = fair().order(who, std::string(name) + "@example.org").order_id;
    if (name == std::string("ada")) fair().pay(id);
  }
  const auto limits = [&](std::int64_t tickets, std::int64_t uses, std::int64_t units, std::int64_t places) {
    fair().write([&](db::Tx& tx) {
      TicketType type = find_ticket_type(tx, fair().conference_id, "individual").value();
      type.total_quantity = tickets;
      save(tx, type);
      Voucher now = find_voucher(tx, fair().conference_id, "ten").value();
      now.max_uses = uses;
      save(tx, now);
      Condition discount = find_condition(tx, fair().conference_id, c.id).value();
      discount.usage_limit = units;
      save_condition(tx, discount, links_of_condition(tx, c.id));
      set_conference_capacity(tx, fair().conference_id, places);
    });
  };
  limits(3, 1, 3, 3);
  const auto found = fair().read([&](db::Tx& tx) { return verify_stock(tx, fair().conference_id); });
  EXPECT_EQ(found.size(), 4u) << fair().stock_faults();
  for (const StockFault& one : found) EXPECT_TRUE(one.is_remark) << one.what;
  const Visitor eve = fair().guest("eve");
  EXPECT_EQ(Fair::refusal([&] { fair().add(eve, "individual", 1); }), "sold_out");
  EXPECT_EQ(Fair::refusal([&] { use(eve, "TEN"); }), "unknown_code");
  limits(10, 5, 5, 100);
}

// Counters that agree with the orders and stand over a limit that nobody lowered: seats were sold twice.
TEST_P(Discounts, AnOversoldRowIsAFaultUntilItHasComeBack) {
  std::vector<Id> orders;
  for (const char* name : {"ada", "bob"}) {
    const Visitor who = fair().guest(name);
    fair().add(who, "individual", 2);
    orders.push_back(fair().order(who, std::string(name) + "@example.org").order_id);
    fair().pay(orders.back());
  }
  const auto found = [&] {
    return fair().read([&](db::Tx& tx) { return verify_stock(tx, fair().conference_id); });
  };
  const auto set_limit = [&](std::int64_t quantity) {
    fair().write([&](db::Tx& tx) {
      TicketType type = find_ticket_type(tx, fair().conference_id, "individual").value();
      type.total_quantity = quantity;
      save(tx, type);
    });
  };
  const auto cancel_one = [&] {
    fair().write([&](db::Tx& tx) {
      Order now = find_order(tx, orders.back()).value();
      cancel_by_staff(tx, fair().shop, fair().gateway, now, {}, now.version, {"admin", "eve", ""});
    });
    orders.pop_back();
  };
  const Id type_id = product("individual");
  fair().write([&](db::Tx& tx) {
    tx.exec("UPDATE stock SET capacity = 3 WHERE kind = 'ticket_type' AND product_id = $1", type_id);
  });
  const auto is_fault = [&] { return found().size() == 1 && !found()[0].is_remark; };
  EXPECT_TRUE(is_fault()) << fair().stock_faults();
  set_limit(3);  // not a lowering
  EXPECT_TRUE(is_fault());
  set_limit(2);  // lowers by one; the other one was sold twice all the same
  EXPECT_TRUE(is_fault());
  EXPECT_THAT(found()[0].what, ::testing::HasSubstr("4 sold and 0 held of 2, 1 too many"));
  cancel_one();
  EXPECT_TRUE(found().empty()) << fair().stock_faults();
  set_limit(1);  // one over it, which comes back
  ASSERT_EQ(found().size(), 1u);
  EXPECT_TRUE(found()[0].is_remark);
  cancel_one();
  EXPECT_TRUE(found().empty());
  EXPECT_EQ(fair().read([&](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT CAST(SUM(over_limit) AS BIGINT) FROM stock");
  }),
            0);
}

// Nor is a quota oversold that sold products were added to, or whose products hold more than it.
TEST_P(Discounts, AQuotaThatIsCountedAnewOverItsSizeIsARemark) {
  const Visitor ada = fair().guest("ada");
  fair().add(ada, "individual", 2);
  Quota quota;
  quota.conference_id = fair().conference_id;
  quota.name = "Hall";
  quota.size = 1;
  quota.ticket_types = {product("individual")};
  fair().write([&](db::Tx& tx) { return save(tx, quota); });
  const auto found = fair().read([&](db::Tx& tx) { return verify_stock(tx, fair().conference_id); });
  ASSERT_EQ(found.size(), 1u) << fair().stock_faults();
  EXPECT_TRUE(found[0].is_remark) << found[0].what;
  clock().advance(Duration::minutes(fair().settings.cart_expiry_minutes));
  fair().sweep();
}

TEST_P(Discounts, AVoucherThatRunsOutMeanwhileIsSaidAndTakesNothingOff) {
  store(model("FREE"));
  const Visitor ada = fair().guest("ada"), bob = fair().guest("bob");
  fair().add(ada, "individual", 2);
  fair().add(bob, "individual", 2);
  use(ada, "FREE");
  use(bob, "FREE");
  fair().order(ada, "ada@example.org");
  const CartView view = fair().cart(bob);
  EXPECT_FALSE(view.quote.voucher_is_valid);
  EXPECT_EQ(view.quote.total, 200'00);
  EXPECT_EQ(Fair::refusal([&] { fair().order(bob, "bob@example.org"); }), "voucher_invalid");
  fair().add(bob, "student", 1);  // the next change of the cart lets go of it
  EXPECT_FALSE(fair().cart(bob).cart->voucher_id);
}

TEST_P(Discounts, AHiddenTicketNeedsAVoucherThatUnlocksItUntilTheOrder) {
  Voucher v = model("SPEAK");
  v.type = VoucherType::percentage;
  v.percent = Decimal(0);
  v.unlocks_hidden_tickets = true;
  v.max_uses = 2;
  v.max_units.reset();
  store(v);
  store(model("OTHER"));
  const Visitor ada = fair().guest("ada");
  EXPECT_EQ(Fair::refusal([&] { fair().add(ada, "speaker"); }), "voucher_required");
  use(ada, "SPEAK");  // into an empty cart
  fair().add(ada, "speaker");
  EXPECT_EQ(fair().cart(ada).quote.total, 50'00);
  const CartChange swapped = use(ada, "OTHER");
  EXPECT_THAT(swapped.also_removed, ::testing::ElementsAre("Ticket speaker"));
  EXPECT_TRUE(fair().cart(ada).items.empty());
}

TEST_P(Discounts, AVoucherUnlocksWhatItIsForAlone) {
  Voucher v = model("SPEAK");
  v.unlocks_hidden_tickets = true;
  v.ticket_scope = Scope::selected;
  store(v, {{product("individual")}, {}});
  const Visitor ada = fair().guest("ada");
  use(ada, "SPEAK");
  EXPECT_EQ(Fair::refusal_text([&] { fair().add(ada, "speaker"); }),
            "The voucher SPEAK is not for Ticket speaker.");
}

// The gate is looked at again by the order, whatever became of the voucher since. source: 20, D3.
TEST_P(Discounts, AVoucherThatUnlocksNoMoreSellsNoHiddenTicket) {
  Voucher v = model("SPEAK");
  v.unlocks_hidden_tickets = true;
  v.max_uses = 2;
  store(v);
  const Visitor ada = fair().guest("ada");
  use(ada, "SPEAK");
  fair().add(ada, "speaker");
  const auto order = [&](auto&& change, const ScopedProducts& products = {}) {
    fair().write([&](db::Tx& tx) {
      Voucher now = find_voucher(tx, fair().conference_id, "SPEAK").value();
      change(now);
      return save(tx, now, products);
    });
    return Fair::refusal_text([&] { fair().order(ada, "ada@example.org"); });
  };
  const std::string refused = "Ticket speaker needs a voucher that unlocks it.";
  EXPECT_EQ(order([](Voucher& now) { now.unlocks_hidden_tickets = false; }), refused);
  EXPECT_TRUE(fair().cart(ada).quote.lines.at(0).needs_voucher);
  EXPECT_EQ(order(
                [](Voucher& now) {
                  now.unlocks_hidden_tickets = true;
                  now.ticket_scope = Scope::selected;
                },
                {{product("individual")}, {}}),
            refused);
  EXPECT_EQ(order([](Voucher& now) { now.is_active = false; }, {{product("speaker")}, {}}),
            "The voucher SPEAK can no longer be used. Remove it from the cart to go on.");
  EXPECT_EQ(order([](Voucher& now) { now.is_active = true; }, {{product("speaker")}, {}}), "");
  EXPECT_EQ(uses("SPEAK"), 1);
}

TEST_P(Discounts, ALimitedDiscountEndsWithItsLastUnit) {
  fair().write([&](db::Tx& tx) { return save_condition(tx, early(3)); });
  const Visitor ada = fair().guest("ada"), bob = fair().guest("bob");
  fair().add(ada, "individual", 2);
  fair().add(bob, "individual", 2);
  EXPECT_EQ(fair().cart(ada).quote.total, 100'00);
  EXPECT_EQ(fair().cart(bob).quote.total, 100'00);
  fair().order(ada, "ada@example.org");
  EXPECT_EQ(fair().cart(bob).quote.total, 150'00);
  const PlacedOrder placed = fair().order(bob, "bob@example.org");
  const Order order = fair().get(placed.order_id);
  EXPECT_EQ(order.lines[0].condition_name, "Early bird");
  EXPECT_EQ(order.lines[0].condition_units, 1);
  fair().pay(placed.order_id);
  // Ada's two units are free again when her order elapses.
  clock().advance(Duration::minutes(fair().settings.pending_order_expiry_minutes));
  const Visitor eve = fair().guest("eve");
  fair().add(eve, "individual", 3);
  EXPECT_EQ(fair().cart(eve).quote.total, 200'00);
}

TEST_P(Discounts, APriceThatChangedIsShownBeforeItBinds) {
  const Visitor ada = fair().guest("ada");
  fair().add(ada, "individual");
  const std::int64_t shown = fair().cart(ada).quote.total;
  fair().write([&](db::Tx& tx) { return save_condition(tx, early(0)); });
  CheckoutForm form;
  form.billing = {"Ada", "ada@example.org", ""};
  form.shown_total = shown;
  form.link_key = &testing::test_link_key();
  EXPECT_EQ(Fair::refusal(
                [&] { fair().write([&](db::Tx& tx) { return place_order(tx, fair().shop, ada, form); }); }),
            "price_changed");
}

TEST_P(Discounts, AReservingVoucherKeepsItsSeatsForItsCarts) {
  reserve_student_tickets();
  const Visitor ada = fair().guest("ada"), bob = fair().guest("bob");
  EXPECT_EQ(Fair::refusal([&] { fair().add(bob, "student"); }), "sold_out");
  use(ada, "VIP");
  fair().add(ada, "student");
  EXPECT_EQ(fair().stock_faults(), "");
  // The cart lapses: the seat is the voucher's again, nobody else's.
  clock().advance(Duration::minutes(fair().settings.cart_expiry_minutes));
  EXPECT_EQ(Fair::refusal([&] { fair().add(bob, "student"); }), "sold_out");
  fair().sweep();
  EXPECT_EQ(fair().remaining("student"), 0);
  fair().add(ada, "individual");  // takes the student ticket again as well
  EXPECT_EQ(fair().cart(ada).items.size(), 2u);
  const PlacedOrder placed = fair().order(ada, "ada@example.org");
  EXPECT_FALSE(placed.is_paid);
  // Switched off: what is left is for everybody.
  const Id student = product("student");
  fair().write([&](db::Tx& tx) {
    Voucher stored = find_voucher(tx, fair().conference_id, "VIP").value();
    stored.is_active = false;
    return save(tx, stored, {{student}, {}});
  });
  EXPECT_EQ(fair().remaining("student"), 1);
}

// A use is over with its order, also where it reached fewer units than it might; it comes back with its
// units.
// What was taken from what a voucher keeps back goes back to it with the voucher, and the other way round.
TEST_P(Discounts, AnotherVoucherTakesTheSeatsAnew) {
  const Visitor ada = fair().guest("ada"), bob = fair().guest("bob");
  Voucher vip = model("VIP");
  vip.ticket_scope = Scope::selected;
  vip.addon_scope = Scope::none;
  vip.reserves = true;
  store(vip, {{product("student")}, {}});
  EXPECT_EQ(fair().remaining("student"), 1);
  fair().add(bob, "student");
  EXPECT_EQ(fair().remaining("student"), 0);
  EXPECT_TRUE(use(bob, "VIP").gone.empty());
  EXPECT_EQ(fair().remaining("student"), 1) << "it is one of those that were kept back";
  fair().add(ada, "student");
  const CartChange change = fair().write([&](db::Tx& tx) { return remove_voucher(tx, fair().shop, bob); });
  ASSERT_EQ(change.gone.size(), 1u) << "ada has the one that is for everybody";
  EXPECT_EQ(change.gone[0].name, "Ticket student");
  EXPECT_EQ(change.gone[0].kept, 0);
  EXPECT_TRUE(fair().cart(bob).items.empty());
  use(bob, "VIP");
  fair().add(bob, "student");
  EXPECT_EQ(fair().order(bob, "bob@example.org").is_paid, true);
}

// Only units of one product, so many, can be kept back; and no longer than the voucher can be used.
TEST_P(Discounts, AReserveIsOfOneProductAndEndsWithItsVoucher) {
  const auto refusal = [&](auto&& change, const ScopedProducts& products) {
    Voucher v = model("VIP");
    v.ticket_scope = Scope::selected;
    v.addon_scope = Scope::none;
    v.reserves = true;
    change(v);
    return Fair::refusal([&] { store(v, products); });
  };
  const auto nothing = [](Voucher&) {};
  EXPECT_EQ(refusal([](Voucher& v) { v.ticket_scope = Scope::all; }, {}), "reserve");
  EXPECT_EQ(refusal([](Voucher& v) { v.addon_scope = Scope::all; }, {{product("student")}, {}}), "reserve");
  EXPECT_EQ(refusal(nothing, {{product("student"), product("individual")}, {}}), "reserve");
  EXPECT_EQ(refusal([](Voucher& v) { v.max_units.reset(); }, {{product("student")}, {}}), "reserve");
  EXPECT_EQ(fair().remaining("student"), 2);
  const Instant until = clock().now() + Duration::minutes(10);
  EXPECT_EQ(refusal([&](Voucher& v) { v.valid_until = until; }, {{product("student")}, {}}), "");
  EXPECT_EQ(fair().remaining("student"), 1);
  clock().advance(Duration::minutes(10));
  EXPECT_EQ(fair().remaining("student"), 1) << "it can be used at its last instant";
  clock().advance(Duration{1});
  EXPECT_EQ(fair().remaining("student"), 2);
  const ScopedProducts products{{product("student")}, {}};
  fair().write([&](db::Tx& tx) {  // saved again, nothing is kept for it
    Voucher over = find_voucher(tx, fair().conference_id, "VIP").value();
    over.note = "over";
    return save(tx, over, products);
  });
  EXPECT_EQ(fair().remaining("student"), 2);
}

TEST_P(Discounts, AReserveFollowsTheUsesThatAreLeft) {
  Voucher v = model("VIP");
  v.ticket_scope = Scope::selected;
  v.addon_scope = Scope::none;
  v.max_units = 2;
  v.reserves = true;
  store(v, {{product("student")}, {}});
  EXPECT_EQ(fair().remaining("student"), 0);
  const Visitor ada = fair().guest("ada");
  use(ada, "VIP");
  fair().add(ada, "student");
  fair().add_extra(ada, "shirt");
  EXPECT_EQ(fair().remaining("student"), 0);
  const PlacedOrder first = fair().order(ada, "ada@example.org");
  EXPECT_EQ(fair().remaining("student"), 1);
  EXPECT_EQ(fair().stock_faults(), "");
  fair().write([&](db::Tx& tx) {
    Order open = find_order(tx, first.order_id).value();
    cancel(tx, fair().shop, open, {"test", "buyer", ""});
  });
  EXPECT_EQ(fair().remaining("student"), 0);

  use(ada, "VIP");
  fair().add(ada, "student", 2);
  const PlacedOrder second = fair().order(ada, "ada@example.org");
  ASSERT_TRUE(second.is_paid);
  fair().write([&](db::Tx& tx) {
    Order paid = find_order(tx, second.order_id).value();
    cancel_by_staff(tx, fair().shop, fair().gateway, paid, {.reason = "ill"}, paid.version,
                    {"admin", "eve", ""});
  });
  EXPECT_EQ(uses("VIP"), 0);
  EXPECT_EQ(fair().remaining("student"), 0) << "the use is there again, and so are its units";
}

TEST_P(Discounts, AVoucherThatIsSavedKeepsItsReserve) {
  Voucher v = model("VIP");
  v.type = VoucherType::percentage;
  v.percent = Decimal(10);
  v.ticket_scope = Scope::selected;
  v.addon_scope = Scope::none;
  v.max_uses = 2;
  v.reserves = true;
  const Id student = product("student");
  store(v, {{student}, {}});
  const auto save_again = [&] {
    fair().write([&](db::Tx& tx) {
      Voucher stored = find_voucher(tx, fair().conference_id, "VIP").value();
      return save(tx, stored, {{student}, {}});
    });
  };
  const Visitor ada = fair().guest("ada"), bob = fair().guest("bob");
  use(ada, "VIP");
  fair().add(ada, "student");
  fair().order(ada, "ada@example.org");
  save_again();
  EXPECT_EQ(fair().remaining("student"), 0) << "one is ordered, one is kept back for the other use";
  use(bob, "VIP");
  fair().add(bob, "student");
  save_again();
  EXPECT_EQ(fair().remaining("student"), 0);
  // The cart and the order are over: both uses are open.
  clock().advance(Duration::minutes(fair().settings.cart_expiry_minutes));
  save_again();
  EXPECT_EQ(fair().remaining("student"), 0);
  fair().sweep();
  EXPECT_EQ(fair().remaining("student"), 0);
  EXPECT_EQ(fair().stock_faults(), "");
  // Nor is anything kept back for a voucher whose time is over.
  fair().write([&](db::Tx& tx) {
    Voucher stored = find_voucher(tx, fair().conference_id, "VIP").value();
    stored.valid_until = tx.now() - Duration::minutes(1);
    return save(tx, stored, {{student}, {}});
  });
  EXPECT_EQ(fair().remaining("student"), 2);
}

// Its units went back to the voucher, whose use is there again: they are for this very order.
TEST_P(Discounts, LateMoneyFindsWhatItsVoucherKeepsBack) {
  Voucher v = model("VIP");
  v.type = VoucherType::percentage;
  v.percent = Decimal(10);
  v.ticket_scope = Scope::selected;
  v.addon_scope = Scope::none;
  v.max_units = 2;
  v.reserves = true;
  store(v, {{product("student")}, {}});
  const Visitor ada = fair().guest("ada");
  use(ada, "VIP");
  fair().add(ada, "student", 2);
  const PlacedOrder placed = fair().order(ada, "ada@example.org");
  const Id payment = fair().pay(placed.order_id, "4000 0000 0000 0077").payment_id;
  clock().advance(Duration::minutes(fair().settings.pending_order_expiry_minutes));
  fair().sweep();
  EXPECT_EQ(uses("VIP"), 0);
  EXPECT_EQ(fair().remaining("student"), 0);
  const Settled settled = fair().write([&](db::Tx& tx) {
    return settle(tx, fair().shop, payment, true, {"sandbox", "system", "late answer"});
  });
  EXPECT_TRUE(settled == Settled::paid || settled == Settled::revived);
  EXPECT_EQ(fair().get(placed.order_id).status, OrderStatus::paid);
  EXPECT_EQ(uses("VIP"), 1);
  EXPECT_EQ(fair().remaining("student"), 0);
}

TEST_P(Discounts, AVouchersBudgetIsSpentOnce) {
  Voucher v = model("FUND");
  v.max_uses = 10;
  v.max_units.reset();
  v.budget = 150'00;
  store(v);
  const Visitor ada = fair().guest("ada"), bob = fair().guest("bob");
  fair().add(ada, "individual");
  fair().add(bob, "individual");
  use(ada, "FUND");
  use(bob, "FUND");
  EXPECT_TRUE(fair().order(ada, "ada@example.org").is_paid);
  EXPECT_EQ(fair().cart(bob).quote.total, 50'00);
  fair().order(bob, "bob@example.org");
}

TEST_P(Discounts, ASharedQuotaIsForAllItsProductsTogether) {
  Quota quota;
  quota.conference_id = fair().conference_id;
  quota.name = "Hall";
  quota.size = 3;
  quota.ticket_types = {product("individual"), product("student")};
  const Visitor ada = fair().guest("ada"), bob = fair().guest("bob");
  fair().add(ada, "individual", 2);  // before the quota is there: it is counted with it
  fair().write([&](db::Tx& tx) { return save(tx, quota); });
  EXPECT_EQ(fair().stock_faults(), "");
  fair().add(bob, "student", 1);
  EXPECT_EQ(Fair::refusal([&] { fair().add(bob, "student", 1); }), "sold_out");
  EXPECT_EQ(Fair::refusal([&] { fair().add(bob, "individual", 1); }), "sold_out");
  fair().pay(fair().order(ada, "ada@example.org").order_id);
  EXPECT_EQ(fair().stock_faults(), "");
  quota.id = fair().read([&](db::Tx& tx) { return quotas_of(tx, fair().conference_id).front().id; });
  quota.ticket_types = {product("student")};
  fair().write([&](db::Tx& tx) { return save(tx, quota); });
}

TEST_P(Discounts, AProductWithVariationsIsBoughtAsOneOfThem) {
  Variation small = small_shirt();
  small.total_quantity = 1;
  Variation large = small;
  large.name = "Large";
  large.slug = "l";
  large.total_quantity = 0;
  large.price = 30'00;
  fair().write([&](db::Tx& tx) { return save(tx, small) + save(tx, large); });
  const Visitor ada = fair().guest("ada");
  const auto add = [&](std::string_view variation) {
    return fair().write([&](db::Tx& tx) {
      return add_addon(tx, fair().shop, ada, AddItem{"shirt", 1, variation, {}});
    });
  };
  EXPECT_EQ(Fair::refusal([&] { add(""); }), "variation");
  EXPECT_EQ(Fair::refusal([&] { add("xl"); }), "variation");
  add("s");
  EXPECT_EQ(Fair::refusal_text([&] { add("S"); }), "Extra shirt, Small is sold out.");
  add("l");
  const CartView view = fair().cart(ada);
  ASSERT_EQ(view.quote.lines.size(), 2u);
  EXPECT_EQ(view.quote.lines[0].description, "Extra shirt, Small");
  EXPECT_EQ(view.quote.total, 55'00);
  const PlacedOrder placed = fair().order(ada, "ada@example.org");
  fair().pay(placed.order_id);
  EXPECT_TRUE(fair().get(placed.order_id).lines[1].variation_id);
}

TEST_P(Discounts, AVariationThatIsSwitchedOffMeanwhileIsNamed) {
  Variation small = small_shirt();
  small.id = fair().write([&](db::Tx& tx) { return save(tx, small); });
  const Visitor ada = fair().guest("ada");
  fair().write([&](db::Tx& tx) { return add_addon(tx, fair().shop, ada, AddItem{"shirt", 1, "s", {}}); });
  fair().write([&](db::Tx& tx) {
    Variation now = *variation_table().find(tx, small.id);
    now.is_active = false;
    return save(tx, now);
  });
  EXPECT_EQ(Fair::refusal_text([&] { fair().order(ada, "ada@example.org"); }),
            "Small is no longer available. Remove it from the cart to go on.");
}

// As it was, whatever becomes of it later. source: 20, 10 and D17.
TEST_P(Discounts, AnOrderKeepsItsVoucherAsItWas) {
  Voucher half = model("half");
  half.type = VoucherType::percentage;
  half.percent = *Decimal::parse("12.5");
  half.unlocks_hidden_tickets = true;
  half.ticket_scope = Scope::selected;
  half.addon_scope = Scope::none;
  half.max_uses = 9;
  const Id id = store(half, {{product("individual"), product("student")}, {}});
  Voucher ten = model("TEN");
  ten.type = VoucherType::fixed_amount;
  ten.amount = 10'00;
  const Id fixed = store(ten);
  const auto details = [&](const std::string& code) {
    const Visitor who = fair().guest("who uses " + code);
    fair().add(who, "individual");
    if (!code.empty()) use(who, code);
    const Id order = fair().order(who, "who" + code + "@example.org").order_id;
    return fair().read([&](db::Tx& tx) {
      return tx.one<std::string>("SELECT voucher_details FROM orders WHERE id = $1", order);
    });
  };
  EXPECT_EQ(details(""), "");
  EXPECT_EQ(details("half"),
            R"({"id": )" + std::to_string(id) +
                R"(, "code": "HALF", "voucher_type": "percentage", "discount_value": "12.50", )"
                R"("unlocks_hidden_tickets": true, "ticket_scope": "selected", "addon_scope": "none", )"
                R"("ticket_types": [)" +
                std::to_string(product("individual")) + "," + std::to_string(product("student")) +
                R"(], "addons": []})");
  EXPECT_EQ(details("TEN"),
            R"({"id": )" + std::to_string(fixed) +
                R"(, "code": "TEN", "voucher_type": "fixed_amount", "discount_value": "10.00", )"
                R"("unlocks_hidden_tickets": false, "ticket_scope": "all", "addon_scope": "all", )"
                R"("ticket_types": [], "addons": []})");
}

TEST_P(Discounts, TaxOfAnOrderIsWhatTheCartSaid) {
  TaxRule rule;
  rule.conference_id = fair().conference_id;
  rule.name = rule.slug = "vat";
  rule.rate = Decimal(19);
  rule.includes_tax = false;
  const Id id = fair().write([&](db::Tx& tx) { return save(tx, rule); });
  fair().write([&](db::Tx& tx) {
    return tx.exec("UPDATE ticket_type SET tax_rule_id = $1", id) +
           tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1");
  });
  const Visitor ada = fair().guest("ada");
  fair().add(ada, "individual");
  EXPECT_EQ(fair().cart(ada).quote.total, 119'00);
  const Order order = fair().get(fair().order(ada, "ada@example.org").order_id);
  EXPECT_EQ(order.total, 119'00);
  EXPECT_EQ(order.tax, 19'00);
  EXPECT_EQ(order.lines[0].tax_rate, "19");
  EXPECT_EQ(order.lines[0].net, 100'00);
  EXPECT_FALSE(order.lines[0].tax_inclusive);
}

ON_BOTH_ENGINES(Discounts);

}  // namespace
}  // namespace plenary::registration
