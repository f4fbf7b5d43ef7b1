// Who may do what where: groups, roles and what they add up to. source: configuration 10, 8; Do better 3.
#include "domain/accounts/roles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/errors.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/permissions.hpp"
#include "domain/accounts/sessions.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::accounts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Roles : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  std::int64_t person(const std::string& email) {
    return write([&](db::Tx& tx) {
      User user;
      user.email = user.email_normalized = email;
      return user_table().insert(tx, user).id;
    });
  }
  std::int64_t conference(const std::string& slug) {
    return write([&](db::Tx& tx) {
      tx.exec(
          "INSERT INTO conference (name, slug, start_date, end_date, currency, created_at, updated_at) "
          "VALUES "
          "($1, $1, '2027-05-14', '2027-05-22', 'USD', $2, $2)",
          slug, tx.now());
      return tx.one<std::int64_t>("SELECT id FROM conference WHERE slug = $1", slug);
    });
  }
  std::int64_t group(const std::string& name) {
    return write([&](db::Tx& tx) {
      const auto known = find_group(tx, name);
      return known ? known->id : ensure_group(tx, name);
    });
  }
  std::vector<GroupSetUp> set_up() {
    return write([](db::Tx& tx) { return set_up_groups(tx, [](std::string_view) { return true; }); });
  }
  RoleAssignment give(std::int64_t user, const std::string& name, std::optional<std::int64_t> where,
                      std::optional<Instant> until = {}) {
    const std::int64_t id = group(name);
    return write([&](db::Tx& tx) { return give_role(tx, {user, id, where, until, {}}); });
  }
  Rights rights(std::int64_t user) {
    return db().read_now([&](db::Tx& tx) { return rights_of(tx, user, false); });
  }
};
ON_BOTH_ENGINES(Roles);

TEST_P(Roles, TheTenGroupsHaveTheRightsOfTheChapter) {
  const std::vector<std::pair<std::string, std::size_t>> expected{
      {"Conference Organizer", 32}, {"Program Committee", 6},     {"Registration Manager", 12},
      {"Finance Team", 10},         {"Travel Grant Reviewer", 5}, {"Sponsor Manager", 6},
      {"Check-in Staff", 3},        {"Activity Organizer", 4},    {"Reports Viewer", 3},
      {"Read-Only Staff", 13}};
  for (int run = 0; run < 2; ++run) {
    std::vector<std::pair<std::string, std::size_t>> made;
    for (const GroupSetUp& done : set_up()) {
      EXPECT_EQ(done.created, run == 0) << done.name;
      EXPECT_THAT(done.unknown, IsEmpty());
      made.emplace_back(done.name, done.permissions);
    }
    EXPECT_EQ(made, expected);
  }
  const std::int64_t reader = group("Read-Only Staff");
  for (const std::string& id : db().read_now([&](db::Tx& tx) { return permissions_of_group(tx, reader); }))
    EXPECT_NE(id.find(".view_"), std::string::npos) << id;
}

TEST_P(Roles, SettingUpAgainTakesAwayWhatWasAddedByHandAndKeepsMembersAndOtherGroups) {
  set_up();
  const std::int64_t ada = person("ada@example.org"), desk = group("Check-in Staff");
  const std::int64_t own = write([](db::Tx& tx) { return ensure_group(tx, "Friends"); });
  give(ada, "Check-in Staff", {});
  write([&](db::Tx& tx) {
    set_permissions_of_group(tx, desk, {"program_conference.change_finance"});
    set_permissions_of_group(tx, own, {"program_conference.view_reports"});
    return 0;
  });
  set_up();
  db().read_now([&](db::Tx& tx) {
    EXPECT_THAT(permissions_of_group(tx, desk),
                ElementsAre("program_conference.view_checkin", "program_conference.view_conference",
                            "program_conference.view_dashboard"));
    EXPECT_THAT(permissions_of_group(tx, own), ElementsAre("program_conference.view_reports"));
    EXPECT_THAT(members_of(tx, desk), ElementsAre(ada));
    return 0;
  });
}

TEST_P(Roles, ACodeTheSystemDoesNotHaveIsLeftOutAndTold) {
  const auto report = write([](db::Tx& tx) {
    return set_up_groups(tx, [](std::string_view id) { return id != "program_conference.view_checkin"; });
  });
  for (const GroupSetUp& done : report) {
    if (done.name != "Check-in Staff") continue;
    EXPECT_THAT(done.unknown, ElementsAre("program_conference.view_checkin"));
    EXPECT_EQ(done.permissions, 2U);
  }
}

TEST_P(Roles, OneConferencesRoleGivesNothingInAnother) {
  set_up();
  const std::int64_t ada = person("ada@example.org"), here = conference("here"), there = conference("there");
  EXPECT_FALSE(rights(ada).any_role());
  give(ada, "Registration Manager", here);
  const Rights held = rights(ada);
  EXPECT_TRUE(held.may("view_registration", here));
  EXPECT_TRUE(held.may("program_conference.view_registration", here));
  EXPECT_FALSE(held.may("view_registration", there));
  EXPECT_FALSE(held.may("view_finance", here));
  EXPECT_TRUE(held.any_role_in(here));
  EXPECT_FALSE(held.any_role_in(there));
  EXPECT_FALSE(held.full_access(here));
  EXPECT_FALSE(held.may_everywhere("view_registration"));
  EXPECT_TRUE(held.may_somewhere("view_registration"));
  EXPECT_THAT(held.conferences(), ElementsAre(here));
}

