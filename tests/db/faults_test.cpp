// Every fault at every statement in turn, on both engines, with a model of what was acknowledged.
#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <atomic>
#include <latch>
#include <semaphore>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "db/faults.hpp"
#include "ledger.hpp"

namespace plenary::db {
namespace {

// Raises one fault at the n-th statement from now, or at every one from there on.
class NthStatement final : public FaultInjector {
 public:
  void arm(int n, Fault fault, bool repeat = false) {
    fault_ = fault;
    repeat_ = repeat;
    fired_ = false;
    left_ = n;
  }
  void disarm() { left_ = -1; }
  bool fired() const { return fired_; }
  Fault before(std::string_view) override {
    if (left_ < 0) return Fault::none;
    if (left_ > 0 && --left_ > 0) return Fault::none;
    fired_ = true;
    if (!repeat_) left_ = -1;
    return fault_;
  }

 private:
  // Armed only while the committer is held, read by its thread afterwards.
  std::atomic<int> left_{-1};
  std::atomic<Fault> fault_{Fault::none};
  std::atomic<bool> repeat_{false}, fired_{false};
};

// Raises faults at statements that begin with a text.
class ByText final : public FaultInjector {
 public:
  std::vector<std::pair<std::string, Fault>> faults;  // set before the writes
  std::atomic<int> fired{0};
  Fault before(std::string_view sql) override {
    for (const auto& [text, fault] : faults) {
      if (!sql.starts_with(text)) continue;
      ++fired;
      return fault;
    }
    return Fault::none;
  }
};

constexpr Fault kFaults[] = {
    Fault::busy,
    Fault::serialization,
    Fault::deadlock,
    Fault::full,
    Fault::io,
    Fault::full_rolled_back,
    Fault::io_rolled_back,
    Fault::memory,
    Fault::interrupted,
    Fault::connection_lost,
    Fault::connection_lost_after,
};

// After these the lambda is run again, so that a fault that strikes once is never heard of.
bool must_pass_unheard(Fault fault, Engine engine) {
  switch (fault) {
    case Fault::busy:
    case Fault::serialization:
    case Fault::deadlock:
    case Fault::connection_lost:
    case Fault::connection_lost_after:
      return true;
    case Fault::full_rolled_back:
    case Fault::io_rolled_back:
    case Fault::interrupted:
      return engine == Engine::sqlite;
    default:
      return false;
  }
}

class Faults : public test::DatabaseTest {
 protected:
  Faults() : DatabaseTest(make_ledger) {}
  test::TestDatabase::Change change() override {
    return [this, outer = DatabaseTest::change()](DatabaseOptions& options) {
      outer(options);
      options.faults = &faults_;
    };
  }
  NthStatement faults_;
  LedgerModel model_;
  std::int64_t next_ = 0;

