// GET /api/v1/conferences/{slug}/features, and that whoever changes a flag anywhere changes the next answer.
// source: configuration 10, 3.2 and 3.3.
#include "api/features.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/routes.hpp"
#include "domain/conference/conferences.hpp"
#include "support/site/shop.hpp"

namespace plenary::api {
namespace {

using conference::Feature;
using site::testing::HttpResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FeaturesApi : public site::testing::ShopTest {
 protected:
  std::vector<site::AddPages> more_pages() override {
    return {[](site::PageTable& table) { add_pages(table); }};
  }
  HttpResponse ask(const std::string& slug = "fair", const site::testing::Fields& headers = {}) {
    return browser_->client().get("/api/v1/conferences/" + slug + "/features", headers);
  }
  static void set(db::Database& database, Feature feature, std::optional<bool> value) {
    database.write_now(db::global_lane, "test", [&](db::Tx& tx) {
      const auto id = conference::find_state(tx, "fair").value().id;
      conference::set_feature(tx, id, feature, value);
    });
  }
  bool shown(const char* key) { return nlohmann::json::parse(ask().body)["features"][key].get<bool>(); }

  void SetUp() override {
    ShopTest::SetUp();
    browser_.emplace(buyer());
  }
  std::optional<site::testing::Buyer> browser_;
};
ON_BOTH_ENGINES(FeaturesApi);

TEST_P(FeaturesApi, AllNineAreToldByTheirKeys) {
  const HttpResponse answer = ask();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(
      answer.body,
      R"({"conference":"fair","features":{"registration_enabled":true,"sponsors_enabled":true,)"
      R"("travel_grants_enabled":true,"programs_enabled":true,"pretalx_sync_enabled":true,)"
      R"("visa_letters_enabled":true,"public_ui_enabled":true,"manage_ui_enabled":true,"all_ui_enabled":true}})");
  EXPECT_EQ(answer.header("Set-Cookie"), "") << "nobody is remembered";
}

TEST_P(FeaturesApi, OverridesAndTheMasterSwitchAreResolved) {
  set(db(), Feature::sponsors, false);
  set(db(), Feature::all_ui, false);
  set(db(), Feature::public_ui, true);
  EXPECT_FALSE(shown("sponsors_enabled"));
  EXPECT_FALSE(shown("public_ui_enabled")) << "the master wins over an explicit on";
  EXPECT_FALSE(shown("manage_ui_enabled"));
  EXPECT_TRUE(shown("registration_enabled")) << "modules have no master";
}

TEST_P(FeaturesApi, ItAnswersAlsoWhenThePublicPagesAreOff) {
  set(db(), Feature::public_ui, false);
  EXPECT_EQ(browser_->get("/fair/").status, 404);
  EXPECT_EQ(ask().status, 200);
  EXPECT_FALSE(shown("public_ui_enabled"));
}

TEST_P(FeaturesApi, AFlagChangedByAnotherProcessHoldsAtTheNextRequest) {
  const auto other = db::Database::open(database().options());
  EXPECT_EQ(browser_->tickets().status, 200);
  for (const bool on : {false, true, false, true}) {
    set(*other, Feature::registration, on);
    EXPECT_EQ(shown("registration_enabled"), on);
    EXPECT_EQ(browser_->tickets().status, on ? 200 : 404);
  }
}

TEST_P(FeaturesApi, AClientAsksAgainWithTheTagItKept) {
  const HttpResponse first = ask();
  EXPECT_EQ(first.header("Cache-Control"), "no-cache");
  const std::string tag = std::string(first.header("ETag"));
  ASSERT_FALSE(tag.empty());
  const HttpResponse same = ask("fair", {{"If-None-Match", tag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.header("ETag"), tag);
  set(db(), Feature::programs, false);
  const HttpResponse changed = ask("fair", {{"If-None-Match", tag}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(changed.header("ETag"), tag);
}

TEST_P(FeaturesApi, AnyOriginMayReadIt) {
  EXPECT_EQ(ask("fair", {{"Origin", "https://conference.example.org"}}).header("Access-Control-Allow-Origin"),
            "*");
  EXPECT_EQ(
      ask("nowhere", {{"Origin", "https://conference.example.org"}}).header("Access-Control-Allow-Origin"),
      "*");
  EXPECT_EQ(ask().header("Access-Control-Allow-Credentials"), "");
}

TEST_P(FeaturesApi, AnUnknownOrUnlistedConferenceIsAProblemInJson) {
  for (const char* slug : {"nowhere", "%22%3E%3Cscript%3E"}) {
    const HttpResponse answer = ask(slug);
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    const auto problem = nlohmann::json::parse(answer.body);
    EXPECT_EQ(problem["status"], 404);
    EXPECT_EQ(problem["title"], "Not Found");
  }
  db().write_now(db::global_lane, "test", [](db::Tx& tx) { tx.exec("UPDATE conference SET is_active = 0"); });
  EXPECT_EQ(ask().status, 404);
  EXPECT_EQ(browser_->client().request("POST", "/api/v1/conferences/fair/features").status, 405);
}

}  // namespace
}  // namespace plenary::api
