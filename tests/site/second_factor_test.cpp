// The second factor, fresh proof, the lock and what was typed, as a browser sees them: with the factor
// required (production) and optional (development), on both engines; and those who try to get around them.
// source: ground rules 15, 5.2 to 5.5.
#include <gtest/gtest.h>

#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "domain/accounts/totp.hpp"
#include "site/kept_forms.hpp"
#include "site/page_table.hpp"
#include "site/proof.hpp"
#include "support/site/people.hpp"

namespace plenary::site::testing {
namespace {

using accounts::LinkKind;

constexpr std::string_view app_secret = "12345678901234567890";

Task<web::Response> staff_page(Site&, web::Request& request) {
  co_return web::Response::text("staff: " + packed_form(request.form()));
}

Task<web::Response> dangerous_page(Site& site, web::Request& request) {
  if (auto asked = co_await asks_for_proof(site, request)) co_return std::move(*asked);
  co_return web::Response::text("done: " + packed_form(request.form()));
}

Task<web::Response> form_of_a_page(Site&, web::Request& request) {
  const bool restores = request.form().has(web::restore_field);
  co_return web::Response::text((restores ? "restored: " : "saved: ") + packed_form(request.form()));
}

void add_test_pages(PageTable& table) {
  const web::Methods form = web::Method::get | web::Method::post;
  table.add("test:staff", "/test/staff/", form, web::any_role(), staff_page);
  table.add("test:danger", "/test/danger/", form, web::signed_in(), dangerous_page);
  table.add("test:form", "/test/form/", form, web::signed_in(), form_of_a_page).restores = true;
}

class Factor : public PeopleTest {
 protected:
  std::vector<AddPages> more_pages() override { return {add_test_pages}; }
  void required() {
    ShopPlan plan;
    plan.settings = [](config::Settings& settings) { settings.security.second_factor = true; };
    open(plan);
  }
  void limited() {
    ShopPlan plan;
    plan.settings = [](config::Settings& settings) { settings.security.limits = true; };
    open(plan);
  }
  void sign_out(Buyer& who) {
    const HttpResponse page = who.get("/accounts/");
    EXPECT_EQ(outcome(who.post("/accounts/logout/", Buyer::form(page, "/accounts/logout/"))), "signed_out");
  }
  std::string code(int steps = 0) {
    return accounts::totp_code(app_secret, accounts::totp_step(clock().now()) + steps);
  }
  void next_code() { clock().advance(Duration::seconds(30)); }
  void has_app(std::int64_t user) {
    const Site& site = application().site();
    const std::string sealed = site.sealing_key.seal(Secret(std::string(app_secret)),
                                                     accounts::second_factor_place(user), Random::system());
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      accounts::set_second_factor(tx, user, sealed, 0);
      accounts::set_recovery_codes(tx, user, std::vector<std::string>{"0000-1111-2222-3333"});
    });
  }
  HttpResponse send(Buyer& who, const std::string& path, Fields typed, const std::string& action = {}) {
    const HttpResponse page = who.get(path);
    EXPECT_EQ(page.status, 200) << path << "\n" << page.body;
    return who.post(action.empty() ? path : action,
                    Buyer::form(page, action.empty() ? path : action, std::move(typed)));
  }
  HttpResponse give(Buyer& who, const std::string& typed) {
    return send(who, "/accounts/code/", {{"proof_code", typed}});
  }
  // Signed in with a code, ready for a fresh one.
  void come_in(Buyer& who, const std::string& name) {
    EXPECT_EQ(outcome(sign_in(who, name)), "code_needed");
    EXPECT_EQ(outcome(give(who, code())), "signed_in");
    next_code();
  }
  void go_stale() { clock().advance(Duration::minutes(11)); }
  std::int64_t events(std::string_view what) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT count(*) FROM sign_in_event WHERE what = $1", what);
    });
  }
  static std::string key_of(const HttpResponse& page) {
    const std::size_t at = page.body.find("class=\"key\">") + 12;
    return page.body.substr(at, page.body.find('<', at) - at);
  }
  static std::string bytes_of_base32(const std::string& text) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : text) {
      if (c == ' ') continue;
      held = (held << 5) | static_cast<std::uint32_t>(letters.find(c));
      if ((bits += 5) >= 8) out += static_cast<char>((held >> (bits -= 8)) & 0xFF);
    }
    return out;
  }
};
ON_BOTH_ENGINES(Factor);

