// Where each setting comes from. source: configuration 10, 2.4.
#include "config/settings_origin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "config/folder.hpp"
#include "config/settings_schema.hpp"

namespace plenary::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const EffectiveSetting& find(const std::vector<EffectiveSetting>& all, const std::string& path) {
  for (const EffectiveSetting& setting : all) {
    if (setting.path == path) return setting;
  }
  throw std::logic_error("no setting " + path);
}

TEST(EffectiveSettings, EachHasItsOrigin) {
  Folder folder;
  folder.write("stripe", "whsec_from_a_file\n");
  folder.write("plenary.toml",
               "[program]\ncurrency = \"EUR\"\n[program.stripe]\nsecret_key_env = \"SK\"\n"
               "webhook_secret_file = \"stripe\"\npublishable_key = \"pk_live_1234\"\n"
               "[server]\nallowed_hosts = [\"a.example.org\", \"b.example.org\"]\n");
  const Environment environment = [](const std::string&) {
    return std::optional<std::string>("sk_live_abcd");
  };
  const Settings settings = load_settings(folder.path() / "plenary.toml", environment);
  const auto all = effective_settings(settings);
  EXPECT_EQ(all.size(), setting_names().size()) << "every setting, once";
  const std::string file = (folder.path() / "plenary.toml").string();

  EXPECT_EQ(find(all, "program.currency").text, "EUR");
  EXPECT_EQ(find(all, "program.currency").origin, file + ":2");
  EXPECT_EQ(find(all, "program.max_grant_amount").origin, "default");
  EXPECT_EQ(find(all, "program.max_grant_amount").text, "3000");
  EXPECT_EQ(find(all, "program.stripe.secret_key").origin, "environment variable SK (" + file + ":4)");
  EXPECT_EQ(find(all, "program.stripe.secret_key").text, "****abcd");
  EXPECT_EQ(find(all, "program.stripe.webhook_secret").origin, "file stripe (" + file + ":5)");
  EXPECT_EQ(find(all, "program.stripe.webhook_secret").text, "****file");
  EXPECT_EQ(find(all, "program.stripe.publishable_key").origin, file + ":6");
  EXPECT_FALSE(find(all, "program.pretalx.token").is_set);
  EXPECT_EQ(find(all, "server.allowed_hosts").items.size(), 2U);

  const std::string toml = effective_toml(all);
  EXPECT_THAT(toml, HasSubstr("[program]\n"));
  EXPECT_THAT(toml, HasSubstr("# " + file + ":2\n"));
  EXPECT_THAT(toml, Not(HasSubstr("sk_live")));
  EXPECT_THAT(toml, Not(HasSubstr("whsec_from")));
  EXPECT_LT(toml.find("max_grant_amount"), toml.find("[program.stripe]")) << "keys stand in their table";
}

TEST(EffectiveSettings, WithoutAFileAllAreDefaults) {
  for (const EffectiveSetting& setting : effective_settings(parse_settings("", "<defaults>", "."))) {
    EXPECT_EQ(setting.origin, "default") << setting.path;
  }
}

}  // namespace
}  // namespace plenary::config
