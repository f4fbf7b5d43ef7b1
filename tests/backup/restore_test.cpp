// What a restore refuses, what a kill in its middle leaves, and the files beside the rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "backup/before_migration.hpp"
#include "backup/stored.hpp"
#include "db/serve_lock.hpp"

namespace plenary::backup::testing {
namespace {

namespace fs = std::filesystem;
using test::TestDatabase;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr auto none = std::monostate{};

void migrated_hard(db::Database& database) {
  db::migrate(database, hard_steps());
}
void first_step_only(db::Database& database) {
  db::migrate(database, std::span(hard_steps()).subspan(0, 1));
}

std::map<std::string, Rows> many_rows() {
  std::map<std::string, Rows> tables;
  for (std::int64_t id = 1; id <= 6'000; ++id) {
    tables["tree"].push_back({id, none, "node"});
    tables["everything"].push_back({id, 1, 2, 3, 0.5, "words", none});
  }
  return tables;
}

class RestoreTest : public ::testing::TestWithParam<db::Engine> {
 protected:
  RestoreTest() : source_(GetParam(), migrated_hard), target_(GetParam(), test::nothing) { target_.close(); }
  Manifest back_up(BackupRequest request) {
    return backup_to_file(std::move(request), folder_ / "b", Existing::replace);
  }
  Manifest back_up() { return back_up(backup_of(source_.options(), hard_steps())); }
  RestoreRequest request() {
    RestoreRequest made = restore_into(target_.options(), hard_steps());
    made.patience = std::chrono::milliseconds(0);
    return made;
  }
  std::string refused(const RestoreRequest& request) {
    return refusal([&] { restore(request, folder_ / "b"); });
  }

