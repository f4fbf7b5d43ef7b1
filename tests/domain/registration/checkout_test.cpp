// Facts about checkout, orders and payments.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "domain/accounts/users.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration::testing {
namespace {

class Checkout : public Sale {};
ON_BOTH_ENGINES(Checkout);

TEST_P(Checkout, AGuestBuysATicketAndAShirt) {
  Fair& fair = open({.capacity = 10,
                     .ticket_types = {ticket("individual", 10000, 5)},
                     .addons = {addon("shirt", 2500, 5)}});
  const auto ada = fair.guest("ada");
  fair.add(ada, "individual", 2);
  fair.add_extra(ada, "shirt");
  const auto placed = fair.order(ada, "ada@example.com");
  EXPECT_TRUE(placed.reference.starts_with("ORD-"));
  EXPECT_EQ(placed.reference.size(), 12u);
  Order order = fair.get(placed.order_id);
  EXPECT_EQ(order.status, OrderStatus::pending);
  EXPECT_EQ(order.total, 22500);
  EXPECT_EQ(order.hold_expires_at, fair.clock.now() + Duration::minutes(15));
  EXPECT_FALSE(fair.cart(ada).cart.has_value()) << "the cart is checked out";
  EXPECT_EQ(fair.remaining("individual"), 3) << "the order's hold follows the cart's without a gap";

  EXPECT_EQ(fair.pay(placed.order_id).outcome, ChargeOutcome::succeeded);
  order = fair.get(placed.order_id);
  EXPECT_EQ(order.status, OrderStatus::paid);
  EXPECT_FALSE(order.hold_expires_at.has_value());
  EXPECT_EQ(fair.remaining("individual"), 3);
  EXPECT_EQ(fair.places(), 8);
  const auto seats = fair.read([&](db::Tx& tx) { return seats_of(tx, placed.order_id); });
  ASSERT_EQ(seats.size(), 2u) << "one seat for each ticket unit, none for the shirt";
  EXPECT_EQ(seats[0].name, "Ada Lovelace");
  EXPECT_EQ(seats[1].name, "");
  EXPECT_NE(seats[0].access_code, seats[1].access_code);
}

// The first codes are what somebody has already. source: 20, 10.8 and D4; 20, 3.6.
class Repeating : public Random {
 public:
  explicit Repeating(int codes) : left_(codes) {}
  void fill(std::span<unsigned char> bytes) override {
    if (left_-- > 0)
      std::fill(bytes.begin(), bytes.end(), static_cast<unsigned char>(0));
    else
      Random::system().fill(bytes);
  }

 private:
  int left_;
};

TEST_P(Checkout, AReferenceThatIsTakenIsDrawnAnew) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5)}});
  const auto order = [&](const std::string& name, int codes) {
    Repeating random(codes);
    const Shop shop{fair.settings, fair.catalogues, random, fair.shop.limits};
    fair.add(fair.guest(name), "individual");
    const CartView view = fair.cart(fair.guest(name));
    CheckoutForm form;
    form.billing = {name, name + "@example.com", ""};
    form.shown_total = view.quote.total;
    form.link_key = &test_link_key();
    return fair.write([&](db::Tx& tx) { return place_order(tx, shop, fair.guest(name), form); });
  };
  EXPECT_EQ(order("ada", 1).reference, "ORD-AAAAAAAA");
  const PlacedOrder second = order("bob", 1);
  EXPECT_NE(second.reference, "ORD-AAAAAAAA");
  EXPECT_EQ(fair.get(second.order_id).billing.name, "bob");
  EXPECT_EQ(fair.remaining("individual"), 3);
  // However often: nothing is ordered, and the cart is still there.
  EXPECT_THROW(order("eve", 100), std::exception);
  EXPECT_EQ(fair.cart(fair.guest("eve")).items.size(), 1u);
  EXPECT_EQ(fair.remaining("individual"), 2);
}

TEST_P(Checkout, AnAccessCodeThatIsTakenIsDrawnAnew) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5)}});
  const auto code = [&](const std::string& name, int codes) {
    fair.add(fair.guest(name), "individual");
    const Id id = fair.order(fair.guest(name), name + "@example.com").order_id;
    Repeating random(codes);
    const Shop shop{fair.settings, fair.catalogues, random, fair.shop.limits};
    fair.write([&](db::Tx& tx) {
      Order order = find_order(tx, id).value();
      ChargeRequest request;
      request.card_number = "4242 4242 4242 4242";
      return registration::pay(tx, shop, fair.gateway, order, request);
    });
    return fair.read([&](db::Tx& tx) { return seats_of(tx, id); }).at(0).access_code;
  };
  EXPECT_EQ(code("ada", 1), "AAAAAAAA");
  const std::string second = code("bob", 2);
  EXPECT_EQ(second.size(), 8u);
  EXPECT_NE(second, "AAAAAAAA");
}

