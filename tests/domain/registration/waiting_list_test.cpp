// Facts about the waiting list: who is served when, what an offer holds and for how long, and what is left
// for everybody while people wait.
#include "domain/registration/waiting_list.hpp"

#include <gtest/gtest.h>

#include "domain/accounts/users.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/merge.hpp"
#include "domain/registration/sale.hpp"
#include "domain/registration/variations.hpp"
#include "domain/registration/waiting_stock.hpp"

namespace plenary::registration::testing {
namespace {

TicketType waited(TicketType type) {
  type.waiting_list = true;
  return type;
}
AddOn waited(AddOn extra) {
  extra.waiting_list = true;
  return extra;
}

struct Wish {
  std::string slug;
  std::int64_t quantity = 1;
  bool together = false;
  std::vector<std::string> others = {};
  std::vector<std::pair<std::string, std::int64_t>> extras = {};
};

class WaitingListTest : public Sale {
 protected:
  std::shared_ptr<const Catalogue> catalogue() {
    return fair().read([&](db::Tx& tx) { return load_catalogue(tx, fair().conference_id, fair().settings); });
  }
  ProductChoice product(const std::string& slug) {
    const auto all = catalogue();
    if (const TicketType* type = all->ticket_type(slug)) return {ProductKind::ticket_type, type->id, {}};
    return {ProductKind::addon, all->addon(slug)->id, {}};
  }
  WaitingForm form(const std::string& who, const Wish& wish) {
    WaitingForm form;
    form.name = who;
    form.email = who + "@example.org";
    form.language = "en";
    form.quantity = wish.quantity;
    form.all_or_nothing = wish.together;
    form.choices.push_back(product(wish.slug));
    for (const auto& slug : wish.others) form.choices.push_back(product(slug));
    for (const auto& [slug, units] : wish.extras) form.extras.push_back({product(slug), units});
    return form;
  }
  Joined joined(const std::string& who, const Wish& wish) {
    const WaitingForm wanted = form(who, wish);
    return fair().write([&](db::Tx& tx) { return join(tx, fair().shop, fair().guest(who), wanted); });
  }
  Id wait(const std::string& who, const Wish& wish) { return joined(who, wish).entry_id; }
  std::int64_t offer(std::int64_t limit = 100) {
    return fair().write([&](db::Tx& tx) { return offer_next(tx, fair().shop, fair().conference_id, limit); });
  }
  std::int64_t lapse() {
    return fair().write([&](db::Tx& tx) { return lapse_offers(tx, fair().conference_id, 100); });
  }
  CartChange take(const std::string& who, Id entry) {
    return fair().write([&](db::Tx& tx) { return accept(tx, fair().shop, fair().guest(who), entry); });
  }
  WaitingPlace place(Id entry) {
    return fair().read([&](db::Tx& tx) { return find_place(tx, entry).value(); });
  }
  WaitingStatus status(Id entry) { return place(entry).entry.status; }
  // What anybody could buy of a ticket type or an add-on.
  std::int64_t for_everybody(const std::string& slug) {
    const ProductChoice one = product(slug);
    return fair().read([&](db::Tx& tx) {
      const auto all = load_catalogue(tx, fair().conference_id, fair().settings);
      return remaining_of(*all, stock_for_everybody(tx, *all), one.kind, one.product_id, {}).value_or(-1);
    });
  }
  // Holds units, and lets go of some.
  void hold(const std::string& who, const std::string& slug, std::int64_t units) {
    fair().add(fair().guest(who), slug, units);
  }
  void keep_only(const std::string& who, std::int64_t units) {
    const Id item = fair().cart(fair().guest(who)).items.at(0).id;
    fair().write([&](db::Tx& tx) { return set_quantity(tx, fair().shop, fair().guest(who), item, units); });
  }
  std::int64_t rows(const char* sql) {
    return fair().read([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
};
ON_BOTH_ENGINES(WaitingListTest);

TEST_P(WaitingListTest, TakesNamesOnlyForWhatIsSoldOutAndHasAList) {
  open({.ticket_types = {waited(ticket("individual", 10000, 2)), ticket("student", 5000, 1)}});
  EXPECT_EQ(Fair::refusal([&] { wait("bob", {"individual"}); }), "not_sold_out");
  hold("ada", "individual", 2);
  hold("ada", "student", 1);
  EXPECT_EQ(Fair::refusal([&] { wait("bob", {"student"}); }), "no_waiting_list");
  const Id bob = wait("bob", {"individual"});
  EXPECT_EQ(status(bob), WaitingStatus::waiting);
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return position_of(tx, bob); }), 1);
  EXPECT_EQ(rows("SELECT COUNT(*) FROM outbox WHERE payload LIKE '%waiting_joined%'"), 1);
}

TEST_P(WaitingListTest, AGroupThatIsLargerThanAllOfItIsRefused) {
  open(
      {.capacity = 6,
       .ticket_types = {waited(ticket("individual", 10000, 4, 50)), waited(ticket("student", 5000, 0, 50))}});
  hold("ada", "individual", 4);
  hold("eve", "student", 2);
  // It would wait for ever, and keep from everybody what comes back.
  EXPECT_EQ(Fair::refusal([&] { wait("mallory", {"individual", 5, true}); }), "limit");
  EXPECT_EQ(Fair::refusal([&] { wait("mallory", {"individual", 4, true, {"student"}}); }), "");
  EXPECT_EQ(Fair::refusal([&] {
              wait("trudy", {"student", 7, true});
            }),
            "limit")
      << "the conference's places";
  EXPECT_EQ(Fair::refusal([&] { wait("trudy", {"student", 6, true}); }), "");
  EXPECT_EQ(Fair::refusal([&] { wait("bob", {"individual", 5}); }), "") << "of whom fewer may be served";
}

TEST_P(WaitingListTest, TellsAllProblemsOfAForm) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1, 2))}});
  hold("ada", "individual", 1);
  WaitingForm wrong = form("bob", {"individual", 3});
  wrong.name = " ";
  wrong.email = "bob";
  wrong.choices.push_back(wrong.choices.front());
  const auto problems = fair().read([&](db::Tx& tx) {
    const auto all = load_catalogue(tx, fair().conference_id, fair().settings);
    return check_waiting(*all, stock_for_everybody(tx, *all), wrong, tx.now());
  });
  std::set<std::string> fields;
  for (const Refused& problem : problems) fields.insert(problem.field());
  EXPECT_EQ(fields, (std::set<std::string>{"name", "email", "quantity", "choice_2"}));
}