  Folder folder_;
  TestDatabase source_, target_;
};
ON_BOTH_ENGINES(RestoreTest);

TEST_P(RestoreTest, ADatabaseThatHoldsAnythingIsRefusedAndKept) {
  fill(source_.options(), {{"pair", {{1, "restored"}}}});
  back_up();
  TestDatabase other(GetParam(), migrated_hard);
  fill(other.options(), {{"pair", {{1, "kept"}, {2, "kept too"}}}});
  other.close();
  const Stored before = stored(other.options());
  const std::string message = refused([&] {
    RestoreRequest into = request();
    into.database = other.options();
    return into;
  }());
  EXPECT_THAT(message, AllOf(HasSubstr("holds data"), HasSubstr("pair (2)"), HasSubstr("deletes nothing")));
  EXPECT_TRUE(stored(other.options()) == before);
  // A second restore meets the first one's rows.
  EXPECT_EQ(refused(request()), "");
  EXPECT_THAT(refused(request()), HasSubstr("holds data"));
}

TEST_P(RestoreTest, ARunningServerIsRefused) {
  back_up();
  if (GetParam() == db::Engine::sqlite) {
    const db::ServeLock serving(target_.options());
    EXPECT_THAT(refused(request()), HasSubstr("another server already serves"));
  } else {
    target_.reopen();
    target_->read_now([](db::Tx& tx) { tx.one<std::int64_t>("SELECT 1"); });
    EXPECT_THAT(refused(request()), HasSubstr("stop every server"));
    target_.close();
    // The connection may take a moment to be gone.
    RestoreRequest patient = request();
    patient.patience = std::chrono::seconds(20);
    EXPECT_EQ(refused(patient), "");
    return;
  }
  EXPECT_EQ(refused(request()), "");
}

TEST_P(RestoreTest, AnArchiveOfALaterReleaseOrAnotherProgramIsRefused) {
  back_up();
  RestoreRequest earlier = request();
  earlier.steps = std::span(hard_steps()).subspan(0, 1);
  EXPECT_THAT(refused(earlier),
              AllOf(HasSubstr("at step 2"), HasSubstr("up to 1"), HasSubstr("that release")));
  std::vector<db::Migration> renamed = hard_steps();
  renamed[1].name = "other";
  RestoreRequest foreign = request();
  foreign.steps = renamed;
  EXPECT_THAT(refused(foreign), HasSubstr("is called \"seed\""));
}

TEST_P(RestoreTest, AnEmptyDatabaseOfALaterStepAsksForOneWithoutTables) {
  TestDatabase old(GetParam(), first_step_only), later(GetParam(), migrated_hard);
  back_up(backup_of(old.options(), std::span(hard_steps()).subspan(0, 1)));
  fill(later.options(), {{"journal", {}}, {"tree", {}}});
  later.close();
  RestoreRequest into = request();
  into.database = later.options();
  EXPECT_THAT(refused(into), AllOf(HasSubstr("empty but at step 2"), HasSubstr("without tables")));
}

TEST_P(RestoreTest, AKillInTheMiddleLeavesNoRowsAndTheNextRestoreWorks) {
  fill(source_.options(), many_rows());
  back_up();
  const Stored before = stored(source_.options());
  for (const std::uint64_t moment : {1'000U, 5'000U, 11'000U}) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      RestoreRequest doomed = request();
      doomed.patience = std::chrono::seconds(20);
      doomed.progress = [&](const char*, std::uint64_t done, std::uint64_t) {
        if (done >= moment) ::kill(::getpid(), SIGKILL);
      };
      refused(doomed);
      ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it was over before " << moment << " rows";
    std::size_t rows = 0;
    for (const auto& [table, all] : stored(target_.options())) rows += all.size();
    EXPECT_LE(rows, 2U) << "what the step itself puts there";
  }
  RestoreRequest patient = request();
  patient.patience = std::chrono::seconds(20);
  ASSERT_EQ(refused(patient), "");
  EXPECT_TRUE(stored(target_.options()) == before);
}

TEST_P(RestoreTest, UploadsComeBackAndNothingIsOverwritten) {
  folder_.write("media/a/logo.png", std::string("\x89PNG\0binary", 11));
  folder_.write("media/letter.pdf", std::string(700'000, 'p'));
  folder_.write("media/empty", "");
  folder_.write("media/.half", "an upload that is being written");
  fs::create_symlink("/etc/passwd", folder_ / "media/link");
  BackupRequest with_uploads = backup_of(source_.options(), hard_steps());
  with_uploads.uploads = folder_ / "media";
  const Manifest manifest = back_up(with_uploads);
  ASSERT_EQ(manifest.uploads.size(), 3U);
  RestoreRequest into = request();
  into.uploads = folder_ / "back";
  folder_.write("back/letter.pdf", "another letter");
  EXPECT_THAT(refused(into), AllOf(HasSubstr("letter.pdf is there already"), HasSubstr("move it away")));
  EXPECT_EQ(bytes_of(folder_ / "back/letter.pdf"), "another letter");
  EXPECT_FALSE(fs::exists(folder_ / "back/a"));
  // The same bytes are no obstacle: a restore that was cut off is done again.
  folder_.write("back/letter.pdf", std::string(700'000, 'p'));
  const Restored restored = restore(into, folder_ / "b");
  EXPECT_EQ(restored.uploads, 2U);
  EXPECT_EQ(bytes_of(folder_ / "back/a/logo.png"), bytes_of(folder_ / "media/a/logo.png"));
  EXPECT_TRUE(fs::exists(folder_ / "back/empty"));
  EXPECT_FALSE(fs::exists(folder_ / "back/.half"));
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "back"))
    EXPECT_FALSE(entry.path().filename().string().starts_with(".restored")) << entry.path();
}

TEST_P(RestoreTest, KeysAreInsideOnlyWhenAskedForAndComeBackOnlyWhenAskedFor) {
  folder_.write("plenary.key", "a key of the test\n");
  EXPECT_FALSE(back_up().has_keys());
  RestoreRequest into = request();
  into.with_keys = true;
  into.keys = {{"key_file", folder_ / "back.key"}};
  EXPECT_THAT(refused(into), HasSubstr("holds no keys"));
  BackupRequest with_keys = backup_of(source_.options(), hard_steps());
  with_keys.keys = {{"key_file", folder_ / "plenary.key"}};
  EXPECT_TRUE(back_up(with_keys).has_keys());
  folder_.write("back.key", "another key");
  EXPECT_THAT(refused(into), HasSubstr("back.key is there already"));
  EXPECT_EQ(bytes_of(folder_ / "back.key"), "another key");
  fs::remove(folder_ / "back.key");
  EXPECT_EQ(restore(into, folder_ / "b").keys, 1U);
  EXPECT_EQ(bytes_of(folder_ / "back.key"), "a key of the test\n");
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "back.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_P(RestoreTest, FaultsOfTheCheckAreToldAndTheDataStays) {
  back_up();
  RestoreRequest into = request();
  into.check = [](db::Database& database) {
    EXPECT_EQ(
        database.read_now([](db::Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM journal"); }),
        1);
    return std::vector<std::string>{"fair: one too many"};
  };
  EXPECT_THAT(restore(into, folder_ / "b").faults, ::testing::ElementsAre("fair: one too many"));
  EXPECT_TRUE(stored(target_.options()) == stored(source_.options()));
}

class BackupFileTest : public ::testing::Test {
 protected:
  BackupFileTest() : source_(db::Engine::sqlite, migrated_hard) {}
  Folder folder_;
  TestDatabase source_;
};

TEST_F(BackupFileTest, IsForItsOwnerAloneAndNeverOverwritesUnasked) {
  const BackupRequest request = backup_of(source_.options(), hard_steps());
  backup_to_file(request, folder_ / "b", Existing::refuse);
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const std::string before = bytes_of(folder_ / "b");
  EXPECT_THAT(refusal([&] { backup_to_file(request, folder_ / "b", Existing::refuse); }),
              AllOf(HasSubstr("is there already"), HasSubstr("--force")));
  EXPECT_EQ(bytes_of(folder_ / "b"), before);
  backup_to_file(request, folder_ / "b", Existing::replace);
  EXPECT_THAT(refusal([&] { backup_to_file(request, folder_ / "nowhere/b", Existing::refuse); }),
              HasSubstr("Is the folder there?"));
  EXPECT_THAT(refusal([&] { backup_to_file(request, folder_.path(), Existing::replace); }),
              HasSubstr("is no plain file"));
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    EXPECT_EQ(entry.path().filename(), "b") << "something was left behind";
}

TEST_F(BackupFileTest, ADiskThatIsFullLeavesTheOldBackupAndSaysSo) {
  fill(source_.options(), many_rows());
  folder_.write("b", "the backup of yesterday");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // As a full disk, a limit on the size of files ends a write.
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20'000, 20'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string message = refusal([&] {
      backup_to_file(backup_of(source_.options(), hard_steps()), folder_ / "b", Existing::replace);
    });
    ::_exit(message.find("cannot be written: File too large") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(bytes_of(folder_ / "b"), "the backup of yesterday");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);
}

TEST_F(BackupFileTest, ADatabaseThatIsNotThereIsNotMade) {
  db::DatabaseOptions options;
  options.url = "sqlite://" + (folder_ / "none.db").string();
  EXPECT_THAT(refusal([&] { backup_to_file(backup_of(options), folder_ / "b", Existing::refuse); }),
              HasSubstr("there is no such database"));
  EXPECT_FALSE(fs::exists(folder_ / "none.db"));
  EXPECT_FALSE(fs::exists(folder_ / "b"));
  TestDatabase empty(db::Engine::sqlite, test::nothing);
  EXPECT_THAT(refusal([&] { backup_to_file(backup_of(empty.options()), folder_ / "b", Existing::refuse); }),
              HasSubstr("no tables yet"));
}

class BeforeMigrationTest : public test::DatabaseTest {
 protected:
  BeforeMigrationTest() : DatabaseTest(first_step_only) {}
  void TearDown() override {
    for (const auto& file : beside()) fs::remove(file);
    DatabaseTest::TearDown();
  }
  std::vector<fs::path> beside() {
    std::vector<fs::path> found;
    if (GetParam() != db::Engine::sqlite) return found;
    const fs::path file = database().options().url.substr(std::string("sqlite://").size());
    for (const auto& entry : fs::directory_iterator(file.parent_path())) {
      if (entry.path().filename().string().starts_with(file.filename().string() + ".before-"))
        found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
};
ON_BOTH_ENGINES(BeforeMigrationTest);

TEST_P(BeforeMigrationTest, IsTakenOnSqliteWhereStepsArePendingOverData) {
  const auto& steps = hard_steps();
  EXPECT_FALSE(backup_before_migration(database().options(), steps).needed) << "there is nothing to lose";
  fill(database().options(), {{"pair", {{1, "precious"}}}});
  EXPECT_FALSE(backup_before_migration(database().options(), std::span(steps).subspan(0, 1)).needed);
  const BeforeMigration before = backup_before_migration(database().options(), steps);
  EXPECT_TRUE(before.needed);
  EXPECT_EQ(before.file.has_value(), GetParam() == db::Engine::sqlite);
  if (!before.file) return;
  EXPECT_THAT(before.file->filename().string(), HasSubstr(".before-0002-20270514T090000Z.backup"));
  db::migrate(db(), steps);
  TestDatabase target(GetParam(), test::nothing);
  target.close();
  restore(restore_into(target.options(), std::span(steps).subspan(0, 1)), *before.file);
  EXPECT_EQ(stored(target.options()).at("pair").size(), 1U);
  EXPECT_EQ(stored(target.options()).at("journal").size(), 0U);
}

TEST_P(BeforeMigrationTest, TheLastThreeAreKeptAndNothingElseIsTouched) {
  if (GetParam() != db::Engine::sqlite) return;
  fill(database().options(), {{"pair", {{1, "precious"}}}});
  const fs::path file = database().options().url.substr(std::string("sqlite://").size());
  const fs::path mine = file.string() + ".before-the-sale.backup";
  std::ofstream(mine) << "by hand";
  std::string last;
  for (int i = 0; i < 5; ++i) {
    last = backup_before_migration(database().options(), hard_steps()).file->string();
    clock().advance(Duration::minutes(1));
  }
  EXPECT_EQ(beside().size(), 4U);
  EXPECT_TRUE(fs::exists(mine));
  EXPECT_TRUE(fs::exists(last));
}

}  // namespace
}  // namespace plenary::backup::testing
