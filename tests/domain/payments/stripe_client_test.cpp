// Facts about the client: amounts, keys, repeats, time limits, the account that does not answer, signatures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "domain/payments/circuit_breaker.hpp"
#include "domain/payments/stripe.hpp"
#include "domain/payments/stripe_amounts.hpp"
#include "domain/payments/webhook_gate.hpp"
#include "domain/payments/webhook_signature.hpp"
#include "support/stripe/stripe_stand_in.hpp"

namespace plenary::payments {
namespace {

using test::StripeStandIn;
using ::testing::HasSubstr;
using ::testing::Not;

std::string amount_refusal(auto&& act) {
  try {
    act();
  } catch (const Refused& refused) {
    return refused.code();
  }
  return {};
}

TEST(StripeAmounts, AreCountedAsStripeCountsThem) {
  struct Row {
    const char* currency;
    std::int64_t ours, stripes;
  };
  for (const Row& row : {Row{"USD", 1000, 1000},
                         {"EUR", 9999, 9999},
                         {"JPY", 500, 500},
                         {"JPY", 0, 0},
                         {"KWD", 12340, 12340},
                         {"BHD", 5010, 5010},
                         {"ISK", 5, 500},
                         {"UGX", 5, 500},
                         {"HUF", 17500, 17500},
                         {"MGA", 500, 5},
                         {"KRW", 1, 1}}) {
    const Currency currency = Currency::of(row.currency);
    EXPECT_EQ(to_stripe(Money(row.ours, currency)), row.stripes) << row.currency;
    EXPECT_EQ(from_stripe(row.stripes, currency).minor(), row.ours) << row.currency;
  }
  EXPECT_EQ(amount_refusal([] { to_stripe(Money(12345, Currency::of("KWD"))); }), "amount");
  EXPECT_EQ(amount_refusal([] { to_stripe(Money(501, Currency::of("MGA"))); }), "amount");
  EXPECT_EQ(amount_refusal([] { from_stripe(550, Currency::of("ISK")); }), "amount");
}

TEST(StripeAmounts, LeastAndMostAreKnownBeforeAsking) {
  EXPECT_EQ(amount_refusal([] { check_chargeable(Money(49, Currency::of("USD"))); }), "amount_too_small");
  EXPECT_EQ(amount_refusal([] { check_chargeable(Money(50, Currency::of("USD"))); }), "");
  EXPECT_EQ(amount_refusal([] { check_chargeable(Money(49, Currency::of("JPY"))); }), "amount_too_small");
  EXPECT_EQ(amount_refusal([] { check_chargeable(Money(0, Currency::of("KWD"))); }), "amount_too_small");
  EXPECT_EQ(amount_refusal([] { check_chargeable(Money(99'999'999, Currency::of("USD"))); }), "");
  EXPECT_EQ(amount_refusal([] { check_chargeable(Money(100'000'000, Currency::of("USD"))); }),
            "amount_too_large");
  EXPECT_EQ(amount_refusal([] { check_chargeable(Money(100'000'000, Currency::of("JPY"))); }), "");
  EXPECT_EQ(amount_refusal([] { check_chargeable(Money(1'000'000, Currency::of("ISK"))); }),
            "amount_too_large");
}

class StripeClient : public ::testing::Test {
 protected:
  StripeClient() {
    options_.http.wait = [this](Duration time) { waits_.push_back(time); };
    options_.circuit.clock = [this] { return now_; };
  }
  Stripe client() {
    if (!lines_) lines_ = std::make_unique<StripeLines>(options_);
    conference::StripeCredentials credentials;
    credentials.conference = "fair";
    credentials.secret_key = Secret(key_);
    credentials.api_base = server_.url();
    credentials.api_version = "2024-12-18.acacia";
    return Stripe(*lines_, credentials);
  }
  NewIntent intent(std::int64_t amount = 5000, const char* key = "intent-1") {
    NewIntent wanted;
    wanted.amount = amount;
    wanted.currency = "EUR";
    wanted.order_reference = "ORD-1";
    wanted.order_id = 7;
    wanted.conference_id = 3;
    wanted.payment_id = 11;
    wanted.description = "ORD-1 · Fair & more";
    wanted.idempotency_key = key;
    return wanted;
  }
  StripeStandIn server_;
  StripeOptions options_;
  std::unique_ptr<StripeLines> lines_;
  std::string key_ = "sk_test_standin0001";
  Duration now_;
  std::vector<Duration> waits_;
};

TEST_F(StripeClient, SendsWhatTheCallTableSays) {
  const StripeIntent made = client().create_intent(intent());
  EXPECT_EQ(made.amount, 5000);
  EXPECT_EQ(made.currency, "EUR");
  EXPECT_EQ(made.order_id, "7");
  const auto requests = server_.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].target, "/v1/payment_intents");
  EXPECT_EQ(requests[0].headers.at("stripe-version"), "2024-12-18.acacia");
  EXPECT_EQ(requests[0].headers.at("idempotency-key"), "intent-1");
  EXPECT_EQ(requests[0].headers.at("authorization"), "Bearer sk_test_standin0001");
  EXPECT_EQ(requests[0].headers.at("content-type"), "application/x-www-form-urlencoded");
  EXPECT_THAT(requests[0].body, HasSubstr("amount=5000&currency=eur"));
  EXPECT_THAT(requests[0].body, HasSubstr("metadata%5Border_id%5D=7"));
}

