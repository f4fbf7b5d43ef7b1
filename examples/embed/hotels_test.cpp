// The site as a browser sees it, with settings overridden for a while: each test has a database of its own.
#include "hotels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <plenary/testing/http_client.hpp>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>

namespace hotels {
namespace {

using plenary::ScopedOverride;
using plenary::config::Settings;
using plenary::test::HttpClient;
using plenary::test::HttpResponse;
using ::testing::HasSubstr;
using ::testing::Not;

std::filesystem::path fresh_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "hotels-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
  return pattern;
}

class Hotels : public ::testing::Test {
 protected:
  Hotels() {
    std::ostringstream out, err;
    const int code = plenary::cli::run({"bootstrap_conference", "--config", HOTELS_CONFERENCE}, out, err,
                                       hotels::extensions());
    if (code != 0) throw std::runtime_error(err.str());
    program_ = std::make_unique<plenary::Program>(hotels::extensions());
    program_->start();
  }
  ~Hotels() override {
    program_.reset();
    std::filesystem::remove_all(folder_);
  }
  HttpResponse get(std::string_view path) { return HttpClient(program_->port()).get(path); }

  const std::filesystem::path folder_ = fresh_folder();
  const ScopedOverride settings_{
      "[server]\naccess_log = false\n"
      "[program]\ncurrency = \"EUR\"\n"
      "[security]\nkey_file = \"" +
      (folder_ / "test.key").string() +
      "\"\n"
      "[mail]\nfolder = \"" +
      (folder_ / "mail").string() +
      "\"\n"
      "[database]\nurl = \"sqlite://" +
      (folder_ / "test.db").string() + "\"\n"};
  const ScopedOverride port_{[](Settings& settings) { settings.server.listen.port = 0; }};  // any free one
  std::unique_ptr<plenary::Program> program_;
};

TEST_F(Hotels, AreListedWithPricesInTheConfiguredCurrency) {
  const HttpResponse page = get("/lakeside/hotels/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("Harbour House"));
  EXPECT_THAT(page.body, HasSubstr("€124.00"));
  EXPECT_EQ(get("/lakeside/hotels/harbour/").status, 200);
  EXPECT_EQ(get("/lakeside/hotels/castle/").status, 404);
}

TEST_F(Hotels, ArePartOfPlenarysOwnPages) {
  const HttpResponse home = get("/lakeside/");
  EXPECT_THAT(home.body, HasSubstr("Get tickets"));  // Plenary's template
  EXPECT_THAT(home.body, HasSubstr("3 hotels near Boathouse"));
  EXPECT_THAT(get("/lakeside/register/").body, HasSubstr("<a href=\"/lakeside/hotels/\">Hotels</a>"));
}

TEST_F(Hotels, AreGoneWhileTheFeatureIsOff) {
  {
    const ScopedOverride closed(
        [](Settings& settings) { settings.program.features.registration_enabled = false; });
    EXPECT_FALSE(plenary::is_feature_enabled("registration"));
    EXPECT_EQ(get("/lakeside/hotels/").status, 404);          // by its guard
    EXPECT_EQ(get("/lakeside/hotels/harbour/").status, 404);  // by require_feature
    EXPECT_THAT(get("/lakeside/").body, Not(HasSubstr("hotels")));
  }
  EXPECT_TRUE(plenary::is_feature_enabled("registration"));
  EXPECT_EQ(get("/lakeside/hotels/").status, 200);
}

TEST_F(Hotels, FollowTheTogglesOfTheirConference) {
  program_->database().write_now(plenary::db::global_lane, "close", [](plenary::db::Tx& tx) {
    const auto lakeside = plenary::conference::find_state(tx, "lakeside");
    plenary::conference::set_feature(tx, lakeside->id, plenary::conference::Feature::public_ui, false);
    EXPECT_FALSE(plenary::is_feature_enabled("public_ui", tx, "lakeside"));
  });
  EXPECT_EQ(get("/lakeside/hotels/").status, 404);
}

TEST(Settings, AreReadAgainWhenAnOverrideEnds) {
  {
    const ScopedOverride dollars([](Settings& settings) {
      settings.program.currency = plenary::Currency::of("USD");
      settings.program.cart_expiry_minutes = 5;
    });
    EXPECT_EQ(plenary::get_config()->cart_expiry_minutes, 5);
  }
  EXPECT_EQ(plenary::get_config()->cart_expiry_minutes, 30);
  EXPECT_THROW(plenary::is_feature_enabled("hotels"), std::invalid_argument);
}

}  // namespace
}  // namespace hotels