TEST_P(WaitingListTest, TheSameAddressWaitsOnceForAProduct) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1)), waited(ticket("student", 10000, 1))}});
  hold("ada", "individual", 1);
  hold("ada", "student", 1);
  const Joined first = joined("bob", {"individual"}), again = joined("bob", {"individual", 3}),
               other = joined("bob", {"student"});
  EXPECT_TRUE(first.is_new);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.entry_id, first.entry_id);
  EXPECT_NE(other.entry_id, first.entry_id);
  EXPECT_EQ(place(first.entry_id).entry.quantity, 1) << "whoever types an address changes nothing";
}

TEST_P(WaitingListTest, TheSwitchOffStopsTheList) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1))}});
  hold("ada", "individual", 1);
  wait("bob", {"individual"});
  keep_only("ada", 0);
  fair().write([&](db::Tx& tx) {
    auto type = find_ticket_type(tx, fair().conference_id, "individual").value();
    type.waiting_list = false;
    return save(tx, type);
  });
  EXPECT_EQ(offer(), 0);
  EXPECT_EQ(for_everybody("individual"), 1);
}

TEST_P(WaitingListTest, WhatComesBackIsForWhoWaits) {
  open({.ticket_types = {waited(ticket("individual", 10000, 2))}});
  hold("ada", "individual", 2);
  const Id bob = wait("bob", {"individual"});
  keep_only("ada", 1);
  EXPECT_EQ(fair().remaining("individual"), 1);
  EXPECT_EQ(for_everybody("individual"), 0);
  EXPECT_EQ(Fair::refusal([&] { hold("eve", "individual", 1); }), "sold_out");
  EXPECT_EQ(Fair::refusal([&] { keep_only("ada", 2); }), "sold_out")
      << "not for a cart that gave it back either";
  EXPECT_EQ(offer(), 1);
  const WaitingPlace place_of_bob = place(bob);
  EXPECT_EQ(place_of_bob.entry.status, WaitingStatus::offered);
  EXPECT_EQ(*place_of_bob.entry.offer_expires_at, fair().clock.now() + Duration::hours(24));
  EXPECT_EQ(fair().remaining("individual"), 0);
  EXPECT_EQ(rows("SELECT COUNT(*) FROM outbox WHERE payload LIKE '%waiting_offer%'"), 1);
  EXPECT_EQ(offer(), 0) << "nobody else waits";
}

