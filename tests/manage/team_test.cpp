// The team's page: who is shown, who may invite to what, ends of roles. source: configuration 10, 8; Do
// better 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manage/organisers.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TeamPage : public ManageTest {
 protected:
  std::string role_url(std::int64_t role, const std::string& conference = "fair") {
    return "/manage/" + conference + "/team/roles/" + std::to_string(role) + "/";
  }
  std::string invitation_url(std::int64_t id, const std::string& action,
                             const std::string& conference = "fair") {
    return "/manage/" + conference + "/team/invitations/" + std::to_string(id) + "/" + action + "/";
  }
  std::int64_t recorded(const char* entity) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "SELECT count(*) FROM audit_entry WHERE entity = $1 AND conference_id = $2 AND source = 'manage'",
          entity, conference_id());
    });
  }
};
ON_BOTH_ENGINES(TeamPage);

TEST_P(TeamPage, ShowsWhoHasARoleHereAndThoseWithRolesEverywhereApart) {
  superuser("root");
  Buyer head = browser("head@example.org", "Conference Organizer", "Grace Hopper");
  const std::int64_t desk = person("desk@example.org", good_password, "Dora Desk");
  give(desk, "Check-in Staff", conference_id(), clock().now() + Duration::days(3));
  give(person("boss@example.org", good_password, "Bea Boss"), "Reports Viewer", {});
  give(person("foreign@example.org", good_password, "Fay Foreign"), "Finance Team", other());
  const HttpResponse page = head.get(team);
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "Grace Hopper"));
  EXPECT_TRUE(contains(page, "desk@example.org"));
  EXPECT_TRUE(contains(page, "Roles in every conference"));
  EXPECT_TRUE(contains(page, "Bea Boss"));
  EXPECT_FALSE(contains(page, "boss@example.org"));
  EXPECT_TRUE(contains(page, "root"));
  EXPECT_FALSE(contains(page, "Fay Foreign"));
  EXPECT_FALSE(contains(page, "Ended lately"));
  clock().advance(Duration::days(4));
  head = signed_in("head@example.org");
  EXPECT_TRUE(contains(head.get(team), "Ended lately"));
}

TEST_P(TeamPage, InvitesSeveralAtOnceAndRecordsEach) {
  Buyer head = browser("head@example.org", "Conference Organizer", "Grace Hopper");
  const HttpResponse done =
      invite(head, Fields{{"emails", " a@example.org\r\nB@example.org\r\n\r\nb@example.org, c@example.org"},
                          {"group", std::to_string(group("Finance Team"))},
                          {"ends_on", "2027-05-31"},
                          {"message", "Please come"},
                          {"language", "de"}});
  EXPECT_EQ(done.status, 303);
  EXPECT_EQ(outcome(done), "invited");
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 3);
  EXPECT_EQ(mails("invitation"), 3);
  EXPECT_EQ(recorded("invitation"), 3);
  const accounts::Invitation made = newest_invitation();
  EXPECT_EQ(made.conference_id, conference_id());
  EXPECT_EQ(made.language, "de");
  EXPECT_EQ(made.message, "Please come");
  // The whole day counts, in the zone of the conference.
  EXPECT_EQ(made.role_ends_at, Instant::parse("2027-05-31T22:00:00Z"));
  const HttpResponse page = head.get(team);
  EXPECT_TRUE(contains(page, "3 invitations are on their way."));
  EXPECT_TRUE(contains(page, "31 May 2027"));
  EXPECT_TRUE(contains(page, "b@example.org") || contains(page, "B@example.org"));
}

TEST_P(TeamPage, TellsAllProblemsTogetherKeepsWhatWasTypedAndSendsNothing) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  give(person("there@example.org"), "Check-in Staff", conference_id());
  ASSERT_EQ(outcome(invite(head, "asked@example.org")), "invited");
  const HttpResponse page =
      invite(head, Fields{{"emails", "good@example.org\nbad\nthere@example.org\nasked@example.org"},
                          {"group", std::to_string(group("Check-in Staff"))},
                          {"ends_on", "2027-05-01"},
                          {"message", "kept <i>words</i>"}});
  EXPECT_EQ(page.status, 422);
  for (const char* text :
       {"“bad” is no e-mail address", "there@example.org has this role already",
        "asked@example.org is invited to this role already", "This day is over", "good@example.org",
        "kept &lt;i&gt;words&lt;/i&gt;", "value=\"2027-05-01\"", "<title>Error:", "aria-invalid=\"true\""})
    EXPECT_TRUE(contains(page, text)) << text;
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 1);
  EXPECT_EQ(mails("invitation"), 1);
}

