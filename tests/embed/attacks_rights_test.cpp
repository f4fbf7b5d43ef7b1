// Attacks on rights: guessed ids, forged forms, roles that change or end between a page and its form, roles
// that would outlast whoever gives them, fields nobody offered, and looking into another conference. Each is
// refused, on both engines. docs/security.md lists them. source: configuration 10, 8; Do better 3, 27 and 28.
#include "embed/attacks.hpp"

namespace plenary::embed::testing {
namespace {

class Attacks : public AttackTest {
 protected:
  HttpResponse offer(Buyer& who, const std::string& email, const std::string& role, const std::string& ends) {
    PageForm form = open_add(who, roles_of_people);
    form.set("user_id", email).set("group_id", role).set("conference_id", fair()).set("ends_at", ends);
    return send_add(who, roles_of_people, form);
  }
  std::optional<Instant> end_of(std::int64_t role) {
    return db().read_now([&](db::Tx& tx) { return accounts::find_role(tx, role).value().ends_at; });
  }
  const Instant june = *Instant::parse("2027-06-30T22:00:00Z");  // through the 30th in Berlin
};
ON_BOTH_ENGINES(Attacks);

TEST_P(Attacks, ARoleTakenAwayBetweenPageAndPostRefuses) {
  Buyer head = organizer();
  const HttpResponse page = head.get(team);
  ASSERT_EQ(page.status, 200);
  take_all("head@example.org");
  EXPECT_EQ(head.post(invite_url, Buyer::form(page, invite_url, invitation_to("a@example.org"))).status, 404);
  EXPECT_EQ(invitations(), 0);
}

TEST_P(Attacks, ARoleChangedForALesserOneInMidSessionRefuses) {
  Buyer head = organizer();
  const HttpResponse page = head.get(team);
  const std::int64_t victim = give(person("ada@example.org"), "Finance Team", conference_id());
  take_all("head@example.org");
  give(user_id("head@example.org"), "Check-in Staff", conference_id());
  EXPECT_EQ(head.post(invite_url, Buyer::form(page, invite_url, invitation_to("a@example.org"))).status, 403);
  EXPECT_EQ(head.post(role_url(victim) + "end/", {}).status, 403);
  EXPECT_EQ(head.get(team).status, 403);
  EXPECT_EQ(head.post(address(roles_of_people, victim, "delete"), {}).status, 403);
  EXPECT_EQ(invitations(), 0);
  EXPECT_GT(current_roles("ada@example.org"), 0U);
}

TEST_P(Attacks, ARoleOpensNothingFromTheMomentItEnds) {
  const Instant end = clock().now() + Duration::minutes(5);
  Buyer head = organizer("head@example.org", end);
  const HttpResponse page = head.get(team);
  ASSERT_EQ(page.status, 200);
  clock().advance(Duration::minutes(5));
  EXPECT_EQ(head.post(invite_url, Buyer::form(page, invite_url, invitation_to("a@example.org"))).status, 404);
  EXPECT_EQ(head.get("/admin/accounts/role/").status, 404);
  EXPECT_EQ(invitations(), 0);
}

TEST_P(Attacks, ASuperuserWhoIsNoneAnyMoreIsNobody) {
  Buyer root = superuser_browser();
  PageForm form = open_add(root, accounts_of);
  form.set("username", "mole").set("is_superuser", "1");
  run("UPDATE user_account SET is_superuser = 0 WHERE username = 'root'");
  EXPECT_EQ(send_add(root, accounts_of, form).status, 404);
  EXPECT_EQ(root.get("/admin/accounts/user/").status, 404);
  EXPECT_EQ(root.get(team).status, 404);
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE username = 'mole'"), 0);
}

TEST_P(Attacks, AnAccountThatIsSwitchedOffActsNoMore) {
  Buyer head = organizer();
  const HttpResponse page = head.get(team);
  run("UPDATE user_account SET is_active = 0 WHERE email = 'head@example.org'");
  const HttpResponse answer =
      head.post(invite_url, Buyer::form(page, invite_url, invitation_to("a@example.org")));
  EXPECT_TRUE(answer.header("Location").starts_with("/accounts/login/"));
  EXPECT_EQ(invitations(), 0);
}

TEST_P(Attacks, TheStaffFlagAloneOpensNothing) {
  person("staff@example.org");
  run("UPDATE user_account SET is_staff = 1 WHERE email = 'staff@example.org'");
  Buyer staff = signed_in("staff@example.org");
  for (const std::string& path :
       {std::string("/manage/"), std::string("/manage/fair/"), team, std::string("/admin/accounts/user/"),
        std::string("/admin/program_registration/tickettype/")})
    EXPECT_EQ(staff.get(path).status, 404) << path;
}

TEST_P(Attacks, FullAccessElsewhereOpensNothingHere) {
  give(person("else@example.org"), "Conference Organizer", other());
  Buyer stranger = signed_in("else@example.org");
  ASSERT_EQ(stranger.get("/manage/other/team/").status, 200);
  const std::int64_t ticket = number("SELECT min(id) FROM ticket_type WHERE conference_id = " + fair());
  const std::int64_t role = give(person("ada@example.org"), "Finance Team", conference_id());
  for (const std::string& path :
       {std::string("/manage/fair/"), team, role_url(role),
        address(admin::testing::ticket_types, ticket, "change"),
        address(admin::testing::ticket_types, ticket, "history"),
        address(admin::testing::ticket_types, ticket, "delete"), address(roles_of_people, role, "change"),
        address(roles_of_people, role, "delete"), address(roles_of_people, role, "history")})
    EXPECT_EQ(stranger.get(path).status, 404) << path;
  stranger.get("/manage/other/team/");
  for (const std::string& path :
       {role_url(role), role_url(role) + "end/", invite_url, address(roles_of_people, role, "change"),
        address(roles_of_people, role, "delete"), address(admin::testing::ticket_types, ticket, "change"),
        address(admin::testing::ticket_types, ticket, "delete")})
    EXPECT_EQ(stranger.post(path, {{"sure", "yes"}, {"name", "Mine"}}).status, 404) << path;
  EXPECT_GT(current_roles("ada@example.org"), 0U);
  EXPECT_EQ(number("SELECT count(*) FROM ticket_type WHERE name = 'Mine'"), 0);
}

TEST_P(Attacks, AFormOfOnesOwnConferenceIsNotTakenByAnother) {
  Buyer head = organizer();
  const HttpResponse page = head.get(team);
  const Fields fields = Buyer::form(page, invite_url, invitation_to("a@example.org"));
  EXPECT_EQ(head.post("/manage/other/team/invite/", fields).status, 404);
  const std::int64_t role = give(person("ada@example.org"), "Finance Team", other());
  // Under the address of one's own conference it is no role of this one.
  EXPECT_EQ(head.get(role_url(role)).status, 404);
  EXPECT_EQ(head.post(role_url(role) + "end/", {{"sure", "yes"}}).status, 404);
  EXPECT_EQ(invitations(), 0);
  EXPECT_GT(current_roles("ada@example.org"), 0U);
}

TEST_P(Attacks, ChoicesAndSearchesNameNothingOfAForeignConference) {
  Buyer head = organizer();
  const std::string here = "/admin/program_registration/tickettype/";
  ASSERT_TRUE(contains(head.get(here + "choices/?q=ticket"), "Ticket"));
  const std::string far = std::to_string(other());
  for (const std::string& path :
       {here + "choices/?q=foreign", here + "choices/?conference=" + far, here + "?q=foreign",
        here + "?conference_id=" + far, here + "?pick=conference_id&pick_q=else",
        here + "export/?format=json&conference_id=" + far, here + "export/?format=csv&q=foreign",
        std::string("/admin/program_conference/conference/choices/?q=else"),
        std::string("/admin/program_conference/conference/"), std::string("/admin/"), std::string("/manage/"),
        "/admin/program_registration/tickettype/add/?conference_id=" + far}) {
    const HttpResponse answer = head.get(path);
    EXPECT_FALSE(contains(answer, "Foreign ticket")) << path;
    EXPECT_FALSE(contains(answer, "Elsewhere")) << path;
  }
}

TEST_P(Attacks, WhatOneDidInAConferenceIsForgottenWithTheRoleThere) {
  Buyer head = organizer();
  const std::int64_t ticket = number("SELECT min(id) FROM ticket_type WHERE conference_id = " + fair());
  PageForm form = open_change(head, admin::testing::ticket_types, ticket);
  form.set("name", "Told once");
  ASSERT_EQ(send_change(head, admin::testing::ticket_types, ticket, form).status, 303);
  ASSERT_TRUE(contains(head.get("/admin/"), "Told once"));
  take_all("head@example.org");
  give(user_id("head@example.org"), "Conference Organizer", other());
  for (const std::string& path :
       {std::string("/admin/"), std::string("/admin/operation/change/"),
        "/admin/operation/change/?actor_id=" + std::to_string(user_id("head@example.org"))})
    EXPECT_FALSE(contains(head.get(path), "Told once")) << path;
}

TEST_P(Attacks, NobodyPicksPeopleOutOfTheAccounts) {
  person("customer@example.org", good_password, "Quiet Customer");
  Buyer head = organizer();
  for (const std::string& path :
       {std::string("/admin/accounts/user/choices/?q=customer"), std::string("/admin/accounts/user/"),
        std::string("/admin/accounts/user/export/?format=json"),
        std::string("/admin/accounts/role/add/?user_id=") + std::to_string(user_id("customer@example.org")),
        std::string("/admin/accounts/role/?user_id=") + std::to_string(user_id("customer@example.org"))}) {
    const HttpResponse answer = head.get(path);
    EXPECT_FALSE(contains(answer, "customer@example.org")) << path;
    EXPECT_FALSE(contains(answer, "Quiet Customer")) << path;
  }
  EXPECT_EQ(head.get("/admin/accounts/user/choices/").status, 403);
}

TEST_P(Attacks, NobodyPromotesThemselvesOnTheirOwnPage) {
  person("ada@example.org");
  Buyer ada = signed_in("ada@example.org");
  const HttpResponse page = ada.get("/accounts/");
  ada.post("/accounts/", Buyer::form(page, "/accounts/",
                                     {{"name", "Ada"},
                                      {"is_superuser", "1"},
                                      {"is_staff", "on"},
                                      {"email", "root@example.org"},
                                      {"group_id", "1"},
                                      {"role_assignment-rows", "1"},
                                      {"role_assignment-0-group_id", "1"}}));
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE is_superuser = 1 OR is_staff = 1"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE email = 'ada@example.org' AND name = 'Ada'"), 1);
  EXPECT_EQ(current_roles("ada@example.org"), 0U);
}

