// The first minutes: an empty folder, no settings file, the commands as they are documented.
// source: ground rules 15, 1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/run.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The process stands in an empty folder.
class FirstRun : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-first-XXXXXX").string();
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
  void example() {
    fs::copy_file(fs::path(PLENARY_SOURCE_DIR) / "conference.example.toml", "conference.toml");
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

TEST_F(FirstRun, WithoutASettingsFileTheFirstLineSaysWhatHolds) {
  EXPECT_EQ(plenary({"migrate"}), done) << err_;
  EXPECT_THAT(err_, StartsWith("No settings file: development mode, database sqlite:plenary.db, address "
                               "127.0.0.1:8000.\n"));
  EXPECT_TRUE(fs::exists("plenary.db"));
  write("plenary.toml", "");
  EXPECT_EQ(plenary({"migrate"}), done);
  EXPECT_EQ(err_.find("No settings file"), std::string::npos);
}

TEST_F(FirstRun, TheCustomersFourLinesWork) {
  example();
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", "conference.toml"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("Created conference: Plenary Demo Conference"));
  EXPECT_THAT(out_, HasSubstr("Consents: 2 created"));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", "conference.toml", "--update"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("Unchanged conference"));
  fs::remove("plenary.db");
  fs::remove("plenary.db-wal");
  fs::remove("plenary.db-shm");
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", "conference.toml", "--dry-run"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("[DRY RUN]"));
  EXPECT_FALSE(fs::exists("plenary.db"));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", "conference.toml", "--seed-demo"}), done) << err_;
  EXPECT_THAT(out_, ::testing::StartsWith("SPKR-"));
  EXPECT_THAT(err_, HasSubstr("Demo data added: 4 vouchers, 5 accounts, 3 paid orders, 1 cart, 5 discounts"));
  EXPECT_TRUE(fs::exists("plenary.db"));
}

TEST_F(FirstRun, AFileOfTheOtherKindIsRecognisedAndItsCommandNamed) {
  example();
  EXPECT_EQ(plenary({"migrate", "--settings", "conference.toml"}), refused);
  EXPECT_THAT(err_, HasSubstr("a conference file"));
  EXPECT_THAT(err_, HasSubstr("plenary bootstrap_conference --config conference.toml"));
  write("settings.toml", "[server]\nlisten = \"127.0.0.1:8000\"\n");
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", "settings.toml"}), refused);
  EXPECT_THAT(err_, HasSubstr("a settings file"));
  EXPECT_THAT(err_, HasSubstr("--settings settings.toml"));
  write("old.toml", "[DJANGO_PROGRAM]\ncurrency = \"EUR\"\n");
  EXPECT_EQ(plenary({"migrate", "--settings", "old.toml"}), refused);
  EXPECT_THAT(err_, HasSubstr("rename the table to [program]"));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", "old.toml"}), refused);
  EXPECT_THAT(err_, HasSubstr("a settings file"));
  EXPECT_FALSE(fs::exists("plenary.db"));
}

TEST_F(FirstRun, DevelopmentStaysOnThisMachineUnlessItIsAllowedOut) {
  write("plenary.toml", "[server]\nlisten = \"0.0.0.0:8000\"\n");
  EXPECT_EQ(plenary({"serve"}), refused);
  EXPECT_THAT(err_, HasSubstr("plenary.toml:2:"));
  EXPECT_THAT(err_, HasSubstr("allow_exposed_development = true"));
  write("plenary.toml", "[server]\nlisten = \"0.0.0.0:8000\"\nallow_exposed_development = true\n");
  EXPECT_EQ(plenary({"check"}), done) << out_ << err_;
}

}  // namespace
}  // namespace plenary::cli
