// From the mailed link to the role: every way there, and every way that leads nowhere. source: configuration
// 10, Do better 3; ground rules 15, 2.4 and 5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "manage/organisers.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Acceptance : public ManageTest {
 protected:
  // By an organizer, whose browser stays signed in.
  std::string invited(const std::string& email, const std::string& role = "Check-in Staff") {
    if (!head_) head_.emplace(browser("head@example.org", "Conference Organizer", "Grace Hopper"));
    EXPECT_EQ(outcome(invite(*head_, email, role)), "invited");
    return link_of(newest_invitation());
  }
  HttpResponse accept(Buyer& who, const std::string& link, Fields typed = {}) {
    const HttpResponse page = who.get(link);
    return who.post(link, Buyer::form(page, "", std::move(typed)));
  }
  Buyer& head() { return *head_; }

 private:
  std::optional<Buyer> head_;
};
ON_BOTH_ENGINES(Acceptance);

TEST_P(Acceptance, WhoeverHasNoAccountMakesOneAndIsSignedIn) {
  const std::string link = invited("new@example.org");
  Buyer browser = buyer();
  const HttpResponse page = browser.get(link);
  ASSERT_EQ(page.status, 200);
  for (const char* text : {"Grace Hopper asks you", "Fair", "Check-in Staff", "Check people in",
                           "new@example.org", "Answer until"})
    EXPECT_TRUE(contains(page, text)) << text;
  EXPECT_EQ(page.header("Cache-Control"), "no-store");
  EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(
      count("SELECT count(*) FROM role_assignment a JOIN user_group g ON g.id = a.group_id WHERE g.name = "
            "'Check-in Staff'"),
      0)
      << "looking accepts nothing";

  EXPECT_EQ(accept(browser, link, {{"name", "Nina"}, {"password", "short"}}).status, 422);
  EXPECT_EQ(accept(browser, link, {{"name", "Nina"}, {"password", "new@example.org"}}).status, 422);
  const HttpResponse done = accept(browser, link, {{"name", "Nina"}, {"password", good_password}});
  EXPECT_EQ(done.status, 303);
  EXPECT_EQ(done.header("Location"), "/manage/fair/");
  EXPECT_THAT(roles(user_id("new@example.org")), ElementsAre("Check-in Staff"));
  const HttpResponse dashboard = browser.get("/manage/fair/");
  EXPECT_EQ(dashboard.status, 200);
  EXPECT_TRUE(contains(dashboard, "Welcome to the team of Fair!"));
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE source = 'manage'"), 3)
      << "invited, the role, accepted";

  Buyer second = buyer();
  const HttpResponse again = second.get(link);
  EXPECT_EQ(again.status, 404);
  EXPECT_TRUE(contains(again, "This invitation was accepted"));
  EXPECT_TRUE(contains(browser.get(link), "You accepted it, and the role is yours."));
}

TEST_P(Acceptance, AGuestsAccountBecomesTheirsWithItsOrders) {
  Buyer guest = buyer();
  guest.add("individual");
  guest.order("guest@example.org");
  const std::string link = invited("guest@example.org");
  Buyer browser = buyer();
  EXPECT_EQ(accept(browser, link, {{"name", "Gus"}, {"password", good_password}}).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE email_normalized = 'guest@example.org'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM orders o JOIN user_account u ON u.id = o.user_id WHERE "
                  "u.email_normalized = 'guest@example.org'"),
            1);
}

TEST_P(Acceptance, WhoeverIsSignedInWithThatAddressPressesOneButton) {
  const std::string link = invited("Ada@example.org");
  Buyer ada = browser("ada@example.org");
  EXPECT_TRUE(contains(ada.get(link), "Accept the invitation"));
  const HttpResponse done = accept(ada, link);
  EXPECT_EQ(outcome(done), "accepted");
  EXPECT_EQ(done.header("Location"), "/manage/fair/");
  EXPECT_EQ(ada.get("/manage/fair/").status, 200);
}

