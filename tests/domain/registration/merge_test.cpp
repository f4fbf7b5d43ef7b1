// A guest's cart that moves into its owner's account, with its holds.
#include "domain/registration/merge.hpp"

#include "domain/accounts/users.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration::testing {
namespace {

class MergedCarts : public Sale {
 protected:
  Id person(const std::string& name) {
    return fair().write([&](db::Tx& tx) {
      return accounts::become_account(tx, {name + "@example.com", name, "en", "hash"}).id;
    });
  }
  MergedCart merge(const Visitor& guest, const Visitor& owner) {
    return fair().write([&](db::Tx& tx) { return merge_carts(tx, fair().shop, guest, owner); });
  }
  std::map<std::string, std::int64_t> items(const Visitor& who) {
    std::map<std::string, std::int64_t> units;
    const auto catalogue =
        fair().read([&](db::Tx& tx) { return load_catalogue(tx, fair().conference_id, fair().settings); });
    for (const CartItem& item : fair().cart(who).items)
      units[item.kind == ProductKind::ticket_type ? catalogue->ticket_type(item.product_id)->slug
                                                  : catalogue->addon(item.product_id)->slug] = item.quantity;
    return units;
  }
};
ON_BOTH_ENGINES(MergedCarts);

using Units = std::map<std::string, std::int64_t>;

TEST_P(MergedCarts, AGuestsCartBecomesTheCartOfThePersonWithoutOne) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 3)}});
  const Visitor guest = fair.guest("browser"), ada = fair.user(person("ada"), "signed in");
  fair.add(guest, "individual", 2);
  const Instant until = fair.cart(guest).cart->expires_at;
  fair.clock.advance(Duration::minutes(7));
  const MergedCart merged = merge(guest, ada);
  EXPECT_TRUE(merged.moved);
  EXPECT_TRUE(merged.gone.empty());
  EXPECT_EQ(items(ada), (Units{{"individual", 2}}));
  EXPECT_FALSE(fair.cart(guest).cart);
  EXPECT_EQ(fair.remaining("individual"), 1);
  EXPECT_EQ(fair.cart(ada).cart->expires_at, until) << "signing in renews no hold";
  // And it can be bought.
  EXPECT_GT(fair.order(ada, "ada@example.com").order_id, 0);
}

TEST_P(MergedCarts, TwoCartsAreAddedUpAndHeldUntilTheLaterOfBoth) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 10), ticket("student", 5000, 0)}});
  const Visitor guest = fair.guest("browser"), ada = fair.user(person("ada"), "signed in");
  fair.add(ada, "individual", 1);
  fair.clock.advance(Duration::minutes(10));
  fair.add(guest, "individual", 2);
  fair.add(guest, "student", 1);
  const Instant until = fair.cart(guest).cart->expires_at;
  EXPECT_TRUE(merge(guest, ada).gone.empty());
  EXPECT_EQ(items(ada), (Units{{"individual", 3}, {"student", 1}}));
  EXPECT_EQ(fair.remaining("individual"), 7);
  EXPECT_EQ(fair.cart(ada).cart->expires_at, until);
  EXPECT_FALSE(merge(guest, ada).moved) << "again: nothing is left to move";
}

// The last tickets are nobody else's at any moment.
TEST_P(MergedCarts, TheLastTicketsMoveWithoutAGap) {
  Fair& fair = open({.capacity = 2, .ticket_types = {ticket("individual", 10000, 2)}});
  const Visitor guest = fair.guest("browser"), ada = fair.user(person("ada"), "signed in");
  fair.add(guest, "individual", 1);
  fair.add(ada, "individual", 1);
  EXPECT_TRUE(merge(guest, ada).gone.empty());
  EXPECT_EQ(items(ada), (Units{{"individual", 2}}));
  EXPECT_EQ(fair.remaining("individual"), 0);
  EXPECT_EQ(Fair::refusal([&] { fair.add(fair.guest("bob"), "individual"); }), "sold_out");
}

TEST_P(MergedCarts, QuantitiesAreCutToThePersonsLimitAndItIsSaid) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 0, 3)}});
  const Visitor guest = fair.guest("browser"), ada = fair.user(person("ada"), "signed in");
  fair.add(ada, "individual", 2);
  fair.pay(fair.order(ada, "ada@example.com").order_id);
  fair.add(guest, "individual", 2);
  const MergedCart merged = merge(guest, ada);
  ASSERT_EQ(merged.gone.size(), 1u);
  EXPECT_EQ(merged.gone[0].wanted, 2);
  EXPECT_EQ(merged.gone[0].kept, 1);
  EXPECT_EQ(items(ada), (Units{{"individual", 1}}));
}