TEST_P(Factor, SomebodyWithARightSetsItUpBeforeAnythingElse) {
  required();
  superuser("root");
  Buyer root = buyer();
  EXPECT_EQ(outcome(sign_in(root, "root")), "signed_in");
  const HttpResponse led = root.get("/test/staff/");
  EXPECT_EQ(led.status, 303);
  EXPECT_EQ(led.header("Location"), "/accounts/security/factor/?next=%2Ftest%2Fstaff%2F");
  EXPECT_EQ(root.get("/accounts/").status, 200) << "one's own account needs none";
  const HttpResponse page = root.get(led.header("Location"));
  EXPECT_TRUE(contains(page, "<svg"));
  const std::string secret = bytes_of_base32(key_of(page));
  ASSERT_EQ(secret.size(), 20u);
  const auto typed = [&](const std::string& code) {
    return root.post("/accounts/security/factor/",
                     Buyer::form(page, "/accounts/security/factor/", {{"code", code}}));
  };
  const std::string right = accounts::totp_code(secret, accounts::totp_step(clock().now()));
  std::string wrong = right;
  wrong[0] = wrong[0] == '9' ? '0' : '9';
  EXPECT_EQ(outcome(typed(wrong)), "wrong");
  EXPECT_EQ(root.get("/test/staff/").status, 303);
  const HttpResponse codes = typed(right);
  EXPECT_EQ(outcome(codes), "recovery_codes");
  EXPECT_TRUE(contains(codes, "href=\"/test/staff/\"")) << "back to where they wanted to go";
  EXPECT_EQ(root.get("/test/staff/").status, 200);
  EXPECT_EQ(mails("second_factor_changed"), 1);
  EXPECT_EQ(events("factor_on"), 1);
  EXPECT_EQ(outcome(typed(right)), "wrong") << "a reload does not set it up again";
  EXPECT_EQ(count("SELECT count(*) FROM second_factor WHERE secret LIKE '%12345%'"), 0);
  // Required: it is not switched off.
  EXPECT_EQ(root.post("/accounts/security/", {{"action", "off"}}).status, 422);
  EXPECT_EQ(root.get("/test/staff/").status, 200);
}

TEST_P(Factor, IsEverybodysChoiceInDevelopment) {
  superuser("root");
  person("ada@example.org");
  Buyer root = buyer(), ada = buyer();
  sign_in(root, "root");
  EXPECT_EQ(root.get("/test/staff/").status, 200);
  sign_in(ada, "ada@example.org");
  EXPECT_TRUE(contains(ada.get("/accounts/security/factor/"), "<svg")) << "any person may set it up";
}

TEST_P(Factor, APasswordAloneIsNotEnough) {
  const std::int64_t ada = person("ada@example.org");
  has_app(ada);
  Buyer browser = buyer();
  EXPECT_EQ(outcome(sign_in(browser, "ada@example.org", good_password, "/test/form/")), "code_needed");
  EXPECT_FALSE(is_signed_in(browser));
  EXPECT_EQ(count("SELECT count(*) FROM session"), 0);
  EXPECT_EQ(outcome(give(browser, code(5))), "wrong");
  const HttpResponse page = browser.get("/accounts/code/?next=%2Ftest%2Fform%2F");
  const HttpResponse in =
      browser.post("/accounts/code/", Buyer::form(page, "/accounts/code/", {{"proof_code", code()}}));
  EXPECT_EQ(outcome(in), "signed_in");
  EXPECT_EQ(in.header("Location"), "/test/form/");
  EXPECT_TRUE(is_signed_in(browser));
  EXPECT_EQ(events("code_refused"), 1);
  EXPECT_EQ(events("code_used"), 1);
  EXPECT_EQ(events("signed_in"), 1);
}

