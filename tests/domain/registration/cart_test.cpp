// Facts about carts: what they hold, for how long, and what they refuse.
#include <gtest/gtest.h>

#include "domain/registration/sale.hpp"

namespace plenary::registration::testing {
namespace {

class CartTest : public Sale {};
ON_BOTH_ENGINES(CartTest);

TEST_P(CartTest, HoldsWhatIsInItFromEverybodyElse) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 3)}});
  fair.add(fair.guest("ada"), "individual", 2);
  EXPECT_EQ(fair.remaining("individual"), 1);
  EXPECT_EQ(Fair::refusal([&] { fair.add(fair.guest("bob"), "individual", 2); }), "sold_out");
  fair.add(fair.guest("bob"), "individual", 1);
  EXPECT_EQ(fair.remaining("individual"), 0);
}

TEST_P(CartTest, ItsOwnItemsDoNotStandInItsWay) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 3)}});
  fair.add(fair.guest("ada"), "individual", 2);
  fair.add(fair.guest("ada"), "individual", 1);
  const auto view = fair.cart(fair.guest("ada"));
  ASSERT_EQ(view.items.size(), 1u);
  EXPECT_EQ(view.items[0].quantity, 3);
  EXPECT_EQ(view.quote.total, 30000);
}

TEST_P(CartTest, LetsGoExactlyAtItsExpiry) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 1)}});
  fair.add(fair.guest("ada"), "individual");
  fair.clock.advance(Duration::minutes(30) - Duration::microseconds(1));
  EXPECT_EQ(fair.remaining("individual"), 0);
  EXPECT_EQ(Fair::refusal([&] { fair.add(fair.guest("bob"), "individual"); }), "sold_out");
  fair.clock.advance(Duration::microseconds(1));
  EXPECT_EQ(fair.remaining("individual"), 1) << "elapsed means expires_at <= now, without any job";
  fair.add(fair.guest("bob"), "individual");
  EXPECT_EQ(fair.remaining("individual"), 0);
}

// Both ends of a sale are in it. source: 20, 1.
TEST_P(CartTest, ASaleHasItsFirstAndItsLastInstant) {
  Fair& fair =
      open({.ticket_types = {ticket("individual", 10000, 10)}, .addons = {addon("shirt", 2500, 10)}});
  const Instant from = fair.clock.now() + Duration::minutes(5), until = from + Duration::minutes(5);
  fair.write([&](db::Tx& tx) {
    TicketType type = find_ticket_type(tx, fair.conference_id, "individual").value();
    AddOn shirt = find_addon(tx, fair.conference_id, "shirt").value();
    type.available_from = shirt.available_from = from;
    type.available_until = shirt.available_until = until;
    save(tx, type);
    save(tx, shirt);
    return 0;
  });
  const auto ada = fair.guest("ada");
  const auto ticket = [&] { return Fair::refusal_text([&] { fair.add(ada, "individual"); }); };
  const auto shirt = [&] { return Fair::refusal_text([&] { fair.add_extra(ada, "shirt"); }); };
  fair.clock.advance(Duration::minutes(5) - Duration{1});
  EXPECT_EQ(ticket(), "Ticket individual is not on sale yet.");
  EXPECT_EQ(shirt(), "Extra shirt is not on sale yet.");
  fair.clock.advance(Duration{1});
  EXPECT_EQ(ticket(), "");
  EXPECT_EQ(shirt(), "");
  fair.clock.advance(Duration::minutes(5));
  EXPECT_EQ(ticket(), "");
  EXPECT_EQ(shirt(), "");
  fair.clock.advance(Duration{1});
  EXPECT_EQ(ticket(), "The sale of Ticket individual has ended.");
  EXPECT_EQ(shirt(), "The sale of Extra shirt has ended.");
}

TEST_P(CartTest, ActivityRenewsTheHoldUpToTwiceItsTime) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 10)}});
  const Instant first = fair.clock.now();
  fair.add(fair.guest("ada"), "individual");
  fair.clock.advance(Duration::minutes(20));
  fair.add(fair.guest("ada"), "individual");
  EXPECT_EQ(fair.cart(fair.guest("ada")).cart->expires_at, first + Duration::minutes(50));
  fair.clock.advance(Duration::minutes(25));
  fair.add(fair.guest("ada"), "individual");
  EXPECT_EQ(fair.cart(fair.guest("ada")).cart->expires_at, first + Duration::minutes(60)) << "the cap of D30";
  fair.clock.advance(Duration::minutes(15));
  EXPECT_TRUE(fair.cart(fair.guest("ada")).lapsed);
  EXPECT_EQ(fair.remaining("individual"), 10);
}