TEST_P(WaitingListTest, MoreThanIsWantedIsForEverybody) {
  open({.ticket_types = {waited(ticket("individual", 10000, 5))}});
  hold("ada", "individual", 5);
  wait("bob", {"individual", 2});
  keep_only("ada", 1);
  EXPECT_EQ(for_everybody("individual"), 2);
  hold("eve", "individual", 2);
  EXPECT_EQ(Fair::refusal([&] { hold("eve", "individual", 1); }), "sold_out");
  EXPECT_EQ(offer(), 1);
}

TEST_P(WaitingListTest, ServesInTheOrderOfJoining) {
  open({.ticket_types = {waited(ticket("individual", 10000, 3))}});
  hold("ada", "individual", 3);
  const Id first = wait("bob", {"individual"}), second = wait("cleo", {"individual"}),
           third = wait("dan", {"individual"});
  EXPECT_EQ(place(third).choices.at(0).position, 3);
  keep_only("ada", 1);
  EXPECT_EQ(offer(), 2);
  EXPECT_EQ(status(first), WaitingStatus::offered);
  EXPECT_EQ(status(second), WaitingStatus::offered);
  EXPECT_EQ(status(third), WaitingStatus::waiting);
  EXPECT_EQ(place(third).choices.at(0).position, 1);
}

TEST_P(WaitingListTest, AGroupIsPassedByKeepsItsPlaceAndIsNotOvertakenFromOutside) {
  open({.ticket_types = {waited(ticket("individual", 10000, 5))}});
  hold("ada", "individual", 5);
  const Id group = wait("bob", {"individual", 3, true}), single = wait("cleo", {"individual"});
  keep_only("ada", 4);
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(status(group), WaitingStatus::waiting);
  EXPECT_EQ(status(single), WaitingStatus::offered);
  keep_only("ada", 2);
  EXPECT_EQ(offer(), 0) << "two are not three";
  EXPECT_EQ(for_everybody("individual"), 0) << "and are kept for the group";
  keep_only("ada", 1);
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(place(group).entry.offered_quantity, 3);
}

