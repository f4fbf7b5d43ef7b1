// Staff ending somebody's sessions and removing a lost second factor, and forms of the admin that survive a
// sign-out. On both engines. source: ground rules 15, 5.2 and 5.3.
#include <gtest/gtest.h>

#include "admin/back_office.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/second_factor.hpp"

namespace plenary::admin::testing {
namespace {

using site::testing::outcome;

class Doors : public AdminTest {
 protected:
  static std::string door(std::int64_t user) {
    return "/admin/accounts/user/" + std::to_string(user) + "/sign-in/";
  }
  HttpResponse act(Buyer& who, std::int64_t user, const std::string& action) {
    const HttpResponse page = who.get(door(user));
    EXPECT_EQ(page.status, 200) << page.body;
    Fields fields = Buyer::form(page, door(user));
    fields.emplace_back("action", action);
    return who.post(door(user), fields);
  }
  void has_factor(std::int64_t user) {
    db().write_now(db::global_lane, "test",
                   [&](db::Tx& tx) { accounts::set_second_factor(tx, user, "sealed", 0); });
  }
  // A member with one right that is not bound to a conference.
  std::int64_t helper(const std::string& email, const std::string& permission) {
    const std::int64_t id = person(email);
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      const std::int64_t group = accounts::ensure_group(tx, "Accounts desk");
      accounts::set_permissions_of_group(tx, group, std::vector<std::string>{permission});
      accounts::NewRole role;
      role.user_id = id;
      role.group_id = group;
      accounts::give_role(tx, role);
    });
    return id;
  }
  std::int64_t records(const char* field) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT count(*) FROM sign_in_event WHERE what = $1", field);
    });
  }
};
ON_BOTH_ENGINES(Doors);

TEST_P(Doors, ASuperuserEndsAnybodysSessionsAtOnce) {
  Buyer root = superuser_browser();
  const std::int64_t ada = person("ada@example.org");
  Buyer browser = buyer();
  sign_in(browser, "ada@example.org");
  EXPECT_TRUE(contains(root.get(address("accounts/user", ada, "change")), door(ada)));
  EXPECT_EQ(act(root, ada, "end").status, 303);
  EXPECT_FALSE(is_signed_in(browser));
  EXPECT_TRUE(is_signed_in(root));
  EXPECT_EQ(records("ended_by_staff"), 1);
  EXPECT_TRUE(contains(root.get(address("accounts/user", ada, "history")), "Sessions"));
}

TEST_P(Doors, ItAsksForProof) {
  Buyer root = superuser_browser();
  const std::int64_t ada = person("ada@example.org");
  Buyer browser = buyer();
  sign_in(browser, "ada@example.org");
  clock().advance(Duration::minutes(11));
  const HttpResponse asked = act(root, ada, "end");
  EXPECT_EQ(outcome(asked), "proof_needed");
  EXPECT_TRUE(is_signed_in(browser));
  EXPECT_EQ(
      root.post(door(ada), Buyer::form(asked, door(ada), {{"proof_password", site::testing::good_password}}))
          .status,
      303);
  EXPECT_FALSE(is_signed_in(browser));
}

TEST_P(Doors, WhoMayChangeAccountsEndsSessionsButNeverASuperusers) {
  const std::int64_t root = superuser("root"), ada = person("ada@example.org");
  helper("desk@example.org", "accounts.change_user");
  Buyer desk = buyer(), of_root = buyer(), of_ada = buyer();
  sign_in(desk, "desk@example.org");
  sign_in(of_root, "root");
  sign_in(of_ada, "ada@example.org");
  EXPECT_EQ(act(desk, ada, "end").status, 303);
  EXPECT_FALSE(is_signed_in(of_ada));
  EXPECT_EQ(desk.get(door(root)).status, 403);
  desk.get("/accounts/");
  EXPECT_EQ(desk.post(door(root), {{"action", "end"}}).status, 403);
  EXPECT_TRUE(is_signed_in(of_root));
  // Second factors are superusers' business.
  has_factor(ada);
  EXPECT_EQ(act(desk, ada, "reset_factor").status, 403);
  EXPECT_EQ(count("SELECT count(*) FROM second_factor"), 1);
}

TEST_P(Doors, OthersDoNotLearnThatThePageExists) {
  const std::int64_t ada = person("ada@example.org");
  helper("desk@example.org", "program_conference.view_dashboard");
  Buyer desk = buyer(), member = buyer(), nobody = buyer();
  sign_in(desk, "desk@example.org");
  EXPECT_EQ(desk.get(door(ada)).status, 404);
  person("eve@example.org");
  sign_in(member, "eve@example.org");
  EXPECT_EQ(member.get(door(ada)).status, 404);
  EXPECT_EQ(nobody.get(door(ada)).status, 303);
}

TEST_P(Doors, ALostSecondFactorIsRemovedByASuperuserAndToldToItsOwner) {
  Buyer root = superuser_browser();
  const std::int64_t ada = person("ada@example.org");
  has_factor(ada);
  EXPECT_EQ(act(root, ada, "reset_factor").status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM second_factor"), 0);
  EXPECT_EQ(mails("second_factor_changed"), 1);
  EXPECT_EQ(records("factor_reset"), 1);
  Buyer browser = buyer();
  EXPECT_EQ(outcome(sign_in(browser, "ada@example.org")), "signed_in");
}

TEST_P(Doors, AFormOfTheAdminIsShownAgainAsItWasTyped) {
  Buyer root = superuser_browser();
  const std::string path =
      "/admin/program_conference/conference/" + std::to_string(conference_id()) + "/change/";
  const HttpResponse page = root.get(path);
  Fields typed = Buyer::form(page, path, {{"name", "Fair of the year"}});
  clock().advance(Duration::minutes(31));
  const HttpResponse late = root.post(path, typed);
  ASSERT_EQ(late.status, 303);
  const HttpResponse login = root.get(late.header("Location"));
  const HttpResponse in = root.post(
      "/accounts/login/", Buyer::form(login, "/accounts/login/",
                                      {{"username", "root"}, {"password", site::testing::good_password}}));
  const HttpResponse kept = root.get(in.header("Location"));
  EXPECT_EQ(outcome(kept), "kept_form");
  Fields fields = Buyer::form(kept, path);
  fields.emplace_back("_restore", "1");
  const HttpResponse again = root.post(path, fields);
  EXPECT_EQ(again.status, 200);
  EXPECT_TRUE(contains(again, "Fair of the year"));
  EXPECT_EQ(count("SELECT count(*) FROM conference WHERE name = 'Fair of the year'"), 0)
      << "nothing is saved";
  EXPECT_EQ(root.post(path, Buyer::form(again, path)).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM conference WHERE name = 'Fair of the year'"), 1);
}

}  // namespace
}  // namespace plenary::admin::testing
