// What lies beside a database: its address, its lock files, the clock file; and the reading of SQL texts.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include "db/clock_file.hpp"
#include "db/database.hpp"
#include "db/database_url.hpp"
#include "db/postgres_errors.hpp"
#include "db/serve_lock.hpp"
#include "db/sqlite_files.hpp"
#include "db/statement_key.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

using test::TestDatabase;
using ::testing::HasSubstr;

std::string message_of(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(DatabaseAddress, NamesAFileOrAServer) {
  DatabaseOptions options;
  options.base_directory = "/srv/plenary";
  const auto path = [&](const char* url) {
    options.url = url;
    return parse_database_url(options).path;
  };
  EXPECT_EQ(path("sqlite:///var/lib/p.db"), "/var/lib/p.db");
  EXPECT_EQ(path("sqlite:p.db"), "/srv/plenary/p.db");
  EXPECT_EQ(path("sqlite:data/../p.db"), "/srv/plenary/p.db");
  EXPECT_EQ(path("sqlite:/abs.db"), "/abs.db");
  options.url = "postgresql://plenary@db/plenary";
  EXPECT_EQ(parse_database_url(options).engine, Engine::postgresql);
}

TEST(DatabaseAddress, AWrongOneSaysWhatIsAllowedAndShowsNoPassword) {
  for (const char* url :
       {"", "sqlite:", "sqlite://host/p.db", "sqlite:folder/", "mysql://root:hunter2@db/p", "/p.db"}) {
    DatabaseOptions options;
    options.url = url;
    const std::string message = message_of([&] { Database::open(options); });
    EXPECT_THAT(message, HasSubstr("sqlite:///absolute/path.db")) << url;
    EXPECT_THAT(message, ::testing::Not(HasSubstr("hunter2")));
  }
}

TEST(DatabaseAddress, AMissingFolderAndAnUnreachableServerAreSaidPlainly) {
  DatabaseOptions options;
  options.url = "sqlite:///nowhere/at/all/p.db";
  EXPECT_THAT(message_of([&] { Database::open(options); }), HasSubstr("/nowhere/at/all"));
  options.url = "postgresql://u:hunter2@/p?host=/nowhere/at/all";
  const std::string message = message_of([&] { Database::open(options); });
  EXPECT_THAT(message, HasSubstr("cannot be reached"));
  EXPECT_THAT(message, HasSubstr("? Check [database] url")) << "libpq ends with a question";
  EXPECT_THAT(message, ::testing::Not(HasSubstr("hunter2")));
}

TEST(DatabaseAddress, APasswordIsTakenOutOfAMessage) {
  EXPECT_EQ(without_password("no access for u with hunter2.\n", "postgresql://u:hunter2@db/p"),
            "no access for u with ****");
  EXPECT_EQ(without_password("no access", "postgresql://u@db/p"), "no access");
}

TEST(DatabaseAddress, AServerThatDoesNotSyncIsRefused) {
  TestDatabase database(Engine::postgresql, test::nothing);
  DatabaseOptions options = database.options();
  options.relaxed_durability = false;
  EXPECT_THAT(message_of([&] { Database::open(options); }), HasSubstr("fsync=off"));
  options.relaxed_durability = true;
  options.development = false;
  EXPECT_THAT(message_of([&] { Database::open(options); }), HasSubstr("production"));
}

TEST(NetworkFileSystem, IsRecognisedByItsNumber) {
  for (const long magic : {0x6969L, 0x517BL, 0xFF534D42L, 0xFE534D42L, 0x01021997L,
                           static_cast<long>(static_cast<int>(0xFF534D42))}) {
    EXPECT_TRUE(is_network_file_system(magic)) << magic;
  }
  for (const long magic :
       {0xEF53L /* ext4 */, 0x9123683EL /* btrfs */, 0x58465342L /* xfs */, 0x01021994L /* tmpfs */}) {
    EXPECT_FALSE(is_network_file_system(magic)) << magic;
  }
}

TEST(Sqlite, ItsPathMayHoldBlanksAndSigns) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "a folder é'%20";
  std::filesystem::create_directories(folder);
  DatabaseOptions options;
  options.url = "sqlite://" + (folder / "p q.db").string();
  {
    const auto db = Database::open(options);
    db->write_now(global_lane, "write", [](Tx& tx) { tx.exec("CREATE TABLE t (id BIGINT)"); });
    EXPECT_EQ(db->read_now([](Tx& tx) { return tx.one<int>("SELECT COUNT(*) FROM t"); }), 0);
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "p q.db"));
  std::filesystem::remove_all(folder);
}

