// The database of a process: reading, and writing through group commit. docs/transactions.md is the whole
// contract.
//
// Handlers:   auto fn = [&](db::Tx& tx) { return place_order(tx, …); };
//             auto order = co_await db.write(conference_id, "checkout", fn);
// Commands, jobs, tests (they may block): db.write_now(lane, "name", [&](db::Tx& tx) {…}).
//
// `fn` must be a named local: it is taken by reference and may run more than once, on another thread, before
// the await returns. A suspended handler is never destroyed while its write is in flight.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>

#include "base/task.hpp"
#include "base/time.hpp"
#include "db/tx.hpp"

namespace plenary::db {

class FaultInjector;

// Writes of one conference are serialised in its lane (the conference's id); what touches none uses
// global_lane.
using Lane = std::int64_t;
inline constexpr Lane global_lane = 0;

struct DatabaseOptions {
  // "sqlite:///abs.db", "sqlite:rel.db" (relative to base_directory) or "postgresql://…". source:
  // configuration.md.
  std::string url;
  std::string base_directory = ".";
  // Where Tx::now() comes from. nullptr: the system's clock on SQLite, the server's on PostgreSQL. A clock
  // given here (tests, clock_file.hpp) is used on both engines. Must outlive the database.
  const Clock* clock = nullptr;
  bool development = true;  // production refuses relaxed_durability
  bool relaxed_durability =
      false;  // tests only: allows fsync=off, which is else refused; SQLite: synchronous=OFF
  bool checkpoint_thread = true;             // SQLite: run the checkpoint thread in this process
  int max_connections = 8;                   // PostgreSQL
  const char* sqlite_vfs = nullptr;          // tests: the power-cut VFS
  FaultInjector* faults = nullptr;           // tests: faults.hpp
  int checkpoint_pages = 4000;               // SQLite: pages in the log that start a checkpoint
  int checkpoint_restart_pages = 16 * 1024;  // SQLite: 64 MB, at which the log is begun again
  // Limits; tests lower them. source: docs/transactions.md, section 3.
  std::size_t max_queued = 10'000;
  Duration max_wait = Duration::seconds(5);    // expected wait over which a write is refused with Overloaded
  Duration read_limit = Duration::seconds(5);  // a longer read is interrupted
  Duration outcome_limit = Duration::seconds(5);    // PostgreSQL: how long a lost COMMIT is asked after
  Duration slow_write = Duration::milliseconds(5);  // a longer lambda is logged with its name
};

// Counters for /metrics and bench/db. Monotonic.
struct DatabaseStats {
  std::uint64_t writes = 0, batches = 0, retries = 0, refused = 0, round_trips = 0, reads = 0;
  std::uint64_t queued = 0;  // right now
};

namespace detail {
// What a blocked thread waits on. Shared with the committer, so that neither touches the other's job after
// the wake-up.
struct Signal {
  std::mutex mutex;
  std::condition_variable ready;
  bool done = false;
};

// One queued write; lives in the awaiting coroutine's frame (or on the blocked thread's stack), and is not
// touched any more by the committer once its owner has been told.
struct WriteJob {
  Lane lane = global_lane;
  const char* name = "";
  void (*call)(void* self, Tx& tx) = nullptr;  // runs fn, stores the result; may run again
  void (*ask)(void* self, Tx& tx) = nullptr;   // what fn asks first; may be null
  void* self = nullptr;
  std::exception_ptr error;
  Executor* executor = nullptr;      // where to resume `handle`
  std::coroutine_handle<> handle{};  // or, when null:
  std::shared_ptr<Signal> signal;
  WriteJob* next = nullptr;  // intrusive queue
};
struct ReadJob {
  void (*call)(void* self, Tx& tx) = nullptr;
  void* self = nullptr;
  std::exception_ptr error;
  Executor* executor = nullptr;
  std::coroutine_handle<> handle{};
  std::shared_ptr<Signal> signal;
};
template <class T>
using Stored = std::conditional_t<std::is_void_v<T>, bool, T>;
}  // namespace detail

class Database {
 public:
  // Opens; does not migrate. Throws DatabaseError (kind connection) with a message for a person.
  static std::unique_ptr<Database> open(const DatabaseOptions& options);
  virtual ~Database() = default;  // finishes queued writes, joins threads

  virtual Engine engine() const = 0;
  virtual const DatabaseOptions& options() const = 0;
  virtual DatabaseStats stats() const = 0;