TEST_P(Acceptance, TheLinkAloneSignsNobodyInToAnAccountThatIsThere) {
  const std::string link = invited("ada@example.org");
  person("ada@example.org");
  Buyer thief = buyer();
  const HttpResponse page = thief.get(link);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "Sign in, and you come back to this page"));
  EXPECT_FALSE(contains(page, "name=\"password\""));
  const Fields forged{{"csrfmiddlewaretoken", "x"}, {"name", "Eve"}, {"password", "a password of the thief"}};
  EXPECT_EQ(thief.post(link, forged).status, 403) << "no token";
  Fields fields = Buyer::form(thief.get("/accounts/signup/"), "/accounts/signup/",
                              {{"name", "Eve"}, {"email", "x"}, {"password", "a password of the thief"}});
  EXPECT_EQ(thief.post(link, fields).status, 409);
  EXPECT_FALSE(is_signed_in(thief));
  EXPECT_THAT(roles(user_id("ada@example.org")), IsEmpty());

  // With the password they come back to it.
  Buyer ada = buyer();
  const HttpResponse signed_in = sign_in(ada, "ada@example.org", good_password, link);
  EXPECT_EQ(signed_in.header("Location"), link);
  EXPECT_EQ(outcome(accept(ada, link)), "accepted");
}

TEST_P(Acceptance, SomebodyElseSignedInIsToldAndOfferedToSignOut) {
  const std::string link = invited("ada@example.org");
  Buyer eve = browser("eve@example.org");
  const HttpResponse page = eve.get(link);
  EXPECT_TRUE(contains(page, "you are signed in with another account"));
  EXPECT_EQ(forge(eve, link).status, 409);
  EXPECT_THAT(roles(user_id("eve@example.org")), IsEmpty());
  const HttpResponse out = eve.post("/accounts/logout/", Buyer::form(page, "/accounts/logout/", {}, link));
  EXPECT_EQ(out.header("Location"), link);
  EXPECT_FALSE(is_signed_in(eve));
  EXPECT_EQ(accept(eve, link, {{"name", "Ada"}, {"password", good_password}}).status, 303);
}

TEST_P(Acceptance, SigningOutGoesToNoForeignSite) {
  Buyer eve = browser("eve@example.org");
  for (const char* next :
       {"https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"}) {
    Buyer one = signed_in("eve@example.org");
    EXPECT_EQ(forge(one, "/accounts/logout/", {{"next", next}}).header("Location"), "/") << next;
  }
}

TEST_P(Acceptance, ATokenOpensItsOwnInvitationAndNoOther) {
  const std::string desk = invited("ada@example.org"), finance = invited("bob@example.org", "Finance Team");
  Buyer ada = browser("ada@example.org");
  EXPECT_EQ(forge(ada, finance).status, 409);
  EXPECT_THAT(roles(user_id("ada@example.org")), IsEmpty());
  for (const std::string& wrong :
       {std::string("/accounts/invitation/x/"),
        "/accounts/invitation/" + newest_invitation().token_hash + "/",
        "/accounts/invitation/" + newest_invitation().nonce + "/", desk.substr(0, desk.size() - 2) + "x/"}) {
    EXPECT_EQ(ada.get(wrong).status, 404) << wrong;
    EXPECT_EQ(forge(ada, wrong).status, 404) << wrong;
  }
  EXPECT_THAT(roles(user_id("ada@example.org")), IsEmpty());
}