// Extras that go with tickets of an earlier order: on PostgreSQL each question is a round trip.
TEST_P(Checkout, WhatWasBoughtBeforeIsAskedOnceForAllAddOns) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 50)},
                     .addons = {addon("shirt", 2500, 50, {0}), addon("dinner", 6000, 50, {0}),
                                addon("tour", 1500, 50, {0}), addon("party", 500, 50, {0})}});
  std::vector<std::uint64_t> trips;
  for (const std::size_t extras : {1u, 4u}) {
    const auto who = fair.guest("buyer-" + std::to_string(extras));
    const std::string email = "buyer" + std::to_string(extras) + "@example.com";
    fair.add(who, "individual");
    fair.pay(fair.order(who, email).order_id);
    const char* slugs[] = {"shirt", "dinner", "tour", "party"};
    for (std::size_t i = 0; i < extras; ++i) fair.add_extra(who, slugs[i]);
    const std::uint64_t before = db().stats().round_trips;
    EXPECT_EQ(fair.get(fair.order(who, email).order_id).lines.size(), extras);
    trips.push_back(db().stats().round_trips - before);
  }
  EXPECT_EQ(trips[1], trips[0]);
}

TEST_P(Checkout, AFreeOrderIsCompleteAtOnce) {
  Fair& fair = open({.ticket_types = {ticket("free", 0, 5)}});
  fair.add(fair.guest("ada"), "free", 2);
  const auto placed = fair.order(fair.guest("ada"), "ada@example.com");
  EXPECT_TRUE(placed.is_paid);
  EXPECT_EQ(fair.get(placed.order_id).status, OrderStatus::paid);
  EXPECT_EQ(fair.read([&](db::Tx& tx) { return payments_of(tx, placed.order_id); }).at(0).method,
            PaymentMethod::comp);
  EXPECT_EQ(fair.read([&](db::Tx& tx) { return seats_of(tx, placed.order_id); }).size(), 2u);
}

TEST_P(Checkout, TheLastTicketGoesToExactlyOneOfFiftyBuyers) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 1)}});
  std::atomic<int> got{0}, sold_out{0};
  std::vector<std::thread> buyers;
  for (int i = 0; i < 50; ++i)
    buyers.emplace_back([&, i] {
      const auto who = fair.guest("buyer" + std::to_string(i));
      const std::string refused = Fair::refusal([&] {
        fair.add(who, "individual");
        fair.pay(fair.order(who, "buyer" + std::to_string(i) + "@example.com").order_id);
      });
      (refused.empty() ? got : sold_out)++;
      EXPECT_TRUE(refused.empty() || refused == "sold_out") << refused;
    });
  for (auto& buyer : buyers) buyer.join();
  EXPECT_EQ(got, 1);
  EXPECT_EQ(sold_out, 49);
  EXPECT_EQ(fair.remaining("individual"), 0);
}

TEST_P(Checkout, AnUnpaidOrderFreesItsTicketsExactlyAtTheEndOfItsHold) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 1)}});
  fair.add(fair.guest("ada"), "individual");
  const auto placed = fair.order(fair.guest("ada"), "ada@example.com");
  fair.clock.advance(Duration::minutes(15));
  EXPECT_EQ(fair.remaining("individual"), 1) << "no job has run";
  EXPECT_EQ(Fair::refusal([&] { fair.pay(placed.order_id); }), "hold_elapsed");
  fair.add(fair.guest("bob"), "individual");
  EXPECT_EQ(fair.get(placed.order_id).status, OrderStatus::pending);
  EXPECT_GE(fair.sweep(), 1);
  EXPECT_EQ(fair.get(placed.order_id).status, OrderStatus::cancelled);
  EXPECT_EQ(fair.remaining("individual"), 0) << "bob holds it";
  EXPECT_EQ(fair.sweep(), 0) << "a second sweep finds nothing";
}

