// plenary check and check --online: what is said of each conference's credentials, with stand-ins that answer
// as Stripe and Pretalx do. On both engines. source: configuration 10, 2.7 and Do better 8.
#include "cli/keys_folder.hpp"
#include "support/http_stand_in.hpp"

namespace plenary::cli::testing {
namespace {

using test::HttpStandIn;
using test::StandInReply;
using test::StandInRequest;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

StandInReply stripe_error(int status, const std::string& type, const std::string& text) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}},
          .body = "{\"error\": {\"message\": \"" + text + "\", \"type\": \"" + type + "\"}}"};
}
const StandInReply balance{
    .body = R"({"object": "balance", "available": [{"amount": 0, "currency": "usd"}], "livemode": false})"};

class CheckCredentials : public KeysFolder {
 protected:
  void good_keys() {
    seal("stripe_secret_key", "sk_test_0123456789");
    seal("stripe_publishable_key", "pk_test_0123456789");
    seal("stripe_webhook_secret", "whsec_0123456789");
  }
  void event(const std::string& slug) { put("pretalx_event_slug", slug); }
  void services(const HttpStandIn& stripe, const HttpStandIn& pretalx) {
    settings(fmt::format("[program.stripe]\napi_base = \"{}\"\n[program.pretalx]\nbase_url = \"{}/\"\n",
                         stripe.url(), pretalx.url()));
  }
};
ON_BOTH_ENGINES(CheckCredentials);

TEST_P(CheckCredentials, SaysWhatIsUsedAndFromWhere) {
  EXPECT_EQ(plenary({"check"}), done) << out_;
  EXPECT_THAT(out_, HasSubstr("fair: no Stripe keys"));
  settings(
      "[program.stripe]\nsecret_key = \"sk_test_settings\"\npublishable_key = \"pk_test_settings\"\n"
      "webhook_secret = \"whsec_settings\"\n[program.pretalx]\ntoken = \"general-token\"\n");
  event("fair-2027");
  EXPECT_EQ(plenary({"check"}), done) << out_;
  EXPECT_THAT(out_, HasSubstr("fair: Stripe keys from the settings, secret key ****ings"));
  EXPECT_THAT(out_, HasSubstr("fair: Pretalx https://pretalx.com, event fair-2027, token from the settings "
                              "****oken"));
  good_keys();
  seal("pretalx_token", "its-own-word");
  EXPECT_EQ(plenary({"check"}), done) << out_;
  EXPECT_THAT(out_, HasSubstr("fair: Stripe keys its own, secret key ****6789"));
  EXPECT_THAT(out_, HasSubstr("token its own ****word"));
  EXPECT_THAT(out_, Not(HasSubstr("0123456789")));
}

TEST_P(CheckCredentials, WhatIsMalformedOrCannotBeOpenedIsNamed) {
  seal("stripe_publishable_key", "pk_live_0123456789");
  EXPECT_EQ(plenary({"check"}), done) << out_;
  EXPECT_THAT(out_, HasSubstr("stripe_publishable_key is stored, but no secret key"));
  seal("stripe_secret_key", "sk_test_0123456789");
  seal("stripe_webhook_secret", "sk_test_0123456789");
  EXPECT_EQ(plenary({"check"}), refused);
  EXPECT_THAT(out_, HasSubstr("fair: stripe_publishable_key is a live key beside a test secret key"));
  EXPECT_THAT(out_, HasSubstr("fair: stripe_webhook_secret is no webhook secret"));
  put("stripe_secret_key", "sk_live_readable");
  put("qbo_access_token", SealingKeys(Secret("a key of a machine that is gone, gone"))
                              .seal(Secret("x"), place("qbo_access_token"), Random::system()));
  EXPECT_EQ(plenary({"check"}), refused);
  EXPECT_THAT(out_, HasSubstr("Conference fair: stripe_secret_key stands readable"));
  EXPECT_THAT(out_, HasSubstr("Conference fair: qbo_access_token cannot be opened"));
  EXPECT_THAT(out_, Not(HasSubstr("sk_live_readable")));
  EXPECT_THAT(out_, Not(HasSubstr(stored("qbo_access_token"))));
}

