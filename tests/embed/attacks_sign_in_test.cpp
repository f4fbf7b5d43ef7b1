// Attacks on signing in and on sessions: ways around the second factor, codes and links used twice, the lock
// and what is kept meanwhile, sessions that are over, proof of another page, and redirects that lead away. On
// both engines; docs/security.md lists them. source: ground rules 15, 5.
#include "embed/attacks.hpp"

#include "domain/accounts/links.hpp"
#include "domain/accounts/sessions.hpp"

namespace plenary::embed::testing {
namespace {

using accounts::LinkKind;

class SignInAttacks : public AttackTest {
 protected:
  HttpResponse give_code(Buyer& who, const std::string& typed) {
    const HttpResponse page = who.get("/accounts/code/");
    if (page.status != 200) return page;
    return who.post("/accounts/code/", Buyer::form(page, "/accounts/code/", {{"proof_code", typed}}));
  }
  HttpResponse unlock(Buyer& who, const std::string& password = good_password, const std::string& next = {}) {
    const HttpResponse page = who.get("/accounts/unlock/?next=" + web::percent_encode(next));
    if (page.status != 200) return page;
    return who.post("/accounts/unlock/",
                    Buyer::form(page, "/accounts/unlock/", {{"proof_password", password}}));
  }
  void go_stale() { clock().advance(Duration::minutes(11)); }
  std::int64_t sessions() { return count("SELECT count(*) FROM session WHERE user_id IS NOT NULL"); }
};
ON_BOTH_ENGINES(SignInAttacks);

// Somebody whose account has no password yet, but a factor: each link that makes one asks for the code.
TEST_P(SignInAttacks, NoLinkThatSignsInGoesAroundTheSecondFactor) {
  const auto without_password = [&](const std::string& email) {
    const std::int64_t id = person(email);
    run("UPDATE user_account SET password_hash = NULL WHERE id = " + std::to_string(id));
    has_app(id);
  };
  // Verification of a sign-up.
  without_password("verify@example.org");
  Buyer verify = buyer();
  const HttpResponse sign_up = verify.get("/accounts/signup/");
  verify.post("/accounts/signup/",
              Buyer::form(sign_up, "/accounts/signup/",
                          {{"name", "V"}, {"email", "verify@example.org"}, {"password", good_password}}));
  const std::string proven = "/accounts/verify/" + token(LinkKind::verify) + "/";
  EXPECT_EQ(outcome(verify.post(proven, Buyer::form(verify.get(proven), ""))), "code_needed");
  EXPECT_FALSE(is_signed_in(verify));
  // An invitation.
  Buyer head = organizer();
  without_password("invited@example.org");
  const HttpResponse page = head.get(team);
  head.post(invite_url, Buyer::form(page, invite_url, invitation_to("invited@example.org")));
  const std::string link = link_of(newest_invitation());
  Buyer invited = buyer();
  EXPECT_EQ(outcome(invited.post(
                link, Buyer::form(invited.get(link), "", {{"name", "I"}, {"password", good_password}}))),
            "code_needed");
  EXPECT_FALSE(is_signed_in(invited));
  EXPECT_EQ(invited.get("/manage/fair/").status, 303);
  // A claimed order, and a forgotten password.
  Buyer claim = buyer();
  claim.add("free");
  std::string order = claim.order("claim@example.org").header("Location");
  if (order.ends_with("confirmation/")) order.resize(order.size() - std::string("confirmation/").size());
  without_password("claim@example.org");
  const HttpResponse shown = claim.get(order);
  ASSERT_EQ(outcome(claim.post(order + "claim/", Buyer::form(shown, order + "claim/"))), "mail_sent");
  const std::string claiming = "/accounts/claim/" + token(LinkKind::claim) + "/";
  EXPECT_EQ(outcome(claim.post(claiming, Buyer::form(claim.get(claiming), "",
                                                     {{"name", "C"}, {"password", good_password}}))),
            "code_needed");
  EXPECT_FALSE(is_signed_in(claim));
  without_password("reset@example.org");
  Buyer reset = buyer();
  const std::string forgot = "/accounts/password/forgot/";
  reset.post(forgot, Buyer::form(reset.get(forgot), forgot, {{"email", "reset@example.org"}}));
  const std::string resetting = "/accounts/password/reset/" + token(LinkKind::reset) + "/";
  EXPECT_EQ(outcome(reset.post(resetting,
                               Buyer::form(reset.get(resetting), "", {{"password", "another long one"}}))),
            "code_needed");
  EXPECT_FALSE(is_signed_in(reset));
}

TEST_P(SignInAttacks, WithoutTheFactorThatIsRequiredNoRightCounts) {
  require_factor();
  Buyer head = organizer();
  const std::int64_t role = give(person("ada@example.org"), "Finance Team", conference_id());
  for (const std::string& path :
       {std::string("/manage/"), std::string("/admin/"), team, role_url(role),
        std::string("/admin/accounts/role/"), address(roles_of_people, role, "delete")})
    EXPECT_TRUE(head.get(path).header("Location").starts_with("/accounts/security/factor/")) << path;
  for (const std::string& path :
       {invite_url, role_url(role) + "end/", address(roles_of_people, role, "delete"),
        std::string("/admin/accounts/role/action/")})
    EXPECT_TRUE(
        forge(head, path, invitation_to("a@example.org")).header("Location").starts_with("/accounts/"))
        << path;
  EXPECT_EQ(invitations(), 0);
  EXPECT_GT(current_roles("ada@example.org"), 0U);
}

TEST_P(SignInAttacks, AnInvitationAcceptedWithoutTheRequiredFactorOpensNothingYet) {
  require_factor();
  const std::int64_t root = superuser("root");
  on_global([&](db::Tx& tx) {
    accounts::NewInvitation wanted;
    wanted.conference_id = conference_id();
    wanted.group_id = accounts::find_group(tx, "Conference Organizer").value().id;
    wanted.email = "new@example.org";
    wanted.invited_by = root;
    accounts::invite(tx, accounts::new_invitation_secret(Random::system(), application().site().link_key),
                     wanted);
    return 0;
  });
  const std::string link = link_of(newest_invitation());
  Buyer fresh = buyer();
  const HttpResponse done =
      fresh.post(link, Buyer::form(fresh.get(link), "", {{"name", "New"}, {"password", good_password}}));
  EXPECT_EQ(outcome(done), "accepted");
  EXPECT_TRUE(fresh.get(team).header("Location").starts_with("/accounts/security/factor/"));
  forge(fresh, invite_url, invitation_to("mole@example.org"));
  EXPECT_EQ(invitations(), 1);
}

TEST_P(SignInAttacks, ACodeUsedTwiceAtOnceOpensOneSession) {
  has_app(person("ada@example.org"));
  Buyer owner = buyer(), thief = buyer();
  EXPECT_EQ(outcome(sign_in(owner, "ada@example.org")), "code_needed");
  EXPECT_EQ(outcome(sign_in(thief, "ada@example.org")), "code_needed");
  const std::string seen = code();
  HttpResponse a, b;
  together([&] { a = give_code(owner, seen); }, [&] { b = give_code(thief, seen); });
  EXPECT_EQ((outcome(a) == "signed_in") + (outcome(b) == "signed_in"), 1) << outcome(a) << outcome(b);
  EXPECT_EQ(sessions(), 1);
}

TEST_P(SignInAttacks, ARecoveryCodeUsedTwiceAtOnceOpensOneSession) {
  has_app(person("ada@example.org"));
  Buyer owner = buyer(), thief = buyer();
  sign_in(owner, "ada@example.org");
  sign_in(thief, "ada@example.org");
  HttpResponse a, b;
  together([&] { a = give_code(owner, "0000-1111-2222-3333"); },
           [&] { b = give_code(thief, "0000-1111-2222-3333"); });
  EXPECT_EQ((outcome(a) == "signed_in") + (outcome(b) == "signed_in"), 1) << outcome(a) << outcome(b);
  EXPECT_EQ(sessions(), 1);
}

TEST_P(SignInAttacks, AResetUsedTwiceAtOnceSetsOnePassword) {
  person("ada@example.org");
  Buyer one = buyer(), two = buyer();
  const std::string forgot = "/accounts/password/forgot/";
  one.post(forgot, Buyer::form(one.get(forgot), forgot, {{"email", "ada@example.org"}}));
  const std::string path = "/accounts/password/reset/" + token(LinkKind::reset) + "/";
  const Fields first = Buyer::form(one.get(path), "", {{"password", "the first new one"}}),
               second = Buyer::form(two.get(path), "", {{"password", "the second new one"}});
  HttpResponse a, b;
  together([&] { a = one.post(path, first); }, [&] { b = two.post(path, second); });
  EXPECT_EQ((outcome(a) == "reset") + (outcome(b) == "reset"), 1) << a.status << " " << b.status;
  EXPECT_EQ(sessions(), 1);
}

TEST_P(SignInAttacks, AStartedSignInDiesWithThePassword) {
  const std::int64_t ada = person("ada@example.org");
  has_app(ada);
  Buyer thief = buyer();
  EXPECT_EQ(outcome(sign_in(thief, "ada@example.org")), "code_needed");
  const std::string hash = hash_of("a new one of hers");
  on_global([&](db::Tx& tx) {
    accounts::set_password(tx, ada, hash);
    accounts::end_sessions(tx, ada);
    return 0;
  });
  EXPECT_EQ(outcome(give_code(thief, code())), "start_again");
  EXPECT_EQ(sessions(), 0);
}

// ---- the lock, and what is kept

TEST_P(SignInAttacks, ALockedSessionReadsAndDoesNothing) {
  Buyer head = organizer();
  const std::int64_t role = give(person("ada@example.org"), "Finance Team", conference_id());
  const HttpResponse page = head.get(team);
  ASSERT_EQ(outcome(lock(head)), "locked");
  for (const std::string& path :
       {team, std::string("/accounts/"), std::string("/admin/accounts/role/"), role_url(role),
        std::string("/accounts/security/"), std::string("/accounts/sessions/")})
    EXPECT_TRUE(head.get(path).header("Location").starts_with("/accounts/unlock/")) << path;
  for (const std::string& path :
       {invite_url, role_url(role) + "end/", std::string("/accounts/password/"),
        std::string("/accounts/security/factor/"), address(roles_of_people, role, "delete")})
    EXPECT_EQ(forge(head, path, invitation_to("a@example.org")).status, 303) << path;
  EXPECT_EQ(head.post(invite_url, Buyer::form(page, invite_url, invitation_to("a@example.org"))).status, 303);
  EXPECT_EQ(invitations(), 0);
  EXPECT_GT(current_roles("ada@example.org"), 0U);
}

TEST_P(SignInAttacks, TheTokenOfALockedSessionIsWorthlessAfterItIsUnlocked) {
  Buyer head = organizer(), thief = buyer();
  const std::string stolen = session_of(head);
  lock(head);
  thief.client().cookies()["plenary_session"] = stolen;
  EXPECT_EQ(outcome(unlock(head)), "unlocked");
  EXPECT_TRUE(is_signed_in(head));
  EXPECT_TRUE(thief.get(team).header("Location").starts_with("/accounts/login/"));
}

TEST_P(SignInAttacks, AFormPlantedAtALockedScreenDoesNothingByItself) {
  Buyer head = organizer();
  const std::int64_t role = give(person("ada@example.org"), "Finance Team", conference_id());
  lock(head);
  const std::string end = role_url(role) + "end/";
  forge(head, end, {{"sure", "yes"}});
  forge(head, invite_url, invitation_to("mole@example.org", "Conference Organizer"));
  const HttpResponse in = unlock(head, good_password, "/accounts/kept/?path=" + web::percent_encode(end));
  EXPECT_EQ(outcome(in), "unlocked");
  EXPECT_EQ(outcome(head.get(in.header("Location"))), "kept_form");
  head.get("/accounts/kept/?path=" + web::percent_encode(invite_url));
  head.get(team);
  EXPECT_GT(current_roles("ada@example.org"), 0U) << "nothing is sent by opening pages";
  EXPECT_EQ(invitations(), 0);
  // The form to invite is shown with what stands in it, never sent unseen.
  const HttpResponse kept = head.get("/accounts/kept/?path=" + web::percent_encode(invite_url));
  EXPECT_FALSE(contains(kept, "Send it now"));
  EXPECT_EQ(outcome(head.post(invite_url, Buyer::form(kept, invite_url, {{"_restore", "1"}}))), "restored");
  EXPECT_EQ(invitations(), 0);
}

TEST_P(SignInAttacks, WhatIsKeptForOneIsNotTakenUpByAnother) {
  Buyer head = organizer(), eve = organizer("eve@example.org");
  lock(head);
  forge(head, invite_url, invitation_to("friend@example.org"));
  EXPECT_EQ(count("SELECT count(*) FROM form_draft"), 1);
  EXPECT_EQ(outcome(eve.get("/accounts/kept/?path=" + web::percent_encode(invite_url))), "nothing_kept");
  for (const Fields& fields : {Fields{{"_kept", "1"}}, Fields{{"_kept", "1"}, {"_restore", "1"}}}) {
    const HttpResponse answer = forge(eve, invite_url, fields);
    EXPECT_EQ(answer.status, 422);
    EXPECT_FALSE(contains(answer, "friend@example.org"));
  }
  forge(eve, "/accounts/kept/", {{"path", invite_url}});
  EXPECT_EQ(count("SELECT count(*) FROM form_draft"), 1) << "nor thrown away";
  EXPECT_EQ(invitations(), 0);
}

TEST_P(SignInAttacks, ShowingAKeptFormAgainNeverStandsInForProof) {
  Buyer head = organizer();
  go_stale();
  Fields fields = invitation_to("a@example.org");
  fields.emplace_back("_restore", "1");
  EXPECT_EQ(outcome(forge(head, invite_url, fields)), "restored");
  EXPECT_EQ(invitations(), 0);
  EXPECT_EQ(outcome(forge(head, invite_url, invitation_to("a@example.org"))), "proof_needed");
  EXPECT_EQ(invitations(), 0);
}

// ---- sessions that are over

TEST_P(SignInAttacks, ASessionEndedByStaffBetweenPageAndPostDoesNothing) {
  Buyer head = organizer(), root = superuser_browser();
  const HttpResponse page = head.get(team);
  const std::string door = address(accounts_of, user_id("head@example.org"), "sign-in");
  Fields fields = Buyer::form(root.get(door), door);
  fields.emplace_back("action", "end");
  ASSERT_EQ(root.post(door, fields).status, 303);
  const HttpResponse answer =
      head.post(invite_url, Buyer::form(page, invite_url, invitation_to("a@example.org")));
  EXPECT_TRUE(answer.header("Location").starts_with("/accounts/login/"));
  EXPECT_EQ(invitations(), 0);
}

TEST_P(SignInAttacks, AnElapsedSessionIsNotUnlockedAgain) {
  Buyer head = organizer();
  lock(head);
  clock().advance(Duration::minutes(31));
  EXPECT_EQ(outcome(unlock(head)), "signed_out");
  const HttpResponse page = head.get("/accounts/login/");
  EXPECT_EQ(outcome(forge(head, "/accounts/unlock/", {{"proof_password", good_password}})), "signed_out");
  EXPECT_FALSE(is_signed_in(head));
  EXPECT_EQ(page.status, 200);
}

TEST_P(SignInAttacks, NobodyEndsASessionOfSomebodyElse) {
  person("ada@example.org");
  person("eve@example.org");
  Buyer ada = signed_in("ada@example.org"), eve = signed_in("eve@example.org");
  const std::int64_t id = user_id("ada@example.org");
  const std::string named =
      db().read_now([&](db::Tx& tx) { return accounts::list_sessions(tx, id, {}).front().id; });
  forge(eve, "/accounts/sessions/", {{"session", named}});
  EXPECT_TRUE(is_signed_in(ada));
  forge(ada, "/accounts/sessions/", {{"session", named}});
  EXPECT_FALSE(is_signed_in(ada));
}

TEST_P(SignInAttacks, ATokenOfAFormFromBeforeTheSignInIsNoneAfterwards) {
  person("ada@example.org");
  Buyer ada = buyer();
  const HttpResponse before = ada.get("/accounts/login/");
  const std::string planted = plenary::test::input_value(before.body, "csrfmiddlewaretoken");
  sign_in(ada, "ada@example.org");
  EXPECT_EQ(ada.post("/accounts/", {{"csrfmiddlewaretoken", planted}, {"name", "Mine"}}).status, 403);
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE name = 'Mine'"), 0);
}

// ---- proof

TEST_P(SignInAttacks, ProofInOneBrowserIsNoneInAnother) {
  Buyer desk = organizer();
  Buyer phone = signed_in("head@example.org");
  go_stale();
  const HttpResponse asked = forge(desk, invite_url, invitation_to("a@example.org"));
  ASSERT_EQ(outcome(asked), "proof_needed");
  const Fields answer = Buyer::form(asked, invite_url, {{"proof_password", good_password}});
  EXPECT_EQ(outcome(desk.post(invite_url, answer)), "invited");
  EXPECT_EQ(outcome(forge(phone, invite_url, invitation_to("b@example.org"))), "proof_needed");
  // What was sealed for the one sign-in is not opened in the other, right password or not.
  Fields carried;
  for (const auto& field : answer) {
    if (field.first != "csrfmiddlewaretoken") carried.push_back(field);
  }
  EXPECT_EQ(forge(phone, invite_url, carried).status, 422);
  EXPECT_EQ(invitations(), 1);
}

TEST_P(SignInAttacks, AnAnswerSentAgainAfterSigningOutDoesNothing) {
  Buyer head = organizer();
  go_stale();
  const HttpResponse asked = forge(head, invite_url, invitation_to("a@example.org"));
  const Fields answer = Buyer::form(asked, invite_url, {{"proof_password", good_password}});
  const HttpResponse page = head.get("/accounts/");
  head.post("/accounts/logout/", Buyer::form(page, "/accounts/logout/"));
  Fields carried;
  for (const auto& field : answer) {
    if (field.first != "csrfmiddlewaretoken") carried.push_back(field);
  }
  EXPECT_TRUE(forge(head, invite_url, carried).header("Location").starts_with("/accounts/login/"));
  head = signed_in("head@example.org");
  EXPECT_EQ(forge(head, invite_url, carried).status, 422) << "a new sign-in opens nothing of the old one";
  EXPECT_EQ(invitations(), 0);
}

TEST_P(SignInAttacks, AFactorIsNotSetUpWithASecretThatSomebodyElseChose) {
  person("ada@example.org");
  person("eve@example.org");
  Buyer ada = signed_in("ada@example.org"), eve = signed_in("eve@example.org");
  const HttpResponse page = eve.get("/accounts/security/factor/");
  const std::string of_eve = plenary::test::input_value(page.body, "set_up");
  ASSERT_NE(of_eve, "");
  for (const std::string& sealed : {of_eve, std::string(app_secret), std::string()}) {
    EXPECT_EQ(outcome(forge(ada, "/accounts/security/factor/", {{"set_up", sealed}, {"code", code()}})),
              "wrong");
  }
  EXPECT_EQ(count("SELECT count(*) FROM second_factor"), 0);
}

TEST_P(SignInAttacks, NoStepOfSigningInLeadsToAnotherSite) {
  has_app(person("ada@example.org"));
  person("bob@example.org");
  for (const std::string& evil :
       {std::string("https://evil.example/"), std::string("//evil.example/"), std::string("/\\evil.example"),
        std::string("/\t/evil.example"), std::string("javascript:alert(1)"),
        std::string("/accounts/../../evil\r\nX-Injected: 1")}) {
    const auto stays = [&](const HttpResponse& answer) {
      const std::string to = answer.header("Location");
      EXPECT_TRUE(to.empty() || (to[0] == '/' && !to.starts_with("//") && !to.starts_with("/\\"))) << to;
      EXPECT_EQ(to.find("evil"), std::string::npos) << to;
      EXPECT_EQ(answer.header("X-Injected"), "");
    };
    const std::string query = "?next=" + web::percent_encode(evil);
    Buyer bob = buyer();
    stays(sign_in(bob, "bob@example.org", good_password, evil));
    stays(bob.get("/accounts/login/" + query));
    stays(bob.get("/accounts/unlock/" + query));
    stays(bob.get("/accounts/kept/?path=" + web::percent_encode(evil)));
    stays(forge(bob, "/accounts/kept/", {{"path", evil}}));
    stays(forge(bob, "/accounts/security/factor/" + query, {}));
    stays(forge(bob, "/accounts/lock/", {{"next", evil}, {"kept_path", evil}, {"kept", "a=1"}}));
    const HttpResponse locked = bob.get("/accounts/unlock/" + query);
    stays(bob.post("/accounts/unlock/", {{"proof_password", good_password}, {"next", evil}}));
    Buyer ada = buyer();
    stays(sign_in(ada, "ada@example.org", good_password, evil));
    clock().advance(Duration::minutes(1));
    ada.get("/accounts/code/" + query);
    stays(ada.post("/accounts/code/", {{"proof_code", code()}, {"next", evil}}));
    stays(forge(ada, "/accounts/logout/", {{"next", evil}}));
  }
}

}  // namespace
}  // namespace plenary::embed::testing
