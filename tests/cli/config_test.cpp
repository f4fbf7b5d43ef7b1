// plenary config show and config import, export_conference, from outside. source: configuration 10, 2.4 and
// 6; ground rules 15, 1.7.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/run.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The process stands in a folder of its own.
class ConfigCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    before_ = fs::current_path();
    folder_ = pattern;
    fs::current_path(folder_);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }
  void write(const char* name, const std::string& text) { std::ofstream(name) << text; }
  std::string read(const char* name) {
    std::ifstream in(name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  int plenary(std::vector<std::string> arguments) {
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  fs::path before_, folder_;
  std::string out_, err_;
};

TEST_F(ConfigCommands, ShowTellsEveryValueAndItsOrigin) {
  write("plenary.toml",
        "[program]\ncurrency = \"EUR\"\n[program.stripe]\nsecret_key = \"sk_live_verysecret\"\n"
        "[database]\nurl = \"postgresql://app:hush@db/plenary\"\n");
  EXPECT_EQ(plenary({"config", "show"}), done) << err_;
  EXPECT_THAT(out_, ::testing::ContainsRegex("currency = \"EUR\" +# plenary.toml:2\n"));
  EXPECT_THAT(out_, ::testing::ContainsRegex("max_grant_amount = 3000 +# default\n"));
  EXPECT_THAT(out_, ::testing::ContainsRegex("secret_key = \"\\*\\*\\*\\*cret\" +# plenary.toml:4\n"));
  EXPECT_THAT(out_, Not(HasSubstr("verysecret")));
  EXPECT_THAT(out_, Not(HasSubstr("hush")));
  EXPECT_FALSE(fs::exists("plenary.db")) << "no database is needed for it";
}

TEST_F(ConfigCommands, ShowTakesAKeyOrATable) {
  EXPECT_EQ(plenary({"config", "show", "currency"}), done) << err_;
  EXPECT_THAT(out_, ::testing::MatchesRegex("\\[program\\]\ncurrency = \"USD\" +# default\n"));
  EXPECT_EQ(plenary({"config", "show", "stripe"}), done);
  EXPECT_THAT(out_, HasSubstr("[program.stripe]\n"));
  EXPECT_THAT(out_, Not(HasSubstr("[server]")));
  EXPECT_EQ(plenary({"config", "show", "curency"}), wrong_usage);
  EXPECT_THAT(err_, HasSubstr("Did you mean \"currency\"?"));
}

TEST_F(ConfigCommands, ShowSpeaksJson) {
  write("plenary.toml",
        "[program.features]\nsponsors_enabled = false\n[server]\nallowed_hosts = [\"a.example.org\"]\n");
  EXPECT_EQ(plenary({"config", "show", "--json"}), done) << err_;
  const auto all = nlohmann::json::parse(out_);
  EXPECT_EQ(all["program.features.sponsors_enabled"]["value"], false);
  EXPECT_EQ(all["program.features.sponsors_enabled"]["source"], "file");
  EXPECT_EQ(all["program.features.sponsors_enabled"]["origin"], "plenary.toml:2");
  EXPECT_EQ(all["program.cart_expiry_minutes"]["value"], 30);
  EXPECT_EQ(all["program.cart_expiry_minutes"]["source"], "default");
  EXPECT_EQ(all["server.allowed_hosts"]["value"], nlohmann::json::array({"a.example.org"}));
  EXPECT_TRUE(all["program.stripe.secret_key"]["value"].is_null());
}

TEST_F(ConfigCommands, ImportWritesAFileThatTheServerReads) {
  write("settings.py",
        "import os\nDJANGO_PROGRAM = {\n    \"currency\": \"EUR\",  # ours\n"
        "    \"stripe\": {\"secret_key\": os.environ[\"PLENARY_TEST_SK\"]},\n    \"cart_expiry_minutes\": 6 "
        "* 5,\n}\n");
  EXPECT_EQ(plenary({"config", "import", "settings.py"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("currency = \"EUR\"  # ours\n"));
  EXPECT_THAT(err_, HasSubstr("settings.py:5:28: cart_expiry_minutes: left out: it is computed: 6 * 5"));
  EXPECT_THAT(err_, HasSubstr("2 settings carried over; 1 to look at, see above."));
  const std::string printed = out_;
  EXPECT_EQ(plenary({"config", "import", "settings.py", "--output", "plenary.toml"}), done) << err_;
  EXPECT_EQ(read("plenary.toml"), printed);
  // It may hold keys: nobody else reads it.
  EXPECT_EQ(fs::status("plenary.toml").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(fs::exists("plenary.toml.part"));
  EXPECT_EQ(plenary({"config", "import", "settings.py", "--output", "plenary.toml"}), refused);
  EXPECT_THAT(err_, HasSubstr("--force"));
  ::setenv("PLENARY_TEST_SK", "sk_test_abcd", 1);
  EXPECT_EQ(plenary({"config", "show", "stripe.secret_key"}), done) << err_;
  ::unsetenv("PLENARY_TEST_SK");
  EXPECT_THAT(out_, HasSubstr("environment variable PLENARY_TEST_SK (plenary.toml:"));
  EXPECT_EQ(plenary({"config", "import", "absent.py"}), refused);
  EXPECT_THAT(err_, HasSubstr("absent.py"));
}

TEST_F(ConfigCommands, AConferenceIsExportedAndMadeAgainElsewhere) {
  fs::copy_file(fs::path(PLENARY_SOURCE_DIR) / "conference.example.toml", "conference.toml");
  ASSERT_EQ(plenary({"bootstrap_conference", "--config", "conference.toml"}), done) << err_;
  EXPECT_EQ(plenary({"export-conference", "Plenary-Demo", "--output", "first.toml"}), done) << err_;
  EXPECT_THAT(out_, IsEmpty());
  const std::string first = read("first.toml");
  EXPECT_EQ(plenary({"export_conference", "plenary-demo"}), done) << err_;
  EXPECT_EQ(out_, first);
  EXPECT_EQ(plenary({"export_conference", "plenary-demo", "-o", "first.toml"}), refused);
  EXPECT_EQ(plenary({"export_conference", "plenary-demo", "--stamp"}), done);
  EXPECT_THAT(out_, HasSubstr("\n# Written 20"));
  EXPECT_EQ(plenary({"export_conference", "demo"}), refused);
  EXPECT_THAT(err_, HasSubstr("There is no conference \"demo\". Conferences: plenary-demo."));

  write("plenary.toml", "[database]\nurl = \"sqlite:other.db\"\n");
  ASSERT_EQ(plenary({"bootstrap_conference", "--config", "first.toml"}), done) << err_;
  EXPECT_EQ(plenary({"export_conference", "plenary-demo"}), done) << err_;
  EXPECT_EQ(out_, first);
}

}  // namespace
}  // namespace plenary::cli
