// Many callers in one transaction: what each of them may rely on. docs/transactions.md, section 3.
#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <latch>
#include <semaphore>
#include <sstream>
#include <thread>

#include "base/errors.hpp"
#include "db/database.hpp"
#include "db/faults.hpp"
#include "held_lane.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

void ledger(Database& database) {
  database.write_now(global_lane, "tables", [](Tx& tx) {
    tx.exec("CREATE TABLE conference (id BIGINT PRIMARY KEY, last_commit_at BIGINT NOT NULL DEFAULT 0)");
    tx.exec("CREATE TABLE entry (id BIGINT PRIMARY KEY, lane BIGINT NOT NULL, at BIGINT NOT NULL)");
    tx.exec("INSERT INTO conference (id) VALUES (1), (2)");
  });
}

void insert(Tx& tx, std::int64_t id, Lane lane = 1) {
  tx.exec("INSERT INTO entry (id, lane, at) VALUES ($1, $2, $3)", id, lane, tx.now());
}

class GroupCommit : public test::DatabaseTest {
 protected:
  GroupCommit() : DatabaseTest(ledger) {}

  std::vector<std::int64_t> ids() {
    return db().read_now([](Tx& tx) { return tx.query<std::int64_t>("SELECT id FROM entry ORDER BY id"); });
  }
  using Held = test::HeldLane;
  void wait_until_queued(std::uint64_t n) { test::wait_until_queued(db(), n); }
};
ON_BOTH_ENGINES(GroupCommit);

TEST_P(GroupCommit, CallersThatWaitTogetherShareOneCommitAndOneTime) {
  constexpr int kCallers = 20;
  test::Loop loop;
  int done = 0;
  std::vector<Instant> times;
  const auto caller = [&](std::int64_t id) -> Task<void> {
    auto fn = [id](Tx& tx) {
      insert(tx, id);
      return tx.now();
    };
    const Instant at = co_await db().write(1, "insert", fn);
    times.push_back(at);
  };
  const auto before = db().stats();
  {
    Held held(db(), 1);
    const Executor::Scope scope(&loop);
    for (int i = 0; i < kCallers; ++i) start(caller(i), [&](std::exception_ptr) { ++done; });
    wait_until_queued(kCallers + 1);
  }
  loop.run_until([&] { return done == kCallers; });
  EXPECT_EQ(ids().size(), std::size_t{kCallers});
  EXPECT_LE(db().stats().batches - before.batches, 2u) << "the held one, and one for all the others";
  EXPECT_EQ(std::set(times.begin(), times.end()).size(), 1u);
}

TEST_P(GroupCommit, ARefusalUndoesOneCallerAndNobodyElse) {
  test::Loop loop;
  int done = 0, refused = 0;
  const auto caller = [&](std::int64_t id) -> Task<void> {
    auto fn = [id](Tx& tx) {
      insert(tx, id);
      if (id % 3 == 0) throw Refused("no", "No");
      insert(tx, id + 100);
      if (id % 3 == 1) tx.exec("INSERT INTO entry (id, lane, at) VALUES ($1, 1, 0)", id);
    };
    try {
      co_await db().write(1, "insert", fn);
    } catch (const Refused&) {
      ++refused;
    } catch (const DatabaseError& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unique);
      ++refused;
    }
  };
  {
    Held held(db(), 1);
    const Executor::Scope scope(&loop);
    for (int i = 0; i < 9; ++i) start(caller(i), [&](std::exception_ptr) { ++done; });
    wait_until_queued(10);
  }
  loop.run_until([&] { return done == 9; });
  EXPECT_EQ(refused, 6);
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{2, 5, 8, 102, 105, 108}));
  EXPECT_EQ(db().stats().retries, 0u) << "a fault belongs to the caller that made it";
}

// On PostgreSQL it is answered only when the next caller asks something, or before COMMIT.
TEST_P(GroupCommit, AStatementSentLaterFailsItsOwnCallerAndNobodyElse) {
  for (const std::int64_t faulty : {2, 5}) {     // in the middle, and at the end
    database().reopen([](DatabaseOptions&) {});  // no savepoints yet
    test::Loop loop;
    int done = 0;
    std::vector<std::int64_t> failed;
    const auto caller = [&](std::int64_t id) -> Task<void> {
      auto fn = [id, faulty](Tx& tx) {
        tx.one<std::int64_t>("SELECT CAST($1 AS BIGINT)", id);
        insert(tx, faulty * 10 + id);
        tx.exec_later("INSERT INTO entry (id, lane, at) VALUES ($1, 1, 0)",
                      id == faulty ? faulty * 10 + id : faulty * 100 + id);
      };
      try {
        co_await db().write(1, "insert", fn);
      } catch (const DatabaseError& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unique);
        failed.push_back(id);
      }
    };
    {
      Held held(db(), 1);
      const Executor::Scope scope(&loop);
      for (std::int64_t id = 1; id <= 5; ++id) start(caller(id), [&](std::exception_ptr) { ++done; });
      wait_until_queued(6);
    }
    loop.run_until([&] { return done == 5; });
    EXPECT_EQ(failed, std::vector<std::int64_t>{faulty});
    EXPECT_EQ(db().stats().retries, 0u);
  }
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{21, 23, 24, 25, 51, 52, 53, 54, 201, 203, 204, 205, 501, 502,
                                              503, 504}));
}

