// What `serve` prints last while nobody may manage the server. source: ground rules 15, 1.3.
#include "cli/superusers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/accounts/links.hpp"
#include "domain/accounts/users.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::cli {
namespace {

using ::testing::HasSubstr;

class HowToBegin : public test::DatabaseTest {
 protected:
  std::string printed(bool is_development) {
    return how_to_begin(db(), key, Random::system(), "https://tickets.example.org", is_development);
  }
  SigningKey key{Secret("a key of at least thirty-two bytes, for tests"), "site-links"};
};
ON_BOTH_ENGINES(HowToBegin);

TEST_P(HowToBegin, IsALinkOfOneHourInProduction) {
  const std::string text = printed(false);
  EXPECT_THAT(text, HasSubstr("within one hour"));
  const std::string start = "https://tickets.example.org/accounts/setup/";
  const std::size_t at = text.find(start);
  ASSERT_NE(at, std::string::npos) << text;
  const std::string token = text.substr(at + start.size(), 43);
  auto find = [&](db::Tx& tx) {
    return accounts::find_usable_link(tx, accounts::LinkKind::set_up, token_hash(token)).has_value();
  };
  EXPECT_TRUE(db().read_now(find));
  clock().advance(Duration::hours(1));
  EXPECT_FALSE(db().read_now(find));
}

TEST_P(HowToBegin, IsACommandInDevelopment) {
  EXPECT_THAT(printed(true), HasSubstr("plenary createsuperuser"));
}

TEST_P(HowToBegin, IsNothingOnceThereIsASuperuser) {
  auto make = [](db::Tx& tx) { return accounts::create_superuser(tx, {"root", "", "", "hash"}); };
  db().write_now(db::global_lane, "test", make);
  EXPECT_EQ(printed(false), "");
  EXPECT_EQ(printed(true), "");
}

}  // namespace
}  // namespace plenary::cli
