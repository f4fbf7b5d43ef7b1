// Facts about the check button of the payment set-up: what it says of a key that Stripe does not know, that
// is restricted or of the test mode, of an endpoint that is missing, switched off or told of too little, and
// of a Stripe that does not answer.
#include "domain/payments/card_payments.hpp"
#include "domain/payments/stripe_events.hpp"
#include "manage/organisers.hpp"
#include "support/stripe/stripe_stand_in.hpp"

namespace plenary::manage::testing {
namespace {

constexpr const char* setup_page = "/manage/fair/payment-setup/";
constexpr const char* check = "/manage/fair/payment-setup/check/";

class PaymentCheck : public ManageTest {
 protected:
  void SetUp() override {
    ManageTest::SetUp();
    open({.settings = [&](config::Settings& settings) {
      settings.program.stripe.secret_key = Secret("sk_test_standin0001");
      settings.program.stripe.publishable_key = Secret("pk_test_standin0001");
      settings.program.stripe.webhook_secret = Secret("whsec_standin0001");
      settings.program.stripe.api_base = stripe_.url();
    }});
    connect({});
  }
  void connect(std::optional<Duration> time_limit) {
    payments::StripeOptions options;
    if (time_limit) options.http.timeout = *time_limit;
    options.http.wait = [](Duration) {};
    cards_.reset();
    lines_ = std::make_unique<payments::StripeLines>(options);
    cards_ = std::make_unique<payments::CardPayments>(
        payments::Provider{db(), shop(), SealingKeys(Secret("a key of the tests, 32 characters")), *lines_},
        pool_);
    application().site().cards = cards_.get();
  }
  void TearDown() override {
    ManageTest::TearDown();
    cards_.reset();
  }
  HttpResponse pressed() {
    Buyer who = browser("check" + std::to_string(++number_) + "@example.org", "Conference Organizer");
    return press(who, check, {}, setup_page);
  }
  std::string address() {
    return application().site().settings.server.base_url() + "/fair/register/webhooks/stripe/";
  }

  test::StripeStandIn stripe_;
  Pool pool_{1, 8};
  std::unique_ptr<payments::StripeLines> lines_;
  std::unique_ptr<payments::CardPayments> cards_;
  int number_ = 0;
};
ON_BOTH_ENGINES(PaymentCheck);

TEST_P(PaymentCheck, EverythingThatIsRightIsSaidSo) {
  stripe_.set_endpoints({{address(), payments::wanted_event_kinds()}});
  const HttpResponse page = pressed();
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "Stripe takes the secret key."));
  EXPECT_TRUE(contains(page, "It is a key of the test mode"));
  EXPECT_TRUE(contains(page, "The account holds money in USD."));
  EXPECT_TRUE(contains(page, "Stripe sends its events to this address."));
  EXPECT_TRUE(contains(page, "All events are ticked."));
}

TEST_P(PaymentCheck, AKeyThatStripeDoesNotKnowIsNamed) {
  stripe_.add_fault({.path = "/v1/balance", .times = 9, .status = 401});
  EXPECT_TRUE(contains(pressed(), "Stripe does not know this secret key"));
}

TEST_P(PaymentCheck, ARestrictedKeySaysWhatItMayNotDo) {
  stripe_.set_endpoints({{address(), {"*"}}});
  stripe_.add_fault({.path = "/v1/refunds", .times = 1, .status = 403});
  stripe_.add_fault({.path = "/v1/payouts", .times = 1, .status = 403});
  const HttpResponse page = pressed();
  EXPECT_TRUE(contains(page, "The secret key may not read refunds"));
  EXPECT_TRUE(contains(page, "The secret key may not read payouts"));
  EXPECT_TRUE(contains(page, "It is a restricted key"));
  EXPECT_FALSE(contains(page, "may not read disputes"));
  EXPECT_TRUE(contains(page, "All events are ticked."));
}

TEST_P(PaymentCheck, AnEndpointThatIsMissingOffOrToldTooLittleIsNamed) {
  EXPECT_TRUE(contains(pressed(), "Stripe sends no events to this address yet"));
  std::string without_slash = address();
  without_slash.pop_back();
  stripe_.set_endpoints({{without_slash, {"*"}}});
  EXPECT_TRUE(contains(pressed(), "without the slash at the end"));
  std::vector<std::string> some = payments::wanted_event_kinds();
  std::erase(some, "charge.dispute.created");
  std::erase(some, "payout.failed");
  stripe_.set_endpoints({{address(), some, "disabled"}});
  const HttpResponse page = pressed();
  EXPECT_TRUE(contains(page, "The endpoint is switched off at Stripe."));
  EXPECT_TRUE(contains(page, "Not ticked: charge.dispute.created, payout.failed"));
}

TEST_P(PaymentCheck, AStripeThatSaysNothingIsSaidSo) {
  connect(Duration::milliseconds(300));
  stripe_.add_fault({.times = 99, .silent = true});
  EXPECT_TRUE(contains(pressed(), "Stripe does not answer at the moment"));
}

}  // namespace
}  // namespace plenary::manage::testing
