// What is held at this moment, by what holds it and for how long. source: registration 20, D30.
#include "domain/registration/held_units.hpp"

#include <gtest/gtest.h>

#include "domain/registration/sale.hpp"

namespace plenary::registration::testing {
namespace {

using Ages = std::array<std::int64_t, held_ages>;

class HeldUnits : public Sale {
 protected:
  std::vector<HeldTickets> held() {
    return fair().read([&](db::Tx& tx) {
      return held_tickets(tx, fair().conference_id, Duration::minutes(fair().settings.cart_expiry_minutes));
    });
  }
};
ON_BOTH_ENGINES(HeldUnits);

TEST_P(HeldUnits, CartsAndUnpaidOrdersByTheirAge) {
  open({.capacity = 50,
        .ticket_types = {ticket("individual", 10'000, 20)},
        .addons = {addon("shirt", 2'500, 9)}});
  EXPECT_TRUE(held().empty());
  fair().add(fair().guest("ada"), "individual", 2);
  fair().add_extra(fair().guest("ada"), "shirt");
  ASSERT_EQ(held().size(), 1u) << "a shirt is no ticket";
  EXPECT_EQ(held()[0].owner, HoldOwner::cart);
  EXPECT_EQ(held()[0].by_age, (Ages{2, 0, 0, 0}));
  clock().advance(Duration::minutes(10));
  fair().add(fair().guest("grace"), "individual", 3);
  const PlacedOrder placed = fair().order(fair().guest("grace"), "grace@example.org");
  fair().add(fair().guest("mary"), "individual", 1);
  const auto now = held();
  ASSERT_EQ(now.size(), 2u);
  EXPECT_EQ(now[0].by_age, (Ages{1, 2, 0, 0}));
  EXPECT_EQ(now[0].tickets, 3);
  EXPECT_EQ(now[1].owner, HoldOwner::order);
  EXPECT_EQ(now[1].by_age, (Ages{3, 0, 0, 0}));
  fair().pay(placed.order_id);
  ASSERT_EQ(held().size(), 1u) << "what is paid is sold";
  clock().advance(Duration::minutes(25));  // ada's time is over
  EXPECT_EQ(held()[0].by_age, (Ages{0, 1, 0, 0}));
  clock().advance(Duration::hours(2));
  EXPECT_TRUE(held().empty());
}

}  // namespace
}  // namespace plenary::registration::testing
