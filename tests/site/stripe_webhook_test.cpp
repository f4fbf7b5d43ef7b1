// Facts about the page that Stripe sends its events to: whom it believes, what it answers, what it keeps.
#include "domain/payments/card_payments.hpp"
#include "domain/payments/stripe_events.hpp"
#include "domain/payments/webhook_gate.hpp"
#include "support/site/shop.hpp"
#include "support/stripe/stripe_stand_in.hpp"

namespace plenary::site::testing {
namespace {

constexpr const char* path = "/fair/register/webhooks/stripe/";

class StripeWebhook : public ShopTest {
 protected:
  void SetUp() override {
    ShopTest::SetUp();
    reopen([](config::Settings&) {});
  }
  void reopen(const std::function<void(config::Settings&)>& change) {
    open({.settings = [&](config::Settings& settings) {
      settings.program.stripe.secret_key = Secret("sk_test_standin0001");
      settings.program.stripe.publishable_key = Secret("pk_test_standin0001");
      settings.program.stripe.webhook_secret = Secret("whsec_new,whsec_standin0001");
      settings.program.stripe.api_base = stripe_.url();
      change(settings);
    }});
    cards_ = std::make_unique<payments::CardPayments>(
        payments::Provider{db(), shop(), SealingKeys(Secret("a key of the tests, 32 characters")), lines_},
        pool_);
    application().site().cards = cards_.get();
  }
  void TearDown() override {
    ShopTest::TearDown();
    cards_.reset();
  }
  HttpResponse send(const std::string& body, const std::string& signature, const char* to = path) {
    plenary::test::HttpClient client(port());
    return client.request("POST", to, body,
                          {{"Content-Type", "application/json"}, {"Stripe-Signature", signature}});
  }
  std::string signature(const std::string& body, const char* secret = "whsec_standin0001",
                        std::int64_t age = 0) {
    return test::StripeStandIn::signature(body, clock().now().micros / 1'000'000 - age, secret);
  }
  HttpResponse send(const test::MadeEvent& event) { return send(event.payload, signature(event.payload)); }
  std::int64_t stored() { return count("SELECT COUNT(*) FROM stripe_event"); }
  // A placed order's intent, paid.
  test::MadeEvent paid(std::int64_t order_id) {
    const std::string intent = cards_->begin(conference_id(), order_id, "192.0.2.7").intent_id;
    stripe_.pay(intent);
    for (const test::MadeEvent& event : stripe_.take_events())
      if (event.kind == "payment_intent.succeeded") return event;
    return {};
  }

  test::StripeStandIn stripe_;
  payments::StripeLines lines_;
  Pool pool_{1, 8};
  std::unique_ptr<payments::CardPayments> cards_;
};
ON_BOTH_ENGINES(StripeWebhook);

TEST_P(StripeWebhook, ASignedEventPaysItsOrderOnceHoweverOftenItComes) {
  Buyer ada = buyer();
  ada.add("individual");
  ada.order();
  const test::MadeEvent event = paid(count("SELECT id FROM orders"));
  for (int i = 0; i < 3; ++i) {
    const HttpResponse answer = send(event);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
  }
  EXPECT_EQ(stored(), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE status = 'paid'"), 1);
  EXPECT_EQ(stock_faults(), "");
}

TEST_P(StripeWebhook, EitherOfTwoSecretsIsBelievedAndNoOther) {
  const test::MadeEvent event =
      stripe_.make_event("customer.created", R"({"id":"cus_1","object":"customer"})");
  EXPECT_EQ(send(event.payload, signature(event.payload, "whsec_new")).status, 200);
  EXPECT_EQ(send(event.payload, signature(event.payload, "whsec_other")).status, 400);
  EXPECT_EQ(send(event.payload + " ", signature(event.payload)).status, 400);
  EXPECT_EQ(send(event.payload, signature(event.payload, "whsec_standin0001", 301)).status, 400);
  EXPECT_EQ(send(event.payload, "").status, 400);
  EXPECT_EQ(stored(), 1);
}

TEST_P(StripeWebhook, AnswersSayWhetherToSendItAgain) {
  const std::string event =
      stripe_.make_event("customer.created", R"({"id":"cus_1","object":"customer"})").payload;
  EXPECT_EQ(send(event, signature(event), "/nowhere/register/webhooks/stripe/").status, 404);
  EXPECT_EQ(send("{", signature("{")).status, 400);
  const std::string large(1024 * 1024 + 1, 'x');
  EXPECT_EQ(send(large, signature(large)).status, 413);
  plenary::test::HttpClient client(port());
  EXPECT_EQ(client.get(path).status, 405);
  EXPECT_EQ(stored(), 0);
  // Of a live mode that the keys are not of: kept, and asked for again.
  std::string live = event;
  live.replace(live.rfind("\"livemode\":false"), 16, "\"livemode\":true");
  EXPECT_EQ(send(live, signature(live)).status, 500);
  EXPECT_EQ(count("SELECT COUNT(*) FROM stripe_event WHERE state = 'failed' AND attempts = 1"), 1);
  write([](db::Tx& tx) { tx.exec("UPDATE conference SET is_active = 0"); });
  const test::MadeEvent late =
      stripe_.make_event("customer.updated", R"({"id":"cus_1","object":"customer"})");
  EXPECT_EQ(send(late).status, 200);  // a conference that is over
}

TEST_P(StripeWebhook, WithoutASecretNothingIsBelievedAndStripeSendsItLater) {
  reopen([](config::Settings& settings) { settings.program.stripe.webhook_secret.reset(); });
  const test::MadeEvent event =
      stripe_.make_event("customer.created", R"({"id":"cus_1","object":"customer"})");
  EXPECT_EQ(send(event).status, 500);
  EXPECT_EQ(stored(), 0);
}

TEST_P(StripeWebhook, WhoGuessesSignaturesIsNotListenedToForAWhile) {
  const test::MadeEvent event =
      stripe_.make_event("customer.created", R"({"id":"cus_1","object":"customer"})");
  for (int i = 0; i < payments::WebhookGate::most_wrong; ++i)
    EXPECT_EQ(send(event.payload, "t=1,v1=0").status, 400);
  EXPECT_EQ(send(event).status, 429);
  clock().advance(payments::WebhookGate::window + Duration::seconds(1));
  EXPECT_EQ(send(event).status, 200);
}

}  // namespace
}  // namespace plenary::site::testing