TEST_P(CartTest, LookingRenewsNothing) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 10)}});
  fair.add(fair.guest("ada"), "individual");
  const Instant expires = fair.cart(fair.guest("ada")).cart->expires_at;
  fair.clock.advance(Duration::minutes(10));
  EXPECT_EQ(fair.cart(fair.guest("ada")).cart->expires_at, expires);
  EXPECT_FALSE(fair.cart(fair.guest("nobody")).cart.has_value()) << "looking creates no cart";
}

TEST_P(CartTest, ALapsedOneTakesEverythingAgainAndSaysWhatIsGone) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 3), ticket("student", 5000, 5)},
                     .addons = {addon("shirt", 2500, 0)}});
  fair.add(fair.guest("ada"), "individual", 2);
  fair.add(fair.guest("ada"), "student", 1);
  fair.add_extra(fair.guest("ada"), "shirt", 1);
  fair.clock.advance(Duration::minutes(31));
  fair.sweep();
  fair.add(fair.guest("bob"), "individual", 2);

  const auto change = fair.write([&](db::Tx& tx) { return renew(tx, fair.shop, fair.guest("ada")); });
  ASSERT_EQ(change.gone.size(), 1u);
  EXPECT_EQ(change.gone[0].name, "Ticket individual");
  EXPECT_EQ(change.gone[0].wanted, 2);
  EXPECT_EQ(change.gone[0].kept, 1);
  const auto view = fair.cart(fair.guest("ada"));
  EXPECT_FALSE(view.lapsed);
  EXPECT_EQ(view.items.size(), 3u) << "the rest is kept";
  EXPECT_EQ(fair.remaining("individual"), 0);
  EXPECT_EQ(fair.remaining("student"), 4);
}

TEST_P(CartTest, RemovingATicketTakesItsAddOnsAlong) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5), ticket("student", 5000, 5)},
                     .addons = {addon("tutorial", 15000, 5, {0}), addon("shirt", 2500, 5)}});
  const auto ada = fair.guest("ada");
  fair.add(ada, "individual");
  fair.add_extra(ada, "tutorial");
  fair.add_extra(ada, "shirt");
  const Id item = fair.cart(ada).items[0].id;
  const auto change = fair.write([&](db::Tx& tx) { return remove_item(tx, fair.shop, ada, item); });
  EXPECT_EQ(change.also_removed, std::vector<std::string>{"Extra tutorial"});
  EXPECT_EQ(fair.cart(ada).items.size(), 1u);
  EXPECT_EQ(fair.remaining("individual"), 5);
  EXPECT_EQ(fair.remaining("tutorial"), 5);
  EXPECT_EQ(fair.remaining("shirt"), 4);
}

TEST_P(CartTest, AnAddOnAsksForOneOfItsTickets) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5), ticket("student", 5000, 5)},
                     .addons = {addon("tutorial", 15000, 5, {0})}});
  const auto ada = fair.guest("ada");
  EXPECT_EQ(Fair::refusal_text([&] { fair.add_extra(ada, "tutorial"); }),
            "Extra tutorial needs one of these tickets in the cart: Ticket individual.");
  fair.add(ada, "student");
  EXPECT_EQ(Fair::refusal([&] { fair.add_extra(ada, "tutorial"); }), "requires_ticket");
  fair.add(ada, "individual");
  fair.add_extra(ada, "tutorial");
  EXPECT_EQ(fair.remaining("tutorial"), 4);
}

