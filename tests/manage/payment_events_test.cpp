// What the payment provider told, and the payment set-up, on the pages: lists and searches, payloads without
// secrets, who may see and do what; the bank account with its mistakes. source: payments 21, 10 and 12, P31.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/payments/shown_payload.hpp"
#include "domain/payments/stripe_events.hpp"
#include "domain/registration/payment_setup.hpp"
#include "manage/organisers.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* list = "/manage/fair/payments/events/";
constexpr const char* setup = "/manage/fair/payment-setup/";

class PaymentPages : public ManageTest {
 protected:
  std::int64_t event(const std::string& id, const std::string& kind, const std::string& state = "processed",
                     const std::string& error = "") {
    return write([&](db::Tx& tx) {
      payments::StripeEvent told;
      told.id = id;
      told.kind = kind;
      told.api_version = "2024-12-18.acacia";
      told.payload =
          R"({"id":")" + id +
          R"(","data":{"object":{"id":"pi_1","client_secret":"pi_1_secret_xyz","receipt_email":"ada@example.org"}}})";
      told.created_at = tx.now();
      const payments::Stored stored = payments::store_event(tx, conference_id(), told);
      tx.exec("UPDATE stripe_event SET state = $2, last_error = $3 WHERE id = $1", stored.id, state, error);
      return stored.id;
    });
  }
};
ON_BOTH_ENGINES(PaymentPages);

TEST_P(PaymentPages, EventsAreListedFilteredAndFound) {
  event("evt_fine", "payment_intent.succeeded");
  event("evt_broken", "charge.refunded", "failed", "the order is locked");
  event("evt_other", "charge.refunded", "ignored");
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  const HttpResponse all = registrar.get(list);
  ASSERT_EQ(all.status, 200);
  for (const char* part :
       {"evt_fine", "evt_broken", "evt_other", "the order is locked", "1 event is not processed."})
    EXPECT_TRUE(contains(all, part)) << part;
  const auto shows = [&](const std::string& query, const std::string& id) {
    return contains(registrar.get(list + query), id);
  };
  EXPECT_TRUE(shows("?state=open", "evt_broken"));
  EXPECT_FALSE(shows("?state=open", "evt_fine"));
  EXPECT_TRUE(shows("?state=ignored", "evt_other"));
  EXPECT_FALSE(shows("?state=ignored", "evt_broken"));
  EXPECT_FALSE(shows("?kind=charge.refunded", "evt_fine"));
  EXPECT_TRUE(shows("?q=evt_fine", "evt_fine"));
  EXPECT_FALSE(shows("?q=evt_fine", "evt_broken"));
  EXPECT_EQ(registrar.get(std::string(list) + "?state=none").status, 404);
}

TEST_P(PaymentPages, WhatStripeSentIsShownWithoutSecretsToWhoMayAct) {
  const std::int64_t id = event("evt_fine", "payment_intent.succeeded");
  const std::string url = list + std::to_string(id) + "/";
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  Buyer reader = browser("r@example.org", "Read-Only Staff", "Rea Reader");
  const HttpResponse page = registrar.get(url);
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "ada@example.org"));
  EXPECT_FALSE(contains(page, "secret_xyz"));
  EXPECT_THAT(page.header("cache-control"), HasSubstr("no-store"));
  const HttpResponse facts = reader.get(url);
  ASSERT_EQ(facts.status, 200);
  EXPECT_FALSE(contains(facts, "ada@example.org"));
  EXPECT_EQ(forge(reader, url + "replay/").status, 403);
  EXPECT_EQ(forge(reader, std::string(list) + "replay/").status, 403);
  EXPECT_EQ(forge(reader, "/manage/fair/payments/reconciliation/run/").status, 403);
  EXPECT_EQ(registrar.get(list + std::to_string(id + 1) + "/").status, 404);
  Buyer sponsors = browser("s@example.org", "Sponsor Manager", "Sam Sponsor");
  EXPECT_EQ(sponsors.get(list).status, 403);
  give(person("boss@example.org", good_password, "Bea Boss"), "Conference Organizer", other());
  Buyer boss = signed_in("boss@example.org");
  EXPECT_EQ(boss.get("/manage/other/payments/events/" + std::to_string(id) + "/").status, 404);
  EXPECT_EQ(registrar.get("/manage/fair/payments/reconciliation/").status, 200);
}

TEST(ShownPayload, LeavesOutWhatOpensAnything) {
  const std::string shown = payments::shown_payload(
      R"({"a":{"client_secret":"x1","list":[{"Idempotency_Key":"x2","name":"Ada"}]},"secret":null})");
  EXPECT_THAT(shown, Not(HasSubstr("x1")));
  EXPECT_THAT(shown, Not(HasSubstr("x2")));
  EXPECT_THAT(shown, HasSubstr("Ada"));
  EXPECT_EQ(payments::shown_payload("no json"), "");
}

