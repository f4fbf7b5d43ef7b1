// plenary doctor, from outside: what it finds on a healthy installation, and on sick ones. In a folder of its
// own, on SQLite. source: ground rules 15, 8.3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/run.hpp"
#include "db/database.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class Doctor : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-doctor-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::ofstream(folder_ / "plenary.toml") << "[database]\nurl = \"sqlite:test.db\"\n[server]\nlisten = "
                                               "\"127.0.0.1:1\"\n";
    std::ofstream(folder_ / "conference.toml") << R"([conference]
name = "Python 2077"
start = 2027-05-14
end = 2027-05-22
timezone = "America/New_York"

[[conference.sections]]
name = "Talks"
start = 2027-05-16
end = 2027-05-18

[[conference.tickets]]
name = "Individual"
price = 100.00
quantity = 2500
)";
    ASSERT_EQ(plenary({"migrate"}), 0) << err_;
    ASSERT_EQ(plenary({"bootstrap_conference", "--config", (folder_ / "conference.toml").string()}), 0)
        << err_;
  }
  void TearDown() override { fs::remove_all(folder_); }

  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "plenary.toml").string()});
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  void change(const char* sql) {
    db::DatabaseOptions options;
    options.url = "sqlite:test.db";
    options.base_directory = folder_.string();
    const auto database = db::Database::open(options);
    database->write_now(db::global_lane, "test", [&](db::Tx& tx) { return tx.exec(sql); });
  }

  fs::path folder_;
  std::string out_, err_;
};

TEST_F(Doctor, FindsAHealthyInstallationWell) {
  EXPECT_EQ(plenary({"doctor", "--no-server"}), 0) << out_;
  for (const char* subject : {"settings", "database", "disk", "background", "mail", "stock", "backup"})
    EXPECT_THAT(out_, HasSubstr(subject)) << subject;
  EXPECT_THAT(out_, HasSubstr("All is well"));
  EXPECT_THAT(out_, HasSubstr("every count agrees"));
}

TEST_F(Doctor, SaysThatNothingAnswersAndHowToStartIt) {
  EXPECT_EQ(plenary({"doctor"}), 1);
  EXPECT_THAT(out_, HasSubstr("nothing answers at 127.0.0.1:1"));
  EXPECT_THAT(out_, HasSubstr("systemctl start plenary"));
  EXPECT_THAT(out_, HasSubstr("1 problem to mend"));
}

TEST_F(Doctor, NamesAWrongCountOfStock) {
  change("UPDATE stock SET sold = sold + 3 WHERE kind = 'ticket_type'");
  EXPECT_EQ(plenary({"doctor", "--no-server"}), 1);
  EXPECT_THAT(out_, HasSubstr("PROBLEM  stock"));
  EXPECT_THAT(out_, HasSubstr("3 counted as sold, the orders say 0"));
}

TEST_F(Doctor, NamesBackgroundWorkThatIsOverdueAndWhatWasGivenUp) {
  change(
      "INSERT INTO schedule (name, every_seconds, next_run_at, last_error) VALUES ('sweep_expired', 60, "
      "1000, "
      "'the disk is full')");
  change(
      "INSERT INTO outbox (kind, payload, run_at, attempts, is_dead, created_at) VALUES ('late_answer', "
      "'{}', 0, "
      "9, 1, 0)");
  EXPECT_EQ(plenary({"doctor", "--no-server"}), 1);
  EXPECT_THAT(out_, HasSubstr("sweep_expired is due since 1970-01-01"));
  EXPECT_THAT(out_, HasSubstr("the disk is full"));
  EXPECT_THAT(out_, HasSubstr("1 task was given up"));
}

TEST_F(Doctor, KnowsTheNewestBackup) {
  fs::create_directory(folder_ / "backups");
  const std::string where = (folder_ / "backups").string();
  EXPECT_EQ(plenary({"doctor", "--no-server", "--backups", where}), 0);
  EXPECT_THAT(out_, HasSubstr("there is none in"));
  for (const char* name : {"old.backup", "new.backup"}) std::ofstream(folder_ / "backups" / name) << "x";
  fs::last_write_time(folder_ / "backups" / "old.backup",
                      fs::file_time_type::clock::now() - std::chrono::hours(24 * 9));
  EXPECT_EQ(plenary({"doctor", "--no-server", "--backups", where}), 0);
  EXPECT_THAT(out_, HasSubstr("new.backup, is 0 hours old"));
}

TEST_F(Doctor, TellsAMonitorTheSame) {
  EXPECT_EQ(plenary({"doctor", "--json"}), 1);
  const auto answer = nlohmann::json::parse(out_);
  EXPECT_EQ(answer["problems"], 1);
  bool found = false;
  for (const auto& one : answer["findings"]) found |= one["subject"] == "server" && one["level"] == "problem";
  EXPECT_TRUE(found) << out_;
}

TEST_F(Doctor, GoesOnWhereADatabaseIsMissing) {
  fs::remove(folder_ / "test.db");
  EXPECT_EQ(plenary({"doctor", "--no-server"}), 0) << out_;  // development makes it at the first start
  EXPECT_THAT(out_, HasSubstr("backup"));
  EXPECT_THAT(out_, Not(HasSubstr("stock")));
}

}  // namespace
}  // namespace plenary::cli