TEST_P(Attacks, ARolesFormTakesNoFieldThatItDoesNotShow) {
  Buyer root = superuser_browser();
  const std::int64_t boss = user_id("root@example.org");
  Buyer head = organizer();
  person("ada@example.org");
  PageForm form = open_add(head, roles_of_people);
  form.set("user_id", "ada@example.org").set("group_id", "Check-in Staff").set("conference_id", fair());
  form.set("granted_by", std::to_string(boss)).set("id", "77").set("version", "9").set("created_at", "0");
  EXPECT_EQ(send_add(head, roles_of_people, form).status, 303);
  EXPECT_EQ(number("SELECT granted_by FROM role_assignment ORDER BY id DESC LIMIT 1"),
            user_id("head@example.org"));
  EXPECT_EQ(count("SELECT count(*) FROM role_assignment WHERE id = 77 OR version = 9"), 0);
}

TEST_P(Attacks, InlineRolesOfAnAccountsOrGroupsPageRaiseNobody) {
  group("Account clerks", {"accounts.view_user", "accounts.add_user", "accounts.change_user",
                           "accounts.view_group", "accounts.change_group", "accounts.add_group"});
  give(person("clerk@example.org"), "Account clerks", std::nullopt);
  Buyer clerk = signed_in("clerk@example.org");
  const std::int64_t friend_id = person("friend@example.org");
  const std::string organizers = std::to_string(group("Conference Organizer"));
  const std::int64_t friends = group("Friends");
  const auto with_role = [&](PageForm& form, const char* field, const std::string& value) {
    form.set("role_assignment-rows", "1").set(std::string("role_assignment-0-") + field, value);
    form.set("role_assignment-0-conference_id", fair()).set("name", "Changed");
  };
  PageForm form = open_change(clerk, accounts_of, friend_id);
  with_role(form, "group_id", organizers);
  send_change(clerk, accounts_of, friend_id, form);
  form = open_add(clerk, accounts_of);
  form.set("username", "puppet");
  with_role(form, "group_id", organizers);
  send_add(clerk, accounts_of, form);
  form = open_change(clerk, groups_of_people, friends);
  with_role(form, "user_id", std::to_string(user_id("clerk@example.org")));
  send_change(clerk, groups_of_people, friends, form);
  form = open_add(clerk, groups_of_people);
  with_role(form, "user_id", std::to_string(user_id("clerk@example.org")));
  form.set("permissions", "program_conference.change_conference").set("name", "Mine");
  send_add(clerk, groups_of_people, form);
  EXPECT_EQ(count("SELECT count(*) FROM role_assignment"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM user_group g JOIN user_group_permission p ON p.group_id = g.id "
                  "WHERE g.name = 'Mine'"),
            0);
}

