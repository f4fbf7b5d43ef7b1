// Signing up, in and out; sessions, passwords and addresses. On both engines.
#include <set>

#include "support/site/people.hpp"
#include "web/routes.hpp"

namespace plenary::site::testing {
namespace {

using accounts::LinkKind;

class Accounts : public PeopleTest {
 protected:
  HttpResponse sign_up(Buyer& who, const std::string& email, const std::string& password = good_password) {
    const HttpResponse page = who.get("/accounts/signup/");
    return who.post(
        "/accounts/signup/",
        Buyer::form(page, "/accounts/signup/", {{"name", "Ada"}, {"email", email}, {"password", password}}));
  }
  HttpResponse forgot(Buyer& who, const std::string& email) {
    const HttpResponse page = who.get("/accounts/password/forgot/");
    return who.post("/accounts/password/forgot/",
                    Buyer::form(page, "/accounts/password/forgot/", {{"email", email}}));
  }
  HttpResponse open_and_send(Buyer& who, const std::string& path, Fields typed = {}) {
    const HttpResponse page = who.get(path);
    EXPECT_EQ(page.status, 200) << path << "\n" << page.body;
    return who.post(path, Buyer::form(page, "", std::move(typed)));
  }
};
ON_BOTH_ENGINES(Accounts);

TEST_P(Accounts, SigningUpIsCompleteWhenTheAddressIsProven) {
  Buyer ada = buyer();
  const HttpResponse sent = sign_up(ada, "Ada@example.org");
  EXPECT_EQ(sent.status, 303);
  EXPECT_TRUE(contains(ada.get(sent.header("Location")), "Check your mail"));
  EXPECT_EQ(mails("verify_address"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM user_account"), 0) << "no account before the address is proven";
  EXPECT_EQ(outcome(sign_in(ada, "ada@example.org")), "wrong");

  const std::string path = "/accounts/verify/" + token(LinkKind::verify) + "/";
  const HttpResponse page = ada.get(path);
  EXPECT_TRUE(contains(page, "Confirm and sign in"));
  EXPECT_FALSE(contains(page, "type=\"password\"")) << "the browser that signed up needs the button alone";
  ada.get(path);  // a mail scanner that follows links changes nothing
  EXPECT_FALSE(is_signed_in(ada));
  const HttpResponse verified = ada.post(path, Buyer::form(page, ""));
  EXPECT_EQ(outcome(verified), "verified");
  EXPECT_EQ(verified.header("Location"), "/accounts/");
  EXPECT_TRUE(is_signed_in(ada));
  EXPECT_EQ(ada.get(path).status, 404) << "a link works once";

  Buyer elsewhere = buyer();
  EXPECT_EQ(outcome(sign_in(elsewhere, " ADA@example.org ")), "signed_in");
}

// Somebody who signs up with another's address gains nothing when its owner confirms.
TEST_P(Accounts, AnotherBrowserConfirmsOnlyWithThePasswordOfTheSignUp) {
  Buyer mallory = buyer(), ada = buyer();
  sign_up(mallory, "ada@example.org");
  const std::string path = "/accounts/verify/" + token(LinkKind::verify) + "/";
  EXPECT_TRUE(contains(ada.get(path), "type=\"password\""));
  EXPECT_EQ(open_and_send(ada, path, {{"password", "a guess of adas"}}).status, 422);
  EXPECT_EQ(count("SELECT count(*) FROM user_account"), 0);
  EXPECT_EQ(outcome(open_and_send(ada, path, {{"password", good_password}})), "verified");
}

TEST_P(Accounts, SignUpNeverTellsWhetherAnAddressIsKnown) {
  person("known@example.org");
  Buyer one = buyer(), two = buyer();
  one.get("/accounts/signup/");
  two.get("/accounts/signup/");
  HttpResponse known, unknown;
  const Cost of_known = cost_of([&] { known = sign_up(one, "known@example.org"); });
  const Cost of_unknown = cost_of([&] { unknown = sign_up(two, "unknown@example.org"); });
  EXPECT_EQ(of_known, of_unknown);
  EXPECT_EQ(of_known.hashes, 1u);
  EXPECT_EQ(known.status, unknown.status);
  EXPECT_EQ(known.header("Location"), unknown.header("Location"));
  EXPECT_EQ(known.body, unknown.body);
  EXPECT_EQ(known.all("Set-Cookie").size(), unknown.all("Set-Cookie").size());
  EXPECT_EQ(mails("already_registered"), 1);
  EXPECT_EQ(mails("verify_address"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM account_link"), 2) << "the same rows for both";
  // The row of the known address opens nothing.
  EXPECT_EQ(count("SELECT count(*) FROM account_link WHERE expires_at > created_at"), 1);
}

TEST_P(Accounts, SignInCostsAndAnswersTheSameForKnownAndUnknownNames) {
  person("known@example.org");
  Buyer one = buyer(), two = buyer();
  one.get("/accounts/login/");
  two.get("/accounts/login/");
  HttpResponse known, unknown;
  const Cost of_known = cost_of([&] { known = sign_in(one, "known@example.org", "wrong password"); });
  const Cost of_unknown = cost_of([&] { unknown = sign_in(two, "nobody@example.org", "wrong password"); });
  EXPECT_EQ(of_known, of_unknown);
  EXPECT_EQ(of_known.hashes, 1u);
  EXPECT_EQ(known.status, 422);
  EXPECT_EQ(unknown.status, 422);
  EXPECT_EQ(outcome(known), outcome(unknown));
  EXPECT_TRUE(contains(known, "do not belong together"));
  EXPECT_TRUE(contains(unknown, "do not belong together"));
  EXPECT_TRUE(contains(known, "value=\"known@example.org\"")) << "what was typed stays";
  EXPECT_FALSE(contains(known, "wrong password")) << "a password is never sent back";
}

TEST_P(Accounts, AResetAnswersAndCostsTheSameForKnownAndUnknownAddresses) {
  person("known@example.org");
  Buyer one = buyer(), two = buyer();
  one.get("/accounts/password/forgot/");
  two.get("/accounts/password/forgot/");
  HttpResponse known, unknown;
  const Cost of_known = cost_of([&] { known = forgot(one, "known@example.org"); });
  const Cost of_unknown = cost_of([&] { unknown = forgot(two, "nobody@example.org"); });
  EXPECT_EQ(of_known, of_unknown);
  EXPECT_EQ(known.status, 303);
  EXPECT_EQ(known.header("Location"), unknown.header("Location"));
  EXPECT_EQ(count("SELECT count(*) FROM account_link"), 2);
  EXPECT_EQ(mails("reset_password"), 2);  // of which one has no address to go to
  EXPECT_EQ(count("SELECT count(*) FROM account_link WHERE email <> ''"), 1);
}

TEST_P(Accounts, AResetSetsThePasswordSignsInAndEndsEveryOtherSession) {
  person("ada@example.org");
  Buyer old = buyer(), here = buyer();
  sign_in(old, "ada@example.org");
  ASSERT_TRUE(is_signed_in(old));
  forgot(here, "ada@example.org");
  const std::string first = token(LinkKind::reset);
  forgot(here, "ada@example.org");
  const std::string path = "/accounts/password/reset/" + token(LinkKind::reset) + "/";
  EXPECT_EQ(open_and_send(here, path, {{"password", "short"}}).status, 422);
  const HttpResponse reset = open_and_send(here, path, {{"password", "another long one"}});
  EXPECT_EQ(outcome(reset), "reset");
  EXPECT_TRUE(is_signed_in(here));
  EXPECT_FALSE(is_signed_in(old));
  EXPECT_EQ(mails("password_changed"), 1);
  EXPECT_EQ(here.get(path).status, 404) << "used";
  EXPECT_EQ(here.get("/accounts/password/reset/" + first + "/").status, 404) << "voided by the newer one";
  Buyer again = buyer();
  EXPECT_EQ(outcome(sign_in(again, "ada@example.org")), "wrong");
  EXPECT_EQ(outcome(sign_in(again, "ada@example.org", "another long one")), "signed_in");
}

TEST_P(Accounts, ALinkExpiresAndAnotherKindOpensNothing) {
  person("ada@example.org");
  Buyer ada = buyer();
  forgot(ada, "ada@example.org");
  const std::string reset = token(LinkKind::reset);
  for (const char* other : {"verify", "claim", "setup", "email"})
    EXPECT_EQ(ada.get("/accounts/" + std::string(other) + "/" + reset + "/").status, 404) << other;
  EXPECT_EQ(ada.get("/accounts/password/reset/" + reset + "/").status, 200);
  clock().advance(Duration::hours(1));
  const HttpResponse dead = ada.get("/accounts/password/reset/" + reset + "/");
  EXPECT_EQ(dead.status, 404);
  EXPECT_TRUE(contains(dead, "This link no longer works"));
  EXPECT_EQ(ada.get("/accounts/password/reset/guess/").status, 404);
}

// source: ground rules 15, 5.1; session fixation.
TEST_P(Accounts, SigningInAlwaysBeginsANewSessionAndEndsTheOldOne) {
  person("ada@example.org");
  Buyer ada = buyer();
  ada.add("student");  // a guest's session, whose cookie somebody may have planted
  const std::string planted = session_of(ada);
  ASSERT_FALSE(planted.empty());
  const HttpResponse signed_in = sign_in(ada, "ada@example.org");
  EXPECT_EQ(outcome(signed_in), "signed_in");
  const std::string fresh = session_of(ada);
  EXPECT_NE(fresh, planted);
  EXPECT_NE(signed_in.header("Set-Cookie").find("HttpOnly"), std::string::npos);
  Buyer mallory = buyer();
  mallory.client().cookies()["plenary_session"] = planted;
  EXPECT_FALSE(is_signed_in(mallory));
  // A session nobody made is not made by being sent.
  mallory.client().cookies()["plenary_session"] = std::string(43, 'A');
  EXPECT_FALSE(is_signed_in(mallory));
  sign_in(mallory, "ada@example.org");
  EXPECT_NE(session_of(mallory), std::string(43, 'A'));
  // Signing in again ends the session before.
  const std::string first = session_of(ada);
  ada.get("/accounts/");
  const HttpResponse page = ada.get("/accounts/signup/");
  ada.post("/accounts/login/", {{"username", "ada@example.org"}, {"password", good_password}});
  EXPECT_NE(session_of(ada), first);
  Buyer thief = buyer();
  thief.client().cookies()["plenary_session"] = first;
  EXPECT_FALSE(is_signed_in(thief));
}

TEST_P(Accounts, AGuestsOrderFollowsTheSignInAndTheOldTokenShowsItNoMore) {
  person("ada@example.org");
  Buyer ada = buyer();
  ada.add("student");
  ASSERT_EQ(outcome(ada.order("another@example.org")), "ordered");
  const std::string guest = session_of(ada);
  EXPECT_TRUE(contains(ada.cart(), "You placed the order ORD-"));
  EXPECT_EQ(count("SELECT count(*) FROM session"), 0) << "a guest's session is its token";
  ASSERT_EQ(outcome(sign_in(ada, "ada@example.org")), "signed_in");
  EXPECT_TRUE(contains(ada.cart(), "You placed the order ORD-"));
  Buyer thief = buyer();
  thief.client().cookies()["plenary_session"] = guest;
  EXPECT_FALSE(contains(thief.cart(), "ORD-"));
}

TEST_P(Accounts, TheOrderOfWhoeverWasSignedInBeforeIsNotHandedToTheNextPerson) {
  person("ada@example.org");
  person("eve@example.org");
  Buyer shared = buyer();
  sign_in(shared, "ada@example.org");
  shared.add("student");
  ASSERT_EQ(outcome(shared.order("ada@example.org")), "ordered");
  EXPECT_TRUE(contains(shared.cart(), "You placed the order ORD-"));
  const std::string ada = session_of(shared);
  // Nobody signed out.
  shared.get("/accounts/signup/");
  EXPECT_EQ(outcome(shared.post("/accounts/login/",
                                {{"username", "eve@example.org"}, {"password", good_password}})),
            "signed_in");
  EXPECT_NE(session_of(shared), ada);
  EXPECT_FALSE(contains(shared.cart(), "ORD-"));
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE session_hash IS NOT NULL"), 0);
}

TEST_P(Accounts, AGuestsCartEndsWithItsSession) {
  Buyer ada = buyer();
  ada.add("student");
  EXPECT_TRUE(contains(ada.cart(), "Ticket student"));
  clock().advance(Duration::days(30));
  EXPECT_FALSE(contains(ada.cart(), "Ticket student"));
}

TEST_P(Accounts, TheWayBackNeverLeavesTheSite) {
  person("ada@example.org");
  const std::pair<const char*, const char*> table[] = {
      {"/fair/register/cart/", "/fair/register/cart/"},
      {"/fair/?a=b&c=d", "/fair/?a=b&c=d"},
      {"/", "/"},
      {"https://evil.example/", "/accounts/"},
      {"//evil.example/", "/accounts/"},
      {"/\\evil.example/", "/accounts/"},
      {"\\\\evil.example/", "/accounts/"},
      {"/\tevil", "/accounts/"},
      {"\t//evil.example/", "/accounts/"},
      {" //evil.example/", "/accounts/"},
      {"/x\r\nSet-Cookie: a=b", "/accounts/"},
      {"javascript:alert(1)", "/accounts/"},
      {"data:text/html,x", "/accounts/"},
      {"evil.example", "/accounts/"},
      {"///evil.example", "/accounts/"},
      {"http:evil.example", "/accounts/"},
      {"", "/accounts/"},
  };
  for (const auto& [next, where] : table) {
    Buyer ada = buyer();
    ada.get("/accounts/login/");
    const HttpResponse answer = ada.post(
        "/accounts/login/", {{"username", "ada@example.org"}, {"password", good_password}, {"next", next}});
    EXPECT_EQ(outcome(answer), "signed_in") << next;
    EXPECT_EQ(answer.header("Location"), where) << next;
    // And for who is signed in already.
    EXPECT_EQ(ada.get("/accounts/login/?next=" + web::percent_encode(next)).header("Location"), where)
        << next;
  }
}

TEST_P(Accounts, SignOutIsAFormAndEndsTheSession) {
  person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  const std::string session = session_of(ada);
  EXPECT_EQ(ada.get("/accounts/logout/").status, 405);
  EXPECT_TRUE(is_signed_in(ada));
  const HttpResponse page = ada.get("/accounts/");
  EXPECT_TRUE(contains(page, "Ada Lovelace"));
  EXPECT_EQ(outcome(ada.post("/accounts/logout/", Buyer::form(page, "/accounts/logout/"))), "signed_out");
  EXPECT_FALSE(is_signed_in(ada));
  ada.client().cookies()["plenary_session"] = session;
  EXPECT_FALSE(is_signed_in(ada)) << "ended, not only forgotten by the browser";
}

TEST_P(Accounts, SignedOutEverywhereElseIsSignedOutAtOnce) {
  person("ada@example.org");
  Buyer here = buyer(), there = buyer(), third = buyer();
  for (Buyer* one : {&here, &there, &third}) sign_in(*one, "ada@example.org");
  const HttpResponse list = here.get("/accounts/sessions/");
  EXPECT_TRUE(contains(list, "This browser"));
  // One of the others.
  const HttpResponse ended =
      here.post("/accounts/sessions/", Buyer::form(list, "/accounts/sessions/", {{"action", "end"}}));
  EXPECT_EQ(outcome(ended), "ended");
  EXPECT_EQ(count("SELECT count(*) FROM session"), 2);
  const HttpResponse again = here.get("/accounts/sessions/");
  here.post("/accounts/sessions/", Buyer::form(again, "/accounts/sessions/", {{"action", "end_others"}}));
  EXPECT_TRUE(is_signed_in(here));
  EXPECT_FALSE(is_signed_in(there));
  EXPECT_FALSE(is_signed_in(third));
}

TEST_P(Accounts, APasswordIsChangedOnlyWithTheCurrentOne) {
  person("ada@example.org");
  Buyer ada = buyer(), other = buyer();
  sign_in(ada, "ada@example.org");
  sign_in(other, "ada@example.org");
  const auto change = [&](const std::string& current, const std::string& next) {
    const HttpResponse page = ada.get("/accounts/password/");
    return ada.post("/accounts/password/", Buyer::form(page, "/accounts/password/",
                                                       {{"current_password", current}, {"password", next}}));
  };
  EXPECT_EQ(outcome(change("wrong", "another long one")), "wrong");
  EXPECT_EQ(change(good_password, "password").status, 422);
  EXPECT_EQ(change(good_password, "ada@example.org").status, 422);
  EXPECT_EQ(change(good_password, "Fair").status, 422);
  const std::string before = session_of(ada);
  EXPECT_EQ(outcome(change(good_password, "another long one")), "changed");
  EXPECT_NE(session_of(ada), before);
  EXPECT_TRUE(is_signed_in(ada));
  EXPECT_FALSE(is_signed_in(other));
  EXPECT_EQ(mails("password_changed"), 1);
}

TEST_P(Accounts, AnAddressIsChangedByALinkToTheNewOneAndTheOldOneIsTold) {
  const std::int64_t id = person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  const auto change = [&](const std::string& email, const std::string& password = good_password) {
    const HttpResponse page = ada.get("/accounts/email/");
    return ada.post("/accounts/email/", Buyer::form(page, "/accounts/email/",
                                                    {{"email", email}, {"current_password", password}}));
  };
  EXPECT_EQ(outcome(change("new@example.org", "wrong")), "wrong");
  EXPECT_EQ(outcome(change("new@example.org")), "mail_sent");
  EXPECT_EQ(mails("change_email"), 1);
  const std::string path = "/accounts/email/" + token(LinkKind::change_email) + "/";
  EXPECT_TRUE(contains(ada.get(path), "new@example.org"));
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE email = 'ada@example.org'"), 1);
  EXPECT_EQ(outcome(open_and_send(ada, path)), "changed");
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE email = 'new@example.org'"), 1);
  EXPECT_EQ(mails("email_changed"), 1);
  EXPECT_EQ(ada.get(path).status, 404);
  EXPECT_GT(id, 0);

  // Another's address: the same answer, and the other is told.
  person("bob@example.org");
  const HttpResponse taken = change("bob@example.org");
  EXPECT_EQ(outcome(taken), "mail_sent");
  EXPECT_EQ(mails("already_registered"), 1);
  EXPECT_EQ(ada.get("/accounts/email/" + token(LinkKind::change_email) + "/").status, 404);
}

TEST_P(Accounts, ThePagesOfAPersonAskForASignInAndComeBack) {
  person("ada@example.org");
  Buyer ada = buyer();
  for (const char* path : {"/accounts/", "/accounts/password/", "/accounts/email/", "/accounts/sessions/"}) {
    const HttpResponse answer = ada.get(path);
    EXPECT_EQ(answer.status, 303) << path;
    EXPECT_EQ(answer.header("Location"), "/accounts/login/?next=" + web::percent_encode(path)) << path;
  }
  EXPECT_EQ(sign_in(ada, "ada@example.org", good_password, "/accounts/sessions/").header("Location"),
            "/accounts/sessions/");
  const HttpResponse page = ada.get("/accounts/sessions/");
  EXPECT_EQ(page.header("Cache-Control").find("no-store") == std::string::npos, false);
  EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
}

TEST_P(Accounts, NameAndLanguageAreThePersonsToChange) {
  person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  const HttpResponse page = ada.get("/accounts/");
  EXPECT_EQ(outcome(ada.post("/accounts/",
                             Buyer::form(page, "/accounts/", {{"name", "<b>Ada</b>"}, {"language", ""}}))),
            "changed");
  const HttpResponse after = ada.get("/accounts/");
  EXPECT_TRUE(contains(after, "&lt;b&gt;Ada&lt;/b&gt;"));
  EXPECT_FALSE(contains(after, "<b>Ada</b>"));
  EXPECT_EQ(ada.post("/accounts/", Buyer::form(page, "/accounts/", {{"name", ""}})).status, 422);
}

TEST_P(Accounts, DemoAccountsSignInInDevelopmentAlone) {
  const std::int64_t id = person("demo@example.org");
  db().write_now(db::global_lane, "test",
                 [&](db::Tx& tx) { tx.exec("UPDATE user_account SET is_demo = 1 WHERE id = $1", id); });
  Buyer in_development = buyer();
  EXPECT_EQ(outcome(sign_in(in_development, "demo@example.org")), "signed_in");
  ShopPlan production;
  production.settings = [](config::Settings& settings) {
    settings.server.mode = config::Mode::production;
    settings.server.public_url = "http://localhost";
  };
  open(production);
  Buyer in_production = buyer();
  EXPECT_EQ(outcome(sign_in(in_production, "demo@example.org")), "wrong");
}

TEST_P(Accounts, TheSetUpLinkMakesTheFirstSuperuserOnce) {
  const accounts::LinkSecret secret =
      accounts::new_link_secret(Random::system(), application().site().link_key, LinkKind::set_up);
  const auto make = [&](const accounts::LinkSecret& one) {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      accounts::Link link;
      link.kind = LinkKind::set_up;
      return accounts::create_link(tx, one, link);
    });
  };
  make(secret);
  const std::string path = "/accounts/setup/" + token(LinkKind::set_up) + "/";
  Buyer root = buyer();
  EXPECT_EQ(open_and_send(root, path, {{"username", "a b"}, {"password", good_password}}).status, 422);
  EXPECT_EQ(open_and_send(root, path, {{"username", "root"}, {"password", "password"}}).status, 422);
  EXPECT_EQ(outcome(open_and_send(root, path, {{"username", "root"}, {"password", good_password}})),
            "set_up");
  EXPECT_TRUE(is_signed_in(root));
  EXPECT_EQ(root.get(path).status, 404);
  Buyer elsewhere = buyer();
  EXPECT_EQ(sign_in(elsewhere, "root").header("Location"), "/accounts/");
  // Another link, printed before: there is a superuser now.
  make(accounts::new_link_secret(Random::system(), application().site().link_key, LinkKind::set_up));
  Buyer second = buyer();
  const std::string late = "/accounts/setup/" + token(LinkKind::set_up) + "/";
  EXPECT_EQ(open_and_send(second, late, {{"username", "second"}, {"password", good_password}}).status, 404);
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE is_superuser = 1"), 1);
}

TEST_P(Accounts, APersonWithARightIsSignedOutAfterHalfAnHour) {
  superuser("root");
  person("ada@example.org");
  Buyer root = buyer(), ada = buyer();
  sign_in(root, "root");
  sign_in(ada, "ada@example.org");
  clock().advance(Duration::minutes(29));
  EXPECT_TRUE(is_signed_in(root));
  clock().advance(Duration::minutes(1));
  EXPECT_FALSE(is_signed_in(root));
  EXPECT_TRUE(is_signed_in(ada));
}

TEST_P(Accounts, EveryFormCarriesTheTokensThatPasswordManagersRead) {
  person("ada@example.org");
  Buyer ada = buyer();
  const HttpResponse login = ada.get("/accounts/login/");
  EXPECT_TRUE(contains(login, "autocomplete=\"username\""));
  EXPECT_TRUE(contains(login, "autocomplete=\"current-password\""));
  const HttpResponse signup = ada.get("/accounts/signup/");
  EXPECT_TRUE(contains(signup, "autocomplete=\"new-password\""));
  EXPECT_TRUE(contains(signup, "autocomplete=\"email\""));
  const HttpResponse empty = ada.post("/accounts/signup/", Buyer::form(signup, "/accounts/signup/"));
  EXPECT_EQ(empty.status, 422);
  EXPECT_TRUE(contains(empty, "<title>Error:"));
  EXPECT_TRUE(contains(empty, "href=\"#id_password\""));
}

TEST_P(Accounts, WithoutItsTokenNoFormIsTaken) {
  person("ada@example.org");
  Buyer ada = buyer();
  ada.get("/accounts/login/");
  EXPECT_EQ(ada.client()
                .post("/accounts/login/", {{"username", "ada@example.org"},
                                           {"password", good_password},
                                           {"csrfmiddlewaretoken", "wrong"}})
                .status,
            403);
  EXPECT_FALSE(is_signed_in(ada));
}

}  // namespace
}  // namespace plenary::site::testing