TEST_P(Checkout, LimitsCountWhatTheAddressHasBought) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 10, 2)}});
  fair.add(fair.guest("ada"), "individual", 2);
  fair.pay(fair.order(fair.guest("ada"), "Ada@Example.com").order_id);
  fair.add(fair.guest("ada again"), "individual", 1);
  EXPECT_EQ(Fair::refusal([&] { fair.order(fair.guest("ada again"), " ada@example.COM "); }), "limit");
  fair.order(fair.guest("ada again"), "bob@example.com");
}

TEST_P(Checkout, AStrangersUnpaidOrderDoesNotUseUpMyLimitButPayingIsCheckedAgain) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 10, 1)}});
  fair.add(fair.guest("mallory"), "individual");
  const auto mallorys = fair.order(fair.guest("mallory"), "ada@example.com");
  fair.add(fair.guest("ada"), "individual");
  const auto adas = fair.order(fair.guest("ada"), "ada@example.com");
  EXPECT_EQ(fair.pay(adas.order_id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(Fair::refusal([&] { fair.pay(mallorys.order_id); }), "limit");
}

TEST_P(Checkout, UnpaidOrdersOfOneSessionCountAgainstTheLimit) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 10, 1)}});
  fair.add(fair.guest("ada"), "individual");
  fair.order(fair.guest("ada"), "ada@example.com");
  fair.add(fair.guest("ada"), "individual");
  EXPECT_EQ(Fair::refusal([&] { fair.order(fair.guest("ada"), "ada@example.com"); }), "limit");
}

AddOn one_each(AddOn addon) {
  addon.max_per_ticket = 1;
  return addon;
}

// Unpaid tickets bear the add-ons of their own order, and nobody else's. source: 20, D7 and D20.
TEST_P(Checkout, AddOnsForEachTicketCountPaidTicketsAndLiveHolds) {
  Fair& fair = open(
      {.ticket_types = {ticket("individual", 10000, 20)}, .addons = {one_each(addon("lunch", 2000, 20))}});
  const auto ada = fair.guest("ada");
  const auto asks_for = [&](std::int64_t tickets, std::int64_t lunches) {
    return Fair::refusal_text([&] {
      if (tickets > 0) fair.add(ada, "individual", tickets);
      fair.add_extra(ada, "lunch", lunches);
    });
  };
  const auto empty = [&] {
    for (const CartItem& item : fair.cart(ada).items)
      fair.write([&](db::Tx& tx) { return remove_item(tx, fair.shop, ada, item.id); });
  };
  fair.add(ada, "individual", 2);
  const PlacedOrder unpaid = fair.order(ada, "ada@example.com");
  EXPECT_EQ(asks_for(0, 1), "At most 1 of Extra lunch for each ticket; you have 0.")
      << "two tickets that may never be paid";
  fair.pay(unpaid.order_id);
  EXPECT_EQ(asks_for(0, 3), "At most 1 of Extra lunch for each ticket; you have 2.");
  EXPECT_EQ(asks_for(0, 1), "");
  const PlacedOrder lunch = fair.order(ada, "ada@example.com");
  EXPECT_EQ(asks_for(0, 2), "At most 1 of Extra lunch for each ticket; you have 2.")
      << "one of the two is about to be paid";
  // An order that has tickets for all its lunches takes nothing from the next one.
  EXPECT_EQ(asks_for(2, 2), "");
  const PlacedOrder both = fair.order(ada, "ada@example.com");
  EXPECT_EQ(asks_for(1, 1), "");
  empty();
  // What elapsed or was cancelled does not count.
  fair.clock.advance(Duration::minutes(61));
  fair.sweep();
  EXPECT_EQ(fair.get(lunch.order_id).status, OrderStatus::cancelled);
  EXPECT_EQ(fair.get(both.order_id).status, OrderStatus::cancelled);
  EXPECT_EQ(asks_for(0, 3), "At most 1 of Extra lunch for each ticket; you have 2.");
  EXPECT_EQ(asks_for(0, 2), "");
  EXPECT_EQ(fair.pay(fair.order(ada, "other@example.com").order_id).outcome, ChargeOutcome::succeeded)
      << "the tickets of the browser count, whatever address is given";
  EXPECT_EQ(asks_for(0, 1), "At most 1 of Extra lunch for each ticket; you have 2.");
}