TEST_F(StripeClient, TheSameKeyIsTheSameIntentAndOtherParametersAreRefused) {
  const std::string id = client().create_intent(intent()).id;
  EXPECT_EQ(client().create_intent(intent()).id, id);
  EXPECT_EQ(server_.intents().size(), 1u);
  try {
    client().create_intent(intent(6000));
    FAIL();
  } catch (const ProviderRefused& refused) {
    EXPECT_EQ(refused.status(), 400);
    EXPECT_EQ(refused.type(), "idempotency_error");
  }
}

TEST_F(StripeClient, RepeatsWhatMayPassAtMostTwice) {
  server_.add_fault({.times = 2, .status = 500});
  client().create_intent(intent());
  EXPECT_EQ(server_.requests().size(), 3u);
  EXPECT_EQ(waits_.size(), 2u);
  server_.add_fault({.times = 2, .status = 429, .retry_after = "3"});
  client().create_intent(intent(5000, "b"));
  EXPECT_EQ(waits_.back(), Duration::seconds(3));
  server_.add_fault({.times = 2, .status = 409, .code = "idempotency_key_in_use"});
  client().create_intent(intent(5000, "c"));
  server_.add_fault({.times = 2, .drops = true});
  client().create_intent(intent(5000, "d"));
  server_.add_fault({.times = 3, .status = 503});
  EXPECT_THROW(client().create_intent(intent(5000, "e")), ProviderDown);
  EXPECT_EQ(server_.intents().size(), 4u);
}