TEST_P(Factor, ACodeThatWasSeenOverTheShoulderOpensNothing) {
  const std::int64_t ada = person("ada@example.org");
  has_app(ada);
  Buyer owner = buyer(), thief = buyer();
  const std::string seen = code();
  sign_in(owner, "ada@example.org");
  EXPECT_EQ(outcome(give(owner, seen)), "signed_in");
  sign_in(thief, "ada@example.org");
  EXPECT_EQ(outcome(give(thief, seen)), "wrong");
  EXPECT_FALSE(is_signed_in(thief));
  // A recovery code once, too.
  EXPECT_EQ(outcome(give(thief, "0000-1111-2222-3333")), "signed_in");
  Buyer other = buyer();
  sign_in(other, "ada@example.org");
  EXPECT_EQ(outcome(give(other, "0000-1111-2222-3333")), "wrong");
}

TEST_P(Factor, FiveWrongCodesEndTheSignIn) {
  limited();
  const std::int64_t ada = person("ada@example.org");
  has_app(ada);
  Buyer browser = buyer();
  sign_in(browser, "ada@example.org");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(outcome(give(browser, code(7 + i))), "wrong");
  EXPECT_EQ(outcome(give(browser, code(20))), "start_again");
  EXPECT_EQ(outcome(browser.get("/accounts/code/")), "start_again") << "the right code is too late";
  // Beginning anew again and again meets the limit of the account.
  HttpResponse last;
  for (int i = 0; i < 8 && outcome(last) != "too_many_attempts"; ++i) {
    if (i % 4 == 0) sign_in(browser, "ada@example.org");
    last = give(browser, code(30 + i));
  }
  EXPECT_EQ(last.status, 429);
}

TEST_P(Factor, NoResetGoesAroundIt) {
  const std::int64_t ada = person("ada@example.org");
  has_app(ada);
  Buyer browser = buyer();
  send(browser, "/accounts/password/forgot/", {{"email", "ada@example.org"}});
  const std::string path = "/accounts/password/reset/" + token(LinkKind::reset) + "/";
  const HttpResponse page = browser.get(path);
  EXPECT_EQ(outcome(browser.post(path, Buyer::form(page, "", {{"password", "another long one"}}))),
            "code_needed");
  EXPECT_FALSE(is_signed_in(browser));
  EXPECT_EQ(outcome(give(browser, code())), "signed_in");
  EXPECT_TRUE(is_signed_in(browser));
}

TEST_P(Factor, TheStartedSignInOfAnotherIsOfNoUse) {
  const std::int64_t ada = person("ada@example.org");
  const std::int64_t eve = person("eve@example.org");
  has_app(ada);
  has_app(eve);
  Buyer browser = buyer();
  sign_in(browser, "eve@example.org");
  const std::string of_eve = browser.client().cookies()["plenary_challenge"];
  Buyer fresh = buyer();
  fresh.client().cookies()["plenary_challenge"] = of_eve;
  // The code page looks at the account of its challenge alone: a code of Ada's app is none of Eve's. Here
  // both have the same secret, so it opens Eve's account, and never Ada's.
  EXPECT_EQ(outcome(give(fresh, code())), "signed_in");
  EXPECT_TRUE(contains(fresh.get("/accounts/"), "eve@example.org"));
  Buyer made_up = buyer();
  made_up.client().cookies()["plenary_challenge"] = "AAAAAAAAAAAAAAAAAAAAAA";
  EXPECT_EQ(outcome(made_up.get("/accounts/code/")), "start_again");
}

TEST_P(Factor, ASessionFromBeforeAsksForACodeWhenTheFactorComes) {
  const std::int64_t ada = person("ada@example.org");
  Buyer before = buyer();
  sign_in(before, "ada@example.org");
  has_app(ada);
  EXPECT_FALSE(is_signed_in(before));
  EXPECT_EQ(before.get("/accounts/").header("Location"), "/accounts/unlock/?next=%2Faccounts%2F");
  EXPECT_EQ(outcome(send(before, "/accounts/unlock/", {{"proof_password", good_password}})), "wrong")
      << "the password was given already";
  EXPECT_EQ(outcome(send(before, "/accounts/unlock/", {{"proof_code", code()}})), "unlocked");
  EXPECT_TRUE(is_signed_in(before));
}

// ---- fresh proof

