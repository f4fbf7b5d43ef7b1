// Limits on what can be tried: each is reached, says when to try again, and is not noticed by an ordinary
// person. On both engines. source: ground rules 15, 5.5; registration 20, D13 and D30.
#include "support/site/people.hpp"

namespace plenary::site::testing {
namespace {

using config::RateLimit;
using config::RateLimits;

class Limits : public PeopleTest {
 protected:
  void limited(const std::function<void(RateLimits&)>& change) {
    ShopPlan plan;
    plan.settings = [&](config::Settings& settings) {
      settings.security.limits = true;
      change(settings.security.rates);
    };
    open(plan);
  }
  HttpResponse sent(Buyer& who, const std::string& path, Fields typed) {
    return who.post(path, Buyer::form(who.get(path), path, std::move(typed)));
  }
  HttpResponse signed_up(Buyer& who, const std::string& email) {
    return sent(who, "/accounts/signup/", {{"name", "Ada"}, {"email", email}, {"password", good_password}});
  }
  HttpResponse forgot(Buyer& who, const std::string& email) {
    return sent(who, "/accounts/password/forgot/", {{"email", email}});
  }
  HttpResponse found(Buyer& who, const std::string& email) {
    return sent(who, "/fair/register/find-order/", {{"email", email}});
  }
  HttpResponse voucher(Buyer& who, const std::string& code) {
    who.cart();
    return who.client().post(who.base() + "cart/", {{"action", "apply_voucher"}, {"voucher_code", code}});
  }
  static constexpr RateLimit three{3, Duration::minutes(10)};
};
ON_BOTH_ENGINES(Limits);

void expect_refused(const HttpResponse& response) {
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(outcome(response), "too_many_attempts");
  EXPECT_TRUE(contains(response, "Please try again in"));
  EXPECT_GT(std::stoi("0" + response.header("Retry-After")), 0);
}

TEST_P(Limits, GuessingAtOneAccountEnds) {
  limited([](RateLimits& rates) { rates.sign_in_per_account = three; });
  person("ada@example.org");
  person("bob@example.org");
  Buyer mallory = buyer();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(sign_in(mallory, "ada@example.org", "guess number " + std::to_string(i)).status, 422);
  const Cost cost = cost_of([&] { expect_refused(sign_in(mallory, "ADA@example.org")); });
  EXPECT_EQ(cost.hashes, 0u) << "what is refused costs nothing";
  Buyer bob = buyer();
  EXPECT_EQ(outcome(sign_in(bob, "bob@example.org")), "signed_in");
  clock().advance(Duration::minutes(20));
  Buyer ada = buyer();
  EXPECT_EQ(outcome(sign_in(ada, "ada@example.org")), "signed_in");
}

TEST_P(Limits, ANameWithoutAnAccountIsLimitedAlike) {
  limited([](RateLimits& rates) { rates.sign_in_per_account = three; });
  Buyer mallory = buyer();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sign_in(mallory, "nobody@example.org", "guess").status, 422);
  expect_refused(sign_in(mallory, "nobody@example.org", "guess"));
}

TEST_P(Limits, GuessingFromOneNetworkEnds) {
  limited([](RateLimits& rates) { rates.sign_in_per_network = three; });
  Buyer mallory = buyer();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sign_in(mallory, "name" + std::to_string(i), "guess").status, 422);
  expect_refused(sign_in(mallory, "name9", "guess"));
}

TEST_P(Limits, ASignInThatWorksForgetsTheMistakesBefore) {
  limited([](RateLimits& rates) { rates.sign_in_per_account = three; });
  person("ada@example.org");
  for (int i = 0; i < 4; ++i) {
    Buyer ada = buyer();
    EXPECT_EQ(sign_in(ada, "ada@example.org", "a mistake").status, 422);
    EXPECT_EQ(outcome(sign_in(ada, "ada@example.org")), "signed_in") << i;
  }
}

TEST_P(Limits, SignUpsFromOneNetworkEnd) {
  limited([](RateLimits& rates) { rates.sign_up_per_network = three; });
  Buyer mallory = buyer();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(outcome(signed_up(mallory, "a" + std::to_string(i) + "@example.org")), "mail_sent");
  expect_refused(signed_up(mallory, "a9@example.org"));
  EXPECT_EQ(mails("verify_address"), 3);
}

TEST_P(Limits, NobodysMailboxIsFloodedBySignUpsAndResets) {
  limited([](RateLimits& rates) { rates.password_reset_per_account = three; });
  person("ada@example.org");
  Buyer mallory = buyer();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(outcome(forgot(mallory, "ada@example.org")), "mail_sent");
  EXPECT_EQ(outcome(signed_up(mallory, "ada@example.org")), "mail_sent");
  expect_refused(forgot(mallory, "ADA@example.org"));
  expect_refused(signed_up(mallory, "ada@example.org"));
  EXPECT_EQ(outcome(forgot(mallory, "bob@example.org")), "mail_sent");
}

TEST_P(Limits, ResetsFromOneNetworkEnd) {
  limited([](RateLimits& rates) { rates.password_reset_per_network = three; });
  Buyer mallory = buyer();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(outcome(forgot(mallory, "a" + std::to_string(i) + "@example.org")), "mail_sent");
  expect_refused(forgot(mallory, "a9@example.org"));
}