// Somebody lowered a limit behind them.
TEST_P(WaitingListTest, NothingIsKeptForAGroupThatCanNeverBeServed) {
  open({.ticket_types = {waited(ticket("individual", 10000, 6)), waited(ticket("student", 5000, 5))}});
  hold("ada", "individual", 6);
  hold("eve", "student", 5);
  const Id group = wait("bob", {"individual", 4, true}), some = wait("cleo", {"individual", 3});
  const Id both = wait("dora", {"individual", 4, true, {"student"}});
  const auto lower = [&](const std::string& slug, std::int64_t total, std::int64_t per_user) {
    fair().write([&](db::Tx& tx) {
      for (TicketType type : ticket_types_of(tx, fair().conference_id)) {
        if (type.slug != slug) continue;
        type.total_quantity = total;
        type.limit_per_user = per_user;
        save(tx, type);
      }
    });
  };
  const auto kept = [&] { return rows("SELECT units FROM waiting_line ORDER BY id LIMIT 1"); };
  EXPECT_EQ(kept(), 11) << "the line counts all who stand in it";
  lower("individual", 6, 3);  // nobody may have four any more
  keep_only("ada", 1);
  EXPECT_EQ(for_everybody("individual"), 2) << "five are free, three are kept for cleo";
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(place(some).entry.offered_quantity, 3);
  EXPECT_EQ(status(group), WaitingStatus::waiting);
  EXPECT_EQ(for_everybody("individual"), 2);
  lower("individual", 6, 10);
  EXPECT_EQ(for_everybody("individual"), 0) << "now they can be served again";
  lower("individual", 3, 10);  // the hall is smaller: one is held, three are offered
  fair().write([&](db::Tx& tx) { return registration::leave(tx, some); });
  EXPECT_EQ(for_everybody("individual"), 2) << "none of three is kept for four";
  EXPECT_EQ(Fair::refusal([&] {
              fair().write([&](db::Tx& tx) {
                const auto all = load_catalogue(tx, fair().conference_id, fair().settings);
                offer_now(tx, *all, both);
                return 0;
              });
            }),
            "sold_out");
  keep_only("eve", 3);
  EXPECT_EQ(for_everybody("student"), 0) << "kept for dora, whose other choice fits";
  // Who need not have all gets what a person may have.
  const Id many = wait("frank", {"student", 4});
  lower("student", 5, 2);
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(place(many).entry.offered_quantity, 2);
  EXPECT_EQ(status(both), WaitingStatus::waiting);
}

TEST_P(WaitingListTest, WhoNeedNotHaveAllIsOfferedFewer) {
  open({.ticket_types = {waited(ticket("individual", 10000, 5))}});
  hold("ada", "individual", 5);
  const Id bob = wait("bob", {"individual", 3});
  keep_only("ada", 3);
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(place(bob).entry.offered_quantity, 2);
}

TEST_P(WaitingListTest, TheFirstChoiceThatFitsIsOffered) {
  open({.ticket_types = {waited(ticket("individual", 10000, 4)), waited(ticket("student", 5000, 4)),
                         waited(ticket("late", 5000, 4))}});
  for (const char* slug : {"individual", "student", "late"}) hold(std::string("ada") + slug, slug, 4);
  const Id bob = wait("bob", {"individual", 2, true, {"student", "late"}}), cleo = wait("cleo", {"student"});
  EXPECT_EQ(place(cleo).choices.at(0).position, 2) << "bob stands in this line, too";
  keep_only("adalate", 2);
  keep_only("adastudent", 3);
  EXPECT_EQ(offer(), 2);
  EXPECT_EQ(place(bob).offered()->product_id, product("late").product_id);
  EXPECT_EQ(place(bob).entry.offered_rank, 3);
  EXPECT_EQ(place(cleo).entry.status, WaitingStatus::offered);
  EXPECT_EQ(rows("SELECT COUNT(*) FROM waiting_line WHERE entries > 0"), 0);
}

TEST_P(WaitingListTest, ExtrasComeAlongWhereNobodyWaitsForThem) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1))},
        .addons = {waited(addon("shirt", 2500, 5)), waited(addon("dinner", 6000, 2)),
                   addon("tour", 1000, 1)}});
  hold("ada", "individual", 1);
  fair().add_extra(fair().guest("ada2"), "dinner", 2);
  wait("zoe", {"dinner", 1});
  const Id bob = wait("bob", {"individual", 1, false, {}, {{"shirt", 1}, {"dinner", 1}, {"tour", 3}}});
  keep_only("ada2", 1);
  keep_only("ada", 0);
  EXPECT_EQ(offer(), 2);
  const WaitingPlace place_of_bob = place(bob);
  EXPECT_EQ(place_of_bob.extras.at(0).offered_quantity, 1);
  EXPECT_EQ(place_of_bob.extras.at(1).offered_quantity, 0) << "that was zoe's";
  EXPECT_EQ(place_of_bob.extras.at(2).offered_quantity, 1) << "as many as there are";
  take("bob", bob);
  EXPECT_EQ(fair().cart(fair().guest("bob")).items.size(), 3u);
}