TEST_P(Factor, AFreshSignInIsProofForTenMinutes) {
  person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  ada.get("/accounts/");
  EXPECT_TRUE(contains(ada.post("/test/danger/", {{"a", "1"}}), "done: "));
  go_stale();
  const HttpResponse asked = ada.post("/test/danger/", {{"a", "1"}, {"secret", "hush hush"}, {"a", "2"}});
  EXPECT_EQ(outcome(asked), "proof_needed");
  EXPECT_FALSE(contains(asked, "hush")) << "what was typed does not stand in the page";
  const std::string before = session_of(ada);
  EXPECT_EQ(outcome(ada.post("/test/danger/",
                             Buyer::form(asked, "/test/danger/", {{"proof_password", "wrong one"}}))),
            "wrong");
  const HttpResponse done =
      ada.post("/test/danger/", Buyer::form(asked, "/test/danger/", {{"proof_password", good_password}}));
  EXPECT_EQ(done.body, "done: 1:a1:16:secret9:hush hush1:a1:2") << "order and repeated fields are kept";
  EXPECT_NE(session_of(ada), before) << "a new token";
  EXPECT_TRUE(is_signed_in(ada));
  EXPECT_TRUE(contains(ada.post("/test/danger/", {{"b", "1"}}), "done: "));
  EXPECT_EQ(events("proof_refused"), 1);
}

TEST_P(Factor, ACodeProvesAsWellAsAPassword) {
  const std::int64_t ada = person("ada@example.org");
  has_app(ada);
  Buyer browser = buyer();
  come_in(browser, "ada@example.org");
  go_stale();
  browser.get("/accounts/");
  const HttpResponse asked = browser.post("/test/danger/", {{"a", "1"}});
  EXPECT_TRUE(
      contains(browser.post("/test/danger/", Buyer::form(asked, "/test/danger/", {{"proof_code", code()}})),
               "done: "));
}

TEST_P(Factor, SealedFieldsOfAnotherPageOrPersonOpenNothing) {
  person("ada@example.org");
  person("eve@example.org");
  Buyer ada = buyer(), eve = buyer();
  sign_in(ada, "ada@example.org");
  sign_in(eve, "eve@example.org");
  go_stale();
  ada.get("/accounts/");
  eve.get("/accounts/");
  const HttpResponse of_eve = eve.post("/test/danger/", {{"pay", "eve"}});
  const std::string sealed = plenary::test::input_value(of_eve.body, "proof_kept");
  ASSERT_NE(sealed, "");
  const auto with = [&](Buyer& who, const std::string& path, const std::string& kept) {
    return who.post(path, {{"proof_kept", kept}, {"proof_password", good_password}});
  };
  EXPECT_EQ(with(ada, "/test/danger/", sealed).status, 422) << "another person's";
  EXPECT_EQ(with(eve, "/test/danger/?x=1", sealed).status, 422) << "another address";
  EXPECT_EQ(with(ada, "/test/danger/", "1.forged.AAAA").status, 422) << "made up";
  EXPECT_EQ(with(ada, "/test/danger/", "").status, 422);
  EXPECT_EQ(with(eve, "/test/danger/", sealed).body, "done: 3:pay3:eve");
}

TEST_P(Factor, FiveWrongAnswersLockTheSessionAndKeepWhatWasTyped) {
  person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  go_stale();
  ada.get("/accounts/");
  HttpResponse page = ada.post("/test/danger/", {{"a", "typed"}});
  for (int i = 0; i < 4; ++i) {
    page = ada.post("/test/danger/", Buyer::form(page, "/test/danger/", {{"proof_password", "wrong"}}));
    EXPECT_EQ(outcome(page), "wrong");
  }
  page = ada.post("/test/danger/", Buyer::form(page, "/test/danger/", {{"proof_password", "wrong"}}));
  EXPECT_EQ(outcome(page), "locked");
  EXPECT_FALSE(is_signed_in(ada));
  const HttpResponse in =
      send(ada, page.header("Location"), {{"proof_password", good_password}}, "/accounts/unlock/");
  EXPECT_EQ(outcome(in), "unlocked");
  const HttpResponse kept = ada.get(in.header("Location"));
  EXPECT_EQ(outcome(kept), "kept_form");
  EXPECT_EQ(ada.post("/test/danger/", Buyer::form(kept, "/test/danger/")).body, "done: 1:a5:typed");
}

// ---- lock and drafts