TEST_P(GroupCommit, AnAttemptThatIsLeftByAnErrorIsUndoneWithWhatItSentLater) {
  db().write_now(1, "fill", [](Tx& tx) { insert(tx, 1); });
  db().write_now(1, "attempt", [&](Tx& tx) {
    insert(tx, 2);
    bool left = false;
    try {
      EXPECT_FALSE(tx.attempt([&] {
        insert(tx, 3);
        tx.exec_later("INSERT INTO entry (id, lane, at) VALUES (1, 1, 0)");
        throw Refused("no", "No");
      })) << "SQLite tells at once";
    } catch (const Refused&) {
      left = true;
    }
    EXPECT_EQ(left, GetParam() == Engine::postgresql);
    insert(tx, 4);
  });
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{1, 2, 4}));
}

TEST_P(GroupCommit, ManyThreadsAtOnceLoseNothing) {
  constexpr int kThreads = 8, kWrites = 25;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kWrites; ++i) {
        const Lane lane = t % 3;  // the global lane too
        db().write_now(lane, "insert", [&](Tx& tx) { insert(tx, t * 1000 + i, lane); });
        const auto seen = db().read_now(
            [&](Tx& tx) { return tx.one<int>("SELECT COUNT(*) FROM entry WHERE id = $1", t * 1000 + i); });
        EXPECT_EQ(seen, 1) << "what was acknowledged is there for the next read";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ids().size(), std::size_t{kThreads * kWrites});
}

TEST_P(GroupCommit, ANestedWriteAbortsWithAMessage) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(db().write_now(1, "outer", [&](Tx&) { db().write_now(1, "inner", [](Tx&) {}); }),
               "a write \"inner\" inside the write \"outer\"");
  EXPECT_DEATH(db().read_now([&](Tx&) { db().write_now(1, "inner", [](Tx&) {}); }),
               "a write \"inner\" inside the read");
  EXPECT_DEATH(db().write_now(1, "outer", [&](Tx&) { db().read_now([](Tx&) {}); }),
               "inside the write \"outer\"");
}

TEST_P(GroupCommit, ALambdaOverTheLimitIsLoggedWithItsName) {
  database().reopen([](DatabaseOptions& options) { options.slow_write = Duration::microseconds(-1); });
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  db().write_now(1, "recount everything", [](Tx& tx) { insert(tx, 1); });
  database().close();
  spdlog::set_default_logger(before);
  EXPECT_THAT(log.str(), ::testing::HasSubstr("\"recount everything\" took"));
}

TEST_P(GroupCommit, ATooLongQueueIsRefused) {
  database().reopen([](DatabaseOptions& options) { options.max_queued = 3; });
  std::vector<std::thread> waiting;
  {
    Held held(db(), 1);
    for (int i = 0; i < 2; ++i) {
      waiting.emplace_back([&, i] { db().write_now(1, "insert", [&](Tx& tx) { insert(tx, i); }); });
    }
    wait_until_queued(3);
    EXPECT_THROW(db().write_now(1, "one too many", [](Tx& tx) { insert(tx, 9); }), Overloaded);
    EXPECT_EQ(db().stats().refused, 1u);
  }
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{0, 1}));
}

TEST_P(GroupCommit, ATooLongExpectedWaitIsRefused) {
  database().reopen([](DatabaseOptions& options) { options.max_wait = Duration{}; });
  db().write_now(1, "measured", [](Tx& tx) { insert(tx, 0); });
  std::thread waiting;
  {
    Held held(db(), 1);
    waiting = std::thread([&] { db().write_now(1, "first in line", [](Tx& tx) { insert(tx, 1); }); });
    wait_until_queued(2);
    EXPECT_THROW(db().write_now(1, "second in line", [](Tx& tx) { insert(tx, 2); }), Overloaded);
  }
  waiting.join();
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{0, 1}));
}

TEST_P(GroupCommit, BehindABatchThatIsStuckNoLineForms) {
  database().reopen([](DatabaseOptions& options) { options.max_wait = Duration::milliseconds(1); });
  test::Loop loop;
  int done = 0, refused = 0;
  const auto caller = [&](std::int64_t id) -> Task<void> {
    auto fn = [id](Tx& tx) { insert(tx, id); };
    try {
      co_await db().write(1, "insert", fn);
    } catch (const Overloaded&) {
      ++refused;
    }
  };
  {
    Held held(db(), 1);
    const auto over = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
    while (std::chrono::steady_clock::now() < over) std::this_thread::yield();
    const Executor::Scope scope(&loop);
    for (int i = 0; i < 3; ++i) start(caller(i), [&](std::exception_ptr) { ++done; });
    EXPECT_EQ(refused, 2) << "one waits to see whether it goes on";
  }
  loop.run_until([&] { return done == 3; });
  EXPECT_EQ(ids(), std::vector<std::int64_t>{0});
  db().write_now(1, "insert", [](Tx& tx) { insert(tx, 7); });
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{0, 7}));
}

