// Facts about where the buyer of an order is reached. source: payments 21, 11.
#include "domain/registration/letters.hpp"

#include <gtest/gtest.h>

#include "domain/accounts/types.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration::testing {
namespace {

class Letters : public Sale {
 protected:
  void SetUp() override {
    Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10000, 0)}});
  }
  Id ordered(const std::string& who) {
    fair().add(fair().guest(who), "individual");
    return fair().order(fair().guest(who), who + "@example.com").order_id;
  }
  std::string address(Id order_id) {
    return fair().read([&](db::Tx& tx) { return buyer_address(tx, find_order(tx, order_id).value()); });
  }
};
ON_BOTH_ENGINES(Letters);

TEST_P(Letters, ABuyerIsReachedAtTheBillingAddressElseAtTheAccountsElseAsAGuestSaid) {
  const Id billed = ordered("Ada"), of_account = ordered("bob"), of_guest = ordered("Gus"),
           closed = ordered("eve"), nowhere = ordered("zoe");
  fair().write([&](db::Tx& tx) {
    accounts::User user;
    user.username = "bob";
    user.email = "Bob.Account@example.com";
    const Id account = accounts::user_table().insert(tx, user).id;
    user.username = "closed";
    user.email = "closed@example.com";
    user.is_active = false;
    const Id inactive = accounts::user_table().insert(tx, user).id;
    tx.exec("UPDATE orders SET user_id = $1 WHERE id = $2", account, of_account);
    tx.exec("UPDATE orders SET user_id = $1 WHERE id = $2", inactive, closed);
    tx.exec("UPDATE orders SET billing_email = '' WHERE id <> $1", billed);
    tx.exec("UPDATE orders SET email_normalized = '' WHERE id = $1", nowhere);
  });
  EXPECT_EQ(address(billed), "Ada@example.com");
  EXPECT_EQ(address(of_account), "Bob.Account@example.com");
  EXPECT_EQ(address(of_guest), "gus@example.com");
  EXPECT_EQ(address(closed), "eve@example.com") << "nobody reads the mail of a closed account";
  EXPECT_EQ(address(nowhere), "");
  const auto all = fair().read([&](db::Tx& tx) {
    return buyer_addresses(tx, fair().conference_id, {nowhere, of_account, nowhere + 1000, billed});
  });
  ASSERT_EQ(all.size(), 3u) << "those that are not there are left out";
  EXPECT_EQ(all[0].email, "");
  EXPECT_EQ(all[1].order_id, of_account);
  EXPECT_EQ(all[1].email, "Bob.Account@example.com");
  EXPECT_EQ(all[2].email, "Ada@example.com");
  EXPECT_TRUE(fair().read(
      [&](db::Tx& tx) { return buyer_addresses(tx, fair().conference_id + 1000, {billed}).empty(); }));
}

}  // namespace
}  // namespace plenary::registration::testing