TEST_P(CartTest, ATicketBoughtEarlierAllowsAnAddOnLater) {
  Fair& fair =
      open({.ticket_types = {ticket("individual", 10000, 5)}, .addons = {addon("tutorial", 15000, 5, {0})}});
  const Id user = fair.write([&](db::Tx& tx) {
    return tx.one<Id>(
        "INSERT INTO user_account (email, created_at, updated_at) VALUES ('ada@example.com', 0, 0) RETURNING "
        "id");
  });
  const auto ada = fair.user(user, "ada");
  fair.add(ada, "individual");
  fair.pay(fair.order(ada, "ada@example.com").order_id);
  fair.add_extra(ada, "tutorial");
  EXPECT_EQ(fair.cart(ada).items.size(), 1u);
}

TEST_P(CartTest, ATicketThatIsNotPaidAllowsNoAddOn) {
  Fair& fair =
      open({.ticket_types = {ticket("individual", 10000, 5)}, .addons = {addon("tutorial", 15000, 5, {0})}});
  const Id user = fair.write([&](db::Tx& tx) {
    return tx.one<Id>(
        "INSERT INTO user_account (email, created_at, updated_at) VALUES ('ada@example.com', 0, 0) RETURNING "
        "id");
  });
  for (const Visitor& who : {fair.user(user, "ada"), fair.guest("grace")}) {
    fair.add(who, "individual");
    const Id order = fair.order(who, "grace@example.com").order_id;
    EXPECT_EQ(Fair::refusal([&] { fair.add_extra(who, "tutorial"); }), "requires_ticket")
        << "it would be left without its ticket when that is never paid";
    fair.pay(order);
    fair.add_extra(who, "tutorial");
    EXPECT_EQ(fair.cart(who).items.size(), 1u);
  }
}

TEST_P(CartTest, AGuestsTicketAllowsAnAddOnInItsBrowserAndForItsAddress) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5), ticket("student", 5000, 5)},
                     .addons = {addon("tutorial", 15000, 5, {0})}});
  const auto ada = fair.guest("ada");
  fair.add(ada, "individual");
  fair.pay(fair.order(ada, "ada@example.com").order_id);
  fair.add_extra(ada, "tutorial");
  fair.add(ada, "student");
  fair.clock.advance(Duration::minutes(61));
  EXPECT_TRUE(fair.add(ada, "student").gone.empty()) << "taken again after it lapsed";
  const auto student = fair.cart(ada).items.back();
  const CartChange removed =
      fair.write([&](db::Tx& tx) { return remove_item(tx, fair.shop, ada, student.id); });
  EXPECT_TRUE(removed.also_removed.empty());
  EXPECT_EQ(fair.pay(fair.order(ada, "other@example.com").order_id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(Fair::refusal([&] { fair.add_extra(fair.guest("bob"), "tutorial"); }), "requires_ticket");
}

TEST_P(CartTest, RefusesInWordsThatNameTheTicketAndTheNumber) {
  TicketType early = ticket("early", 10000, 5), late = ticket("late", 10000, 5),
             off = ticket("off", 10000, 5), hidden = ticket("hidden", 0, 5),
             nobody = ticket("nobody", 10000, 5, 0);
  early.available_until = Instant::parse("2027-05-01T00:00:00Z");
  late.available_from = Instant::parse("2027-06-01T00:00:00Z");
  off.is_active = false;
  hidden.requires_voucher = true;
  Fair& fair = open({.capacity = 4,
                     .ticket_types = {ticket("individual", 10000, 3, 2), ticket("big", 10000, 0, 100), early,
                                      late, off, hidden, nobody}});
  const auto ada = fair.guest("ada");
  struct Case {
    std::string slug;
    std::int64_t quantity;
    std::string code, text;
  };
  const Case cases[] = {
      {"individual", 0, "quantity", "Choose a quantity of at least 1."},
      {"individual", -1, "quantity", "Choose a quantity of at least 1."},
      {"individual", 4, "sold_out", "Only 3 of Ticket individual left."},
      {"individual", 3, "limit", "At most 2 of Ticket individual for each person; you asked for 3."},
      {"big", 5, "sold_out", "Only 4 of 4 places at the conference are left."},
      {"big", 11, "limit", "At most 10 tickets in one order."},
      {"early", 1, "unavailable", "The sale of Ticket early has ended."},
      {"late", 1, "unavailable", "Ticket late is not on sale yet."},
      {"off", 1, "unavailable", "Ticket off is not available."},
      {"hidden", 1, "voucher_required", "Ticket hidden needs a voucher that unlocks it."},
      {"nobody", 1, "limit", "At most 0 of Ticket nobody for each person; you asked for 1."},
      {"nothing", 1, "unknown_product", "There is no such ticket."},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Fair::refusal([&] { fair.add(ada, c.slug, c.quantity); }), c.code)
        << c.slug << " " << c.quantity;
    EXPECT_EQ(Fair::refusal_text([&] { fair.add(ada, c.slug, c.quantity); }), c.text);
  }
  EXPECT_FALSE(fair.cart(ada).cart.has_value()) << "a refusal leaves nothing behind";
}