TEST_P(Roles, ARoleEverywhereHoldsInEveryConference) {
  set_up();
  const std::int64_t ada = person("ada@example.org"), there = conference("there");
  give(ada, "Conference Organizer", {});
  EXPECT_TRUE(rights(ada).full_access(there));
  EXPECT_TRUE(rights(ada).full_access_everywhere());
  EXPECT_TRUE(rights(ada).any_role_everywhere());
  EXPECT_THAT(rights(ada).conferences(), IsEmpty());
}

TEST_P(Roles, EndByThemselvesAtTheirMoment) {
  set_up();
  const std::int64_t ada = person("ada@example.org"), here = conference("here");
  const Instant end = clock().now() + Duration::hours(1);
  give(ada, "Check-in Staff", here, end);
  write([&](db::Tx& tx) {
    create_session(tx, {.token_hash = "h", .user_id = ada});
    return 0;
  });
  const auto session = [&] { return db().read_now([&](db::Tx& tx) { return find_session(tx, "h"); }); };
  EXPECT_TRUE(rights(ada).may("view_checkin", here));
  EXPECT_TRUE(session()->has_right());
  clock().set(end - Duration{1});
  EXPECT_TRUE(rights(ada).may("view_checkin", here));
  clock().set(end);
  EXPECT_FALSE(rights(ada).any_role());
  clock().set(end - Duration::hours(1));
  EXPECT_THROW(give(ada, "Check-in Staff", here, clock().now()), Refused);
}

TEST_P(Roles, GivenAgainChangesTheEndAndStaysOne) {
  set_up();
  const std::int64_t ada = person("ada@example.org"), here = conference("here");
  const RoleAssignment first = give(ada, "Check-in Staff", here);
  const RoleAssignment again = give(ada, "Check-in Staff", here, clock().now() + Duration::days(1));
  EXPECT_EQ(first.id, again.id);
  EXPECT_TRUE(again.ends_at.has_value());
  const auto roles = db().read_now([&](db::Tx& tx) { return roles_in(tx, here); });
  ASSERT_EQ(roles.size(), 1U);
  EXPECT_EQ(roles[0].user_email, "ada@example.org");
  EXPECT_EQ(roles[0].group_name, "Check-in Staff");
  EXPECT_TRUE(write([&](db::Tx& tx) { return take_role(tx, first.id); }));
  EXPECT_FALSE(write([&](db::Tx& tx) { return take_role(tx, first.id); }));
  EXPECT_FALSE(rights(ada).any_role());
}

TEST_P(Roles, NobodyGivesAwayMoreThanTheyHold) {
  set_up();
  const std::int64_t ada = person("ada@example.org"), bob = person("bob@example.org");
  const std::int64_t here = conference("here"), there = conference("there");
  give(ada, "Conference Organizer", here);
  give(bob, "Registration Manager", here);
  const std::int64_t desk = group("Check-in Staff");
  const std::int64_t above = write([](db::Tx& tx) {
    const std::int64_t id = ensure_group(tx, "Accounts");
    set_permissions_of_group(tx, id, {"accounts.change_user"});
    return id;
  });
  const auto may = [&](std::int64_t who, std::int64_t which, std::optional<std::int64_t> where) {
    const Rights held = rights(who);
    return db().read_now([&](db::Tx& tx) { return may_grant(tx, held, which, where); });
  };
  EXPECT_TRUE(may(ada, desk, here));
  EXPECT_TRUE(may(ada, group("Conference Organizer"), here));
  EXPECT_FALSE(may(ada, desk, there));
  EXPECT_FALSE(may(ada, desk, std::nullopt));
  EXPECT_FALSE(may(ada, above, here));
  EXPECT_FALSE(may(bob, desk, here));
  EXPECT_TRUE(
      db().read_now([&](db::Tx& tx) { return may_grant(tx, Rights(true, {}), above, std::nullopt); }));
}

TEST_P(Roles, DiscountsOfAGroupGoToWhoBelongsToItThere) {
  const std::int64_t ada = person("ada@example.org"), here = conference("here"), there = conference("there");
  const std::int64_t crew = write([](db::Tx& tx) { return ensure_group(tx, "Crew"); });
  give(ada, "Crew", here);
  db().read_now([&](db::Tx& tx) {
    EXPECT_THAT(groups_of_user(tx, ada, here), ElementsAre(crew));
    EXPECT_THAT(groups_of_user(tx, ada, there), IsEmpty());
    EXPECT_THAT(groups_of_user(tx, ada), IsEmpty());
    return 0;
  });
}

}  // namespace
}  // namespace plenary::accounts
