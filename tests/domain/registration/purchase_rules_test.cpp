// The numbers and addresses that an order as a whole must keep: each at its limit and one beyond, when it is
// put into the cart and when it is ordered. source: registration 20, D20 and D37.
#include "domain/registration/purchase_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/registration/example_cart.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration {
namespace {

using ::testing::ElementsAre;
using testing::Example;
using ::testing::IsEmpty;

std::vector<std::string> broken(const Example& e, Asked asked, std::string_view email = {},
                                const Bought& bought = {}) {
  std::vector<std::string> texts;
  for (const Refused& one : broken_rules(e.shop, e.items, bought, email, asked))
    texts.push_back(one.message());
  return texts;
}

TEST(PurchaseRules, TheLeastAndTheMostOfOneOrder) {
  Example e;
  e.ticket(100'00, 1);
  TicketType& type = e.shop.ticket_types[0];
  type.min_per_order = 2;
  type.max_per_order = 3;
  EXPECT_THAT(broken(e, Asked::ordering), ElementsAre("At least 2 of ticket 1 in one order."));
  EXPECT_THAT(broken(e, Asked::adding), IsEmpty()) << "the second one is still to come";
  e.put(ProductKind::ticket_type, 1, 1);  // in another line
  EXPECT_THAT(broken(e, Asked::ordering), IsEmpty());
  e.items[1].quantity = 2;
  EXPECT_THAT(broken(e, Asked::ordering), IsEmpty());
  e.items[1].quantity = 3;
  EXPECT_THAT(broken(e, Asked::ordering), ElementsAre("At most 3 of ticket 1 in one order."));
  EXPECT_THAT(broken(e, Asked::adding), ElementsAre("At most 3 of ticket 1 in one order."));
}

TEST(PurchaseRules, AddOnsForEachPerson) {
  Example e;
  e.addon(25'00, 2);
  e.shop.addons[0].limit_per_user = 3;
  Bought before;
  before.addons[1] = 1;
  EXPECT_THAT(broken(e, Asked::adding, {}, before), IsEmpty());
  before.addons[1] = 2;
  EXPECT_THAT(broken(e, Asked::adding, {}, before),
              ElementsAre("At most 3 of addon 1 for each person; you asked for 4."));
}

TEST(PurchaseRules, AddOnsForEachTicket) {
  Example e;
  e.ticket(100'00, 2);
  e.ticket(50'00, 1);
  e.addon(25'00, 2);
  AddOn& lunch = e.shop.addons[0];
  lunch.requires_ticket_types = {1};
  lunch.min_per_ticket = 2;
  lunch.max_per_ticket = 3;
  EXPECT_THAT(broken(e, Asked::ordering), ElementsAre("At least 2 of addon 1 for each ticket; you have 2."));
  EXPECT_THAT(broken(e, Asked::adding), IsEmpty());
  e.items[2].quantity = 4;
  EXPECT_THAT(broken(e, Asked::ordering), IsEmpty());
  e.items[2].quantity = 6;
  EXPECT_THAT(broken(e, Asked::ordering), IsEmpty());
  e.items[2].quantity = 7;
  EXPECT_THAT(broken(e, Asked::adding), ElementsAre("At most 3 of addon 1 for each ticket; you have 2."));
  e.items.pop_back();
  EXPECT_THAT(broken(e, Asked::ordering), IsEmpty()) << "who wants none of it needs none";
}

TEST(PurchaseRules, AddressesOfSomeDomains) {
  EXPECT_TRUE(admits("", "ada@anywhere.example"));
  EXPECT_TRUE(admits("example.org uni.example", "ada@UNI.example"));
  EXPECT_TRUE(admits("uni.example", "ada@physics.uni.example")) << "below it";
  EXPECT_FALSE(admits("uni.example", "ada@notuni.example"));
  EXPECT_FALSE(admits("uni.example", "uni.example"));
  EXPECT_FALSE(admits("uni.example", "ada@uni.example.com"));
  EXPECT_FALSE(admits("uni.example", "ada@uni.example@gmail.com")) << "the last one is where mail goes";
  Example e;
  e.ticket(100'00);
  e.shop.ticket_types[0].email_domains = "uni.example example.org";
  EXPECT_THAT(broken(e, Asked::ordering, "ada@gmail.com"),
              ElementsAre("ticket 1 is only for e-mail addresses of: uni.example example.org."));
  EXPECT_THAT(broken(e, Asked::ordering, "ada@example.org"), IsEmpty());
  EXPECT_THAT(broken(e, Asked::adding, "ada@gmail.com"), IsEmpty()) << "the address is asked for later";
}

TEST(PurchaseRules, APriceOfOnesOwnHasALeastAndAMost) {
  Example e;
  e.ticket(20'00);
  TicketType& type = e.shop.ticket_types[0];
  type.free_price = true;
  type.minimum_price = 5'00;
  const auto chosen = [&](std::optional<std::int64_t> price) {
    return chosen_price(e.shop, *e.shop.product(ProductKind::ticket_type, 1), price);
  };
  EXPECT_EQ(chosen({}), 20'00) << "what is proposed";
  EXPECT_EQ(chosen(5'00), 5'00);
  EXPECT_THROW(chosen(4'99), Refused);
  EXPECT_EQ(chosen(largest_amount), largest_amount);
  EXPECT_THROW(chosen(largest_amount + 1), Refused);
  type.free_price = false;
  EXPECT_EQ(chosen(1), std::nullopt) << "it is not theirs to name";
}

class PurchaseRulesOfOrders : public testing::Sale {};
ON_BOTH_ENGINES(PurchaseRulesOfOrders);

// From the cart to the order, where the address is known.
TEST_P(PurchaseRulesOfOrders, AreAskedWhenItIsOrdered) {
  TicketType pair = testing::ticket("pair", 100'00, 10);
  pair.min_per_order = 2;
  pair.email_domains = "uni.example";
  testing::Fair& fair = open({.ticket_types = {pair}});
  const auto ada = fair.guest("ada");
  fair.add(ada, "pair");
  EXPECT_EQ(testing::Fair::refusal([&] { fair.order(ada, "ada@uni.example"); }), "minimum");
  fair.add(ada, "pair");
  EXPECT_EQ(testing::Fair::refusal([&] { fair.order(ada, "ada@gmail.com"); }), "email_domain");
  fair.order(ada, "ada@physics.uni.example");
  EXPECT_EQ(fair.remaining("pair"), 8);
}

}  // namespace
}  // namespace plenary::registration