TEST_P(Attacks, AMemberDoesNotWidenTheirGroup) {
  Buyer head = organizer();
  const std::int64_t id = group("Conference Organizer");
  const std::int64_t before = count("SELECT count(*) FROM user_group_permission");
  for (const char* page : {"change", "delete", "history"})
    EXPECT_EQ(head.get(address(groups_of_people, id, page)).status, 403) << page;
  EXPECT_EQ(head.post(address(groups_of_people, id, "change"),
                      {{"name", "Conference Organizer"}, {"permissions", "accounts.change_user"}})
                .status,
            403);
  EXPECT_EQ(head.post("/admin/accounts/group/add/", {{"name", "Mine"}}).status, 403);
  EXPECT_EQ(count("SELECT count(*) FROM user_group_permission"), before);
}

// Whoever may not see a key must not have it sent to an address of their own.
TEST_P(Attacks, TheAddressThatKeysAreSentToIsForFullAccess) {
  Buyer root = superuser_browser();
  const std::int64_t id = conference_id();
  PageForm keys = open_change(root, admin::testing::conferences, id);
  keys.set("pretalx_base_url", "https://pretalx.example.org").set("pretalx_token", "a token of theirs");
  ASSERT_EQ(send_change(root, admin::testing::conferences, id, keys).status, 303);
  group("Settings", {"program_conference.view_conference", "program_conference.manage_conference_settings"});
  Buyer who = colleague("settings@example.org", "Settings");
  PageForm form = open_change(who, admin::testing::conferences, id);
  EXPECT_FALSE(form.has("pretalx_base_url"));
  form.set("pretalx_base_url", "https://evil.example").set("qbo_client_id", "mine").set("venue", "Hall");
  EXPECT_EQ(send_change(who, admin::testing::conferences, id, form).status, 303);
  EXPECT_EQ(text("SELECT venue FROM conference WHERE slug = 'fair'"), "Hall");
  EXPECT_EQ(text("SELECT pretalx_base_url FROM conference WHERE slug = 'fair'"),
            "https://pretalx.example.org");
  EXPECT_EQ(count("SELECT count(*) FROM conference WHERE qbo_client_id = 'mine'"), 0);
  // With full access it takes proof, also where the old value is sent beside the new one.
  Buyer head = organizer();
  clock().advance(Duration::minutes(11));
  form = open_change(head, admin::testing::conferences, id);
  form.set("pretalx_base_url", "https://pretalx.example.org").add("pretalx_base_url", "https://evil.example");
  EXPECT_EQ(outcome(send_change(head, admin::testing::conferences, id, form)), "proof_needed");
  EXPECT_EQ(text("SELECT pretalx_base_url FROM conference WHERE slug = 'fair'"),
            "https://pretalx.example.org");
}

