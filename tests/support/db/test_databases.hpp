// Fresh databases for tests, on both engines. The usual way:
//
//   class Checkout : public plenary::test::DatabaseTest {};           // migrated, one fresh database a test
//   ON_BOTH_ENGINES(Checkout);
//   TEST_P(Checkout, TheLastTicketGoesToExactlyOneOfTwoBuyers) { db().write_now(…); clock().advance(…); }
//
// SQLite: a file in a temporary folder. PostgreSQL: a database in the private server that
// PLENARY_TEST_POSTGRES names (tests/support/postgres.sh; ./dev test sets it); without it the test fails and
// says so. The schema is migrated once a process and copied from then on; a PostgreSQL database is taken
// again after its rows were put back (reused_database.hpp). Durability is relaxed; what is tested here
// survives no power cut. The clock is set by hand on both engines and begins at 2027-05-14T09:00:00Z.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/task.hpp"
#include "base/time.hpp"
#include "db/database.hpp"

namespace plenary::test {

// A clock that stands until it is moved. Any thread.
class ManualClock final : public Clock {
 public:
  ManualClock() = default;
  explicit ManualClock(Instant at) : micros_(at.micros) {}
  Instant now() const override { return Instant{micros_.load(std::memory_order_relaxed)}; }
  void set(Instant at) { micros_.store(at.micros, std::memory_order_relaxed); }
  void advance(Duration by) { micros_.fetch_add(by.micros, std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> micros_{1'810'285'200'000'000};
};

// What is in the database before the test: nothing, or whatever a function puts there (run once a process).
using Prepare = void (*)(db::Database&);
void nothing(db::Database&);
void migrated(db::Database&);  // plenary::db::migrate

// One fresh database, removed at the end. `options()` opens it a second time, as another process would.
class TestDatabase {
 public:
  using Change = std::function<void(db::DatabaseOptions&)>;
  explicit TestDatabase(db::Engine engine, Prepare prepare = migrated, const Change& change = {});
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  db::Database& operator*() { return *database_; }
  db::Database* operator->() { return database_.get(); }
  const db::DatabaseOptions& options() const { return options_; }
  // Closes and opens again; `close` alone to look at the files.
  void reopen(const Change& change = {});
  void close() { database_.reset(); }

 private:
  struct Place;
  std::unique_ptr<Place> place_;
  db::DatabaseOptions options_;
  std::unique_ptr<db::Database> database_;
};

// Throws std::runtime_error with the instruction when PLENARY_TEST_POSTGRES is not set.
std::string postgres_server();

class DatabaseTest : public ::testing::TestWithParam<db::Engine> {
 protected:
  explicit DatabaseTest(Prepare prepare = migrated) : prepare_(prepare) {}
  void SetUp() override { database_ = std::make_unique<TestDatabase>(GetParam(), prepare_, change()); }
  void TearDown() override { database_.reset(); }

  db::Database& db() { return **database_; }
  TestDatabase& database() { return *database_; }
  ManualClock& clock() { return clock_; }
  // Changes the options before the database is opened; overriders call this one too.
  virtual TestDatabase::Change change() {
    return [this](db::DatabaseOptions& options) { options.clock = &clock_; };
  }

 private:
  Prepare prepare_;
  ManualClock clock_;
  std::unique_ptr<TestDatabase> database_;
};

std::string engine_name(const ::testing::TestParamInfo<db::Engine>& info);

#define ON_BOTH_ENGINES(Suite)                                                                              \
  INSTANTIATE_TEST_SUITE_P(Engines, Suite,                                                                  \
                           ::testing::Values(plenary::db::Engine::sqlite, plenary::db::Engine::postgresql), \
                           plenary::test::engine_name)

// An executor of the calling thread: runs what is posted until told otherwise.
class Loop final : public Executor {
 public:
  Loop();
  ~Loop() override;
  void post(std::coroutine_handle<> handle) override;
  // Runs until `done` is true; it is looked at after each handle.
  void run_until(const std::function<bool()>& done);

  // Runs a task to its end on this thread.
  template <class T>
  T run(Task<T> task) {
    std::exception_ptr error;
    bool done = false;
    const Scope scope(this);
    if constexpr (std::is_void_v<T>) {
      start(std::move(task), [&](std::exception_ptr e) {
        error = e;
        done = true;
      });
      run_until([&] { return done; });
      if (error) std::rethrow_exception(error);
    } else {
      std::optional<T> result;
      start(std::move(task), [&](std::exception_ptr e, std::optional<T> r) {
        error = e;
        result = std::move(r);
        done = true;
      });
      run_until([&] { return done; });
      if (error) std::rethrow_exception(error);
      return std::move(*result);
    }
  }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plenary::test
