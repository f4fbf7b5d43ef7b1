// plenary backup, restore and the backup before migrate, as a person at the command line meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/server_process.hpp"
#include "db/migrations.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* small_conference = R"([conference]
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

class BackupCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    settings("plenary.toml", "test.db", "media", "plenary.key");
    settings("other.toml", "other.db", "other-media", "other.key");
    write("conference.toml", small_conference);
    write("media/logo.png", "a picture");
    write("plenary.key", "a key of the test that is long enough to be one\n");
    fs::permissions(folder_ / "plenary.key", fs::perms::owner_read | fs::perms::owner_write);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void settings(const char* file, const char* database, const char* media, const char* key) {
    write(file,
          fmt::format("[server]\nmedia_dir = \"{}\"\n[database]\nurl = \"sqlite:{}\"\n[security]\nkey_file = "
                      "\"{}\"\n",
                      media, database, key));
  }
  void write(const fs::path& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string path(const char* name) { return (folder_ / name).string(); }
  int plenary(std::vector<std::string> arguments, const char* with = "plenary.toml") {
    arguments.insert(arguments.begin(), {"--settings", path(with)});
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  void make_conference() {
    ASSERT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml"), "--seed-demo"}), done)
        << err_;
  }
  std::vector<std::string> before_migrations() {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path().filename().string().starts_with("test.db.before-"))
        found.push_back(entry.path().string());
    }
    return found;
  }
  // As a release before this one would have left it.
  void make_database_of_step(int version) {
    db::DatabaseOptions options;
    options.url = "sqlite://" + path("test.db");
    const auto database = db::Database::open(options);
    db::migrate(*database, std::span(db::migrations()).subspan(0, static_cast<std::size_t>(version)));
    database->write_now(db::global_lane, "row", [](db::Tx& tx) {
      tx.exec("INSERT INTO user_group (name, created_at, updated_at) VALUES ('Helpers', 1, 1)");
      tx.exec("INSERT INTO user_account (username, created_at, updated_at) VALUES ('ada', 1, 1)");
      tx.exec("INSERT INTO user_group_member (group_id, user_id) VALUES (1, 1)");
    });
  }

  fs::path folder_;
  std::string out_, err_;
};

TEST_F(BackupCommands, ABackupSaysWhatIsInsideAndRestoresElsewhere) {
  make_conference();
  ASSERT_EQ(plenary({"backup", path("b")}), done) << err_;
  EXPECT_THAT(
      out_, AllOf(HasSubstr("Backed up"), HasSubstr("conferences python-2077"), HasSubstr("1 files, 9 bytes"),
                  HasSubstr("key file is not inside"), HasSubstr("plenary.key")));
  EXPECT_EQ(plenary({"backup", path("b")}), refused);
  EXPECT_THAT(err_, AllOf(HasSubstr("is there already"), HasSubstr("--force")));
  EXPECT_EQ(plenary({"backup", path("b"), "--force"}), done);
  EXPECT_EQ(plenary({"backup", "--verify", path("b")}), done) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("is whole"), HasSubstr("keys        not inside")));
  ASSERT_EQ(plenary({"restore", path("b")}, "other.toml"), done) << out_ << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("Counts, references, stock and the record of changes agree"),
                          HasSubstr("What to do next"), HasSubstr("other.key from your own copy"),
                          HasSubstr("plenary check")));
  EXPECT_TRUE(fs::exists(folder_ / "other-media/logo.png"));
  EXPECT_FALSE(fs::exists(folder_ / "other.key"));
  const std::string first = [&] {
    plenary({"export_conference", "python-2077"});
    return out_;
  }();
  EXPECT_EQ(plenary({"export_conference", "python-2077"}, "other.toml"), done);
  EXPECT_EQ(out_, first);
  EXPECT_EQ(plenary({"restore", path("b")}, "other.toml"), refused);
  EXPECT_THAT(err_, AllOf(HasSubstr("holds data"), HasSubstr("deletes nothing")));
}

TEST_F(BackupCommands, KeysGoInAndComeBackOnlyOnRequest) {
  make_conference();
  ASSERT_EQ(plenary({"backup", path("b"), "--with-keys"}), done) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("The key file is inside"), HasSubstr("as safe as the key itself")));
  ASSERT_EQ(plenary({"restore", path("b"), "--with-keys"}, "other.toml"), done) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("The key file is back"), Not(HasSubstr("from your own copy"))));
  EXPECT_TRUE(fs::exists(folder_ / "other.key"));
}