TEST(Sqlite, WritesAreDurableByDefault) {
  TestDatabase database(Engine::sqlite, test::nothing,
                        [](DatabaseOptions& options) { options.relaxed_durability = false; });
  database->write_now(global_lane, "look", [](Tx& tx) {
    EXPECT_EQ(tx.one<std::string>("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(tx.one<int>("PRAGMA synchronous"), 2) << "FULL";
    EXPECT_EQ(tx.one<int>("PRAGMA foreign_keys"), 1);
    EXPECT_EQ(tx.one<int>("PRAGMA wal_autocheckpoint"), 0);
  });
  database->read_now([](Tx& tx) {
    EXPECT_EQ(tx.one<int>("PRAGMA query_only"), 1);
    EXPECT_EQ(tx.one<int>("PRAGMA foreign_keys"), 1);
  });
}

// The process as a whole opens files of other things meanwhile (the C library, the log of the checkpoints):
// only the database's own count, and twenty threads that each kept one would have left twenty more.
TEST(Sqlite, AReaderThreadThatEndsLeavesItsConnectionToTheNext) {
  TestDatabase database(Engine::sqlite, test::nothing);
  constexpr int kThreads = 20;
  const std::string path = database.options().url.substr(std::string("sqlite://").size());
  const auto open_files = [&] {
    int n = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      n += std::filesystem::read_symlink(entry.path(), gone).string().starts_with(path);
    }
    return n;
  };
  const auto read = [&] {
    std::thread([&] { database->read_now([](Tx& tx) { tx.one<int>("SELECT 1"); }); }).join();
  };
  read();
  const int before = open_files();
  ASSERT_GT(before, 0) << path;
  for (int i = 0; i < kThreads; ++i) read();
  EXPECT_LT(open_files(), before + kThreads / 2);
}

// Whether somebody stands at the head of the line, seen from outside.
bool somebody_waits(const std::string& path) {
  const int file = ::open((path + ".writers").c_str(), O_RDWR | O_CLOEXEC);
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_len = 1;
  const bool waits = ::fcntl(file, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
  ::close(file);
  return waits;
}

TEST(WritersLock, WhoeverWaitsComesBeforeTheOneWhoHasJustLetGo) {
  const std::string path = ::testing::TempDir() + "writers-" + std::to_string(::getpid());
  WritersLock server(path);
  for (int i = 0; i < 100; ++i) {
    std::mutex mutex;
    std::string order;
    const auto came = [&](const char* who) {
      std::lock_guard lock(mutex);
      order += who;
    };
    server.lock();
    // On a starved machine either may wait too long for the other: that fails this test, and ends no program.
    std::future<void> command = std::async(std::launch::async, [&] {
      WritersLock lock(path);
      lock.lock();
      came("command ");
      lock.unlock();
    });
    while (!somebody_waits(path)) std::this_thread::yield();
    server.unlock();
    server.lock();
    came("server");
    server.unlock();
    command.get();
    ASSERT_EQ(order, "command server");
  }
  std::filesystem::remove(path + ".writers");
}

TEST(ServeLock, ASecondServerIsRefusedWithTheFirstOnesPid) {
  TestDatabase database(Engine::sqlite, test::nothing);
  {
    const ServeLock first(database.options());
    EXPECT_THAT(message_of([&] { ServeLock second(database.options()); }),
                HasSubstr("process " + std::to_string(::getpid())));
  }
  EXPECT_NO_THROW(ServeLock third(database.options()));
}

TEST(ServeLock, GoesWithItsProcessHoweverThatEnds) {
  TestDatabase database(Engine::sqlite, test::nothing);
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const ServeLock lock(database.options());
    (void)!::write(pipe_ends[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte;
  ASSERT_EQ(::read(pipe_ends[0], &byte, 1), 1);
  EXPECT_THAT(message_of([&] { ServeLock second(database.options()); }),
              HasSubstr("process " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_NO_THROW(ServeLock second(database.options()));
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST(ServeLock, PostgresqlTakesSeveralServers) {
  DatabaseOptions options;
  options.url = "postgresql://somewhere/plenary";
  const ServeLock first(options);
  EXPECT_NO_THROW(ServeLock second(options));
}

TEST(ClockFile, HoldsAnOffsetOrAnInstant) {
  EXPECT_EQ(ClockFile::parse("+90m")->offset, Duration::minutes(90));
  EXPECT_EQ(ClockFile::parse(" -2h\n")->offset, Duration::hours(-2));
  EXPECT_EQ(ClockFile::parse("+1d")->offset, Duration::days(1));
  EXPECT_EQ(ClockFile::parse("+900")->offset, Duration::seconds(900));
  EXPECT_EQ(ClockFile::parse("")->offset, Duration{});
  for (const char* wrong :
       {"90m", "+", "+m", "+1w", "+1h30m", "tomorrow", "+99999999999999999999", "+9999999999d", "+-5"}) {
    EXPECT_FALSE(ClockFile::parse(wrong)) << wrong;
  }
}

TEST(ClockFile, IsFollowedAsItChanges) {
  const std::string path = ::testing::TempDir() + "clock_file_test";
  std::filesystem::remove(path);
  const auto write = [&](const char* line) { std::ofstream(path) << line << '\n'; };
  const ClockFile clock(path);
  EXPECT_GE(clock.now(), Instant::system_now() - Duration::minutes(1));
  write("+1d");
  EXPECT_GT(clock.now(), Instant::system_now() + Duration::hours(23));
  write("+2d");
  EXPECT_GT(clock.now(), Instant::system_now() + Duration::hours(47)) << "same size, same moment";
  write("nonsense");
  EXPECT_GT(clock.now(), Instant::system_now() + Duration::hours(47)) << "the last good one stays";
  EXPECT_THAT(message_of([&] { ClockFile again(path); }), HasSubstr("nonsense"));
  write("2027-05-14T09:00:00Z");
  EXPECT_EQ(clock.now(), *Instant::parse("2027-05-14T09:00:00Z"));
  std::filesystem::remove(path);
  EXPECT_LE(clock.now(), Instant::system_now() + Duration::minutes(1));
}

TEST(StatementText, PlaceholdersAreRewrittenOutsideOfQuotesAndComments) {
  EXPECT_EQ(sqlite_placeholders("a = $1 AND b = '$2' AND \"$3\" = $12 -- $4\n/* $5 */ $6"),
            "a = ?1 AND b = '$2' AND \"$3\" = ?12 -- $4\n/* $5 */ ?6");
  EXPECT_EQ(placeholder_count("a = $1 AND b = '$7' OR c = $3 OR d = $1"), 3u);
  EXPECT_EQ(placeholder_count("SELECT 1"), 0u);
}

TEST(StatementText, WritingStatementsAreRecognised) {
  for (const char* sql : {"INSERT INTO t VALUES (1)", "update t SET a = 1", "DELETE FROM t",
                          "CREATE TABLE t (a INT)", "WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x",
                          " -- why\nINSERT INTO t VALUES (1)", "SELECT a FROM t FOR UPDATE"}) {
    EXPECT_TRUE(postgres_writes(sql)) << sql;
  }
  for (const char* sql :
       {"SELECT 'INSERT'", "select updated_at FROM t", "WITH x AS (SELECT 1) SELECT * FROM x",
        "/* UPDATE */ SELECT 1", "VALUES (1)", "SELECT \"delete\" FROM t"}) {
    EXPECT_FALSE(postgres_writes(sql)) << sql;
  }
}

}  // namespace
}  // namespace plenary::db