TEST_P(Acceptance, IsRefusedAfterWithdrawalExpiryOrOnceTheInviterLostTheRight) {
  person("ada@example.org");
  const std::string first = invited("ada@example.org");
  const std::int64_t organizer = user_id("head@example.org");
  Buyer ada = signed_in("ada@example.org");
  const HttpResponse before = ada.get(first);
  const Fields fields = Buyer::form(before, "");

  const std::int64_t id = newest_invitation().id;
  on_global([&](db::Tx& tx) { accounts::withdraw_invitation(tx, id); });
  const HttpResponse withdrawn = ada.post(first, fields);
  EXPECT_EQ(withdrawn.status, 404);
  EXPECT_TRUE(contains(withdrawn, "It was withdrawn."));

  const std::string second = invited("ada@example.org");
  on_global(
      [&](db::Tx& tx) { tx.exec("UPDATE role_assignment SET ends_at = 1 WHERE user_id = $1", organizer); });
  const HttpResponse powerless = ada.post(second, fields);
  EXPECT_EQ(powerless.status, 404);
  EXPECT_TRUE(contains(powerless, "may no longer give this role"));
  on_global([&](db::Tx& tx) {
    tx.exec("UPDATE role_assignment SET ends_at = NULL WHERE user_id = $1", organizer);
  });
  EXPECT_EQ(ada.get(second).status, 200);

  clock().advance(Duration::days(14));
  ada = signed_in("ada@example.org");
  const HttpResponse late = ada.get(second);
  EXPECT_EQ(late.status, 404);
  EXPECT_TRUE(contains(late, "It was not answered in time."));
  EXPECT_TRUE(contains(late, "Ask Grace Hopper"));
  EXPECT_EQ(forge(ada, second).status, 404);
  EXPECT_THAT(roles(user_id("ada@example.org")), IsEmpty());
}

TEST_P(Acceptance, OfAClosedAccountSaysSo) {
  const std::string link = invited("ada@example.org");
  const std::int64_t ada = person("ada@example.org");
  on_global([&](db::Tx& tx) { tx.exec("UPDATE user_account SET is_active = 0 WHERE id = $1", ada); });
  Buyer browser = buyer();
  const HttpResponse page = browser.get(link);
  EXPECT_TRUE(contains(page, "is closed"));
  const Fields fields = Buyer::form(browser.get("/accounts/signup/"), "/accounts/signup/",
                                    {{"name", "Ada"}, {"email", "x"}, {"password", good_password}});
  EXPECT_EQ(browser.post(link, fields).status, 409);
  on_global([&](db::Tx& tx) { tx.exec("UPDATE user_account SET password_hash = NULL WHERE id = $1", ada); });
  EXPECT_EQ(browser.post(link, fields).status, 409);
  EXPECT_THAT(roles(ada), IsEmpty());
}

TEST_P(Acceptance, TwoAtOnceMakeOneAccountAndOneRole) {
  const std::string link = invited("new@example.org");
  Buyer one = buyer(), two = buyer();
  const Fields first = Buyer::form(one.get(link), "", {{"name", "One"}, {"password", good_password}}),
               second = Buyer::form(two.get(link), "", {{"name", "Two"}, {"password", good_password}});
  HttpResponse a, b;
  std::thread run([&] { a = one.post(link, first); });
  b = two.post(link, second);
  run.join();
  EXPECT_EQ((a.status == 303) + (b.status == 303), 1) << a.status << " " << b.status;
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE email_normalized = 'new@example.org'"), 1);
  EXPECT_THAT(roles(user_id("new@example.org")), ElementsAre("Check-in Staff"));
  EXPECT_EQ(is_signed_in(one) + is_signed_in(two), 1);
}

TEST_P(Acceptance, WhoeverHasNoDashboardGoesToTheList) {
  on_global([&](db::Tx& tx) { accounts::ensure_group(tx, "Friends"); });
  const std::string link = invited("new@example.org", "Friends");
  Buyer browser = buyer();
  const HttpResponse done = accept(browser, link, {{"name", "Nina"}, {"password", good_password}});
  EXPECT_EQ(done.header("Location"), "/manage/");
  EXPECT_EQ(browser.get("/manage/").status, 200);
  EXPECT_EQ(browser.get("/manage/fair/").status, 403);
}

}  // namespace
}  // namespace plenary::manage::testing