TEST_F(BackupCommands, StandardOutputGetsTheArchiveAndNothingElse) {
  make_conference();
  ASSERT_EQ(plenary({"backup", "-"}), done) << err_;
  EXPECT_THAT(err_, HasSubstr("Backed up"));
  write("b", out_);
  EXPECT_EQ(plenary({"backup", "--verify", path("b")}), done) << err_;
}

TEST_F(BackupCommands, WrongUsageIsTold) {
  EXPECT_EQ(plenary({"backup"}), wrong_usage);
  EXPECT_EQ(plenary({"restore"}), wrong_usage);
  EXPECT_EQ(plenary({"backup", "--verify", "-"}), wrong_usage);
  EXPECT_EQ(plenary({"migrate", "--no-backup", "--backup", "x"}), wrong_usage);
  EXPECT_EQ(plenary({"backup", path("b")}), refused) << "there is no database";
  EXPECT_FALSE(fs::exists(folder_ / "test.db"));
  EXPECT_FALSE(fs::exists(folder_ / "b"));
}

TEST_F(BackupCommands, MigrateBacksUpFirstAndTheBackupRestores) {
  make_database_of_step(12);
  ASSERT_EQ(plenary({"migrate"}), done) << err_;
  ASSERT_EQ(before_migrations().size(), 1U);
  EXPECT_THAT(out_, HasSubstr("Backed up to " + before_migrations()[0]));
  EXPECT_THAT(before_migrations()[0], HasSubstr("before-0013-"));
  ASSERT_EQ(plenary({"restore", before_migrations()[0]}, "other.toml"), done) << err_;
  EXPECT_THAT(out_,
              AllOf(HasSubstr("was at step 12"), HasSubstr("0013_rights"), HasSubstr("without the uploads")));
  db::DatabaseOptions options;
  options.url = "sqlite://" + path("other.db");
  const auto restored = db::Database::open(options);
  EXPECT_EQ(restored->read_now(
                [](db::Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM role_assignment"); }),
            1);
}

TEST_F(BackupCommands, MigrateTakesNoBackupWhereToldSoAndNoneOfAnEmptyDatabase) {
  ASSERT_EQ(plenary({"migrate"}), done);
  EXPECT_TRUE(before_migrations().empty());
  fs::remove(folder_ / "test.db");
  make_database_of_step(12);
  ASSERT_EQ(plenary({"migrate", "--no-backup"}), done) << err_;
  EXPECT_TRUE(before_migrations().empty());
}

TEST_F(BackupCommands, MigrateDoesNothingWhenTheBackupFails) {
  make_database_of_step(12);
  write("taken", "by something else");
  EXPECT_EQ(plenary({"migrate", "--backup", path("taken")}), refused);
  EXPECT_THAT(err_, HasSubstr("is there already"));
  EXPECT_EQ(plenary({"migrate", "--check"}), refused);
  EXPECT_THAT(err_, HasSubstr("at step 12"));
  EXPECT_EQ(plenary({"migrate", "--backup", path("named")}), done) << err_;
  EXPECT_TRUE(fs::exists(folder_ / "named"));
  EXPECT_TRUE(before_migrations().empty());
}

TEST_F(BackupCommands, WhatDevelopmentMigratesByItselfIsBackedUpToo) {
  make_database_of_step(12);
  ASSERT_EQ(plenary({"verify", "stock"}), done) << err_;
  EXPECT_THAT(err_, AllOf(HasSubstr("Backed up"), HasSubstr("Applied migration 0013_rights")));
  EXPECT_EQ(before_migrations().size(), 1U);
}

TEST_F(BackupCommands, RestoreIsRefusedBesideARunningServerAndBackupIsNot) {
  make_conference();
  ASSERT_EQ(plenary({"backup", path("b")}), done);
  write("serving.toml",
        fmt::format("[server]\nlisten = \"127.0.0.1:{}\"\n[database]\nurl = \"sqlite:test.db\"\n",
                    testing::free_port()));
  testing::ServerProcess server;
  server.start(path("serving.toml"));
  EXPECT_EQ(plenary({"backup", path("while-serving")}), done) << err_;
  EXPECT_EQ(plenary({"restore", path("b")}), refused);
  EXPECT_THAT(err_, HasSubstr("already serves"));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
}  // namespace plenary::cli