TEST_P(MergedCarts, NeverHoldMoreTicketsThanACartMay) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 0, 100), ticket("student", 5000, 0, 100)}});
  const Visitor guest = fair.guest("browser"), ada = fair.user(person("ada"), "signed in");
  fair.add(ada, "individual", 7);
  fair.add(guest, "student", 7);
  const MergedCart merged = merge(guest, ada);
  EXPECT_EQ(items(ada), (Units{{"individual", 7}, {"student", 3}}));
  ASSERT_EQ(merged.gone.size(), 1u);
  EXPECT_EQ(merged.gone[0].kept, 3);
}

TEST_P(MergedCarts, NeverHoldMoreThanAnAccountMay) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 0, 100)}});
  fair.shop.limits.per_account = 4;
  const Visitor guest = fair.guest("browser"), ada = fair.user(person("ada"), "signed in");
  fair.add(ada, "individual", 3);
  fair.add(guest, "individual", 3);
  EXPECT_EQ(merge(guest, ada).gone.size(), 1u);
  EXPECT_EQ(items(ada), (Units{{"individual", 4}}));
}

TEST_P(MergedCarts, ALapsedCartTakesWhatIsThere) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 3)}});
  const Visitor guest = fair.guest("browser"), ada = fair.user(person("ada"), "signed in");
  fair.add(guest, "individual", 3);
  fair.clock.advance(Duration::minutes(31));
  fair.add(fair.guest("bob"), "individual", 2);
  const MergedCart merged = merge(guest, ada);
  ASSERT_EQ(merged.gone.size(), 1u);
  EXPECT_EQ(merged.gone[0].kept, 1);
  EXPECT_EQ(items(ada), (Units{{"individual", 1}}));
  EXPECT_FALSE(fair.cart(ada).lapsed);
}

TEST_P(MergedCarts, AnAddOnComesWithItsTicketAndStaysBehindWithoutIt) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 0, 1), ticket("student", 5000, 0)},
                     .addons = {addon("dinner", 6000, 0, {0})}});
  const Visitor guest = fair.guest("browser"), ada = fair.user(person("ada"), "signed in");
  fair.add(guest, "individual");
  fair.add_extra(guest, "dinner");
  EXPECT_TRUE(merge(guest, ada).gone.empty());
  EXPECT_EQ(items(ada), (Units{{"individual", 1}, {"dinner", 1}}));

  fair.shop.limits.per_account = 1;
  const Visitor other = fair.guest("other browser"), bob = fair.user(person("bob"), "signed in");
  fair.shop.limits.per_session = 10;
  fair.add(other, "individual");
  fair.add_extra(other, "dinner");
  EXPECT_EQ(merge(other, bob).gone.size(), 1u);
  EXPECT_EQ(items(bob), (Units{{"individual", 1}}));
}

TEST_P(MergedCarts, NothingHappensWithoutAnOpenCart) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 3)}});
  const Visitor ada = fair.user(person("ada"), "signed in");
  EXPECT_FALSE(merge(fair.guest("browser"), ada).moved);
  EXPECT_FALSE(fair.cart(ada).cart);
}

TEST_P(MergedCarts, AreFoundByTheBrowser) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 3)}});
  fair.add(fair.guest("browser"), "individual");
  const auto found = [&](const std::string& name) {
    return fair.read([&](db::Tx& tx) { return conferences_of_guest(tx, token_hash(name)); });
  };
  EXPECT_EQ(found("browser"), std::vector<Id>{fair.conference_id});
  EXPECT_TRUE(found("another").empty());
}

TEST_P(MergedCarts, AClosedSaleLeavesBothAsTheyAre) {
  Fair& fair = open({.ticket_types = {ticket("individual", 10000, 3)}});
  const Visitor guest = fair.guest("browser"), ada = fair.user(person("ada"), "signed in");
  fair.add(guest, "individual");
  fair.write(
      [&](db::Tx& tx) { tx.exec("UPDATE conference SET sales_open = 0 WHERE id = $1", fair.conference_id); });
  EXPECT_FALSE(merge(guest, ada).moved);
  EXPECT_EQ(items(guest), (Units{{"individual", 1}}));
}

}  // namespace
}  // namespace plenary::registration::testing