// ---- roles that would outlast whoever gives them

TEST_P(Attacks, AnInvitationOutlastsNobodysOwnRole) {
  Buyer head = organizer("head@example.org", june);
  HttpResponse page = head.get(team);
  for (const char* day : {"", "2027-07-01", "2099-01-01"}) {
    const HttpResponse answer = head.post(
        invite_url,
        Buyer::form(page, invite_url, invitation_to("second@example.org", "Conference Organizer", day)));
    EXPECT_EQ(answer.status, 422) << day;
    EXPECT_EQ(outcome(answer), "outlasts") << day;
    EXPECT_TRUE(contains(answer, "2027-06-30")) << "the day is told";
    EXPECT_TRUE(contains(answer, "second@example.org")) << "what was typed stays";
  }
  EXPECT_EQ(invitations(), 0);
  EXPECT_EQ(outcome(head.post(invite_url, Buyer::form(page, invite_url,
                                                      invitation_to("second@example.org",
                                                                    "Conference Organizer", "2027-06-30")))),
            "invited");
}

TEST_P(Attacks, ARoleGivenInTheAdministrationOutlastsNobodysOwn) {
  Buyer head = organizer("head@example.org", june);
  person("ada@example.org");
  for (const char* ends : {"", "2027-07-01T00:01", "2099-01-01T00:00"})
    EXPECT_EQ(offer(head, "ada@example.org", "Check-in Staff", ends).status, 422) << ends;
  EXPECT_EQ(current_roles("ada@example.org"), 0U);
  EXPECT_EQ(offer(head, "ada@example.org", "Check-in Staff", "2027-06-30T12:00").status, 303);
  // Nor is it lengthened afterwards, in either place; shortened it may be.
  const std::int64_t role = role_of("ada@example.org");
  PageForm form = open_change(head, roles_of_people, role);
  form.set("ends_at", "2027-12-01T00:00");
  EXPECT_EQ(send_change(head, roles_of_people, role, form).status, 422);
  HttpResponse page = head.get(role_url(role));
  EXPECT_EQ(head.post(role_url(role), Buyer::form(page, "", {{"ends_on", "2027-12-01"}})).status, 422);
  EXPECT_EQ(head.post(role_url(role), Buyer::form(page, "", {{"ends_on", ""}})).status, 422);
  EXPECT_EQ(outcome(head.post(role_url(role), Buyer::form(page, "", {{"ends_on", "2027-05-20"}}))),
            "changed");
}