TEST_P(Limits, FindingOrdersOfOneAddressEnds) {
  limited([](RateLimits& rates) { rates.find_order_per_email = three; });
  Buyer mallory = buyer();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outcome(found(mallory, "ada@example.org")), "mail_sent");
  expect_refused(found(mallory, "Ada@Example.org"));
  EXPECT_EQ(outcome(found(mallory, "bob@example.org")), "mail_sent");
}

TEST_P(Limits, FindingOrdersFromOneNetworkEnds) {
  limited([](RateLimits& rates) { rates.find_order_per_network = three; });
  Buyer again = buyer();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(outcome(found(again, "a" + std::to_string(i) + "@example.org")), "mail_sent");
  expect_refused(found(again, "a9@example.org"));
}

TEST_P(Limits, VoucherCodesCannotBeGuessed) {
  limited([](RateLimits& rates) { rates.voucher_tries_per_session = three; });
  Buyer mallory = buyer();
  mallory.add("student");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(outcome(voucher(mallory, "CODE" + std::to_string(i))), "unknown_code");
  EXPECT_EQ(outcome(voucher(mallory, "CODE9")), "too_many_tries");
  EXPECT_TRUE(contains(mallory.cart(), "Please try again in"));
  Buyer bob = buyer();
  bob.add("student");
  EXPECT_EQ(outcome(voucher(bob, "CODE")), "unknown_code");
}

TEST_P(Limits, VoucherCodesCannotBeGuessedThroughLinksEither) {
  limited([](RateLimits& rates) { rates.voucher_tries_per_network = three; });
  Buyer mallory = buyer();
  const auto follow = [&](const std::string& code) {
    const HttpResponse page = mallory.get(mallory.base() + "?voucher=" + code);
    const HttpResponse added =
        mallory.post(mallory.base() + "cart/", Buyer::form(page, mallory.base() + "cart/", {}, "student"));
    EXPECT_EQ(outcome(added), "added") << "the ticket is sold all the same";
    return mallory.get(added.header("Location"));
  };
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(contains(follow("CODE" + std::to_string(i)), "can no longer be used"));
  const HttpResponse cart = follow("CODE9");
  EXPECT_TRUE(contains(cart, "Please try again in"));
  EXPECT_FALSE(contains(cart, "CODE9"));
}

TEST_P(Limits, VoucherCodesCannotBeGuessedFromOneNetworkInManyBrowsers) {
  limited([](RateLimits& rates) { rates.voucher_tries_per_network = three; });
  for (int i = 0; i < 3; ++i) {
    Buyer one = buyer();
    one.add("student");
    EXPECT_EQ(outcome(voucher(one, "CODE")), "unknown_code");
  }
  Buyer last = buyer();
  last.add("student");
  EXPECT_EQ(outcome(voucher(last, "CODE")), "too_many_tries");
}

TEST_P(Limits, CartsAndOrdersOfOneNetworkAreLimitedAndSayWhenToTryAgain) {
  limited([](RateLimits& rates) { rates.new_carts_per_network = three; });
  for (int i = 0; i < 3; ++i) {
    Buyer one = buyer();
    EXPECT_EQ(outcome(one.add("student")), "added");
  }
  Buyer last = buyer();
  EXPECT_EQ(outcome(last.add("student")), "too_many_carts");
  EXPECT_TRUE(contains(last.tickets(), "Please try again in"));
}

// Sign-up, a mistyped password, a forgotten one, three orders, an order found: nothing is refused with the
// limits as they are shipped.
TEST_P(Limits, AnOrdinaryPersonDoesNotNoticeThem) {
  limited([](RateLimits&) {});
  person("ada@example.org");
  Buyer ada = buyer();
  EXPECT_EQ(outcome(sign_in(ada, "ada@example.org", "a mistake")), "wrong");
  EXPECT_EQ(outcome(sign_in(ada, "ada@example.org", "another mistake")), "wrong");
  EXPECT_EQ(outcome(forgot(ada, "ada@example.org")), "mail_sent");
  EXPECT_EQ(outcome(forgot(ada, "ada@example.org")), "mail_sent");
  EXPECT_EQ(outcome(sign_in(ada, "ada@example.org")), "signed_in");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(outcome(ada.add("student")), "added");
    const HttpResponse ordered = ada.order("ada@example.org");
    EXPECT_EQ(outcome(ordered), "ordered");
    EXPECT_EQ(outcome(ada.pay(ordered.header("Location"))), "paid");
  }
  EXPECT_EQ(outcome(found(ada, "ada@example.org")), "mail_sent");
}

TEST_P(Limits, OneLineTurnsThemOff) {
  Buyer ada = buyer();  // limits = false
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(sign_in(ada, "ada@example.org", "a mistake").status, 422);
    EXPECT_EQ(outcome(forgot(ada, "ada@example.org")), "mail_sent");
  }
  EXPECT_EQ(count("SELECT count(*) FROM rate_count"), 0);
}

}  // namespace
}  // namespace plenary::site::testing