TEST_P(GroupCommit, ClosingTheDatabaseFinishesWhatIsQueued) {
  std::vector<std::thread> waiting;
  {
    Held held(db(), 1);
    for (int i = 0; i < 5; ++i) {
      waiting.emplace_back([&, i] { db().write_now(1, "insert", [&](Tx& tx) { insert(tx, i); }); });
    }
    wait_until_queued(6);
  }
  for (std::thread& thread : waiting) thread.join();
  database().reopen();
  EXPECT_EQ(ids().size(), 5u);
}

TEST_P(GroupCommit, TimeStandsStillInATransactionAndNeverRunsBackInALane) {
  const auto now = [&](Lane lane) {
    return db().write_now(lane, "now", [&](Tx& tx) {
      const Instant first = tx.now();
      clock().advance(Duration::seconds(1));
      EXPECT_EQ(tx.now(), first);
      tx.exec("INSERT INTO entry (id, lane, at) VALUES ((SELECT COUNT(*) FROM entry), $1, $2)", lane, first);
      return first;
    });
  };
  const Instant first = now(1), start = clock().now();
  EXPECT_LT(first, start);
  clock().advance(Duration::hours(-1));
  EXPECT_EQ(now(1), first) << "not before the lane's previous commit";
  EXPECT_EQ(now(2), start - Duration::hours(1) + Duration::seconds(1))
      << "another lane has a time of its own";

  // A second process knows it from the conference's row.
  clock().advance(Duration::hours(-1));
  DatabaseOptions options = database().options();
  const auto other = Database::open(options);
  EXPECT_EQ(other->write_now(1, "now", [](Tx& tx) { return tx.now(); }), first);
  clock().advance(Duration::days(1));
  const Instant later = other->write_now(1, "now", [](Tx& tx) {
    insert(tx, 100);
    return tx.now();
  });
  clock().advance(Duration::days(-1));
  EXPECT_EQ(now(1), later) << "and the first one hears of the second's commits";
  EXPECT_EQ(db().read_now(
                [](Tx& tx) { return tx.one<Instant>("SELECT last_commit_at FROM conference WHERE id = 1"); }),
            later);
}

TEST_P(GroupCommit, OnSqliteALanesTimeIsReadOnlyWhereAnotherConnectionHasCommitted) {
  class Counts final : public FaultInjector {
   public:
    std::atomic<int> looks{0};
    Fault before(std::string_view sql) override {
      looks += sql.starts_with("SELECT last_commit_at");
      return Fault::none;
    }
  } counts;
  database().reopen([&](DatabaseOptions& options) { options.faults = &counts; });
  const bool looks = GetParam() == Engine::sqlite;
  std::int64_t id = 0;
  const auto write_some = [&] {
    for (int i = 0; i < 5; ++i, ++id) db().write_now(1, "insert", [&](Tx& tx) { insert(tx, id); });
  };
  write_some();
  EXPECT_EQ(counts.looks, looks ? 1 : 0);
  auto options = database().options();
  options.faults = nullptr;
  const auto other = Database::open(options);
  other->write_now(1, "insert", [](Tx& tx) { insert(tx, 1000); });
  write_some();
  EXPECT_EQ(counts.looks, looks ? 2 : 0);
  database().reopen([](DatabaseOptions& o) { o.faults = nullptr; });
}

TEST_P(GroupCommit, AnAbandonedWriteMovesNoTime) {
  const Instant at = db().write_now(1, "write", [](Tx& tx) {
    insert(tx, 1);
    return tx.now();
  });
  clock().advance(Duration::hours(1));
  EXPECT_THROW(db().write_now(1, "refused",
                              [](Tx& tx) -> void {
                                insert(tx, 2);
                                throw Refused("no", "No");
                              }),
               Refused);
  clock().advance(Duration::hours(-1));
  EXPECT_GE(db().write_now(1, "write", [](Tx& tx) { return tx.now(); }), at);
}

TEST_P(GroupCommit, WithoutAClockPostgresqlsOwnTimeCounts) {
  if (GetParam() == Engine::sqlite) return;
  database().reopen([](DatabaseOptions& options) { options.clock = nullptr; });
  db().write_now(1, "now", [](Tx& tx) {
    const auto server =
        tx.one<Instant>("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)");
    EXPECT_LE(tx.now(), server);
    EXPECT_GT(tx.now(), server - Duration::minutes(1));
  });
  const Instant read = db().read_now([](Tx& tx) { return tx.now(); });
  EXPECT_GT(read, Instant::system_now() - Duration::minutes(1));
}

TEST_P(GroupCommit, TwoDatabasesOnOnePlaceTakeTurns) {
  const auto other = Database::open(database().options());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Database& mine = t % 2 ? *other : db();
      for (int i = 0; i < 20; ++i) {
        mine.write_now(1, "add one", [&](Tx& tx) {
          const auto n = tx.one<std::int64_t>("SELECT COUNT(*) FROM entry");
          insert(tx, n + 1);
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ids().size(), 80u) << "each count saw all commits before it";
}

}  // namespace
}  // namespace plenary::db