TEST_P(Factor, ALockedSessionIsClosedUntilThePasswordComes) {
  superuser("root");
  Buyer root = buyer();
  sign_in(root, "root");
  const HttpResponse page = root.get("/accounts/security/");
  const HttpResponse locked = root.post("/accounts/lock/", Buyer::form(page, "/accounts/lock/"));
  EXPECT_EQ(locked.header("Location"), "/accounts/unlock/?next=%2Faccounts%2Fsecurity%2F");
  EXPECT_EQ(root.get("/test/staff/").header("Location"), "/accounts/unlock/?next=%2Ftest%2Fstaff%2F");
  EXPECT_EQ(outcome(send(root, "/accounts/unlock/", {{"proof_password", "wrong one"}})), "wrong");
  const std::string before = session_of(root);
  EXPECT_EQ(outcome(send(root, "/accounts/unlock/", {{"proof_password", good_password}})), "unlocked");
  EXPECT_NE(session_of(root), before);
  EXPECT_EQ(root.get("/test/staff/").status, 200);
  // Members without a right see no lock.
  person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  EXPECT_FALSE(contains(ada.get("/accounts/"), "/accounts/lock/"));
}

TEST_P(Factor, WhatAScriptTakesAlongIsThereAfterUnlocking) {
  superuser("root");
  Buyer root = buyer();
  sign_in(root, "root");
  root.get("/accounts/");
  root.post("/accounts/lock/", {{"kept", "name=Fair+%26+more&tag=a&tag=b"}, {"kept_path", "/test/form/"}});
  const HttpResponse page = root.get("/test/form/");
  EXPECT_EQ(page.status, 303);
  const HttpResponse in =
      send(root, "/accounts/unlock/?next=%2Faccounts%2Fkept%2F%3Fpath%3D%2Ftest%2Fform%2F",
           {{"proof_password", good_password}}, "/accounts/unlock/");
  const HttpResponse kept = root.get(in.header("Location"));
  Fields fields = Buyer::form(kept, "/test/form/", {{"_restore", "1"}});
  EXPECT_EQ(root.post("/test/form/", fields).body, "restored: 4:name11:Fair & more3:tag1:a3:tag1:b");
  EXPECT_EQ(root.post("/test/form/", fields).status, 422) << "it is kept no longer";
}

TEST_P(Factor, AFormSentTooLateIsKeptForItsPersonAlone) {
  superuser("root");
  person("eve@example.org");
  Buyer root = buyer();
  sign_in(root, "root");
  root.get("/accounts/");
  clock().advance(Duration::minutes(31));
  const HttpResponse late = root.post("/test/staff/", {{"text", "an hour's work"}});
  EXPECT_EQ(late.status, 303);
  EXPECT_EQ(late.header("Location"),
            "/accounts/login/?next=%2Faccounts%2Fkept%2F%3Fpath%3D%252Ftest%252Fstaff%252F");
  EXPECT_EQ(count("SELECT count(*) FROM form_draft WHERE body LIKE '%work%'"), 0) << "sealed";

  // Somebody else in the same browser, or anywhere, never sees it.
  Buyer eve = buyer();
  sign_in(eve, "eve@example.org");
  EXPECT_EQ(outcome(eve.get("/accounts/kept/?path=%2Ftest%2Fstaff%2F")), "nothing_kept");
  eve.get("/accounts/");
  EXPECT_EQ(eve.post("/test/form/", {{"_kept", "1"}}).status, 422);

  const HttpResponse page = root.get(late.header("Location"));
  const HttpResponse in =
      root.post("/accounts/login/",
                Buyer::form(page, "/accounts/login/", {{"username", "root"}, {"password", good_password}}));
  const HttpResponse kept = root.get(in.header("Location"));
  EXPECT_EQ(outcome(kept), "kept_form");
  EXPECT_FALSE(contains(kept, "hour"));
  EXPECT_EQ(root.post("/test/staff/", Buyer::form(kept, "/test/staff/")).body,
            "staff: 4:text14:an hour's work");
  EXPECT_EQ(count("SELECT count(*) FROM form_draft"), 0);
}