TEST_P(Attacks, NobodyProlongsARoleOfTheirOwn) {
  Buyer head = organizer("head@example.org", june);
  const std::int64_t own = role_of("head@example.org");
  const HttpResponse page = head.get(role_url(own));
  for (const char* day : {"", "2027-07-01"})
    EXPECT_EQ(head.post(role_url(own), Buyer::form(page, "", {{"ends_on", day}})).status, 422) << day;
  PageForm form = open_change(head, roles_of_people, own);
  form.set("ends_at", "");
  EXPECT_EQ(send_change(head, roles_of_people, own, form).status, 422);
  EXPECT_EQ(end_of(own), june);
}

TEST_P(Attacks, ALongerRoleOfLesserRightsLendsNoLength) {
  Buyer head = organizer("head@example.org", june);
  give(user_id("head@example.org"), "Read-Only Staff", conference_id());
  give(user_id("head@example.org"), "Check-in Staff", std::nullopt);
  const HttpResponse page = head.get(team);
  EXPECT_EQ(outcome(head.post(invite_url, Buyer::form(page, invite_url, invitation_to("a@example.org")))),
            "outlasts");
  // Who ends a longer one does not make it anew either.
  give(person("ada@example.org"), "Check-in Staff", conference_id());
  const std::int64_t role = role_of("ada@example.org");
  PageForm form = open_change(head, roles_of_people, role);
  form.set("group_id", std::to_string(group("Conference Organizer")));
  EXPECT_EQ(send_change(head, roles_of_people, role, form).status, 422);
}