// Of one order, whatever others there are.
TEST_P(Checkout, TheMostOfOneOrderCountsNoOtherOrder) {
  TicketType day = ticket("day", 10000, 20);
  day.max_per_order = 2;
  Fair& fair = open({.ticket_types = {day}});
  const auto ada = fair.guest("ada");
  for (int i = 0; i < 2; ++i) {
    fair.add(ada, "day", 2);
    EXPECT_EQ(Fair::refusal([&] { fair.add(ada, "day"); }), "limit");
    fair.order(ada, "ada@example.com");
  }
}

TEST_P(Checkout, OneSessionCannotHoldEverythingInUnpaidOrders) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 0, 100)}});
  fair.shop.limits.per_session = 5;
  for (int i = 0; i < 2; ++i) {
    fair.add(fair.guest("ada"), "individual", 2);
    fair.order(fair.guest("ada"), "ada" + std::to_string(i) + "@example.com");
  }
  EXPECT_EQ(Fair::refusal([&] { fair.add(fair.guest("ada"), "individual", 2); }), "too_many_held");
  fair.add(fair.guest("ada"), "individual", 1);
  fair.add(fair.guest("bob"), "individual", 5);  // nobody else notices
  fair.clock.advance(Duration::minutes(16));
  fair.add(fair.guest("ada"), "individual", 4);
}

TEST_P(Checkout, OneAccountCannotHoldEverythingFromManyBrowsers) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 0, 100)}});
  fair.shop.limits.per_account = 3;
  const auto person = [&](const std::string& name) {
    return fair.write([&](db::Tx& tx) {
      return accounts::become_account(tx, {name + "@example.com", name, "en", "hash"}).id;
    });
  };
  const Id ada = person("ada"), bob = person("bob");
  fair.add(fair.user(ada, "one browser"), "individual", 2);
  fair.order(fair.user(ada, "one browser"), "ada@example.com");
  EXPECT_EQ(Fair::refusal([&] { fair.add(fair.user(ada, "another"), "individual", 2); }), "too_many_held");
  fair.add(fair.user(ada, "another"), "individual", 1);
  fair.add(fair.user(bob, "another"), "individual", 3);  // nobody else notices
}

// While it is put into the cart already. source: 20, 7.2 and D7.
TEST_P(Checkout, WhatAnAccountHasBoughtCountsWhileAdding) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 20, 3)}});
  const Id id = fair.write([](db::Tx& tx) {
    return accounts::become_account(tx, {"ada@example.com", "ada", "en", "hash"}).id;
  });
  const auto ada = fair.user(id, "ada's browser");
  fair.add(ada, "individual", 1);
  const PlacedOrder paid = fair.order(ada, "ada@example.com");
  fair.pay(paid.order_id);
  fair.add(ada, "individual", 1);
  const PlacedOrder unpaid = fair.order(ada, "ada@example.com");
  EXPECT_EQ(Fair::refusal_text([&] { fair.add(ada, "individual", 2); }),
            "At most 3 of Ticket individual for each person; you asked for 4.");
  fair.add(ada, "individual", 1);
  const Id item = fair.cart(ada).items.at(0).id;
  const auto two = [&] {
    return Fair::refusal(
        [&] { fair.write([&](db::Tx& tx) { return set_quantity(tx, fair.shop, ada, item, 2); }); });
  };
  EXPECT_EQ(two(), "limit");
  fair.write([&](db::Tx& tx) {
    Order order = find_order(tx, unpaid.order_id).value();
    cancel(tx, fair.shop, order, {"buyer", "buyer", ""});
  });
  EXPECT_EQ(two(), "") << "what was cancelled counts no more";
}

TEST_P(Checkout, OneAddressCannotHoldEverythingFromManyBrowsers) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 0, 100)}});
  fair.shop.limits.per_email = 3;
  fair.add(fair.guest("one browser"), "individual", 2);
  fair.order(fair.guest("one browser"), "ada@example.com");
  fair.add(fair.guest("another"), "individual", 2);
  EXPECT_EQ(Fair::refusal([&] { fair.order(fair.guest("another"), "ADA@example.com"); }), "too_many_held");
  fair.order(fair.guest("another"), "bob@example.com");
}

TEST_P(Checkout, OneNetworkCannotHoldEverything) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 0, 100)}});
  fair.shop.limits.per_network = 4;
  fair.add(fair.guest("ada"), "individual", 3);
  EXPECT_EQ(Fair::refusal([&] { fair.add(fair.guest("bob"), "individual", 2); }), "too_many_held");
  fair.clock.advance(Duration::minutes(31));
  fair.add(fair.guest("bob"), "individual", 2);
}