  // A snapshot; nothing can be written. Inline on SQLite, on a bounded pool on PostgreSQL.
  template <class F>
  auto read(F& fn) {
    using T = std::invoke_result_t<F&, Tx&>;
    struct Awaiter : detail::ReadJob {
      Database& db;
      F& fn;
      std::optional<detail::Stored<T>> result{};
      Awaiter(Database& d, F& f) : db(d), fn(f) {
        self = this;
        call = [](void* self, Tx& tx) {
          run_into(static_cast<Awaiter*>(self)->result, static_cast<Awaiter*>(self)->fn, tx);
        };
      }
      bool await_ready() { return db.read_inline(*this); }
      void await_suspend(std::coroutine_handle<> h) {
        handle = h;
        executor = Executor::current();
        db.enqueue_read(*this);
      }
      T await_resume() { return take<T>(error, result); }
    };
    return Awaiter(*this, fn);
  }

  // Queues `fn` in the lane's group commit; resumes after the commit is durable. Throws what fn threw,
  // Overloaded when the queue is too long, OutcomeUnknown.
  template <class F>
  auto write(Lane lane, const char* name, F& fn) {
    return write(lane, name, nothing_asked, fn);
  }

  // The same for an `fn` that gathers (db/gather.hpp) and begins with tx.ask_ahead(asks). On PostgreSQL what
  // the callers of a batch ask shares one trip: `asks` is then called once more before, with a Tx that only
  // asks. It asks the same each time (nothing is drawn in it) and has no effect.
  template <class Asks, class F>
  auto write(Lane lane, const char* name, Asks& asks, F& fn) {
    using T = std::invoke_result_t<F&, Tx&>;
    struct Awaiter : detail::WriteJob {
      Database& db;
      Asks& asks;
      F& fn;
      std::optional<detail::Stored<T>> result{};
      Awaiter(Database& d, Lane l, const char* n, Asks& a, F& f) : db(d), asks(a), fn(f) {
        lane = l;
        name = n;
        if constexpr (!std::is_same_v<Asks, const NothingAsked>)
          ask = [](void* self, Tx& tx) { static_cast<Awaiter*>(self)->asks(tx); };
      }
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> h) {
        self = this;
        call = [](void* self, Tx& tx) {
          run_into(static_cast<Awaiter*>(self)->result, static_cast<Awaiter*>(self)->fn, tx);
        };
        handle = h;
        executor = Executor::current();
        db.enqueue_write(*this);
      }
      T await_resume() { return take<T>(error, result); }
    };
    return Awaiter(*this, lane, name, asks, fn);
  }

  // Blocking forms; never on an I/O thread.
  template <class F>
  auto read_now(F&& fn) {
    using T = std::invoke_result_t<F&, Tx&>;
    Blocking<std::remove_reference_t<F>, T, detail::ReadJob> job(fn);
    run_read(job);
    return take<T>(job.error, job.result);
  }
  template <class F>
  auto write_now(Lane lane, const char* name, F&& fn) {
    using T = std::invoke_result_t<F&, Tx&>;
    Blocking<std::remove_reference_t<F>, T, detail::WriteJob> job(fn);
    job.lane = lane;
    job.name = name;
    run_write(job);
    return take<T>(job.error, job.result);
  }

 protected:
  // True when the read was run here and now (SQLite).
  virtual bool read_inline(detail::ReadJob& job) = 0;
  virtual void enqueue_read(detail::ReadJob& job) = 0;    // throws Overloaded
  virtual void run_read(detail::ReadJob& job) = 0;        // blocking
  virtual void enqueue_write(detail::WriteJob& job) = 0;  // throws Overloaded
  void run_write(detail::WriteJob& job);                  // blocking

 private:
  struct NothingAsked {};
  static constexpr NothingAsked nothing_asked{};
  template <class F, class T, class Job>
  struct Blocking : Job {
    F& fn;
    std::optional<detail::Stored<T>> result{};
    explicit Blocking(F& f) : fn(f) {
      this->self = this;
      this->call = [](void* self, Tx& tx) {
        run_into(static_cast<Blocking*>(self)->result, static_cast<Blocking*>(self)->fn, tx);
      };
    }
  };
  template <class Result, class F>
  static void run_into(Result& result, F& fn, Tx& tx) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&, Tx&>>) {
      fn(tx);
    } else {
      result.emplace(fn(tx));
    }
  }
  template <class T, class Result>
  static T take(std::exception_ptr& error, Result& result) {
    if (error) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
};

}  // namespace plenary::db
