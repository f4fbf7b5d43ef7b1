// plenary stripe check: what it says of each way in which a conference's card payments are set up, and the
// sentence that it ends with; with a Stripe that is played. On both engines. source: payments 21, P27, P31.
#include <nlohmann/json.hpp>

#include "cli/keys_folder.hpp"
#include "domain/payments/stripe_events.hpp"
#include "support/stripe/stripe_stand_in.hpp"

namespace plenary::cli::testing {
namespace {

using test::StripeStandIn;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class StripeCheck : public KeysFolder {
 protected:
  const std::string hook = "https://tickets.example.org/fair/register/webhooks/stripe/";

  void SetUp() override {
    KeysFolder::SetUp();
    at("https://tickets.example.org");
  }
  void at(const std::string& public_url) {
    settings(fmt::format("[server]\npublic_url = \"{}\"\n[program.stripe]\napi_base = \"{}\"\n", public_url,
                         stripe_.url()));
  }
  void keys(const std::string& secret = "sk_test_standin0001") {
    seal("stripe_secret_key", secret);
    seal("stripe_publishable_key", "pk_test_standin0001");
    seal("stripe_webhook_secret", "whsec_standin0001");
  }
  void webhook(std::vector<std::string> events = payments::wanted_event_kinds(),
               const std::string& status = "enabled") {
    stripe_.set_endpoints({{hook, std::move(events), status}});
  }
  void event(const std::string& id, const std::string& state) {
    db().write_now(id_, "event", [&](db::Tx& tx) {
      return tx.exec(
          "INSERT INTO stripe_event (conference_id, stripe_id, kind, state, happened_at, created_at) VALUES "
          "($1, $2, 'charge.refunded', $3, $4, $4)",
          id_, id, state, Instant::parse("2027-03-01T09:00:00Z").value());
    });
  }
  int check(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"stripe", "check"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return plenary(std::move(arguments));
  }

  StripeStandIn stripe_;
};
ON_BOTH_ENGINES(StripeCheck);

TEST_P(StripeCheck, WhereEverythingIsThereItIsSetUp) {
  keys();
  webhook();
  event("evt_1", "processed");
  EXPECT_EQ(check(), done) << out_;
  EXPECT_THAT(out_, HasSubstr("test keys of its own, version 2024-12-18.acacia"));
  EXPECT_THAT(out_, HasSubstr("Stripe accepts the secret key and the version"));
  EXPECT_THAT(out_, HasSubstr("the webhook is there, with every event that is needed"));
  EXPECT_THAT(out_, HasSubstr("the last event came at 2027-03-01T09:00:00Z"));
  EXPECT_THAT(out_, EndsWith("\n\nStripe is set up.\n"));
  EXPECT_THAT(out_, Not(HasSubstr("standin0001"))) << "no key is printed";
  webhook({"*"});
  EXPECT_EQ(check({"fair"}), done);
  EXPECT_THAT(out_, EndsWith("\n\nStripe is set up.\n"));
}

TEST_P(StripeCheck, WithoutKeysItIsNotSetUp) {
  EXPECT_EQ(check(), done) << out_;
  EXPECT_THAT(out_, HasSubstr("no Stripe keys: no card payment can be made"));
  EXPECT_THAT(out_, EndsWith("\n\nStripe is not set up, with 1 warning.\n"));
  EXPECT_TRUE(stripe_.requests().empty());
  EXPECT_EQ(check({"nowhere"}), refused);
  EXPECT_THAT(err_, HasSubstr("There is no conference nowhere. There are:\n  fair"));
}

TEST_P(StripeCheck, AWebhookThatIsMissingIsToldWithAllThatItNeeds) {
  keys();
  EXPECT_EQ(check(), done) << out_;
  EXPECT_THAT(out_, HasSubstr("Stripe sends no events here: add a webhook for " + hook +
                              " with the events payment_intent.succeeded, payment_intent.processing, "));
  EXPECT_THAT(out_, HasSubstr("no event has come yet to " + hook));
  EXPECT_THAT(out_, EndsWith("\n\nStripe is set up, with 2 warnings.\n"));
  std::vector<std::string> most = payments::wanted_event_kinds();
  std::erase(most, "charge.refunded");
  std::erase(most, "refund.failed");
  webhook(most);
  event("evt_1", "processed");
  EXPECT_EQ(check(), done) << out_;
  EXPECT_THAT(out_, HasSubstr("the webhook lacks the events charge.refunded, refund.failed\n"));
  EXPECT_THAT(out_, EndsWith("\n\nStripe is set up, with 1 warning.\n"));
}

TEST_P(StripeCheck, AnAddressThatStripeCannotReachIsSaid) {
  at("http://localhost:8000");
  keys();
  EXPECT_EQ(check({"--offline"}), done) << out_;
  EXPECT_THAT(out_,
              HasSubstr("webhooks: Stripe reaches no address such as "
                        "http://localhost:8000/fair/register/webhooks/stripe/: set [server] public_url"));
  EXPECT_TRUE(stripe_.requests().empty());
}

TEST_P(StripeCheck, WhatIsWrongIsCountedAndNotCalledSetUp) {
  keys("sk_test_of_somebody_else");
  event("evt_1", "failed");
  EXPECT_EQ(check(), refused) << out_;
  EXPECT_THAT(out_, HasSubstr("Stripe refused (401"));
  EXPECT_THAT(out_, HasSubstr("1 event is not processed: plenary stripe events fair --open"));
  EXPECT_THAT(out_, EndsWith("\n\n2 problems to mend, 0 warnings.\n"));
  EXPECT_THAT(out_, Not(HasSubstr("Stripe is set up")));
  EXPECT_THAT(out_, Not(HasSubstr("somebody_else")));

  keys();
  webhook(payments::wanted_event_kinds(), "disabled");
  event("evt_2", "new");
  EXPECT_EQ(check({"fair"}), refused) << out_;
  EXPECT_THAT(out_, HasSubstr("the webhook " + hook + " is disabled at Stripe"));
  EXPECT_THAT(out_, HasSubstr("2 events are not processed"));
  EXPECT_THAT(out_, EndsWith("\n\n2 problems to mend, 0 warnings.\n"));
  const std::size_t asked = stripe_.requests().size();
  EXPECT_EQ(check({"--json"}), refused);
  const auto told = nlohmann::json::parse(out_);
  EXPECT_EQ(told["problems"], 2);
  EXPECT_EQ(told["findings"][0]["subject"], "fair");
  EXPECT_GT(stripe_.requests().size(), asked);

  // Keys that cannot be right are not tried.
  seal("stripe_publishable_key", "pk_live_standin0001");
  const std::size_t before = stripe_.requests().size();
  EXPECT_EQ(check(), refused) << out_;
  EXPECT_THAT(out_, HasSubstr("stripe_publishable_key is a live key beside a test secret key"));
  EXPECT_EQ(stripe_.requests().size(), before);
}

TEST_P(StripeCheck, WhatStripeDoesNotAnswerOrDoesNotSayIsNoSetUp) {
  keys();
  webhook();
  event("evt_1", "processed");
  stripe_.add_fault({.path = "/v1/balance", .status = 403});
  EXPECT_EQ(check(), done) << out_;
  EXPECT_THAT(out_, HasSubstr("the key may not be asked about this: Stripe refused (403"));
  EXPECT_THAT(out_, EndsWith("\n\nStripe is set up, with 1 warning.\n"));
}

}  // namespace
}  // namespace plenary::cli::testing