  // One round of four callers with `fault` at the n-th statement. False when there were fewer statements.
  bool round(int n, Fault fault, bool together, bool gathers = false) {
    std::vector<Told> told;
    if (together) {
      told = transfer_together(
          db(), next_, 4, [&] { faults_.arm(n, fault); }, gathers);
    } else {
      faults_.arm(n, fault);
      for (int i = 0; i < 4; ++i) {
        std::exception_ptr error;
        try {
          db().write_now(1, "transfer", [&](Tx& tx) { transfer(tx, next_ + i); });
        } catch (...) {
          error = std::current_exception();
        }
        told.push_back(tell_apart(error));
      }
    }
    const bool fired = faults_.fired();
    faults_.disarm();
    int failed = 0;
    for (int i = 0; i < 4; ++i) {
      const Told& t = told[static_cast<std::size_t>(i)];
      model_.told(next_ + i, t);
      failed += t.kind == Told::Kind::failed;
      EXPECT_NE(t.kind, Told::Kind::unknown);
      EXPECT_NE(t.error, ErrorKind::refused_tx) << "the caller hears of the first error";
      if ((next_ + i) % 4 == 3) {
        EXPECT_NE(t.kind, Told::Kind::done);
      }
    }
    EXPECT_LE(failed, 1) << "one fault, one caller";
    if (must_pass_unheard(fault, GetParam())) {
      EXPECT_EQ(failed, 0);
    }
    next_ += 4;
    return fired;
  }
};
ON_BOTH_ENGINES(Faults);

TEST_P(Faults, OneAtEveryStatementOfABatchLeavesExactlyWhatWasAcknowledged) {
  for (const Fault fault : kFaults) {
    int n = 1;
    for (; n < 200; ++n) {
      const bool fired = round(n, fault, true);
      const auto difference = model_.difference(db());
      ASSERT_EQ(difference, std::nullopt) << "fault " << static_cast<int>(fault) << " at statement " << n;
      ASSERT_FALSE(HasFailure()) << "fault " << static_cast<int>(fault) << " at statement " << n;
      if (!fired) break;
    }
    EXPECT_GT(n, 15) << "the batch has that many statements";
  }
}

TEST_P(Faults, OneAtEveryStatementOfABatchThatGathersLeavesExactlyWhatWasAcknowledged) {
  for (const Fault fault : kFaults) {
    int n = 1;
    for (; n < 200; ++n) {
      const bool fired = round(n, fault, true, true);
      const auto difference = model_.difference(db());
      ASSERT_EQ(difference, std::nullopt) << "fault " << static_cast<int>(fault) << " at statement " << n;
      ASSERT_FALSE(HasFailure()) << "fault " << static_cast<int>(fault) << " at statement " << n;
      if (!fired) break;
    }
    EXPECT_GT(n, 10) << "the batch has that many statements";
  }
}

TEST_P(Faults, OneAtEveryStatementOfWritesOneByOneLeavesExactlyWhatWasAcknowledged) {
  for (const Fault fault : kFaults) {
    for (int n = 1; n < 200; ++n) {
      const bool fired = round(n, fault, false);
      const auto difference = model_.difference(db());
      ASSERT_EQ(difference, std::nullopt) << "fault " << static_cast<int>(fault) << " at statement " << n;
      ASSERT_FALSE(HasFailure()) << "fault " << static_cast<int>(fault) << " at statement " << n;
      if (!fired) break;
    }
  }
}

TEST_P(Faults, OneThatStaysIsHeardByEveryCallerAndTheDatabaseGoesOnAfterwards) {
  database().reopen([](DatabaseOptions& options) { options.outcome_limit = Duration::milliseconds(200); });
  for (const Fault fault : kFaults) {
    const auto told = transfer_together(db(), next_, 4, [&] { faults_.arm(1, fault, true); });
    faults_.disarm();
    for (int i = 0; i < 4; ++i) {
      const Told& t = told[static_cast<std::size_t>(i)];
      EXPECT_NE(t.kind, Told::Kind::done) << static_cast<int>(fault);
      model_.told(next_ + i, t);
    }
    next_ += 4;
    ASSERT_EQ(model_.difference(db()), std::nullopt) << static_cast<int>(fault);
    const std::int64_t good = next_;
    db().write_now(1, "transfer", [&](Tx& tx) { transfer(tx, good); });
    model_.told(good, {Told::Kind::done, {}});
    next_ += 4;
    ASSERT_EQ(model_.difference(db()), std::nullopt) << static_cast<int>(fault);
  }
}

TEST_P(Faults, AFaultThatPassesAfterTwoRunsIsNotHeardOf) {
  // The batch, then the first run alone, fail at their first statement.
  class Twice final : public FaultInjector {
   public:
    std::atomic<int> left{0};
    Fault before(std::string_view sql) override {
      if (!sql.starts_with("UPDATE account") || left == 0) return Fault::none;
      --left;
      return Fault::serialization;
    }
  } twice;
  database().reopen([&](DatabaseOptions& options) { options.faults = &twice; });
  twice.left = 3;
  db().write_now(1, "transfer", [](Tx& tx) { transfer(tx, 0); });
  EXPECT_EQ(twice.left, 0);
  model_.told(0, {Told::Kind::done, {}});
  EXPECT_EQ(model_.difference(db()), std::nullopt);
  EXPECT_EQ(db().stats().retries, 1u);
  twice.left = 4;
  EXPECT_THROW(db().write_now(1, "transfer", [](Tx& tx) { transfer(tx, 4); }), DatabaseError)
      << "three runs, no more";
  EXPECT_EQ(model_.difference(db()), std::nullopt);
}

// The batch meets others, and while its callers run alone the connection is lost.
TEST_P(Faults, OneWhileCallersRunAloneLeavesExactlyWhatWasAcknowledged) {
  class Pair final : public FaultInjector {
   public:
    std::atomic<int> first{-1}, second{-1};
    std::atomic<Fault> fault{Fault::none};
    Fault before(std::string_view) override {
      if (first > 0) return --first == 0 ? Fault::serialization : Fault::none;
      if (first == 0 && second > 0 && --second == 0) return fault;
      return Fault::none;
    }
  } pair;
  database().reopen([&](DatabaseOptions& options) { options.faults = &pair; });
  for (const Fault fault : {Fault::connection_lost, Fault::connection_lost_after}) {
    for (const int first : {3, 14}) {
      for (int second = 1; second <= 24; ++second) {
        const auto told = transfer_together(db(), next_, 4, [&] {
          pair.fault = fault;
          pair.second = second;
          pair.first = first;
        });
        pair.first = -1;
        for (int i = 0; i < 4; ++i) {
          const Told& t = told[static_cast<std::size_t>(i)];
          model_.told(next_ + i, t);
          EXPECT_EQ(t.kind, i == 3 ? Told::Kind::refused : Told::Kind::done);
        }
        next_ += 4;
        ASSERT_EQ(model_.difference(db()), std::nullopt) << "at " << first << ", then " << second;
        ASSERT_FALSE(HasFailure()) << "at " << first << ", then " << second;
      }
    }
  }
  database().reopen([&](DatabaseOptions& options) { options.faults = &faults_; });
}

class LostCommit : public ::testing::Test {
 protected:
  LostCommit()
      : database_(Engine::postgresql, make_ledger,
                  [this](DatabaseOptions& options) { options.faults = &faults_; }) {}
  ByText faults_;
  test::TestDatabase database_;
  LedgerModel model_;
};

TEST_F(LostCommit, IsAskedAfterAndTheAnswerCounts) {
  faults_.faults = {{"COMMIT", Fault::connection_lost_after}};
  database_->write_now(1, "transfer", [](Tx& tx) { transfer(tx, 0); });
  EXPECT_EQ(faults_.fired, 1) << "committed: not run again";
  model_.told(0, {Told::Kind::done, {}});
  faults_.faults.clear();
  EXPECT_EQ(model_.difference(*database_), std::nullopt);
}

// The batch meets another one, and the commit of the caller that is then run alone is lost.
TEST_F(LostCommit, OfACallerRunAloneIsNotHeardOf) {
  class Once final : public FaultInjector {
   public:
    std::atomic<int> others{1}, commits{1};
    Fault before(std::string_view sql) override {
      if (sql.starts_with("UPDATE account") && others > 0) return --others, Fault::serialization;
      if (sql == "COMMIT" && others == 0 && commits > 0) return --commits, Fault::connection_lost_after;
      return Fault::none;
    }
  } once;
  once.others = 2;  // without savepoints, and with them
  database_.reopen([&](DatabaseOptions& options) { options.faults = &once; });
  EXPECT_NO_THROW(database_->write_now(1, "transfer", [](Tx& tx) { transfer(tx, 0); }));
  EXPECT_EQ(once.commits, 0);
  model_.told(0, {Told::Kind::done, {}});
  EXPECT_EQ(model_.difference(*database_), std::nullopt);
  database_.reopen([](DatabaseOptions& options) { options.faults = nullptr; });
}

TEST_F(LostCommit, WhoseOutcomeCannotBeFoundOutIsSaidToBeUnknown) {
  database_.reopen([](DatabaseOptions& options) { options.outcome_limit = Duration::milliseconds(100); });
  faults_.faults = {{"COMMIT", Fault::connection_lost_after},
                    {"SELECT COALESCE(pg_xact", Fault::connection_lost}};
  EXPECT_THROW(database_->write_now(1, "transfer", [](Tx& tx) { transfer(tx, 0); }), OutcomeUnknown);
  faults_.faults = {{"COMMIT", Fault::connection_lost}, {"SELECT COALESCE(pg_xact", Fault::connection_lost}};
  EXPECT_THROW(database_->write_now(1, "transfer", [](Tx& tx) { transfer(tx, 4); }), OutcomeUnknown);
  faults_.faults.clear();
  model_.maybe(0);
  model_.maybe(4);
  EXPECT_EQ(model_.difference(*database_), std::nullopt);
  database_->write_now(1, "transfer", [](Tx& tx) { transfer(tx, 8); });
  model_.told(8, {Told::Kind::done, {}});
  EXPECT_EQ(model_.difference(*database_), std::nullopt);
}

// From outside, as an administrator or a failover would: the server ends every other connection of this
// database.
void end_connections(const std::string& url) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQexec(connection.get(),
             "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = "
             "current_database() AND pid <> "
             "pg_backend_pid()"),
      PQclear);
  ASSERT_EQ(PQresultStatus(result.get()), PGRES_TUPLES_OK) << PQerrorMessage(connection.get());
}

