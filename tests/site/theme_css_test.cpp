#include "site/theme_css.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

constexpr Color white{255, 255, 255}, light_page{246, 247, 249}, dark_surface{25, 28, 34};

TEST(ThemeColor, IsSixDigitsAndNothingElse) {
  EXPECT_EQ(color_of("#0b5cAD"), (Color{0x0b, 0x5c, 0xad}));
  for (const char* wrong :
       {"", "#fff", "0b5cad", "#0b5cag", "#0b5cad;", "red", "#0b5cad}body{display:none"}) {
    EXPECT_FALSE(is_color(wrong)) << wrong;
    EXPECT_THROW(color_of(wrong), std::invalid_argument) << wrong;
  }
}

TEST(ThemeColor, ContrastIsThatOfWcag) {
  EXPECT_NEAR(contrast(white, {0, 0, 0}), 21, 0.001);
  EXPECT_NEAR(contrast({0x76, 0x76, 0x76}, white), 4.54, 0.005);
  EXPECT_NEAR(contrast(white, white), 1, 0.001);
}

// Every 17th step of each channel: what an organiser may choose, the impossible ones included.
TEST(ThemeColor, TextIsReadableWhateverColourIsChosen) {
  for (int red = 0; red < 256; red += 17) {
    for (int green = 0; green < 256; green += 17) {
      for (int blue = 0; blue < 256; blue += 17) {
        const Color color{red, green, blue};
        const Accent light = light_accent(color), dark = dark_accent(color);
        for (const Accent& one : {light, dark}) {
          ASSERT_GE(contrast(one.on_accent, one.accent), 4.5) << to_text(color);
          ASSERT_GE(contrast(one.on_accent, one.strong), 4.5) << to_text(color);
          ASSERT_GE(contrast(one.text, one.soft), 4.5) << to_text(color);
        }
        ASSERT_EQ(light.accent, color) << "by day the colour is the one that was asked for";
        ASSERT_GE(contrast(light.text, white), 4.5) << to_text(color);
        ASSERT_GE(contrast(light.text, light_page), 4.5) << to_text(color);
        ASSERT_GE(contrast(dark.text, dark_surface), 4.5) << to_text(color);
      }
    }
  }
}

class Theme : public ShopTest {
 protected:
  void paint(const std::string& color, const std::string& logo = {}) {
    write([&](db::Tx& tx) {
      tx.exec(
          "UPDATE conference SET accent_color = $1, logo_url = $2, catalogue_version = catalogue_version + 1",
          color, logo);
      return 0;
    });
  }
};
ON_BOTH_ENGINES(Theme);

TEST_P(Theme, AColourIsAStyleSheetOfItsOwnThatBrowsersKeep) {
  Buyer ada = buyer();
  EXPECT_EQ(ada.get("/fair/theme.css").status, 404) << "without a colour there is none";
  EXPECT_FALSE(contains(ada.tickets(), "theme.css"));
  paint("#a01040");
  const auto page = ada.tickets();
  const std::size_t at = page.body.find("/fair/theme.css?v=");
  ASSERT_NE(at, std::string::npos);
  const auto sheet = ada.get(page.body.substr(at, page.body.find('"', at) - at));
  EXPECT_EQ(sheet.header("Content-Type"), "text/css; charset=utf-8");
  EXPECT_TRUE(sheet.header("Cache-Control").find("immutable") != std::string::npos);
  EXPECT_TRUE(contains(sheet, "--accent:#a01040;"));
  EXPECT_TRUE(contains(sheet, "prefers-color-scheme:dark"));
  EXPECT_EQ(ada.get("/fair/theme.css?v=0").header("Cache-Control"), "public, max-age=60");
}

TEST_P(Theme, ALogoStandsForTheNameAndOnlyItsHostMaySendPictures) {
  Buyer ada = buyer();
  paint("", "https://pictures.example.org/logo.svg?size=2");
  auto page = ada.tickets();
  EXPECT_TRUE(contains(page, "<img src=\"https://pictures.example.org/logo.svg?size=2\" alt=\"Fair\""));
  EXPECT_TRUE(
      page.header("Content-Security-Policy").find("img-src 'self' data: https://pictures.example.org;") !=
      std::string::npos);
  paint("", "/static/img/logo.svg");
  page = ada.tickets();
  EXPECT_TRUE(contains(page, "src=\"/static/img/logo.svg\""));
  EXPECT_TRUE(page.header("Content-Security-Policy").find("img-src 'self' data:;") != std::string::npos);
  paint("", "https://evil.example; script-src *");
  EXPECT_TRUE(ada.tickets().header("Content-Security-Policy").find("script-src 'self';") !=
              std::string::npos);
}

TEST_P(Theme, AFormSentByScriptIsToldWhereToGo) {
  Buyer ada = buyer();
  const auto tickets = ada.tickets();
  const auto form = Buyer::form(tickets, ada.base() + "cart/", {}, "individual");
  const auto added = ada.client().post(ada.base() + "cart/", form, {{"Plenary-Send", "true"}});
  EXPECT_EQ(added.status, 200);
  EXPECT_TRUE(added.header("HX-Redirect").starts_with(ada.base() + "cart/"));
  EXPECT_EQ(added.header("Location"), "");
  EXPECT_EQ(added.header("Plenary-Outcome"), "added");
}

}  // namespace
}  // namespace plenary::site::testing