TEST_P(TeamPage, RefusesWhatIsNoFormOfOurs) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  const std::string role = std::to_string(group("Check-in Staff"));
  const auto status = [&](Fields typed) {
    return forge(head, "/manage/fair/team/invite/", std::move(typed)).status;
  };
  EXPECT_EQ(status({}), 422);
  EXPECT_EQ(status({{"emails", "a@example.org"}}), 422);
  EXPECT_EQ(status({{"emails", "a@example.org"}, {"group", "999999"}, {"language", "en"}}), 422);
  EXPECT_EQ(status({{"emails", "a@example.org"}, {"group", "-1"}, {"language", "en"}}), 422);
  EXPECT_EQ(status({{"emails", "a@example.org"}, {"group", role}, {"language", "xx"}}), 422);
  EXPECT_EQ(status({{"emails", "a@example.org"}, {"group", role}, {"language", "en"}, {"ends_on", "soon"}}),
            422);
  EXPECT_EQ(status({{"emails", " \n,;\n "}, {"group", role}, {"language", "en"}}), 422);
  EXPECT_EQ(status({{"emails", "a@example.org\r\nBcc: x@example.org"}, {"group", role}, {"language", "en"}}),
            422);
  EXPECT_EQ(status({{"emails", "a@example.org\x01"}, {"group", role}, {"language", "en"}}), 422);
  EXPECT_EQ(status({{"emails", "a@example.org"},
                    {"group", role},
                    {"language", "en"},
                    {"message", std::string(1001, 'x')}}),
            422);
  // Without the token of the browser.
  EXPECT_EQ(head.post("/manage/fair/team/invite/",
                      {{"csrfmiddlewaretoken", "x"}, {"emails", "a@example.org"}, {"group", role}})
                .status,
            403);
  EXPECT_EQ(head.get("/manage/fair/team/invite/").status, 405);
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 0);
}

TEST_P(TeamPage, TenThousandAddressesAtOnceAreRefusedAsAWhole) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "p" + std::to_string(i) + "@example.org\n";
  EXPECT_EQ(invite(head, many).status, 422);
  std::string some;
  for (int i = 0; i < 51; ++i) some += "p" + std::to_string(i) + "@example.org\n";
  const HttpResponse page = invite(head, some);
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(contains(page, "These are 51 addresses"));
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 0);
  some.erase(some.rfind("p50"));
  EXPECT_EQ(outcome(invite(head, some)), "invited");
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 50);
}

TEST_P(TeamPage, OffersAndTakesNoRoleAboveOnesOwn) {
  on_global([&](db::Tx& tx) {
    const std::int64_t id = accounts::ensure_group(tx, "Hosts");
    accounts::set_permissions_of_group(
        tx, id,
        {"program_conference.change_conference", "program_conference.view_dashboard",
         "program_conference.view_checkin", "program_conference.view_conference"});
  });
  Buyer host = browser("host@example.org", "Hosts");
  const HttpResponse page = host.get(team);
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, ">Check-in Staff</option>"));
  EXPECT_FALSE(contains(page, ">Conference Organizer</option>"));
  EXPECT_FALSE(contains(page, ">Finance Team</option>"));
  EXPECT_EQ(forge(host, "/manage/fair/team/invite/",
                  {{"emails", "a@example.org"},
                   {"group", std::to_string(group("Conference Organizer"))},
                   {"language", "en"}})
                .status,
            422);
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 0);

  // Nor do they end what they could not give.
  const std::int64_t above = give(person("o@example.org"), "Conference Organizer", conference_id());
  EXPECT_FALSE(contains(host.get(team), role_url(above)));
  EXPECT_EQ(outcome(host.get(role_url(above))), "beyond");
  EXPECT_EQ(outcome(forge(host, role_url(above) + "end/")), "beyond");
  EXPECT_EQ(outcome(forge(host, role_url(above), {{"ends_on", "2027-06-01"}})), "beyond");
  EXPECT_THAT(roles(user_id("o@example.org")), ElementsAre("Conference Organizer"));
}