// Every new connection of this database only reads, or no longer does.
void set_read_only(const std::string& url, bool read_only) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::string sql = fmt::format(
      "BEGIN READ WRITE; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {} default_transaction_read_only{}', "
      "current_database()); END $$; COMMIT",
      read_only ? "SET" : "RESET", read_only ? " = on" : "");
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  ASSERT_EQ(PQresultStatus(result.get()), PGRES_COMMAND_OK) << PQerrorMessage(connection.get());
}

// As after a failover, while the address still leads to the server that now only reads.
TEST(LostConnection, OneThatTakesNoWritesIsMadeAnew) {
  test::TestDatabase database(Engine::postgresql, make_ledger,
                              [](DatabaseOptions& options) { options.max_connections = 2; });
  LedgerModel model;
  for (const Lane lane : {Lane{1}, global_lane}) {
    const std::int64_t id = lane * 8;
    set_read_only(database.options().url, true);
    end_connections(database.options().url);
    try {
      database->write_now(lane, "transfer", [&](Tx& tx) { transfer(tx, id); });
      ADD_FAILURE() << "written by a server that only reads";
    } catch (const DatabaseError& error) {
      EXPECT_EQ(error.kind(), ErrorKind::read_only);
    }
    ASSERT_EQ(model.difference(*database), std::nullopt);
    set_read_only(database.options().url, false);
    database->write_now(lane, "transfer", [&](Tx& tx) { transfer(tx, id); });
    model.told(id, {Told::Kind::done, {}});
    ASSERT_EQ(model.difference(*database), std::nullopt);
  }
}

