// Legal texts, links to them, and what stands before the order button. source: ground rules 15, 3.3;
// registration 20, D36.
#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class Legal : public ShopTest {
 protected:
  void change(const std::function<void(conference::Conference&)>& fn) {
    write([&](db::Tx& tx) {
      auto fair = conference::load(tx, conference_id()).value();
      fn(fair);
      EXPECT_TRUE(conference::update(tx, fair));
      return 0;
    });
  }
};
ON_BOTH_ENGINES(Legal);

TEST_P(Legal, ATextHasAPageInParagraphsWithItsAddressesAsLinksAndNothingOfItRuns) {
  change([](conference::Conference& c) {
    c.imprint = "Fair e.V.\nRiver Walk 1\n\nMore at https://example.org/?a=1&b=2 <script>alert(1)</script>";
  });
  const HttpResponse page = buyer().get("/fair/legal/imprint/");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "<h1>Imprint</h1>"));
  EXPECT_TRUE(contains(page, "<p>Fair e.V.<br>River Walk 1</p>"));
  EXPECT_TRUE(contains(page, "href=\"https://example.org/?a=1&amp;b=2\""));
  EXPECT_FALSE(contains(page, "<script>alert"));
  EXPECT_TRUE(contains(page, "&lt;script&gt;alert(1)"));
}

TEST_P(Legal, WhatIsEmptyUnknownOrElsewhereHasNoPage) {
  change([](conference::Conference& c) { c.terms = "https://example.org/terms"; });
  Buyer ada = buyer();
  EXPECT_EQ(ada.get("/fair/legal/terms/").status, 404);
  EXPECT_EQ(ada.get("/fair/legal/privacy/").status, 404);
  EXPECT_EQ(ada.get("/fair/legal/nothing/").status, 404);
  EXPECT_EQ(ada.get("/nowhere/legal/terms/").status, 404);
}

TEST_P(Legal, ThePagesStayWhenThePublicPagesAreSwitchedOffAndTheConferenceIsOver) {
  change([](conference::Conference& c) {
    c.imprint = "Fair e.V.";
    c.is_active = false;
  });
  write([&](db::Tx& tx) {
    conference::set_feature(tx, conference_id(), conference::Feature::public_ui, false);
    return 0;
  });
  Buyer ada = buyer();
  EXPECT_EQ(ada.get("/fair/").status, 404);
  EXPECT_EQ(ada.get("/fair/legal/imprint/").status, 200);
}

TEST_P(Legal, TheReviewNamesThemBesideTheOrderButton) {
  change([](conference::Conference& c) {
    c.contact = "hello@example.org";
    c.terms = "https://example.org/terms";
    c.privacy = "We keep little.";
    c.withdrawal_note = "There is no right of withdrawal.";
  });
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = ada.review();
  const std::size_t button = review.body.find("Order and pay");
  ASSERT_NE(button, std::string::npos);
  for (const char* before : {"There is no right of withdrawal.", "href=\"https://example.org/terms\"",
                             "href=\"/fair/legal/privacy/\"", "href=\"mailto:hello@example.org\""}) {
    EXPECT_LT(review.body.find(before), button) << before;
  }
}

TEST_P(Legal, WithoutAnyTheReviewSaysNothingOfThem) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = ada.review();
  EXPECT_FALSE(contains(review, "legal-links"));
  EXPECT_FALSE(contains(review, "<fieldset class=\"consents"));
  EXPECT_FALSE(contains(review, "checkbox"));
}

TEST_P(Legal, APageOfTheWholeSiteTellsOfItsAccessibility) {
  const HttpResponse page = buyer().get("/accessibility/");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "<h1>Accessibility</h1>"));
  EXPECT_TRUE(contains(page, "WCAG) 2.2, level AA"));
}

TEST_P(Legal, RobotsStayAwayFromPagesOfPersonsAndOldBrowsersFindTheIcon) {
  Buyer ada = buyer();
  const HttpResponse robots = ada.get("/robots.txt");
  EXPECT_EQ(robots.status, 200);
  EXPECT_TRUE(robots.header("Content-Type").starts_with("text/plain"));
  EXPECT_TRUE(contains(robots, "Disallow: /*/register/orders/\n"));
  EXPECT_TRUE(contains(robots, "Disallow: /accounts/\n"));
  const HttpResponse icon = ada.get("/favicon.ico");
  EXPECT_EQ(icon.status, 302);
  EXPECT_EQ(ada.get(icon.header("Location")).status, 200);
}

TEST_P(Legal, SigningInWithoutCookiesIsToldWhyAndWhatToDo) {
  Buyer ada = buyer();
  ada.client().cookies().clear();
  const HttpResponse refused =
      ada.post("/accounts/login/", {{"email", "ada@example.org"}, {"password", "correct horse battery"}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(contains(refused, "Your browser sent no cookie with this form. Allow cookies for this site."));
  EXPECT_TRUE(contains(refused, "<main"));
  EXPECT_FALSE(contains(refused, "correct horse"));
}

}  // namespace
}  // namespace plenary::site::testing
