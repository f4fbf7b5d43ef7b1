// Groups and roles in the data admin: who may give what to whom, and what is recorded of it. On both engines.
// source: configuration 10, 8.1 and 8.5; Do better 3, 23 and 27.
#include "admin/groups.hpp"

namespace plenary::admin::testing {
namespace {

class RolesAdmin : public GroupsTest {
 protected:
  std::string fair() const { return std::to_string(conference_id()); }
  HttpResponse offer(Buyer& who, const std::string& user, const std::string& group_name,
                     const std::string& conference) {
    PageForm form = open_add(who, roles_of_people);
    form.set("user_id", user).set("group_id", std::to_string(group(group_name)));
    form.set("conference_id", conference);
    return send_add(who, roles_of_people, form);
  }
  std::int64_t roles(const char* email) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "SELECT count(*) FROM role_assignment a JOIN user_account u ON u.id = "
          "a.user_id WHERE u.email = $1",
          std::string_view(email));
    });
  }
};
ON_BOTH_ENGINES(RolesAdmin);

TEST_P(RolesAdmin, ASuperuserChangesWhatAGroupMayDo) {
  const std::int64_t id = group("Reports Viewer");
  const HttpResponse page = root().get(address(groups_of_people, id, "change"));
  for (const char* told : {"See reports", "Vouchers: change", "value=\"program_registration.change_voucher\"",
                           "value=\"program_conference.view_reports\" id=\""})
    EXPECT_TRUE(contains(page, told)) << told;
  PageForm form = open_change(root(), groups_of_people, id);
  form.add("permissions", "program_registration.change_voucher");
  EXPECT_EQ(send_change(root(), groups_of_people, id, form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM user_group_permission p JOIN user_group g ON g.id = p.group_id WHERE "
                  "g.name = 'Reports Viewer'"),
            4);
  const std::string line = recorded("user_group");
  EXPECT_NE(line.find("program_conference.view_reports"), std::string::npos) << line;
  EXPECT_NE(line.find("program_registration.change_voucher"), std::string::npos) << line;
  // Saving it again as it stands changes nothing; a made up one is refused.
  form = open_change(root(), groups_of_people, id);
  EXPECT_EQ(send_change(root(), groups_of_people, id, form).status, 303);
  form.add("permissions", "program_conference.rule_the_world");
  EXPECT_EQ(send_change(root(), groups_of_people, id, form).status, 422);
  EXPECT_EQ(count("SELECT count(*) FROM user_group_permission WHERE permission LIKE '%rule%'"), 0);
}

TEST_P(RolesAdmin, ARoleIsGivenWithNamesOnTheRecord) {
  person("new@example.org", site::testing::good_password, "Grace Hopper");
  Buyer who = colleague("organizer@example.org", "Conference Organizer");
  const std::int64_t organizer = id_of_colleague();
  EXPECT_EQ(offer(who, "new@example.org", "Check-in Staff", fair()).status, 303);
  EXPECT_EQ(roles("new@example.org"), 1);
  EXPECT_EQ(count("SELECT granted_by FROM role_assignment ORDER BY id DESC LIMIT 1"), organizer);
  const std::string line = recorded("role_assignment");
  for (const char* told : {"new@example.org", "Check-in Staff", "Fair"})
    EXPECT_NE(line.find(told), std::string::npos) << line;
  // Twice is once.
  EXPECT_EQ(offer(who, "new@example.org", "Check-in Staff", fair()).status, 422);
  EXPECT_EQ(roles("new@example.org"), 1);
  // The account's page tells of it.
  const std::int64_t account = count("SELECT id FROM user_account WHERE email = 'new@example.org'");
  EXPECT_TRUE(contains(root().get(address(accounts_of, account, "change")), "role_assignment-0-group_id"));
}

TEST_P(RolesAdmin, NobodyGivesMoreThanTheyHold) {
  person("friend@example.org");
  group("Account clerks", {"accounts.change_user"});
  Buyer who = colleague("organizer@example.org", "Conference Organizer");
  const std::int64_t me = id_of_colleague();
  EXPECT_EQ(offer(who, "friend@example.org", "Check-in Staff", "").status, 422);
  EXPECT_EQ(offer(who, "friend@example.org", "Check-in Staff", std::to_string(foreign())).status, 422);
  EXPECT_EQ(offer(who, "friend@example.org", "Account clerks", fair()).status, 422);
  EXPECT_EQ(offer(who, "organizer@example.org", "Check-in Staff", fair()).status, 422);
  EXPECT_EQ(roles("friend@example.org"), 0);
  EXPECT_EQ(roles("organizer@example.org"), 1);
  // Nor do they prolong their own.
  const std::int64_t own = count("SELECT max(id) FROM role_assignment");
  PageForm form = open_change(who, roles_of_people, own);
  form.set("ends_at", "2099-01-01T00:00");
  EXPECT_EQ(send_change(who, roles_of_people, own, form).status, 422);
  // Somebody with the entity's permission, but without full access, gives nothing at all.
  group("Role clerks", {"accounts.add_role", "accounts.change_role", "program_conference.view_checkin"});
  Buyer clerk = colleague("clerk@example.org", "Role clerks");
  EXPECT_EQ(offer(clerk, "friend@example.org", "Check-in Staff", fair()).status, 422);
  EXPECT_EQ(roles("friend@example.org"), 0);
  // What they could not give they cannot take away.
  const std::int64_t role = give(me, "Account clerks", conference_id());
  Buyer other = colleague("second@example.org", "Conference Organizer");
  const std::string path = address(roles_of_people, role, "delete");
  const HttpResponse page = other.get(path);
  EXPECT_EQ(other.post(path, PageForm(page, path).fields()).status, 409);
  EXPECT_TRUE(db().read_now([&](db::Tx& tx) { return accounts::find_role(tx, role).has_value(); }));
}