TEST_P(Faults, SlowReadsHoldNobodyUpAsLongAsAConnectionIsLeft) {
  database().reopen([](DatabaseOptions& options) { options.max_connections = 8; });
  std::latch slow(3), end(1);
  std::vector<std::thread> reports;
  for (int i = 0; i < 3; ++i)  // of four that read
    reports.emplace_back([&] {
      db().read_now([&](Tx& tx) {
        tx.one<std::int64_t>("SELECT count(*) FROM account");
        slow.count_down();
        end.wait();
      });
    });
  slow.wait();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(db().read_now([](Tx& tx) { return tx.one<std::int64_t>("SELECT count(*) FROM account"); }),
              kAccounts);
  end.count_down();
  for (std::thread& report : reports) report.join();
}

TEST(Reads, WaitInLineNoLongerThanOneMayLast) {
  test::TestDatabase database(Engine::postgresql, make_ledger, [](DatabaseOptions& options) {
    options.max_connections = 2;  // one that reads
    options.read_limit = Duration::milliseconds(1);
  });
  std::binary_semaphore busy{0}, let_go{0};
  std::thread reader([&] {
    for (bool read = false; !read;) {
      try {
        database->read_now([&](Tx&) {
          busy.release();
          let_go.acquire();
        });
        read = true;
      } catch (const Overloaded&) {
        // A slow machine: the one that reads was not awake in time.
      }
    }
  });
  busy.acquire();
  test::Loop loop;
  int refused = 0, done = 0;
  const auto caller = [&]() -> Task<void> {
    auto fn = [](Tx&) {};
    try {
      co_await database->read(fn);
    } catch (const Overloaded&) {
      ++refused;
    }
  };
  {
    const Executor::Scope scope(&loop);
    for (int i = 0; i < 2; ++i) start(caller(), [&](std::exception_ptr) { ++done; });
  }
  const auto over = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
  while (std::chrono::steady_clock::now() < over) std::this_thread::yield();
  let_go.release();
  reader.join();
  loop.run_until([&] { return done == 2; });
  EXPECT_EQ(refused, 2);
}

TEST(LostConnection, IsMadeAnewForWritesAndReads) {
  test::TestDatabase database(Engine::postgresql, make_ledger);
  LedgerModel model;
  for (std::int64_t id = 0; id < 40; id += 4) {
    end_connections(database.options().url);
    database->write_now(1, "transfer", [&](Tx& tx) { transfer(tx, id); });
    model.told(id, {Told::Kind::done, {}});
    end_connections(database.options().url);
    ASSERT_EQ(model.difference(*database), std::nullopt);
  }
}

TEST(LostConnection, InTheMiddleOfABatchEveryCallerIsRunAgain) {
  test::TestDatabase database(Engine::postgresql, make_ledger);
  bool ended = false;
  database->write_now(1, "transfer", [&](Tx& tx) {
    transfer(tx, 0);
    // An effect outside the Tx, which a lambda must not have: here it ends the connection once.
    if (!ended) end_connections(database.options().url);
    ended = true;
    transfer(tx, 4);
  });
  LedgerModel model;
  model.told(0, {Told::Kind::done, {}});
  model.told(4, {Told::Kind::done, {}});
  EXPECT_EQ(model.difference(*database), std::nullopt);
  EXPECT_EQ(database->stats().retries, 1u);
}

}  // namespace
}  // namespace plenary::db
