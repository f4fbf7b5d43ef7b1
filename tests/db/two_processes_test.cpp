// A bulk command beside a writing server: two processes on one database, both make progress. Judged by counts
// in the order of the commits, not by time, and each goes on until the other had its share: neither depends
// on how the processors are shared out.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "db/database.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

constexpr int kPieces = 30, kRowsInAPiece = 500;
constexpr int kServed = kPieces / 4;  // writes of the server between the command's

void tables(Database& database) {
  database.write_now(global_lane, "tables", [](Tx& tx) {
    tx.exec("CREATE TABLE conference (id BIGINT PRIMARY KEY, last_commit_at BIGINT NOT NULL DEFAULT 0)");
    tx.exec("CREATE TABLE log (seq BIGINT PRIMARY KEY, who TEXT NOT NULL)");
    tx.exec("CREATE TABLE bulk (id BIGINT PRIMARY KEY, text TEXT NOT NULL)");
    tx.exec("INSERT INTO conference (id) VALUES (1)");
  });
}

// The place of a write in the order of commits.
void log_write(Tx& tx, const char* who) {
  tx.exec("INSERT INTO log (seq, who) SELECT COALESCE(MAX(seq), 0) + 1, $1 FROM log", who);
}

// Runs in a process of its own: see run_bulk_command.
TEST(BulkCommand, DISABLED_Process) {
  DatabaseOptions options;
  options.url = std::getenv("PLENARY_TEST_BULK_DATABASE");
  options.relaxed_durability = true;
  options.max_connections = 2;
  const auto db = Database::open(options);
  const auto served = [&] {
    return db->read_now([](Tx& tx) {
      return tx.one<int>(
          "SELECT COUNT(*) FROM log WHERE who = 'server' AND seq BETWEEN (SELECT MIN(seq) FROM log WHERE who "
          "= 'bulk') AND (SELECT MAX(seq) FROM log WHERE who = 'bulk')");
    });
  };
  for (int piece = 0; piece < kPieces || served() < kServed; ++piece) {
    if (piece == kPieces * 1000) throw std::logic_error("the server is put off for good");
    db->write_now(1, "bulk", [&](Tx& tx) {
      log_write(tx, "bulk");
      for (int i = 0; piece < kPieces && i < kRowsInAPiece; ++i) {
        tx.exec_later("INSERT INTO bulk (id, text) VALUES ($1, 'a row of a bulk command')",
                      piece * kRowsInAPiece + i);
      }
    });
  }
}

pid_t start_bulk_command(const std::string& url) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setenv("PLENARY_TEST_BULK_DATABASE", url.c_str(), 1);
  ::execl("/proc/self/exe", "db_test", "--gtest_also_run_disabled_tests",
          "--gtest_filter=BulkCommand.DISABLED_Process", "--gtest_brief=1", static_cast<char*>(nullptr));
  ::_exit(127);
}

class TwoProcesses : public test::DatabaseTest {
 protected:
  TwoProcesses() : DatabaseTest(tables) {}
};
ON_BOTH_ENGINES(TwoProcesses);

TEST_P(TwoProcesses, ABulkCommandAndAServerBothMakeProgress) {
  const pid_t child = start_bulk_command(database().options().url);
  ASSERT_GT(child, 0);
  std::atomic<bool> stop{false};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!stop) db().write_now(1, "serve", [](Tx& tx) { log_write(tx, "server"); });
    });
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  stop = true;
  for (std::thread& caller : callers) caller.join();
  ASSERT_EQ(status, 0) << "the bulk command failed";

  const auto log =
      db().read_now([](Tx& tx) { return tx.query<std::string>("SELECT who FROM log ORDER BY seq"); });
  const auto rows = db().read_now([](Tx& tx) { return tx.one<int>("SELECT COUNT(*) FROM bulk"); });
  EXPECT_EQ(rows, kPieces * kRowsInAPiece);
  const auto first = std::find(log.begin(), log.end(), "bulk");
  const auto last = std::find(log.rbegin(), log.rend(), "bulk").base();
  EXPECT_GE(std::count(first, last, "bulk"), kPieces);
  const auto served = std::count(first, last, "server");
  EXPECT_GE(served, kServed) << "the server goes on while the command runs";
  EXPECT_LE(served, kPieces * 1000) << "the command is not put off for good";
}

}  // namespace
}  // namespace plenary::db