TEST_P(RolesAdmin, WhoItIsIsAskedOnceMoreBeforeRightsAndKeys) {
  const std::int64_t id = group("Reports Viewer");
  const std::string path = address(groups_of_people, id, "change");
  const char* const held =
      "SELECT count(*) FROM user_group_permission p JOIN user_group g ON g.id = p.group_id WHERE g.name = "
      "'Reports Viewer'";
  PageForm form = open_change(root(), groups_of_people, id);
  form.add("permissions", "program_registration.change_voucher");
  clock().advance(Duration::minutes(11));
  const HttpResponse asked = root().post(path, form.fields());
  EXPECT_TRUE(contains(asked, "name=\"proof_password\""));
  EXPECT_EQ(count(held), 3);
  PageForm answer(asked, path);
  answer.set("proof_password", site::testing::good_password);
  EXPECT_EQ(root().post(path, answer.fields()).status, 303);
  EXPECT_EQ(count(held), 4);
  // Not for what is no right and no key.
  clock().advance(Duration::minutes(11));
  PageForm fair_form = open_change(root(), conferences, conference_id());
  fair_form.set("venue", "Town hall");
  EXPECT_EQ(send_change(root(), conferences, conference_id(), fair_form).status, 303);
  fair_form = open_change(root(), conferences, conference_id());
  fair_form.set("stripe_secret_key", "sk_test_51ABCDEFGH");
  EXPECT_TRUE(contains(send_change(root(), conferences, conference_id(), fair_form), "proof_password"));
  EXPECT_EQ(count("SELECT count(*) FROM conference WHERE stripe_secret_key IS NOT NULL"), 0);
  // A role taken away in a list, too.
  const std::int64_t role = give(person("ada@example.org"), "Check-in Staff", conference_id());
  const HttpResponse sure = mark(roles_of_people, "delete", {std::to_string(role)});
  EXPECT_TRUE(contains(confirm(sure, roles_of_people), "proof_password"));
  EXPECT_EQ(roles("ada@example.org"), 1);
}

TEST_P(RolesAdmin, EditingAccountsRaisesNoRights) {
  const std::int64_t plain = person("plain@example.org");
  group("Account clerks",
        {"accounts.view_user", "accounts.add_user", "accounts.change_user", "accounts.delete_user",
         "accounts.change_group", "accounts.view_group", "accounts.delete_group"});
  const std::int64_t me = person("clerk@example.org");
  give(me, "Account clerks", std::nullopt);
  Buyer who = buyer();
  sign_in(who, "clerk@example.org");
  // Staff and superuser flags are shown, not edited.
  PageForm form = open_change(who, accounts_of, plain);
  EXPECT_FALSE(form.has("is_superuser"));
  form.set("is_superuser", "1").set("is_staff", "1").set("name", "Plain");
  EXPECT_EQ(send_change(who, accounts_of, plain, form).status, 303);
  EXPECT_EQ(
      count("SELECT count(*) FROM user_account WHERE name = 'Plain' AND is_superuser = 0 AND is_staff = 0"),
      1);
  form = open_add(who, accounts_of);
  form.set("username", "raised").set("is_superuser", "1");
  send_add(who, accounts_of, form);
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE username = 'raised' AND is_superuser = 1"), 0);
  for (const char* action : {"is_superuser.on", "is_staff.on"}) {
    const std::string path = list_of(accounts_of) + "action/";
    who.get(list_of(accounts_of));
    const HttpResponse asked = who.post(path, {{"action", action}, {"key", std::to_string(me)}});
    who.post(path, Buyer::form(asked, path, {}, "1"));
  }
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE is_superuser = 1"), 1);
  // An address of one's own at an account that may more would be a way in.
  const std::int64_t boss = count("SELECT id FROM user_account WHERE username = 'root'");
  const std::int64_t organizer = person("organizer@example.org");
  give(organizer, "Conference Organizer", conference_id());
  for (const std::int64_t id : {boss, organizer, me}) {
    form = open_change(who, accounts_of, id);
    form.set("email", "evil@example.org");
    EXPECT_EQ(send_change(who, accounts_of, id, form).status, 422);
  }
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE email = 'evil@example.org'"), 0);
  // Rights of groups are looked at.
  const std::int64_t id = group("Account clerks");
  form = open_change(who, groups_of_people, id);
  EXPECT_FALSE(form.has("permissions"));
  form.set("name", "Mine").set("permissions", "program_conference.change_conference");
  EXPECT_EQ(send_change(who, groups_of_people, id, form).status, 422);
  EXPECT_EQ(count("SELECT count(*) FROM user_group WHERE name = 'Mine'"), 0);
  const std::string path = address(groups_of_people, id, "delete");
  EXPECT_EQ(who.post(path, PageForm(who.get(path), path).fields()).status, 409);
  EXPECT_EQ(count("SELECT count(*) FROM user_group WHERE name = 'Account clerks'"), 1);
}

}  // namespace
}  // namespace plenary::admin::testing
