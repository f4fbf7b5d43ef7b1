// The tick boxes of the review step. source: ground rules 15, 3.3 and 4.1; registration 20, D36.
#include "domain/conference/conferences.hpp"
#include "domain/conference/legal.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class ConsentBoxes : public ShopTest {
 protected:
  void ask(const std::string& slug, const std::string& text, bool required) {
    write([&](db::Tx& tx) {
      conference::ConsentText row;
      row.conference_id = conference_id();
      row.slug = slug;
      row.text = text;
      row.is_required = required;
      return conference::create_consent_text(tx, row);
    });
  }
  HttpResponse send(Buyer& buyer, const HttpResponse& review, Fields ticks) {
    return buyer.post(buyer.base() + "checkout/",
                      Buyer::form(review, buyer.base() + "checkout/", std::move(ticks)));
  }
};
ON_BOTH_ENGINES(ConsentBoxes);

TEST_P(ConsentBoxes, AreNeverTickedBeforehandAndEveryMissingOneIsToldWithItsBox) {
  ask("conduct", "I follow the <b>code</b> of conduct.", true);
  ask("newsletter", "Write to me.", false);
  ask("age", "I am of age.", true);
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = ada.review();
  EXPECT_TRUE(contains(review, "id=\"id_consent_conduct\""));
  EXPECT_FALSE(contains(review, " checked"));
  EXPECT_TRUE(contains(review, "I follow the &lt;b&gt;code&lt;/b&gt; of conduct."));

  const HttpResponse refused = send(ada, review, {{"consent_newsletter", "1"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(outcome(refused), "consent_required");
  EXPECT_TRUE(contains(refused, "<title>Error:"));
  EXPECT_TRUE(contains(refused, "href=\"#id_consent_conduct\""));
  EXPECT_TRUE(contains(refused, "href=\"#id_consent_age\""));
  EXPECT_FALSE(contains(refused, "href=\"#id_consent_newsletter\""));
  EXPECT_TRUE(contains(refused, "aria-describedby=\"id_consent_age_error\""));
  EXPECT_TRUE(contains(refused, "name=\"consent_newsletter\" value=\"1\" checked"));
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);

  const HttpResponse ordered = send(ada, refused, {{"consent_conduct", "1"}, {"consent_age", "1"}});
  EXPECT_EQ(outcome(ordered), "ordered");
  EXPECT_EQ(count("SELECT count(*) FROM consent"), 3);
  const std::string pay = ordered.header("Location");
  const HttpResponse order = ada.get(pay.substr(0, pay.size() - 4));
  EXPECT_TRUE(contains(order, "What you agreed to"));
  EXPECT_TRUE(contains(order, "I am of age."));
}

TEST_P(ConsentBoxes, ATextThatChangedIsShownAgainUnticked) {
  ask("newsletter", "Write to me.", false);
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = ada.review();
  write([&](db::Tx& tx) {
    auto row = conference::consent_texts(tx, conference_id()).at(0);
    row.text = "Write to me every day.";
    row.text_version = 2;
    EXPECT_TRUE(conference::update_consent_text(tx, row));
    return 0;
  });
  const HttpResponse again = send(ada, review, {{"consent_newsletter", "1"}});
  EXPECT_EQ(again.status, 422);
  EXPECT_TRUE(contains(again, "This text has changed"));
  EXPECT_TRUE(contains(again, "Write to me every day."));
  EXPECT_FALSE(contains(again, "value=\"2\" checked"));
  EXPECT_EQ(outcome(send(ada, again, {{"consent_newsletter", "2"}})), "ordered");
  EXPECT_EQ(count("SELECT count(*) FROM consent WHERE text_version = 2"), 1);
}

TEST_P(ConsentBoxes, HostileVersionsAreNoAgreement) {
  ask("age", "I am of age.", true);
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = ada.review();
  for (const char* value : {"", "0", "-1", "2", "1 OR 1=1", "99999999999999999999", "<script>"}) {
    EXPECT_EQ(outcome(send(ada, review, {{"consent_age", value}})), "consent_required") << value;
  }
  EXPECT_EQ(count("SELECT count(*) FROM consent"), 0);
}

TEST_P(ConsentBoxes, TermsAreAskedForWithALinkToThem) {
  write([&](db::Tx& tx) {
    auto fair = conference::load(tx, conference_id()).value();
    fair.terms = "Be on time.";
    EXPECT_TRUE(conference::update(tx, fair));
    return 0;
  });
  Buyer ada = buyer();
  ada.add("free");
  const HttpResponse review = ada.review();
  EXPECT_TRUE(contains(review, "I accept the terms and conditions."));
  EXPECT_TRUE(contains(review, "href=\"/fair/legal/terms/\""));
  EXPECT_EQ(outcome(send(ada, review, {})), "consent_required");
  const std::string version = std::to_string(conference::text_number("Be on time."));
  const HttpResponse ordered = send(ada, review, {{"consent_terms", version}});
  EXPECT_EQ(outcome(ordered), "paid");
  EXPECT_EQ(count("SELECT count(*) FROM consent WHERE slug = 'terms'"), 1);
  // Of the terms the page says when they were accepted, and whether they are others today: no number.
  std::string page = ordered.header("Location");
  page.resize(page.find("confirmation/"));
  EXPECT_TRUE(contains(ada.get(page), "What you agreed to"));
  EXPECT_FALSE(contains(ada.get(page), version));
  EXPECT_FALSE(contains(ada.get(page), "The terms have changed since."));
  write([&](db::Tx& tx) {
    auto fair = conference::load(tx, conference_id()).value();
    fair.terms = "Be early.";
    EXPECT_TRUE(conference::update(tx, fair));
    return 0;
  });
  EXPECT_TRUE(contains(ada.get(page), "The terms have changed since."));
}

TEST_P(ConsentBoxes, ADoubleClickKeepsOneOfEach) {
  ask("age", "I am of age.", true);
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = ada.review();
  EXPECT_EQ(outcome(send(ada, review, {{"consent_age", "1"}})), "ordered");
  EXPECT_EQ(outcome(send(ada, review, {{"consent_age", "1"}})), "ordered");
  EXPECT_EQ(count("SELECT count(*) FROM consent"), 1);
}

}  // namespace
}  // namespace plenary::site::testing