TEST_F(StripeClient, ARefusalIsNotRepeatedAndSaysNoSecret) {
  key_ = "sk_test_wrong_and_secret";
  try {
    client().create_intent(intent());
    FAIL();
  } catch (const ProviderRefused& refused) {
    EXPECT_EQ(refused.status(), 401);
    EXPECT_THAT(refused.what(), Not(HasSubstr("wrong_and_secret")));
    EXPECT_THAT(refused.what(), HasSubstr("req_standin"));
  }
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(StripeClient, AnAccountThatDoesNotAnswerIsLeftAloneForAWhile) {
  server_.add_fault({.times = 100, .status = 500});
  EXPECT_THROW(client().create_intent(intent()), ProviderDown);
  EXPECT_THROW(client().create_intent(intent()), ProviderDown);
  EXPECT_EQ(server_.requests().size(), 5u);
  EXPECT_THROW(client().create_intent(intent()), ProviderDown);
  EXPECT_EQ(server_.requests().size(), 5u);
  now_ = Duration::seconds(16);  // one probe
  EXPECT_THROW(client().create_intent(intent()), ProviderDown);
  EXPECT_EQ(server_.requests().size(), 6u);
  server_.clear_faults();
  now_ = Duration::seconds(60);
  client().create_intent(intent());
  client().create_intent(intent(5000, "b"));
  EXPECT_EQ(server_.intents().size(), 2u);
}

TEST_F(StripeClient, WhoHasNoTimeLeftTakesNobodysTurnToProbe) {
  server_.add_fault({.times = 5, .status = 500});
  EXPECT_THROW(client().create_intent(intent()), ProviderDown);
  EXPECT_THROW(client().create_intent(intent()), ProviderDown);
  EXPECT_EQ(server_.requests().size(), 5u);
  now_ = Duration::seconds(60);
  Stripe late = client();
  late.hurry(Duration::seconds(1));
  EXPECT_THROW(late.create_intent(intent()), ProviderDown);
  EXPECT_EQ(server_.requests().size(), 5u);
  client().create_intent(intent());
  EXPECT_EQ(server_.requests().size(), 6u);
}

TEST_F(StripeClient, SilenceEndsWithItsTimeLimit) {
  options_.attempts = 1;
  options_.http.timeout = Duration::milliseconds(300);
  server_.add_fault({.silent = true});
  EXPECT_THROW(client().create_intent(intent()), ProviderDown);
}

TEST_F(StripeClient, AnIdFromOutsideLeadsNowhereElse) {
  EXPECT_THROW(client().find_intent("../balance"), ProviderRefused);
  EXPECT_THROW(client().find_intent(""), ProviderRefused);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(StripeClient, ListsArePagesOfAHundred) {
  for (int i = 0; i < 120; ++i) server_.make_intent(1000 + i, "eur", {});
  const auto first = client().intents_since(Instant{}, "");
  EXPECT_EQ(first.rows.size(), 100u);
  EXPECT_TRUE(first.has_more);
  const auto second = client().intents_since(Instant{}, first.rows.back().id);
  EXPECT_EQ(second.rows.size(), 20u);
  EXPECT_FALSE(second.has_more);
}

TEST(WebhookSignature, IsOverTheBytesWithEitherSecretAndNotTooOld) {
  const std::string body = R"({"id":"evt_1"})";
  const Instant now{1'810'285'200'000'000};
  const std::int64_t second = now.micros / 1'000'000;
  const std::vector<Secret> secrets = webhook_secrets(Secret("whsec_new, whsec_old"));
  ASSERT_EQ(secrets.size(), 2u);
  const auto check = [&](const std::string& header, std::string_view bytes) {
    return check_signature(header, bytes, secrets, now, Duration::seconds(300));
  };
  const std::string good = StripeStandIn::signature(body, second, "whsec_new");
  EXPECT_EQ(check(good, body), SignatureCheck::good);
  EXPECT_EQ(check(StripeStandIn::signature(body, second, "whsec_old"), body), SignatureCheck::good);
  EXPECT_EQ(check(good + ",v0=abc", body), SignatureCheck::good);
  EXPECT_EQ(check("v1=00," + good, body), SignatureCheck::good);
  EXPECT_EQ(check(StripeStandIn::signature(body, second, "whsec_other"), body), SignatureCheck::wrong);
  EXPECT_EQ(check(good, body + " "), SignatureCheck::wrong);
  EXPECT_EQ(check(StripeStandIn::signature(body, second - 300, "whsec_new"), body), SignatureCheck::good);
  EXPECT_EQ(check(StripeStandIn::signature(body, second - 301, "whsec_new"), body), SignatureCheck::too_old);
  for (const char* header : {"", "t=1", "v1=abc", "t=,v1=abc", "t=x,v1=abc", "garbage"})
    EXPECT_EQ(check(header, body), SignatureCheck::malformed) << header;
  EXPECT_EQ(check(std::string(5000, 'x'), body), SignatureCheck::malformed);
  EXPECT_EQ(check_signature(good, body, {}, now, Duration::seconds(300)), SignatureCheck::wrong);
}

TEST(WebhookGate, ClosesForWhoIsWrongOverAndOver) {
  WebhookGate gate;
  Instant now{1'810'285'200'000'000};
  for (int i = 0; i < WebhookGate::most_wrong; ++i) {
    EXPECT_TRUE(gate.is_open("192.0.2.1", now));
    gate.was_wrong("192.0.2.1", now);
  }
  EXPECT_FALSE(gate.is_open("192.0.2.1", now));
  EXPECT_TRUE(gate.is_open("192.0.2.2", now));
  EXPECT_TRUE(gate.is_open("192.0.2.1", now + WebhookGate::window + Duration::seconds(1)));
}

}  // namespace
}  // namespace plenary::payments
