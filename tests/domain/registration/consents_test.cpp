// What buyers agree to: asked for with every order, refused all together, kept with the order.
// source: ground rules 15, 3.3; registration 20, D36.
#include "domain/registration/consents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/conference/conferences.hpp"
#include "domain/conference/legal.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration::testing {
namespace {

using ::testing::HasSubstr;

class Consents : public Sale {
 protected:
  void SetUp() override {
    Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10000, 5)}});
  }
  void ask(const std::string& slug, const std::string& text, bool required) {
    fair().write([&](db::Tx& tx) {
      conference::ConsentText row;
      row.conference_id = fair().conference_id;
      row.slug = slug;
      row.text = text;
      row.is_required = required;
      return conference::create_consent_text(tx, row);
    });
  }
  void change(const std::function<void(conference::Conference&)>& fn) {
    fair().write([&](db::Tx& tx) {
      auto row = conference::load(tx, fair().conference_id).value();
      fn(row);
      EXPECT_TRUE(conference::update(tx, row));
      return 0;
    });
  }
  PlacedOrder order(std::vector<GivenConsent> given, std::int64_t total = 10000) {
    CheckoutForm form;
    form.billing = {"Ada Lovelace", "ada@example.org", ""};
    form.shown_total = total;
    form.link_key = &test_link_key();
    form.consents = std::move(given);
    form.campaign = campaign_;
    return fair().write([&](db::Tx& tx) { return place_order(tx, fair().shop, fair().guest("ada"), form); });
  }
  std::int64_t count(const char* sql) {
    return fair().read([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  Campaign campaign_;
};
ON_BOTH_ENGINES(Consents);

TEST_P(Consents, AnOrderKeepsWhatWasTickedWithTextVersionAndTime) {
  ask("newsletter", "Write to me.", false);
  ask("photos", "I may be in pictures.", false);
  fair().add(fair().guest("ada"), "individual");
  const PlacedOrder placed = order({{"photos", 1}});
  const auto kept = fair().read([&](db::Tx& tx) { return consents_of(tx, placed.order_id); });
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].slug, "photos");
  EXPECT_EQ(kept[0].text, "I may be in pictures.");
  EXPECT_EQ(kept[0].version, 1);
  EXPECT_EQ(kept[0].given_at, fair().get(placed.order_id).created_at);
}

TEST_P(Consents, EveryRequiredOneThatIsMissingIsNamedAndNothingIsOrdered) {
  ask("conduct", "I follow the code of conduct.", true);
  ask("newsletter", "Write to me.", false);
  ask("age", "I am of age.", true);
  fair().add(fair().guest("ada"), "individual");
  EXPECT_EQ(Fair::refusal([&] { order({}); }), "consent_required");
  const std::string text = Fair::refusal_text([&] { order({{"newsletter", 1}}); });
  EXPECT_THAT(text, HasSubstr("I follow the code of conduct."));
  EXPECT_THAT(text, HasSubstr("I am of age."));
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM consent"), 0);
  EXPECT_TRUE(fair().cart(fair().guest("ada")).cart.has_value());
  order({{"age", 1}, {"conduct", 1}});
  EXPECT_EQ(count("SELECT count(*) FROM consent"), 2);
}

TEST_P(Consents, ATextThatChangedBetweenViewAndSubmitIsShownAgain) {
  ask("newsletter", "Write to me.", false);
  fair().add(fair().guest("ada"), "individual");
  fair().write([&](db::Tx& tx) {
    auto row = conference::consent_texts(tx, fair().conference_id).at(0);
    row.text = "Write to me every day.";
    row.text_version = 2;
    EXPECT_TRUE(conference::update_consent_text(tx, row));
    return 0;
  });
  EXPECT_EQ(Fair::refusal([&] { order({{"newsletter", 1}}); }), "consent_required");
  const PlacedOrder placed = order({{"newsletter", 2}});
  const auto kept = fair().read([&](db::Tx& tx) { return consents_of(tx, placed.order_id); });
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].version, 2);
}

TEST_P(Consents, TermsAskForThemselvesAndTheirVersionFollowsTheirText) {
  change([](conference::Conference& c) { c.terms = "https://example.org/terms"; });
  fair().add(fair().guest("ada"), "individual");
  EXPECT_EQ(Fair::refusal([&] { order({}); }), "consent_required");
  const std::int64_t first = conference::text_number("https://example.org/terms");
  change([](conference::Conference& c) { c.terms = "https://example.org/terms-2"; });
  EXPECT_EQ(Fair::refusal([&] { order({{"terms", first}}); }), "consent_required");
  const std::int64_t second = conference::text_number("https://example.org/terms-2");
  EXPECT_NE(first, second);
  const PlacedOrder placed = order({{"terms", second}});
  const auto kept = fair().read([&](db::Tx& tx) { return consents_of(tx, placed.order_id); });
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].version, second);
}

TEST_P(Consents, WhatIsNotAskedForIsNotKept) {
  ask("photos", "I may be in pictures.", true);
  fair().write([&](db::Tx& tx) {
    auto row = conference::consent_texts(tx, fair().conference_id).at(0);
    row.is_active = false;
    EXPECT_TRUE(conference::update_consent_text(tx, row));
    return 0;
  });
  fair().add(fair().guest("ada"), "individual");
  order({{"photos", 1}, {"made-up", 1}});
  EXPECT_EQ(count("SELECT count(*) FROM consent"), 0);
}

TEST_P(Consents, TheCampaignIsCopiedToTheOrder) {
  campaign_ = {"Zeitung", "print", "früh"};
  fair().add(fair().guest("ada"), "individual");
  order({});
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE utm_source = 'Zeitung' AND utm_medium = 'print' AND "
                  "utm_campaign = 'früh'"),
            1);
}

TEST(LegalTexts, AreAnAddressOnlyWhenTheyAreNothingElse) {
  EXPECT_TRUE(conference::is_address("https://example.org/terms"));
  EXPECT_TRUE(conference::is_address("HTTP://example.org"));
  EXPECT_FALSE(conference::is_address("See https://example.org"));
  EXPECT_FALSE(conference::is_address("https://example.org and more"));
  EXPECT_FALSE(conference::is_address("javascript:alert(1)"));
  EXPECT_FALSE(conference::is_address("https://"));
  EXPECT_FALSE(conference::is_address("https://example.org/\"onclick=x"));
  EXPECT_FALSE(conference::is_address(""));
}

}  // namespace
}  // namespace plenary::registration::testing
