// One's own tokens for programs: shown once, made and revoked after fresh proof, nobody else's reached.
// source: docs/api.md; ground rules 15, 5.2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/back_office.hpp"
#include "domain/accounts/api_tokens.hpp"

namespace plenary::admin::testing {
namespace {

using site::testing::outcome;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* page = "/admin/api-tokens/";

class ApiTokensPage : public AdminTest {
 protected:
  static Fields filled(Buyer& who, Fields typed) {
    return Buyer::form(who.get(page), page, std::move(typed), "make");
  }
  std::vector<accounts::ApiToken> tokens() {
    return db().read_now([](db::Tx& tx) { return accounts::all_api_tokens(tx); });
  }
  // The token that a page shows; empty: it shows none.
  static std::string shown(const HttpResponse& response) {
    const std::size_t at = response.body.find("<code class=\"text-break\">plenary_");
    if (at == std::string::npos) return {};
    const std::size_t from = response.body.find('>', at) + 1;
    return response.body.substr(from, response.body.find('<', from) - from);
  }
};
ON_BOTH_ENGINES(ApiTokensPage);

TEST_P(ApiTokensPage, OneIsMadeShownOnceAndRevoked) {
  Buyer root = superuser_browser();
  EXPECT_THAT(root.get("/admin/").body, HasSubstr(page));
  const HttpResponse made = root.post(page, filled(root, {{"name", "Till <1>"},
                                                          {"scope_orders:read", "1"},
                                                          {"scope_carts", "1"},
                                                          {"conference", "fair"}}));
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string token = shown(made);
  ASSERT_FALSE(token.empty()) << made.body;
  EXPECT_THAT(made.header("Cache-Control"), HasSubstr("no-store"));
  ASSERT_EQ(tokens().size(), 1U);
  EXPECT_EQ(tokens().front().scopes, "carts orders:read");
  EXPECT_EQ(tokens().front().conference_id, conference_id());
  EXPECT_TRUE(db().read_now([&](db::Tx& tx) { return accounts::find_api_token(tx, token, true); }));
  const HttpResponse again = root.get(page);
  EXPECT_EQ(shown(again), "");
  EXPECT_THAT(again.body, HasSubstr("Till &lt;1&gt;"));
  EXPECT_THAT(again.body, HasSubstr(tokens().front().prefix));

  Fields revoke = Buyer::form(again, page, {}, "revoke");
  revoke.emplace_back("token", std::to_string(tokens().front().id));
  EXPECT_EQ(root.post(page, revoke).status, 303);
  EXPECT_FALSE(db().read_now([&](db::Tx& tx) { return accounts::find_api_token(tx, token, true); }));
  EXPECT_THAT(root.get("/admin/").body, HasSubstr("<span class=\"text-soft\">API token · "));
}

TEST_P(ApiTokensPage, WhatIsWrongIsToldTogetherAndWhatWasTypedStays) {
  Buyer root = superuser_browser();
  const HttpResponse told =
      root.post(page, filled(root, {{"name", ""}, {"days", "many"}, {"conference", "elsewhere"}}));
  EXPECT_EQ(told.status, 422);
  for (const char* text : {"say what the token is for", "write a number from 1 to 3650",
                           "Choose one of the conferences", "at least one thing", "Error:", "value=\"many\""})
    EXPECT_THAT(told.body, HasSubstr(text));
  EXPECT_TRUE(tokens().empty());
}

TEST_P(ApiTokensPage, ItAsksForProof) {
  Buyer root = superuser_browser();
  const Fields form = filled(root, {{"name", "Till"}, {"scope_carts", "1"}});
  clock().advance(Duration::minutes(11));
  const HttpResponse asked = root.post(page, form);
  EXPECT_EQ(outcome(asked), "proof_needed");
  EXPECT_TRUE(tokens().empty());
  const HttpResponse made =
      root.post(page, Buyer::form(asked, page, {{"proof_password", site::testing::good_password}}));
  EXPECT_EQ(made.status, 200);
  EXPECT_NE(shown(made), "");
}

TEST_P(ApiTokensPage, NobodyReachesAnothersTokens) {
  Buyer root = superuser_browser();
  root.post(page, filled(root, {{"name", "Secret plan"}, {"scope_carts", "1"}}));
  superuser("second");
  Buyer second = buyer();
  sign_in(second, "second");
  EXPECT_THAT(second.get(page).body, Not(HasSubstr("Secret plan")));
  Fields revoke = filled(second, {});
  for (auto& [name, value] : revoke)
    if (name == "action") value = "revoke";
  revoke.emplace_back("token", std::to_string(tokens().front().id));
  EXPECT_EQ(second.post(page, revoke).status, 404);
  EXPECT_FALSE(tokens().front().revoked_at);
}

}  // namespace
}  // namespace plenary::admin::testing
