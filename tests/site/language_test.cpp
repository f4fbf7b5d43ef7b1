// The language of a page: who asks for what gets it, in which order, and what it then looks like.
#include <filesystem>
#include <fstream>

#include "domain/conference/conferences.hpp"
#include "site/language.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class Language : public ShopTest {
 protected:
  static HttpResponse get(Buyer& buyer, std::string_view path, std::string_view accepted) {
    return buyer.client().get(path, {{"Accept-Language", std::string(accepted)}});
  }
  static HttpResponse choose(Buyer& buyer, std::string code, std::string next = "/fair/register/") {
    const HttpResponse page = buyer.get("/fair/");
    return buyer.post("/language/", Buyer::form(page, "/language/",
                                                {{"language", std::move(code)}, {"next", std::move(next)}}));
  }
};
ON_BOTH_ENGINES(Language);

TEST_P(Language, TheBrowsersWishIsHeard) {
  Buyer ada = buyer();
  HttpResponse page = get(ada, "/fair/register/", "de-AT,de;q=0.9,en;q=0.5");
  EXPECT_EQ(page.header("Content-Language"), "de");
  EXPECT_NE(page.header("Vary").find("Accept-Language"), std::string::npos);
  EXPECT_NE(page.header("Vary").find("Cookie"), std::string::npos);
  EXPECT_TRUE(contains(page, "<html lang=\"de\""));
  EXPECT_TRUE(contains(page, "In den Warenkorb"));
  EXPECT_TRUE(contains(page, "noch 5 verfügbar"));
  EXPECT_TRUE(contains(page, "100,00\u00A0$"));
  EXPECT_FALSE(contains(page, "Add to cart"));
  page = get(ada, "/fair/register/", "fr, tlh;q=0.9");
  EXPECT_EQ(page.header("Content-Language"), "en");
  EXPECT_TRUE(contains(page, "Add to cart"));
  EXPECT_TRUE(contains(page, "$100.00"));
  page = ada.tickets();
  EXPECT_EQ(page.header("Content-Language"), "en");
}

TEST_P(Language, WhatWasChosenComesBeforeTheBrowsersWish) {
  Buyer ada = buyer();
  HttpResponse chosen = choose(ada, "de");
  EXPECT_EQ(chosen.status, 303);
  EXPECT_EQ(chosen.header("Location"), "/fair/register/");
  EXPECT_EQ(ada.client().cookies().at("language"), "de");
  EXPECT_NE(chosen.header("Set-Cookie").find("SameSite=Lax"), std::string::npos);
  EXPECT_TRUE(contains(get(ada, "/fair/register/", "en"), "In den Warenkorb"));
  choose(ada, "en");
  EXPECT_TRUE(contains(get(ada, "/fair/register/", "de"), "Add to cart"));
  // What no page has offered is passed over.
  ada.client().cookies()["language"] = "tlh";
  EXPECT_TRUE(contains(get(ada, "/fair/register/", "de"), "In den Warenkorb"));
}