TEST_P(TeamPage, ReachesNothingOfAnotherConference) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  const std::int64_t victim = person("v@example.org");
  const std::int64_t foreign = give(victim, "Check-in Staff", other()),
                     everywhere = give(victim, "Reports Viewer", {});
  superuser("root");
  Buyer root = signed_in("root");
  const HttpResponse page = root.get("/manage/other/team/");
  ASSERT_EQ(
      root.post("/manage/other/team/invite/",
                Buyer::form(page, "/manage/other/team/invite/",
                            {{"emails", "x@example.org"}, {"group", std::to_string(group("Finance Team"))}}))
          .status,
      303);
  const accounts::Invitation sent = newest_invitation();
  for (const std::int64_t role : {foreign, everywhere, std::int64_t{999'999}}) {
    EXPECT_EQ(head.get(role_url(role)).status, 404);
    EXPECT_EQ(forge(head, role_url(role), {{"ends_on", "2027-06-01"}}).status, 404);
    EXPECT_EQ(forge(head, role_url(role) + "end/").status, 404);
    EXPECT_EQ(forge(head, role_url(role, "other") + "end/").status, 404);
  }
  for (const char* action : {"withdraw", "resend"}) {
    EXPECT_EQ(forge(head, invitation_url(sent.id, action)).status, 404);
    EXPECT_EQ(forge(head, invitation_url(sent.id, action, "other")).status, 404);
    EXPECT_EQ(forge(head, invitation_url(999'999, action)).status, 404);
  }
  EXPECT_EQ(roles(victim).size(), 2U);
  EXPECT_FALSE(newest_invitation().withdrawn_at);
}

TEST_P(TeamPage, NobodyWithoutFullAccessChangesTheTeam) {
  Buyer head = browser("head@example.org", "Conference Organizer"),
        manager = browser("m@example.org", "Registration Manager"), member = browser("x@example.org");
  invite(head, "a@example.org");
  const accounts::Invitation sent = newest_invitation();
  const std::int64_t role = give(person("v@example.org"), "Check-in Staff", conference_id());
  const Fields fields{
      {"emails", "b@example.org"}, {"group", std::to_string(group("Check-in Staff"))}, {"language", "en"}};
  for (auto& [who, status] : {std::pair<Buyer*, int>{&manager, 403}, {&member, 404}}) {
    EXPECT_EQ(forge(*who, "/manage/fair/team/invite/", fields).status, status);
    EXPECT_EQ(forge(*who, role_url(role) + "end/").status, status);
    EXPECT_EQ(forge(*who, role_url(role), {{"ends_on", "2027-06-01"}}).status, status);
    EXPECT_EQ(forge(*who, invitation_url(sent.id, "withdraw")).status, status);
    EXPECT_EQ(forge(*who, invitation_url(sent.id, "resend")).status, status);
  }
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 1);
  EXPECT_THAT(roles(user_id("v@example.org")), ElementsAre("Check-in Staff"));
}

TEST_P(TeamPage, ChangesTheEndOfARoleThroughItsLastDay) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  const std::int64_t desk = person("desk@example.org"), role = give(desk, "Check-in Staff", conference_id());
  const std::string page = role_url(role);
  const auto save = [&](const std::string& day) {
    const HttpResponse shown = head.get(page);
    return head.post(page, Buyer::form(shown, "", {{"ends_on", day}}));
  };
  EXPECT_EQ(outcome(save("2027-05-20")), "changed");
  const auto ends = [&] {
    return db().read_now([&](db::Tx& tx) { return accounts::find_role(tx, role).value().ends_at; });
  };
  EXPECT_EQ(ends(), Instant::parse("2027-05-20T22:00:00Z"));
  EXPECT_TRUE(contains(head.get(page), "value=\"2027-05-20\""));
  EXPECT_EQ(recorded("role_assignment"), 1);
  EXPECT_EQ(save("2027-05-01").status, 422) << "a day that is over";
  EXPECT_EQ(save("2027-02-30").status, 422) << "no day at all";
  EXPECT_EQ(save("2027-05-14").status, 303) << "today still counts";
  EXPECT_EQ(outcome(save("")), "changed");
  EXPECT_EQ(ends(), std::nullopt);

  // Of two who look at the same page the second is told.
  const HttpResponse shown = head.get(page);
  EXPECT_EQ(outcome(head.post(page, Buyer::form(shown, "", {{"ends_on", "2027-06-01"}}))), "changed");
  const HttpResponse second = head.post(page, Buyer::form(shown, "", {{"ends_on", "2027-07-01"}}));
  EXPECT_EQ(second.status, 303);
  EXPECT_EQ(ends(), Instant::parse("2027-06-01T22:00:00Z"));
}

TEST_P(TeamPage, EndsARoleAtOnce) {
  Buyer head = browser("head@example.org", "Conference Organizer"),
        desk = browser("desk@example.org", "Check-in Staff");
  EXPECT_EQ(desk.get("/manage/fair/").status, 200);
  const std::int64_t role = db().read_now([&](db::Tx& tx) {
    return accounts::roles_of(tx, accounts::find_by_email(tx, "desk@example.org")->id).front().role.id;
  });
  EXPECT_EQ(outcome(press(head, role_url(role) + "end/", {}, role_url(role))), "ended");
  EXPECT_EQ(desk.get("/manage/fair/").status, 404);
  EXPECT_EQ(recorded("role_assignment"), 1);
  EXPECT_EQ(head.get(role_url(role)).status, 404) << "it is over";
  EXPECT_EQ(forge(head, role_url(role) + "end/").status, 404);
}

TEST_P(TeamPage, AsksBeforeSomebodyGivesUpTheirOwnLastFullAccess) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  const std::int64_t self = user_id("head@example.org");
  const std::int64_t role =
      db().read_now([&](db::Tx& tx) { return accounts::roles_of(tx, self).front().role.id; });
  const std::string end = role_url(role) + "end/";
  const HttpResponse asked = press(head, end, {}, role_url(role));
  EXPECT_EQ(asked.status, 200);
  EXPECT_TRUE(contains(asked, "last role that lets you run"));
  EXPECT_TRUE(contains(asked, "Nobody else here could invite you again"));
  EXPECT_EQ(roles(self).size(), 1U);

  give(person("second@example.org"), "Conference Organizer", conference_id());
  EXPECT_FALSE(contains(press(head, end, {}, role_url(role)), "Nobody else here"));
  EXPECT_EQ(head.post(end, Buyer::form(asked, end)).status, 303);
  EXPECT_THAT(roles(self), IsEmpty());
  EXPECT_EQ(head.get(team).status, 404);
}

TEST_P(TeamPage, WithdrawsAndSendsAgain) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  invite(head, "a@example.org");
  const accounts::Invitation first = newest_invitation();
  clock().advance(Duration::hours(2));
  head = signed_in("head@example.org");
  EXPECT_EQ(outcome(press(head, invitation_url(first.id, "resend"))), "resent");
  EXPECT_EQ(mails("invitation"), 2);
  const accounts::Invitation second = newest_invitation();
  EXPECT_NE(link_of(second), link_of(first));
  EXPECT_EQ(buyer().get(link_of(first)).status, 404);
  EXPECT_EQ(buyer().get(link_of(second)).status, 200);
  EXPECT_EQ(outcome(press(head, invitation_url(first.id, "withdraw"))), "withdrawn");
  EXPECT_EQ(buyer().get(link_of(second)).status, 404);
  EXPECT_EQ(outcome(forge(head, invitation_url(first.id, "withdraw"))), "over");
  EXPECT_EQ(outcome(forge(head, invitation_url(first.id, "resend"))), "over");
  EXPECT_EQ(mails("invitation"), 2);
  EXPECT_EQ(recorded("invitation"), 3);
}