// A group that waits for more than there is keeps what there is.
TEST_P(WaitingListTest, AnExtraDoesNotTakeWhatAGroupWaitsFor) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1))},
        .addons = {waited(addon("dinner", 6000, 2))}});
  hold("ada", "individual", 1);
  fair().add_extra(fair().guest("ada2"), "dinner", 2);
  const Id zoe = wait("zoe", {"dinner", 2, true});
  const Id bob = wait("bob", {"individual", 1, false, {}, {{"dinner", 1}}});
  keep_only("ada2", 1);
  keep_only("ada", 0);
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(place(bob).extras.at(0).offered_quantity, 0);
  keep_only("ada2", 0);
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(status(zoe), WaitingStatus::offered);
}

TEST_P(WaitingListTest, AnExtraComesOnlyWithATicketThatItGoesWith) {
  open({.ticket_types = {waited(ticket("day", 8000, 1)), waited(ticket("individual", 10000, 1))},
        .addons = {addon("shirt", 2500, 5, {1})}});
  hold("ada", "day", 1);
  hold("ada2", "individual", 1);
  const WaitingForm wrong = form("zoe", {"day", 1, false, {}, {{"shirt", 1}}});
  const auto problems = fair().read([&](db::Tx& tx) {
    const auto all = load_catalogue(tx, fair().conference_id, fair().settings);
    return check_waiting(*all, stock_levels(tx, fair().conference_id), wrong, tx.now());
  });
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code(), "requires_ticket");
  // Of two choices one is enough. Offered the other one, the extra stays behind, and the offer can be taken.
  const Id bob = wait("bob", {"day", 1, false, {"individual"}, {{"shirt", 1}}});
  keep_only("ada", 0);
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(place(bob).extras.at(0).offered_quantity, 0);
  take("bob", bob);
  EXPECT_EQ(fair().cart(fair().guest("bob")).items.size(), 1u);
}

TEST_P(WaitingListTest, AnOfferEndsExactlyAtItsInstant) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1))}});
  hold("ada", "individual", 1);
  const Id bob = wait("bob", {"individual"}), cleo = wait("cleo", {"individual"});
  keep_only("ada", 0);
  offer();
  const Instant until = *place(bob).entry.offer_expires_at;
  fair().clock.set(until - Duration::microseconds(1));
  EXPECT_EQ(lapse(), 0);
  EXPECT_EQ(fair().remaining("individual"), 0);
  fair().clock.set(until);
  EXPECT_EQ(fair().remaining("individual"), 1) << "free at that instant, without a job";
  EXPECT_EQ(for_everybody("individual"), 0) << "and the next one's";
  EXPECT_EQ(Fair::refusal([&] { take("bob", bob); }), "offer_over");
  EXPECT_EQ(lapse(), 1);
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(status(bob), WaitingStatus::lapsed);
  EXPECT_EQ(status(cleo), WaitingStatus::offered);
  EXPECT_EQ(rows("SELECT COUNT(*) FROM outbox WHERE payload LIKE '%waiting_lapsed%'"), 1);
  EXPECT_TRUE(joined("bob", {"individual"}).is_new) << "who let it pass may stand at the end again";
}

TEST_P(WaitingListTest, AnOfferLastsNoLongerThanTheSale) {
  TicketType type = waited(ticket("individual", 10000, 1));
  Fair& fair_of = open({.ticket_types = {type}});
  hold("ada", "individual", 1);
  const Instant end = fair_of.clock.now() + Duration::hours(2);
  fair_of.write([&](db::Tx& tx) {
    auto stored = find_ticket_type(tx, fair_of.conference_id, "individual").value();
    stored.available_until = end;
    return save(tx, stored);
  });
  const Id bob = wait("bob", {"individual"});
  keep_only("ada", 0);
  offer();
  EXPECT_EQ(*place(bob).entry.offer_expires_at, end + Duration::microseconds(1));
}