TEST_P(Language, TheWayBackStaysOnThisSite) {
  Buyer ada = buyer();
  for (const std::string elsewhere : {"//evil.example/", "https://evil.example/", "/\\evil.example", "evil",
                                      "", "javascript:alert(1)", "/\t/evil.example/", "/fair/\r\nX: y"}) {
    EXPECT_EQ(choose(ada, "de", elsewhere).header("Location"), "/") << elsewhere;
  }
  EXPECT_EQ(choose(ada, "de", "/fair/register/cart/?added=1").header("Location"),
            "/fair/register/cart/?added=1");
  EXPECT_EQ(path_of_ours("/" + std::string(5000, 'a')), "/");
  EXPECT_EQ(choose(ada, "tlh").status, 422);
  EXPECT_EQ(choose(ada, std::string(10'000, 'x')).status, 422);
}

TEST_P(Language, AHostileWishDoesNoHarm) {
  Buyer ada = buyer();
  std::string many;
  for (int i = 0; i < 300; ++i) many += "x" + std::to_string(i) + ";q=0.9,";
  for (const std::string& wish :
       {std::string(3000, ','), std::string(3000, 'd'), many + "de", std::string("*;q=0"),
        std::string("de;q=99999999999999999999"), std::string("\"><script>,-;=")}) {
    const HttpResponse page = get(ada, "/fair/register/", wish);
    EXPECT_EQ(page.status, 200) << wish.substr(0, 40);
    EXPECT_EQ(page.header("Content-Language"), "en") << wish.substr(0, 40);
  }
}

TEST_P(Language, ThePseudoLocaleIsNotForVisitors) {
  open({.settings = [](config::Settings& settings) {
    settings.server.mode = config::Mode::production;
    settings.server.public_url = "http://localhost";
  }});
  Buyer ada = buyer();
  EXPECT_FALSE(contains(ada.get("/fair/"), "en-XA"));
  EXPECT_EQ(choose(ada, "en-XA").status, 422);
  EXPECT_EQ(get(ada, "/fair/", "en-XA").header("Content-Language"), "en");
}

TEST_P(Language, AWholePurchaseSpeaksItAndTheOrderKeepsIt) {
  Buyer ada = buyer();
  choose(ada, "de");
  HttpResponse page = ada.get(ada.add("individual", "2").header("Location"));
  EXPECT_TRUE(contains(page, "2 × Ticket individual liegt jetzt in Ihrem Warenkorb."));
  EXPECT_TRUE(contains(page, "Für Sie reserviert bis"));
  EXPECT_TRUE(contains(page, "11:30 MESZ"));
  EXPECT_TRUE(contains(page, "200,00\u00A0$"));
  page = ada.review("", "no address");
  EXPECT_TRUE(contains(page, "<title>Fehler:"));
  EXPECT_TRUE(contains(page, "Name: Bitte füllen Sie dieses Feld aus."));
  EXPECT_TRUE(contains(page, "E-Mail-Adresse: Bitte geben Sie eine E-Mail-Adresse ein"));
  page = ada.review();
  EXPECT_TRUE(contains(page, "Zahlungspflichtig bestellen: 200,00\u00A0$"));
  const HttpResponse ordered =
      ada.post(ada.base() + "checkout/", Buyer::form(page, ada.base() + "checkout/"));
  const std::string pay_path = ordered.header("Location");
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE language = 'de'"), 1);
  page = ada.pay(pay_path, "4000 0000 0000 0002");
  EXPECT_EQ(outcome(page), "declined");
  EXPECT_TRUE(contains(page, "Die Karte wurde abgelehnt."));
  page = ada.get(ada.pay(pay_path).header("Location"));
  EXPECT_TRUE(contains(page, "Vielen Dank, Ihre Teilnahme ist gebucht"));
  page = ada.get(pay_path.substr(0, pay_path.size() - 4));
  EXPECT_TRUE(contains(page, "Bezahlt"));
  EXPECT_TRUE(contains(page, "14. Mai 2027, 11:00 MESZ"));
  EXPECT_TRUE(contains(page, "Erfolgreich"));
  // The same order, asked for in English.
  choose(ada, "en");
  page = ada.get(pay_path.substr(0, pay_path.size() - 4));
  EXPECT_TRUE(contains(page, "14 May 2027, 11:00 CEST"));
  EXPECT_TRUE(contains(page, "Succeeded"));
}

TEST_P(Language, RefusalsAndErrorsSpeakItToo) {
  Buyer ada = buyer();
  choose(ada, "de");
  HttpResponse page = ada.get(ada.add("individual", "6").header("Location"));
  EXPECT_TRUE(contains(page, "Nur noch 5 × Ticket individual verfügbar."));
  page = ada.get("/fair/nothing/");
  EXPECT_EQ(page.status, 404);
  EXPECT_TRUE(contains(page, "<h1>Seite nicht gefunden</h1>"));
  page = ada.get("/nowhere/at/all/");
  EXPECT_TRUE(contains(page, "<h1>Seite nicht gefunden</h1>"));
}

TEST_P(Language, AnOrganisersOwnWordsAreUsed) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("plenary-words-" + random_code(Random::system(), 8));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "en.po") << "msgid \"Add to cart\"\nmsgstr \"I take it\"\n";
  std::ofstream(folder / "de.po") << "msgid \"Add to cart\"\nmsgstr \"Nehm ich\"\n";
  const auto words = [&](config::Settings& settings) { settings.server.locale_dir = folder; };
  open({.settings = words});
  Buyer ada = buyer();
  EXPECT_TRUE(contains(ada.tickets(), "I take it"));
  EXPECT_TRUE(contains(get(ada, "/fair/register/", "de"), "Nehm ich"));
  std::ofstream(folder / "de.po") << "msgid \"Add to cart\nmsgstr \"Nehm ich\"\n";
  const std::vector<std::string> problems = application().reload();
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("de.po:1"), std::string::npos);
  EXPECT_TRUE(contains(get(ada, "/fair/register/", "de"), "Nehm ich"));
  EXPECT_THROW(open({.settings = words}), std::runtime_error);
  std::filesystem::remove_all(folder);
  open({});
  Buyer bob = buyer();
  EXPECT_TRUE(contains(bob.tickets(), "Add to cart"));
}

}  // namespace
}  // namespace plenary::site::testing