TEST_P(TeamPage, AsksForThePasswordAgainAndGoesOnWithWhatWasTyped) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  invite(head, "a@example.org");
  const accounts::Invitation sent = newest_invitation();
  const std::int64_t desk = person("desk@example.org"), role = give(desk, "Check-in Staff", conference_id());
  clock().advance(Duration::minutes(11));
  EXPECT_EQ(head.get(team).status, 200) << "looking needs no proof";
  const HttpResponse asked = invite(head, "b@example.org\nc@example.org");
  ASSERT_EQ(outcome(asked), "proof_needed");
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 1);
  for (const std::string& action : {role_url(role) + "end/", role_url(role),
                                    invitation_url(sent.id, "withdraw"), invitation_url(sent.id, "resend")})
    EXPECT_EQ(outcome(forge(head, action, {{"ends_on", "2027-06-01"}})), "proof_needed") << action;
  EXPECT_THAT(roles(desk), ElementsAre("Check-in Staff"));
  const std::string action = "/manage/fair/team/invite/";
  EXPECT_EQ(outcome(head.post(action, Buyer::form(asked, action, {{"proof_password", "wrong one"}}))),
            "wrong");
  const HttpResponse done =
      head.post(action, Buyer::form(asked, action, {{"proof_password", good_password}}));
  EXPECT_EQ(outcome(done), "invited");
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 3);
  EXPECT_EQ(outcome(press(head, role_url(role) + "end/", {}, role_url(role))), "ended")
      << "proven a moment ago";
}