TEST_P(WaitingListTest, TakingAnOfferHandsItToTheCartWithoutAGap) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1))}});
  hold("ada", "individual", 1);
  const Id bob = wait("bob", {"individual"});
  wait("cleo", {"individual"});
  keep_only("ada", 0);
  offer();
  const CartChange change = take("bob", bob);
  EXPECT_EQ(fair().remaining("individual"), 0);
  EXPECT_EQ(status(bob), WaitingStatus::accepted);
  EXPECT_EQ(place(bob).entry.cart_id, change.cart_id);
  EXPECT_EQ(Fair::refusal([&] { take("eve", bob); }), "offer_over") << "once";
  const PlacedOrder order = fair().order(fair().guest("bob"), "bob@example.org");
  fair().pay(order.order_id);
  EXPECT_EQ(fair().get(order.order_id).status, OrderStatus::paid);
  EXPECT_EQ(place(bob).order_reference, order.reference);
  EXPECT_EQ(offer(), 0);
}

TEST_P(WaitingListTest, SigningInKeepsWhatACartHoldsWhileOthersWait) {
  open({.ticket_types = {waited(ticket("individual", 10000, 2))}});
  hold("ada", "individual", 2);
  const Id bob = wait("bob", {"individual"});
  wait("cleo", {"individual", 2, true});
  keep_only("ada", 0);
  EXPECT_EQ(offer(), 1);
  take("bob", bob);
  const Id person = fair().write([&](db::Tx& tx) {
    return accounts::become_account(tx, {"bob@example.org", "Bob", "en", "hash"}).id;
  });
  const Visitor owner = fair().user(person, "signed in");
  const MergedCart merged =
      fair().write([&](db::Tx& tx) { return merge_carts(tx, fair().shop, fair().guest("bob"), owner); });
  EXPECT_TRUE(merged.gone.empty());
  EXPECT_EQ(fair().cart(owner).items.at(0).quantity, 1);
  EXPECT_EQ(for_everybody("individual"), 0) << "the other one is still cleo's";
  EXPECT_TRUE(place(bob).entry.cart_id.has_value());
}

TEST_P(WaitingListTest, ACartThatLapsesGivesItToTheNextOne) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1))}});
  hold("ada", "individual", 1);
  const Id bob = wait("bob", {"individual"}), cleo = wait("cleo", {"individual"});
  keep_only("ada", 0);
  offer();
  take("bob", bob);
  fair().clock.advance(Duration::minutes(30));
  EXPECT_EQ(fair().write([&](db::Tx& tx) { return renew(tx, fair().shop, fair().guest("bob")); }).gone.size(),
            1u)
      << "a lapsed cart is no better than anybody";
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(status(cleo), WaitingStatus::offered);
}

TEST_P(WaitingListTest, TheLimitsOfACartHoldForOffersToo) {
  open({.ticket_types = {waited(ticket("individual", 10000, 3, 2)), ticket("other", 10, 0)},
        .max_tickets_per_cart = 3});
  hold("ada", "individual", 2);
  hold("ada2", "individual", 1);
  const Id bob = wait("bob", {"individual", 2});
  EXPECT_EQ(Fair::refusal([&] { wait("cleo", {"individual", 3}); }), "limit");
  keep_only("ada", 0);
  offer();
  hold("bob", "other", 2);
  EXPECT_EQ(Fair::refusal([&] { take("bob", bob); }), "limit");
  EXPECT_EQ(status(bob), WaitingStatus::offered) << "the offer stands";
  keep_only("bob", 1);
  take("bob", bob);
  EXPECT_EQ(fair().cart(fair().guest("bob")).items.size(), 2u);
}