TEST_P(Attacks, AnInvitationLosesItsForceWhenItsInviterHasLessTimeLeft) {
  Buyer head = organizer();
  person("ada@example.org");
  HttpResponse page = head.get(team);
  ASSERT_EQ(outcome(head.post(invite_url, Buyer::form(page, invite_url, invitation_to("ada@example.org")))),
            "invited");
  const std::string link = link_of(newest_invitation());
  run("UPDATE role_assignment SET ends_at = " + std::to_string(june.micros));
  Buyer ada = signed_in("ada@example.org");
  const HttpResponse answer = forge(ada, link);
  EXPECT_EQ(answer.status, 404);
  EXPECT_TRUE(contains(answer, "may no longer give this role"));
  EXPECT_EQ(current_roles("ada@example.org"), 0U);
}

TEST_P(Attacks, SendingAForeignInvitationAgainLendsItNoForce) {
  Buyer head = organizer(), helper = organizer("helper@example.org", june);
  HttpResponse page = head.get(team);
  ASSERT_EQ(outcome(head.post(invite_url, Buyer::form(page, invite_url, invitation_to("ada@example.org")))),
            "invited");
  const accounts::Invitation before = newest_invitation();
  clock().advance(Duration::hours(2));
  helper = signed_in("helper@example.org");
  const std::string again = team + "invitations/" + std::to_string(before.id) + "/resend/";
  EXPECT_EQ(outcome(forge(helper, again)), "outlasts");
  EXPECT_EQ(newest_invitation().token_hash, before.token_hash);
  EXPECT_EQ(newest_invitation().invited_by, user_id("head@example.org"));
}

// ---- forms from elsewhere

TEST_P(Attacks, NoFormOfTheBackOfficeIsTakenWithoutItsTokenOrFromAnotherSite) {
  Buyer head = organizer();
  Buyer root = superuser_browser();
  const std::int64_t ada = person("ada@example.org");
  const std::int64_t role = give(ada, "Finance Team", conference_id());
  const std::vector<std::string> paths{invite_url,
                                       role_url(role),
                                       role_url(role) + "end/",
                                       address(roles_of_people, role, "change"),
                                       address(roles_of_people, role, "delete"),
                                       "/admin/accounts/role/action/",
                                       address(accounts_of, ada, "sign-in"),
                                       "/accounts/lock/",
                                       "/accounts/unlock/",
                                       "/accounts/kept/",
                                       "/accounts/security/",
                                       "/accounts/security/factor/",
                                       "/accounts/sessions/",
                                       "/accounts/code/"};
  for (Buyer* who : {&head, &root}) {
    who->get("/accounts/");
    for (const std::string& path : paths) {
      EXPECT_EQ(who->post(path, {{"csrfmiddlewaretoken", ""}, {"action", "end"}}).status, 403) << path;
      EXPECT_EQ(who->client().post(path, {{"action", "end"}}, {{"Sec-Fetch-Site", "cross-site"}}).status, 403)
          << path;
      EXPECT_EQ(who->client().post(path, {{"action", "end"}}, {{"Origin", "https://evil.example"}}).status,
                403)
          << path;
    }
    EXPECT_TRUE(is_signed_in(*who));
  }
  EXPECT_GT(current_roles("ada@example.org"), 0U);
}

TEST_P(Attacks, NoAddressDoesByBeingOpenedWhatAFormDoes) {
  Buyer head = organizer();
  const std::int64_t role = give(person("ada@example.org"), "Finance Team", conference_id());
  const std::uint64_t writes = db().stats().writes;
  for (const std::string& path :
       {invite_url + "?emails=a%40example.org", role_url(role) + "end/?sure=yes",
        std::string("/admin/accounts/role/action/?action=delete&key=1"), std::string("/accounts/lock/")})
    EXPECT_EQ(head.get(path).status, 405) << path;
  for (const std::string& path : {role_url(role) + "?ends_on=2027-05-20",
                                  address(roles_of_people, role, "delete") + "?touches=1&confirmed=1"})
    EXPECT_EQ(head.get(path).status, 200) << path;
  EXPECT_EQ(db().stats().writes, writes);
}

}  // namespace
}  // namespace plenary::embed::testing