TEST_P(TeamPage, WhatWasTypedSurvivesTheLock) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  const HttpResponse page = head.get(team);
  EXPECT_TRUE(contains(page, "data-keep"));
  const std::string action = "/manage/fair/team/invite/",
                    typed = "emails=kept%40example.org&message=Kept+words";
  ASSERT_EQ(outcome(head.post("/accounts/lock/", Buyer::form(page, "/accounts/lock/",
                                                             {{"kept", typed}, {"kept_path", action}}))),
            "locked");
  EXPECT_EQ(head.get(team).status, 303) << "locked";
  head = signed_in("head@example.org");
  const std::string offered = "/accounts/kept/?path=" + web::percent_encode(action);
  const HttpResponse shown = press(head, action, {{"_restore", "1"}}, offered);
  EXPECT_EQ(outcome(shown), "restored");
  EXPECT_TRUE(contains(shown, "kept@example.org"));
  EXPECT_TRUE(contains(shown, "Kept words"));
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 0) << "showing does nothing";
}

TEST_P(TeamPage, ShowsWhoHasASecondFactor) {
  Buyer head = browser("head@example.org", "Conference Organizer");
  const auto says_no = [&] {
    return contains(head.get(team), "<span class=\"badge text-bg-warning\">no</span>");
  };
  EXPECT_TRUE(says_no());
  const std::int64_t self = user_id("head@example.org");
  const auto set = [&](const char* sql) { on_global([&](db::Tx& tx) { tx.exec(sql, self, tx.now()); }); };
  set("INSERT INTO second_factor (user_id, secret, created_at) VALUES ($1, 'x', $2)");
  EXPECT_TRUE(says_no()) << "not confirmed";
  set("UPDATE second_factor SET confirmed_at = $2 WHERE user_id = $1");
  on_global([&](db::Tx& tx) { tx.exec("UPDATE session SET second_factor_at = $1", tx.now()); });
  EXPECT_FALSE(says_no());
}

TEST_P(TeamPage, WhatPeopleAreCalledIsTextAndNoMarkup) {
  Buyer head = browser("head@example.org", "Conference Organizer", "<script>alert(1)</script>");
  on_global([&](db::Tx& tx) { accounts::ensure_group(tx, "<b>Bold</b> & \"co\""); });
  give(person("x@example.org", good_password, "'\"><img src=x onerror=alert(1)>"), "<b>Bold</b> & \"co\"",
       conference_id());
  invite(head, Fields{{"emails", "a@example.org"},
                      {"group", std::to_string(group("Check-in Staff"))},
                      {"message", "<script>alert(2)</script>\nhello"}});
  const HttpResponse page = head.get(team), link = buyer().get(link_of(newest_invitation()));
  for (const HttpResponse& shown : {page, link}) {
    EXPECT_EQ(shown.status, 200);
    for (const char* markup : {"<script>alert", "<img src=x", "<b>Bold"})
      EXPECT_FALSE(contains(shown, markup));
  }
  EXPECT_TRUE(contains(link, "&lt;script&gt;alert(2)"));
}

TEST_P(TeamPage, ALimitOfMailsHoldsForEachInviter) {
  open({.settings = [](config::Settings& settings) { settings.security.limits = true; }});
  Buyer head = browser("head@example.org", "Conference Organizer");
  for (int round = 0; round < 4; ++round) {
    std::string emails;
    for (int i = 0; i < 50; ++i) emails += "p" + std::to_string(round * 50 + i) + "@example.org\n";
    ASSERT_EQ(outcome(invite(head, emails)), "invited") << round;
  }
  const HttpResponse page = invite(head, "one-more@example.org");
  EXPECT_EQ(page.status, 422);
  EXPECT_EQ(outcome(page), "too_many");
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 200);
}

}  // namespace
}  // namespace plenary::manage::testing