// What the address has bought counts, as it does for a cart.
TEST_P(WaitingListTest, TheLimitOfAPersonHoldsForOffersToo) {
  open({.ticket_types = {waited(ticket("individual", 10000, 3, 2))}});
  hold("bob", "individual", 1);
  fair().pay(fair().order(fair().guest("bob"), "bob@example.org").order_id);
  hold("ada", "individual", 2);
  const Id bob = wait("bob", {"individual", 2});
  keep_only("ada", 0);
  EXPECT_EQ(offer(), 1);
  const std::string refused = Fair::refusal_text([&] { take("bob", bob); });
  EXPECT_EQ(refused, "At most 2 of Ticket individual for each person; with this offer you would have 3.");
  EXPECT_EQ(status(bob), WaitingStatus::offered);
}

TEST_P(WaitingListTest, LeavingWhileOfferedFreesIt) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1))}});
  hold("ada", "individual", 1);
  const Id bob = wait("bob", {"individual"}), cleo = wait("cleo", {"individual"});
  keep_only("ada", 0);
  offer();
  EXPECT_TRUE(fair().write([&](db::Tx& tx) { return registration::leave(tx, bob); }));
  EXPECT_FALSE(fair().write([&](db::Tx& tx) { return registration::leave(tx, bob); }))
      << "a second time changes nothing";
  EXPECT_EQ(status(bob), WaitingStatus::left);
  EXPECT_EQ(rows("SELECT COUNT(*) FROM outbox WHERE kind = 'serve_waiting'"), 1)
      << "the next one is served soon";
  EXPECT_EQ(offer(), 1);
  EXPECT_EQ(status(cleo), WaitingStatus::offered);
}

TEST_P(WaitingListTest, LeavingAndBeingTakenOffEndTheWait) {
  open({.ticket_types = {waited(ticket("individual", 10000, 2))}});
  hold("ada", "individual", 2);
  const Id bob = wait("bob", {"individual"}), cleo = wait("cleo", {"individual"});
  fair().write([&](db::Tx& tx) { return registration::leave(tx, bob) && remove_entry(tx, cleo); });
  keep_only("ada", 0);
  EXPECT_EQ(for_everybody("individual"), 2);
  EXPECT_EQ(offer(), 0);
  EXPECT_EQ(status(cleo), WaitingStatus::removed);
}

TEST_P(WaitingListTest, StaffOffersOutOfTurnWhereThereIsRoom) {
  open({.ticket_types = {waited(ticket("individual", 10000, 2))}});
  hold("ada", "individual", 2);
  const Id bob = wait("bob", {"individual"}), cleo = wait("cleo", {"individual"});
  const auto offer_to = [&](Id entry) {
    const auto all = catalogue();
    fair().write([&](db::Tx& tx) {
      offer_now(tx, *all, entry);
      return 0;
    });
  };
  EXPECT_EQ(Fair::refusal([&] { offer_to(cleo); }), "sold_out");
  keep_only("ada", 1);
  offer_to(cleo);
  EXPECT_EQ(status(cleo), WaitingStatus::offered);
  EXPECT_EQ(status(bob), WaitingStatus::waiting);
  EXPECT_EQ(Fair::refusal([&] { offer_to(cleo); }), "not_waiting");
}

TEST_P(WaitingListTest, ASharedQuotaIsKeptToo) {
  Fair& fair_of =
      open({.ticket_types = {waited(ticket("individual", 10000, 0)), ticket("student", 5000, 0)}});
  fair_of.write([&](db::Tx& tx) {
    Quota hall;
    hall.conference_id = fair_of.conference_id;
    hall.name = "Hall";
    hall.size = 2;
    hall.ticket_types = {find_ticket_type(tx, fair_of.conference_id, "individual")->id,
                         find_ticket_type(tx, fair_of.conference_id, "student")->id};
    return save(tx, hall);
  });
  hold("ada", "individual", 2);
  const Id bob = wait("bob", {"individual"});
  keep_only("ada", 1);
  EXPECT_EQ(for_everybody("student"), 0);
  EXPECT_EQ(Fair::refusal([&] { hold("eve", "student", 1); }), "sold_out");
  EXPECT_EQ(offer(), 1);
  take("bob", bob);
}

