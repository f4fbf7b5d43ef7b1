// The sixteen keys of the side bar. source: configuration 10, 8.4 and 8.5.
#include "manage/visibility.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "domain/accounts/permissions.hpp"

namespace plenary::manage {
namespace {

constexpr std::int64_t here = 1, elsewhere = 2;

std::set<std::string> keys(const Visibility& shown) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < key_count; ++i) {
    const Key key = static_cast<Key>(i);
    if (shown[key]) names.insert(std::string(key_name(key)));
  }
  return names;
}

accounts::Rights with(const std::vector<std::string>& permissions, std::optional<std::int64_t> where) {
  std::vector<accounts::Rights::Held> held;
  for (const std::string& id : permissions) held.push_back({where, id});
  return accounts::Rights(false, held);
}

TEST(Keys, OfEachGroupAreThoseOfTheChapter) {
  const std::map<std::string, std::set<std::string>> expected{
      {"Program Committee", {"conference", "program", "overrides"}},
      {"Registration Manager",
       {"conference", "registration_people", "registration_commerce", "badges", "bulk_purchases", "checkin",
        "terminal", "onsite"}},
      {"Finance Team",
       {"conference", "finance", "reports", "registration_people", "registration_commerce", "travel_grants"}},
      {"Travel Grant Reviewer", {"conference", "travel_grants"}},
      {"Sponsor Manager", {"conference", "sponsors", "bulk_purchases"}},
      {"Check-in Staff", {"conference", "checkin", "onsite"}},
      {"Activity Organizer", {"conference", "activities"}},
      {"Reports Viewer", {"conference", "reports"}},
      {"Read-Only Staff",
       {"conference", "program", "activities", "travel_grants", "registration_people",
        "registration_commerce", "badges", "bulk_purchases", "sponsors", "finance", "reports", "overrides"}},
  };
  for (const accounts::StandardGroup& group : accounts::standard_groups()) {
    const Visibility shown(with(group.permissions, here), here);
    if (group.name == "Conference Organizer") {
      EXPECT_EQ(keys(shown).size(), 16U);
      EXPECT_TRUE(shown.everything());
      continue;
    }
    EXPECT_EQ(keys(shown), expected.at(std::string(group.name))) << group.name;
    EXPECT_FALSE(shown.everything()) << group.name;
    EXPECT_TRUE(keys(Visibility(with(group.permissions, elsewhere), here)).empty()) << group.name;
    EXPECT_EQ(keys(Visibility(with(group.permissions, {}), here)), keys(shown)) << group.name;
  }
}

TEST(Keys, AreAllForSuperusersAndFullAccessAndNoneForAnybodyElse) {
  EXPECT_EQ(keys(Visibility(accounts::Rights(true, {}), here)).size(), key_count);
  EXPECT_EQ(keys(Visibility(with({std::string(accounts::full_access)}, here), here)).size(), key_count);
  EXPECT_TRUE(keys(Visibility(accounts::Rights(), here)).empty());
  EXPECT_TRUE(keys(Visibility(with({""}, here), here)).empty()) << "a role without rights";
  EXPECT_TRUE(keys(Visibility()).empty());
  // Changing is not seeing.
  EXPECT_TRUE(keys(Visibility(with({"program_conference.change_commerce"}, here), here)).empty());
}

TEST(Keys, OnSiteIsSeenByEitherOfItsTwo) {
  EXPECT_EQ(keys(Visibility(with({"program_conference.use_terminal"}, here), here)),
            (std::set<std::string>{"terminal", "onsite"}));
}

}  // namespace
}  // namespace plenary::manage
