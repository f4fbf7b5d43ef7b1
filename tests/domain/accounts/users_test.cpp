// Accounts of people on both engines, and the addresses they mistype.
#include "domain/accounts/users.hpp"

#include <gtest/gtest.h>

#include <string>

#include "domain/accounts/guests.hpp"
#include "domain/accounts/typos.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::accounts {
namespace {

class Users : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  User become(std::string email, std::string name = "Ada") {
    return write([&](db::Tx& tx) { return become_account(tx, {email, name, "de", "hash"}); });
  }
  template <class F>
  std::string refused(F fn) {
    try {
      write(fn);
    } catch (const Refused& reason) {
      return reason.code();
    }
    return "";
  }
  std::optional<User> for_sign_in(std::string_view typed) {
    return db().read_now([&](db::Tx& tx) { return find_for_sign_in(tx, typed); });
  }
};
ON_BOTH_ENGINES(Users);

TEST_P(Users, AGuestsAccountBecomesThePersons) {
  write([](db::Tx& tx) { ensure_guest(tx, "Ada@Example.org", "A. Lovelace"); });
  EXPECT_FALSE(for_sign_in("ada@example.org"));  // no password, no sign-in
  const User ada = become("ada@example.org");
  EXPECT_EQ(db().read_now([](db::Tx& tx) { return user_table().count(tx, ""); }), 1);
  EXPECT_EQ(ada.name, "Ada");
  EXPECT_EQ(ada.language, "de");
  EXPECT_EQ(ada.email_verified_at, clock().now());
  EXPECT_EQ(for_sign_in(" ADA@example.org ")->id, ada.id);
}

TEST_P(Users, OneAddressHasOneAccountWithAPassword) {
  become("ada@example.org");
  EXPECT_EQ(refused([](db::Tx& tx) {
              become_account(tx, {"ADA@example.org", "", "", "other"});
            }),
            "has_account");
  const User bob = become("bob@example.org");
  EXPECT_EQ(refused([&](db::Tx& tx) { set_email(tx, bob.id, "ada@example.org"); }), "has_account");
  write([&](db::Tx& tx) { set_email(tx, bob.id, "robert@example.org"); });
  EXPECT_TRUE(for_sign_in("robert@example.org"));
  EXPECT_FALSE(for_sign_in("bob@example.org"));
}

TEST_P(Users, ASuperuserSignsInByNameOrAddress) {
  EXPECT_FALSE(db().read_now([](db::Tx& tx) { return has_superuser(tx); }));
  const User root = write([](db::Tx& tx) {
    return create_superuser(tx, {"root", "root@example.org", "", "hash"});
  });
  EXPECT_TRUE(db().read_now([](db::Tx& tx) { return has_superuser(tx); }));
  EXPECT_EQ(for_sign_in("root")->id, root.id);
  EXPECT_EQ(for_sign_in("root@example.org")->id, root.id);
  EXPECT_FALSE(for_sign_in("ROOT"));
  EXPECT_FALSE(for_sign_in(""));
  EXPECT_TRUE(may_sign_in(root, false));
  EXPECT_EQ(refused([](db::Tx& tx) { create_superuser(tx, {"root", "", "", "hash"}); }), "username");
  EXPECT_EQ(refused([](db::Tx& tx) {
              create_superuser(tx, {"me@example.org", "", "", "hash"});
            }),
            "username");
  EXPECT_EQ(refused([](db::Tx& tx) {
              create_superuser(tx, {"second", "Root@example.org", "", "hash"});
            }),
            "has_account");
  // Without an address there is nothing to prove.
  EXPECT_TRUE(may_sign_in(write([](db::Tx& tx) {
                            return create_superuser(tx, {"third", "", "", "hash"});
                          }),
                          false));
}

TEST_P(Users, WhoMayNotSignIn) {
  User user = become("ada@example.org");
  EXPECT_TRUE(may_sign_in(user, false));
  user.is_demo = true;
  EXPECT_TRUE(may_sign_in(user, true));
  EXPECT_FALSE(may_sign_in(user, false));  // seeded accounts: in development alone
  user.is_demo = false;
  user.is_active = false;
  EXPECT_FALSE(may_sign_in(user, true));
  user.is_active = true;
  user.email_verified_at.reset();
  EXPECT_FALSE(may_sign_in(user, true));
  user.email_verified_at = clock().now();
  user.password_hash.reset();
  EXPECT_FALSE(may_sign_in(user, true));
}

TEST(LikelyAddress, IsAskedAboutWhereAWellKnownNameIsMistyped) {
  EXPECT_EQ(likely_address("ada@gmial.com"), "ada@gmail.com");
  EXPECT_EQ(likely_address("ada@gmail.con"), "ada@gmail.com");
  EXPECT_EQ(likely_address("Ada@hotnail.com"), "Ada@hotmail.com");
  EXPECT_EQ(likely_address("ada@example.con"), "ada@example.com");
  EXPECT_EQ(likely_address("ada@outlok.com"), "ada@outlook.com");
  for (const char* right : {"ada@gmail.com", "ada@example.org", "ada@gmx.ch", "ada@mail.com",
                            "ada@ymail.com.au", "ada@university.edu", "not an address", "", "@gmial.com"})
    EXPECT_EQ(likely_address(right), "") << right;
}

}  // namespace
}  // namespace plenary::accounts