TEST_P(Checkout, ANewPriceIsShownBeforeItBinds) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5)}});
  fair.add(fair.guest("ada"), "individual");
  const auto shown = fair.cart(fair.guest("ada")).quote.total;
  fair.write([&](db::Tx& tx) {
    TicketType type = find_ticket_type(tx, fair.conference_id, "individual").value();
    type.price = 12000;
    save(tx, type);
  });
  CheckoutForm form;
  form.billing = {"Ada", "ada@example.com", ""};
  form.shown_total = shown;
  form.link_key = &test_link_key();
  EXPECT_EQ(Fair::refusal_text([&] {
              fair.write([&](db::Tx& tx) { place_order(tx, fair.shop, fair.guest("ada"), form); });
            }),
            "The total is now $120.00. Please look at it again before you order.");
  EXPECT_EQ(fair.cart(fair.guest("ada")).quote.total, 12000);
}

TEST_P(Checkout, ALapsedCartThatLostSomethingOrdersNothingYet) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 2)}});
  fair.add(fair.guest("ada"), "individual", 2);
  fair.clock.advance(Duration::minutes(31));
  fair.add(fair.guest("bob"), "individual", 1);
  const auto placed = fair.order(fair.guest("ada"), "ada@example.com");
  EXPECT_EQ(placed.order_id, 0);
  ASSERT_EQ(placed.gone.size(), 1u);
  EXPECT_EQ(placed.gone[0].kept, 1);
  EXPECT_NE(fair.order(fair.guest("ada"), "ada@example.com").order_id, 0) << "the rest can be ordered";
}

TEST_P(Checkout, ALapsedCartThatLostNothingIsOrderedAtOnce) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 2)}});
  fair.add(fair.guest("ada"), "individual", 2);
  fair.clock.advance(Duration::minutes(31));
  EXPECT_NE(fair.order(fair.guest("ada"), "ada@example.com").order_id, 0);
}

TEST_P(Checkout, AnEmptyCartIsRefused) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 2)}});
  EXPECT_EQ(Fair::refusal([&] { fair.order(fair.guest("ada"), "ada@example.com"); }), "empty_cart");
}

TEST_P(Checkout, ProductsSwitchedOffMeanwhileAreNamed) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 2)}});
  fair.add(fair.guest("ada"), "individual");
  fair.write([&](db::Tx& tx) {
    TicketType type = find_ticket_type(tx, fair.conference_id, "individual").value();
    type.is_active = false;
    save(tx, type);
  });
  EXPECT_EQ(Fair::refusal_text([&] { fair.order(fair.guest("ada"), "ada@example.com"); }),
            "Ticket individual is no longer available. Remove it from the cart to go on.");
}

// What a cart may hold is looked at again when it is ordered. source: 20, D3 and 10.4.
TEST_P(Checkout, ASaleThatEndedMeanwhileIsNamed) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 9)}, .addons = {addon("shirt", 2500, 9)}});
  const Instant until = fair.clock.now() + Duration::minutes(10);
  const auto end_sale = [&](bool of_ticket, bool of_shirt) {
    fair.write([&](db::Tx& tx) {
      TicketType type = find_ticket_type(tx, fair.conference_id, "individual").value();
      AddOn shirt = find_addon(tx, fair.conference_id, "shirt").value();
      type.available_until = of_ticket ? std::optional(until) : std::nullopt;
      shirt.available_until = of_shirt ? std::optional(until) : std::nullopt;
      save(tx, type);
      save(tx, shirt);
      return 0;
    });
  };
  for (const char* name : {"ada", "bob", "eve"}) {
    fair.add(fair.guest(name), "individual");
    fair.add_extra(fair.guest(name), "shirt");
  }
  const auto refusal = [&](const char* name) {
    return Fair::refusal_text([&] { fair.order(fair.guest(name), std::string(name) + "@example.com"); });
  };
  end_sale(true, true);
  fair.clock.advance(Duration::minutes(10));
  EXPECT_EQ(refusal("ada"), "") << "the last instant is included";
  fair.clock.advance(Duration{1});
  end_sale(true, false);
  EXPECT_EQ(refusal("bob"), "Ticket individual is no longer available. Remove it from the cart to go on.");
  end_sale(false, true);
  EXPECT_EQ(refusal("bob"), "Extra shirt is no longer available. Remove it from the cart to go on.");
  end_sale(false, false);
  EXPECT_EQ(refusal("bob"), "");
}