TEST_P(Factor, StrangersKeepNothing) {
  Buyer nobody = buyer();
  nobody.get("/accounts/login/");
  EXPECT_EQ(nobody.post("/test/form/", {{"text", "x"}}).header("Location"),
            "/accounts/login/?next=%2Ftest%2Fform%2F");
  nobody.client().cookies()["plenary_session"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  nobody.post("/test/form/", {{"text", "x"}});
  EXPECT_EQ(count("SELECT count(*) FROM form_draft"), 0);
}

TEST_P(Factor, ThrownAwayIsGone) {
  person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  ada.get("/accounts/");
  ada.post("/accounts/lock/", {{"kept", "a=1"}, {"kept_path", "/test/form/"}});
  send(ada, "/accounts/unlock/", {{"proof_password", good_password}});
  const HttpResponse kept = ada.get("/accounts/kept/?path=%2Ftest%2Fform%2F");
  EXPECT_EQ(outcome(ada.post("/accounts/kept/", Buyer::form(kept, "/accounts/kept/"))), "discarded");
  EXPECT_EQ(count("SELECT count(*) FROM form_draft"), 0);
}

// ---- doors that stay shut, and history

TEST_P(Factor, AStrangersGuessesDoNotShutOutTheOwner) {
  limited();
  person("ada@example.org");
  Buyer ada = buyer(), stranger = buyer();
  sign_in(ada, "ada@example.org");
  sign_out(ada);
  HttpResponse last;
  for (int i = 0; i < 12; ++i) last = sign_in(stranger, "ada@example.org", "a guess of mine");
  EXPECT_EQ(last.status, 429);
  clock().advance(Duration::minutes(31));  // the limit of 15 minutes is over, and the first wait
  for (int i = 0; i < 3; ++i) last = sign_in(stranger, "ada@example.org", "a guess of mine");
  EXPECT_EQ(last.status, 429) << "the wait has doubled";
  EXPECT_EQ(sign_in(stranger, "ada@example.org").status, 429) << "a right password is not revealed";
  EXPECT_EQ(outcome(sign_in(ada, "ada@example.org")), "signed_in") << "in a browser that knows her";
  EXPECT_GE(events("locked_out"), 1);
  EXPECT_GE(events("refused"), 9);
}

TEST_P(Factor, ThePersonSeesWhatHappened) {
  person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org", "wrong one");
  sign_in(ada, "ada@example.org");
  const HttpResponse page = ada.get("/accounts/history/");
  EXPECT_TRUE(contains(page, "Sign-in refused: wrong password"));
  EXPECT_TRUE(contains(page, "(new device)"));
  sign_out(ada);
  sign_in(ada, "ada@example.org");
  EXPECT_TRUE(contains(ada.get("/accounts/history/"), "(known device)"));
  EXPECT_TRUE(contains(ada.get("/accounts/history/"), "Signed out"));
}

TEST_P(Factor, ANewDeviceIsToldToPeopleWithARight) {
  superuser("root");
  person("ada@example.org");
  Buyer first = buyer(), second = buyer(), member = buyer();
  sign_in(first, "root");
  EXPECT_EQ(mails("new_device"), 0) << "the very first sign-in";
  sign_in(second, "root");
  EXPECT_EQ(mails("new_device"), 1);
  sign_out(second);
  sign_in(second, "root");
  EXPECT_EQ(mails("new_device"), 1) << "known by now";
  sign_in(member, "ada@example.org");
  Buyer elsewhere = buyer();
  sign_in(elsewhere, "ada@example.org");
  EXPECT_EQ(mails("new_device"), 1) << "buyers are not bothered";
}

TEST_P(Factor, SwitchingItOffAsksForProofAndTellsTheOwner) {
  const std::int64_t ada = person("ada@example.org");
  has_app(ada);
  Buyer browser = buyer();
  come_in(browser, "ada@example.org");
  go_stale();
  const HttpResponse asked = send(browser, "/accounts/security/", {{"action", "off"}});
  EXPECT_EQ(outcome(asked), "proof_needed");
  EXPECT_EQ(outcome(browser.post("/accounts/security/", Buyer::form(asked, "/accounts/security/",
                                                                    {{"proof_password", good_password}}))),
            "off");
  EXPECT_EQ(mails("second_factor_changed"), 1);
  Buyer other = buyer();
  EXPECT_EQ(outcome(sign_in(other, "ada@example.org")), "signed_in");
}

}  // namespace
}  // namespace plenary::site::testing