TEST_P(WaitingListTest, EachVariationHasALineOfItsOwn) {
  Fair& fair_of = open({.addons = {waited(addon("shirt", 2500, 0))}});
  const auto kind = [&](const char* slug) {
    return fair_of.write([&](db::Tx& tx) {
      Variation variation;
      variation.conference_id = fair_of.conference_id;
      variation.addon_id = find_addon(tx, fair_of.conference_id, "shirt")->id;
      variation.name = variation.slug = slug;
      variation.total_quantity = 1;
      return save(tx, variation);
    });
  };
  const Id small = kind("s"), medium = kind("m");
  const auto add_kind = [&](const std::string& who, const char* slug) {
    return fair_of.write([&](db::Tx& tx) {
      return add_addon(tx, fair_of.shop, fair_of.guest(who), AddItem{"shirt", 1, slug, {}});
    });
  };
  add_kind("ada", "s");
  WaitingForm wanted = form("bob", {"shirt"});
  EXPECT_EQ(Fair::refusal([&] {
              fair_of.write([&](db::Tx& tx) { return join(tx, fair_of.shop, fair_of.guest("bob"), wanted); });
            }),
            "no_waiting_list")
      << "which shirt?";
  wanted.choices.front().variation_id = small;
  const Id bob =
      fair_of.write([&](db::Tx& tx) { return join(tx, fair_of.shop, fair_of.guest("bob"), wanted); })
          .entry_id;
  keep_only("ada", 0);
  EXPECT_EQ(Fair::refusal([&] { add_kind("eve", "s"); }), "sold_out");
  add_kind("eve", "m");
  EXPECT_EQ(offer(), 1);
  take("bob", bob);
  EXPECT_EQ(fair_of.cart(fair_of.guest("bob")).items.at(0).variation_id, small);
  EXPECT_NE(small, medium);
}

TEST_P(WaitingListTest, ALinkOpensOnePlaceOnly) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1))}});
  hold("ada", "individual", 1);
  const Id bob = wait("bob", {"individual"}), cleo = wait("cleo", {"individual"});
  const std::string token = waiting_link_token(test_link_key(), bob, 1);
  const auto found = [&](Id conference, Id entry, const std::string& with) {
    return fair().read([&](db::Tx& tx) {
      return find_place_by_link(tx, test_link_key(), conference, entry, with).has_value();
    });
  };
  EXPECT_TRUE(found(fair().conference_id, bob, token));
  EXPECT_FALSE(found(fair().conference_id, cleo, token));
  EXPECT_FALSE(found(fair().conference_id + 1, bob, token));
  EXPECT_FALSE(found(fair().conference_id, bob, ""));
}

TEST_P(WaitingListTest, AProductThatPeopleWaitForIsNotDeleted) {
  open({.ticket_types = {waited(ticket("individual", 10000, 1))}});
  hold("ada", "individual", 1);
  const Id bob = wait("bob", {"individual"});
  keep_only("ada", 0);
  const auto delete_it = [&] {
    fair().write([&](db::Tx& tx) {
      remove(tx, find_ticket_type(tx, fair().conference_id, "individual").value());
      return 0;
    });
  };
  EXPECT_EQ(Fair::refusal(delete_it), "in_use");
  fair().write([&](db::Tx& tx) { return registration::leave(tx, bob); });
  delete_it();
}

TEST_P(WaitingListTest, TheCheckOfStockFindsAnOfferThatHoldsSomethingElse) {
  open({.ticket_types = {waited(ticket("individual", 10000, 2))}});
  hold("ada", "individual", 2);
  const Id bob = wait("bob", {"individual", 2});
  keep_only("ada", 0);
  offer();
  const auto set = [&](std::int64_t units) {
    fair().write([&](db::Tx& tx) {
      return tx.exec("UPDATE waiting_entry SET offered_quantity = $1 WHERE id = $2", units, bob);
    });
  };
  set(1);
  EXPECT_NE(fair().stock_faults(), "");
  set(2);
  EXPECT_EQ(fair().stock_faults(), "");
}

}  // namespace
}  // namespace plenary::registration::testing