TEST_P(CartTest, CapacityOfTheConferenceCountsTicketsAndNeverAddOns) {
  Fair& fair = open({.capacity = 2,
                     .ticket_types = {ticket("a", 100, 0), ticket("b", 100, 0)},
                     .addons = {addon("shirt", 5, 0)}});
  fair.add(fair.guest("ada"), "a", 1);
  fair.add(fair.guest("bob"), "b", 1);
  EXPECT_EQ(fair.places(), 0);
  EXPECT_EQ(Fair::refusal_text([&] { fair.add(fair.guest("eve"), "a"); }),
            "The conference is sold out: all 2 places are taken.");
  fair.add_extra(fair.guest("eve"), "shirt", 9);
  EXPECT_EQ(fair.places(), 0);
}

TEST_P(CartTest, ALoweredCapacityIsNeverShownAsANegativeNumber) {
  Fair& fair = open({.capacity = 12, .ticket_types = {ticket("a", 0, 0, 20)}, .max_tickets_per_cart = 20});
  fair.add(fair.guest("ada"), "a", 12);
  fair.write([&](db::Tx& tx) { set_conference_capacity(tx, fair.conference_id, 10); });
  EXPECT_EQ(Fair::refusal_text([&] { fair.add(fair.guest("bob"), "a"); }),
            "The conference is sold out: all 10 places are taken.");
  fair.write([&](db::Tx& tx) { set_conference_capacity(tx, fair.conference_id, 12); });
}

TEST_P(CartTest, ALoweredStockIsNeverShownAsANegativeNumber) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5)}});
  const auto ada = fair.guest("ada");
  fair.add(ada, "individual", 3);
  fair.write([&](db::Tx& tx) {
    TicketType type = find_ticket_type(tx, fair.conference_id, "individual").value();
    type.total_quantity = 1;
    return save(tx, type);
  });
  const Id item = fair.cart(ada).items.at(0).id;
  EXPECT_EQ(Fair::refusal_text(
                [&] { fair.write([&](db::Tx& tx) { return set_quantity(tx, fair.shop, ada, item, 4); }); }),
            "Only 0 of Ticket individual left.");
  fair.write([&](db::Tx& tx) {
    TicketType type = find_ticket_type(tx, fair.conference_id, "individual").value();
    type.total_quantity = 5;
    return save(tx, type);
  });
}

// A lapsed cart is filled again with what could be put into it now. source: 20, D31 and D3.
TEST_P(CartTest, ALapsedOneTakesNothingThatIsNoLongerSoldLikeThis) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 20), ticket("student", 5000, 20),
                                      ticket("late", 5000, 20), ticket("secret", 5000, 20)},
                     .addons = {addon("shirt", 2500, 0), addon("dinner", 2500, 0, {2})},
                     .max_tickets_per_cart = 20});
  const auto ada = fair.guest("ada");
  for (const char* slug : {"individual", "student", "late", "secret"}) fair.add(ada, slug, 3);
  fair.add_extra(ada, "shirt", 3);
  fair.add_extra(ada, "dinner");
  fair.clock.advance(Duration::minutes(31));
  fair.write([&](db::Tx& tx) {
    const auto type = [&](const char* slug) {
      return find_ticket_type(tx, fair.conference_id, slug).value();
    };
    TicketType student = type("student"), late = type("late"), secret = type("secret");
    AddOn shirt = find_addon(tx, fair.conference_id, "shirt").value();
    student.max_per_order = 2;
    shirt.limit_per_user = 1;
    late.available_until = tx.now() - Duration{1};
    secret.requires_voucher = true;
    save(tx, student);
    save(tx, late);
    save(tx, secret);
    return save(tx, shirt);
  });
  const auto change = fair.write([&](db::Tx& tx) { return renew(tx, fair.shop, ada); });
  std::map<std::string, std::int64_t> gone;
  for (const Gone& one : change.gone) gone[one.name] = one.kept;
  EXPECT_EQ(gone, (std::map<std::string, std::int64_t>{{"Ticket student", 2},
                                                       {"Ticket late", 0},
                                                       {"Ticket secret", 0},
                                                       {"Extra shirt", 1},
                                                       {"Extra dinner", 0}}));
  EXPECT_EQ(fair.cart(ada).items.size(), 3u);
  EXPECT_EQ(fair.remaining("late"), 20);
}

