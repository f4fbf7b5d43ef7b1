// plenary second_factor reset: whom it lets back in, and what it leaves behind. source: ground rules 15, 5.3.
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
#include "db/database.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SecondFactorCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-factor-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::ofstream(folder_ / "plenary.toml") << "[database]\nurl = \"sqlite:test.db\"\n";
    ::setenv("PLENARY_SUPERUSER_PASSWORD", "seven green bicycles", 1);
    ASSERT_EQ(plenary({"migrate"}), done) << err_.str();
    ASSERT_EQ(plenary({"createsuperuser", "--no-input", "--username", "root", "--email", "r@example.org"}),
              done)
        << err_.str();
  }
  void TearDown() override {
    ::unsetenv("PLENARY_SUPERUSER_PASSWORD");
    fs::remove_all(folder_);
  }
  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "plenary.toml").string()});
    out_.str("");
    err_.str("");
    return run(arguments, out_, err_);
  }
  std::unique_ptr<db::Database> database() {
    db::DatabaseOptions options;
    options.url = "sqlite:" + (folder_ / "test.db").string();
    return db::Database::open(options);
  }

  fs::path folder_;
  std::ostringstream out_, err_;
};

TEST_F(SecondFactorCommand, RemovesItAndTellsItsOwner) {
  EXPECT_EQ(plenary({"second_factor", "reset", "root"}), done);
  EXPECT_THAT(out_.str(), HasSubstr("has no second factor"));
  {
    const auto open = database();
    open->write_now(db::global_lane, "test", [](db::Tx& tx) {
      accounts::set_second_factor(tx, accounts::find_for_sign_in(tx, "root")->id, "sealed", 0);
    });
  }
  EXPECT_EQ(plenary({"second_factor", "reset", "r@example.org"}), done) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("was removed"));
  const auto open = database();
  const auto count = [&](const char* sql) {
    return open->read_now([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  };
  EXPECT_EQ(count("SELECT count(*) FROM second_factor"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM outbox WHERE payload LIKE '%second_factor_changed%'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM sign_in_event WHERE what = 'factor_reset'"), 1);
  const auto recorded = open->read_now([](db::Tx& tx) {
    const auto root = accounts::find_for_sign_in(tx, "root");
    return conference::history_of(tx, "user_account", std::to_string(root->id), 10).size();
  });
  EXPECT_EQ(recorded, 2u);  // its making, and this
}

TEST_F(SecondFactorCommand, SaysWhenThereIsNoSuchAccount) {
  EXPECT_NE(plenary({"second_factor", "reset", "nobody"}), done);
  EXPECT_THAT(err_.str(), HasSubstr("no account with a password named \"nobody\""));
}

}  // namespace
}  // namespace plenary::cli