TEST_P(PaymentPages, TheSetUpSaysWhatIsThereAndNeverWhatItIs) {
  Buyer head = browser("head@example.org", "Conference Organizer", "Grace Hopper");
  const HttpResponse page = head.get(setup);
  ASSERT_EQ(page.status, 200);
  for (const char* part : {"No keys are stored", "/fair/register/webhooks/stripe/",
                           "payment_intent.succeeded", "charge.dispute.created", "none yet"})
    EXPECT_TRUE(contains(page, part)) << part;
  event("evt_1", "charge.refunded");
  EXPECT_TRUE(contains(head.get(setup), "charge.refunded</dd>") ||
              contains(head.get(setup), ", charge.refunded"));
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  EXPECT_EQ(registrar.get(setup).status, 403);
  EXPECT_EQ(forge(registrar, std::string(setup) + "check/").status, 403);
}

TEST_P(PaymentPages, TheBankAccountIsSavedOnceAndCheckedFirst) {
  Buyer head = browser("head@example.org", "Conference Organizer", "Grace Hopper");
  const HttpResponse page = head.get(setup);
  const Fields wrong{
      {"offers_transfer", "1"}, {"account_holder", ""}, {"iban", "DE89 3704 0044 0532 0130 01"}};
  const HttpResponse refused = head.post(setup, Buyer::form(page, setup, wrong));
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "This is no IBAN"));
  EXPECT_TRUE(contains(refused, "Bank transfers need the name"));
  EXPECT_TRUE(contains(refused, "DE89 3704 0044 0532 0130 01")) << "what was typed stays";
  const Fields right{{"offers_transfer", "1"},
                     {"account_holder", "Community"},
                     {"iban", "DE89 3704 0044 0532 0130 00"},
                     {"term_days", "5"}};
  EXPECT_EQ(outcome(head.post(setup, Buyer::form(page, setup, right))), "saved");
  const auto saved =
      db().read_now([&](db::Tx& tx) { return registration::payment_setup_of(tx, conference_id()); });
  EXPECT_TRUE(saved.offers_transfer);
  EXPECT_EQ(saved.iban, "DE89370400440532013000");
  EXPECT_EQ(saved.term_days, 5);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'payment_setup'"), 1);
  const HttpResponse late = head.post(setup, Buyer::form(page, setup, {{"term_days", "9"}}));
  EXPECT_EQ(late.status, 422) << "somebody else was quicker";
  EXPECT_TRUE(contains(late, "Somebody else changed this meanwhile."));
}

TEST_P(PaymentPages, FeesOfTheWaysToPayAreSavedAndCheckedFirst) {
  Buyer head = browser("head@example.org", "Conference Organizer", "Grace Hopper");
  const HttpResponse page = head.get(setup);
  const HttpResponse refused = head.post(
      setup, Buyer::form(page, setup,
                         {{"card_fee_amount", "1.234"}, {"card_fee_percent", "26"}, {"fee_tax", "no"}}));
  EXPECT_EQ(refused.status, 422);
  for (const char* part :
       {"Enter an amount like 12.50.", "There is no tax with this slug", "value=\"1.234\""})
    EXPECT_TRUE(contains(refused, part)) << part;
  EXPECT_EQ(outcome(head.post(setup, Buyer::form(page, setup,
                                                 {{"card_fee_amount", "1,50"},
                                                  {"card_fee_percent", "1,5"},
                                                  {"transfer_fee_amount", "2"}}))),
            "saved");
  const auto saved =
      db().read_now([&](db::Tx& tx) { return registration::payment_setup_of(tx, conference_id()); });
  EXPECT_EQ(saved.card_fee_amount, 150);
  EXPECT_EQ(saved.card_fee_percent, *Decimal::parse("1.5"));
  EXPECT_EQ(saved.transfer_fee_amount, 200);
  EXPECT_TRUE(contains(head.get(setup), "value=\"1.50\""));
}

TEST_P(PaymentPages, GoingLiveDeletesWhatTheTestModeLeftForWhoIsSure) {
  Buyer buyer_ = buyer();
  buyer_.add("individual");
  EXPECT_EQ(buyer_.pay(buyer_.order().header("location")).status, 303);
  const std::string live = std::string(setup) + "live/";
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  EXPECT_EQ(registrar.get(live).status, 403);
  Buyer head = browser("head@example.org", "Conference Organizer", "Grace Hopper");
  const HttpResponse page = head.get(live);
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "1 test order with all that belongs to it"));
  const HttpResponse unsure = head.post(live, Buyer::form(page, live, {{"slug", "fare"}}));
  EXPECT_EQ(unsure.status, 422);
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders"), 1);
  EXPECT_EQ(outcome(head.post(live, Buyer::form(page, live, {{"slug", "fair"}}))), "deleted");
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders"), 0);
  EXPECT_TRUE(contains(head.get(live), "There are no test orders."));
}

}  // namespace
}  // namespace plenary::manage::testing