TEST_P(CartTest, QuantitiesAreAbsoluteAndGiveBackWhatTheyDrop) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5)}});
  const auto ada = fair.guest("ada");
  fair.add(ada, "individual", 4);
  const Id item = fair.cart(ada).items[0].id;
  const auto set = [&](std::int64_t n) {
    return fair.write([&](db::Tx& tx) { return set_quantity(tx, fair.shop, ada, item, n); });
  };
  set(2);
  EXPECT_EQ(fair.remaining("individual"), 3);
  set(5);
  EXPECT_EQ(fair.remaining("individual"), 0);
  EXPECT_EQ(Fair::refusal([&] { set(6); }), "sold_out");
  set(0);
  EXPECT_EQ(fair.remaining("individual"), 5);
  EXPECT_TRUE(fair.cart(ada).items.empty());
}

TEST_P(CartTest, NobodyReachesIntoAnothersCart) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5)}});
  fair.add(fair.guest("ada"), "individual", 1);
  fair.add(fair.guest("bob"), "individual", 1);
  const Id adas = fair.cart(fair.guest("ada")).items[0].id;
  EXPECT_THROW(fair.write([&](db::Tx& tx) { return remove_item(tx, fair.shop, fair.guest("bob"), adas); }),
               NotFound);
  EXPECT_EQ(fair.cart(fair.guest("ada")).items.size(), 1u);
}

TEST_P(CartTest, TheBillingFormRenewsAHoldAboutToLapseOnce) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5)}});
  const auto ada = fair.guest("ada");
  fair.add(ada, "individual");
  const auto bill = [&] { fair.write([&](db::Tx& tx) { renew_if_about_to_lapse(tx, fair.shop, ada); }); };
  fair.clock.advance(Duration::minutes(20));
  const Instant before = fair.cart(ada).cart->expires_at;
  bill();
  EXPECT_EQ(fair.cart(ada).cart->expires_at, before) << "ten minutes are left: nothing to renew";
  fair.clock.advance(Duration::minutes(6));
  bill();
  EXPECT_EQ(fair.cart(ada).cart->expires_at, fair.clock.now() + Duration::minutes(30));
  fair.clock.advance(Duration::minutes(26));
  const Instant renewed = fair.cart(ada).cart->expires_at;
  bill();
  EXPECT_EQ(fair.cart(ada).cart->expires_at, renewed) << "once only";
}

TEST_P(CartTest, ANetworkCannotStartCartsWithoutEnd) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 0)}});
  fair.shop.limits.rates.new_carts_per_network = {3, Duration::hours(1)};
  for (int i = 0; i < 3; ++i) fair.add(fair.guest("visitor" + std::to_string(i)), "individual");
  EXPECT_EQ(Fair::refusal([&] { fair.add(fair.guest("visitor4"), "individual"); }), "too_many_carts");
  fair.add(fair.guest("visitor0"), "individual");  // whoever has a cart does not notice the limit
  fair.clock.advance(Duration::hours(2));
  fair.add(fair.guest("visitor5"), "individual");
}

TEST_P(CartTest, NothingIsSoldByAClosedConference) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 5)}});
  fair.write(
      [&](db::Tx& tx) { tx.exec("UPDATE conference SET sales_open = 0 WHERE id = $1", fair.conference_id); });
  EXPECT_EQ(Fair::refusal([&] { fair.add(fair.guest("ada"), "individual"); }), "sales_closed");
}

}  // namespace
}  // namespace plenary::registration::testing