TEST_P(Checkout, AnAddOnWhoseTicketIsGoneMeanwhileIsNamed) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 9), ticket("student", 5000, 9)},
                     .addons = {addon("dinner", 2500, 9, {0})}});
  const auto ada = fair.guest("ada");
  fair.add(ada, "individual");
  const PlacedOrder ticket_first = fair.order(ada, "ada@example.com");
  fair.pay(ticket_first.order_id);
  fair.add_extra(ada, "dinner");  // by the paid ticket
  fair.write([&](db::Tx& tx) {
    Order order = find_order(tx, ticket_first.order_id).value();
    refund(tx, fair.shop, fair.gateway, order, {.amount = 10000}, {"test", "staff", ""});
  });
  EXPECT_EQ(Fair::refusal_text([&] { fair.order(ada, "ada@example.com"); }),
            "Extra dinner needs one of these tickets: Ticket individual.");
  // By a ticket of the cart, until somebody changes which it needs.
  fair.add(ada, "individual");
  fair.write([&](db::Tx& tx) {
    AddOn dinner = find_addon(tx, fair.conference_id, "dinner").value();
    dinner.requires_ticket_types = {find_ticket_type(tx, fair.conference_id, "student")->id};
    return save(tx, dinner);
  });
  EXPECT_EQ(Fair::refusal_text([&] { fair.order(ada, "ada@example.com"); }),
            "Extra dinner needs one of these tickets: Ticket student.");
  fair.add(ada, "student");
  fair.order(ada, "ada@example.com");
}

TEST_P(Checkout, ABuyerCancelsAnUnpaidOrderAndNoOther) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 2)}});
  fair.add(fair.guest("ada"), "individual", 2);
  const auto placed = fair.order(fair.guest("ada"), "ada@example.com");
  const auto cancel_it = [&] {
    fair.write([&](db::Tx& tx) {
      Order order = find_order(tx, placed.order_id).value();
      cancel(tx, fair.shop, order, {"buyer", "buyer", "changed their mind"});
    });
  };
  cancel_it();
  EXPECT_EQ(fair.remaining("individual"), 2);
  EXPECT_EQ(fair.get(placed.order_id).status, OrderStatus::cancelled);
  EXPECT_EQ(Fair::refusal([&] { cancel_it(); }), "not_pending");
  EXPECT_EQ(Fair::refusal([&] { fair.pay(placed.order_id); }), "not_payable");
}

TEST(Billing, EveryFaultIsNamedBesideItsField) {
  const auto faults = check_billing({"", "not an address", std::string(201, 'x')});
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].field, "billing_name");
  EXPECT_EQ(faults[1].text, "Enter an e-mail address like name@example.com.");
  EXPECT_EQ(fill(faults[2].text, faults[2].arguments), "Use at most 200 characters.");
  EXPECT_TRUE(check_billing({"Ada", "ada@example.com", ""}).empty());
  EXPECT_TRUE(check_billing({"Ada", " ada@example.com ", "Analytical Engines"}).empty());
  EXPECT_EQ(check_billing({"A\nB", "a@example.com", ""}).size(), 1u);
}

// Confirmed, a number of the seller's own country would take the tax off an order from anywhere else.
TEST(Billing, ANumberOfTheEuIsOfItsOwnCountry) {
  Billing billing;
  billing.name = "Ada";
  billing.email = "ada@example.com";
  billing.is_business = true;
  billing.company = "Analytical Engines";
  billing.street = "Dorset Street 1";
  billing.city = "London";
  const auto field = [&](const char* country, const char* vat_id) {
    billing.country = country;
    billing.vat_id = vat_id;
    const auto faults = check_billing(billing);
    return faults.empty() ? std::string() : faults.front().field;
  };
  EXPECT_EQ(field("DE", "DE123456789"), "");
  EXPECT_EQ(field("US", "DE123456789"), "billing_vat_id");
  EXPECT_EQ(field("GB", "DE123456789"), "billing_vat_id");
  EXPECT_EQ(field("GB", "GB123456789"), "");
  EXPECT_EQ(field("GB", "XI123456789"), "");
  EXPECT_EQ(field("US", "123456789"), "");
  EXPECT_EQ(field("CH", "CHE-123.456.789 MWST"), "");
}

}  // namespace
}  // namespace plenary::registration::testing