TEST_P(CheckCredentials, OnlineTheyAreAcceptedOrNotInTheWordsOfEach) {
  good_keys();
  event("fair-2027");
  seal("pretalx_token", "its-own-word");
  StandInReply stripe_says = balance,
               pretalx_says{.body = R"({"name": {"en": "Fair"}, "slug": "fair-2027"})"};
  HttpStandIn stripe([&](const StandInRequest&) { return stripe_says; });
  HttpStandIn pretalx([&](const StandInRequest&) { return pretalx_says; });
  services(stripe, pretalx);
  EXPECT_EQ(plenary({"check"}), done) << out_;
  EXPECT_THAT(stripe.requests(), SizeIs(0));  // only on request
  ASSERT_EQ(plenary({"check", "--online"}), done) << out_;
  EXPECT_THAT(out_, HasSubstr("fair: Stripe accepts the secret key (test)"));
  EXPECT_THAT(out_, HasSubstr("fair: Pretalx shows the event"));
  ASSERT_THAT(stripe.requests(), SizeIs(1));
  StandInRequest asked = stripe.requests()[0];
  EXPECT_EQ(asked.target, "/v1/balance");
  EXPECT_EQ(asked.headers["authorization"], "Bearer sk_test_0123456789");
  EXPECT_EQ(asked.headers["stripe-version"], "2024-12-18.acacia");
  asked = pretalx.requests()[0];
  EXPECT_EQ(asked.target, "/api/events/fair-2027/");
  EXPECT_EQ(asked.headers["authorization"], "Token its-own-word");

  stripe_says = stripe_error(401, "invalid_request_error", "Invalid API Key provided: sk_test_******6789");
  pretalx_says = {.status = 404, .body = R"({"detail": "No Event matches the given query."})"};
  EXPECT_EQ(plenary({"check", "--online"}), refused);
  EXPECT_THAT(out_, HasSubstr("Stripe does not accept the secret key"));
  EXPECT_THAT(out_, HasSubstr("Invalid API Key provided: sk_test_******6789"));
  EXPECT_THAT(out_, HasSubstr("Pretalx has no such event"));
  EXPECT_THAT(out_, HasSubstr("No Event matches the given query."));

  stripe_says = stripe_error(403, "invalid_request_error", "The provided key does not have access.");
  pretalx_says = {.status = 403, .body = R"({"detail": "You do not have permission."})"};
  EXPECT_EQ(plenary({"check", "--online"}), refused);
  EXPECT_THAT(out_, HasSubstr("Stripe knows the secret key, which may not read the balance"));
  EXPECT_THAT(out_, HasSubstr("Pretalx knows the token, which may not read this event"));

  stripe_says = stripe_error(402, "api_error", "line\\nbreak");
  pretalx_says = {.status = 401, .body = "<html>"};
  EXPECT_EQ(plenary({"check", "--online"}), refused);
  EXPECT_THAT(out_, HasSubstr("Stripe answered with status 402"));
  EXPECT_THAT(out_, HasSubstr("line break"));
  EXPECT_THAT(out_, HasSubstr("Pretalx does not accept the token"));
}

TEST_P(CheckCredentials, ThatNobodyAnswersIsAWarningOnly) {
  good_keys();
  event("fair-2027");
  HttpStandIn stripe([](const StandInRequest&) { return StandInReply{.drops = true}; });
  HttpStandIn pretalx([](const StandInRequest&) { return StandInReply{.status = 302}; });
  services(stripe, pretalx);
  EXPECT_EQ(plenary({"check", "--online"}), done) << out_;
  EXPECT_THAT(out_, HasSubstr("Stripe could not be asked"));
  EXPECT_THAT(out_, HasSubstr("Pretalx answered with status 302"));
  EXPECT_THAT(out_, Not(HasSubstr("sk_test_0123456789")));
}

}  // namespace
}  // namespace plenary::cli::testing
