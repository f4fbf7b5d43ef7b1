// Group commit: runs queued lambdas in turn inside one outer transaction, commits once, then tells every
// caller. Alike on both engines; what differs is behind WriteSession. One GroupCommit a committing thread. A
// batch whose outer transaction is lost is run again, lambda by lambda, at most three times. source:
// docs/transactions.md, section 3. Internal to db/.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <random>
#include <vector>

#include "db/connection.hpp"
#include "db/database.hpp"
#include "db/write_queue.hpp"
#include "db/write_tx.hpp"

namespace plenary::db {

struct Counters {
  std::atomic<std::uint64_t> writes{0}, batches{0}, retries{0}, refused{0}, round_trips{0}, reads{0};
  void add(std::atomic<std::uint64_t>& counter, std::uint64_t n = 1) {
    counter.fetch_add(n, std::memory_order_relaxed);
  }
};

enum class CommitOutcome { committed, not_committed, unknown };

// One connection that writes, and its outer transaction. One thread. Errors: DatabaseError.
class WriteSession {
 public:
  virtual ~WriteSession() = default;
  virtual Engine engine() const = 0;
  virtual Connection& connection() = 0;
  // Takes the locks and begins; `lane` is the batch's first lane (the only one on PostgreSQL).
  virtual void begin(Lane lane) = 0;
  // The time of `lane` in this transaction.
  virtual Instant now(Lane lane) = 0;
  // A caller of `lane` wrote: the lane's time is kept with the commit.
  virtual void wrote(Lane lane) = 0;
  // False when the engine has given the outer transaction up (SQLite rolled back, PostgreSQL failed without a
  // savepoint, the connection is gone).
  virtual bool alive() = 0;
  // After not_committed, `reason` holds the error. Locks are released.
  virtual CommitOutcome commit(std::exception_ptr& reason) = 0;
  // Rolls back what is left and releases the locks; the next begin() makes a new connection where needed.
  virtual void abandon() noexcept = 0;
};

class GroupCommit {
 public:
  GroupCommit(WriteSession& session, WriteQueue& queue, Counters& counters, std::size_t max_callers,
              Duration slow_write);
  // Serves claimed lanes until the queue is stopped and empty.
  void serve();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Ran { fine, batch_lost, needs_savepoint };
  enum class Pass { decided, lost, undone };  // undone: to be run again with savepoints

  void serve_batch(Lane key);
  bool run_batch(Lane key);
  Pass run_taken(Lane key);
  void take_more(Lane key);
  void look_ahead(std::size_t place);
  Ran run_caller(detail::WriteJob& job, std::size_t place, bool savepoint);
  void run_alone(detail::WriteJob& job);
  bool try_alone(detail::WriteJob& job, bool& begun);
  void pause(int attempt);
  void call(detail::WriteJob& job, WriteTx& tx);
  void run_at_end();
  void deliver();

  WriteSession& session_;
  WriteQueue& queue_;
  Counters& counters_;
  const std::size_t max_callers_;
  const Duration slow_write_;
  std::minstd_rand jitter_;
  std::exception_ptr begin_error_;
  int cautious_callers_ = 0;
  GatheredRows gathered_;                 // of the callers of this outer transaction
  std::vector<Connection::Asked> asked_;  // for the callers of the batch, by their places
  std::size_t arranged_ = 0;              // so many callers, those who ask nothing first
  std::vector<Tx::AtEnd> at_end_;         // what the callers of this outer transaction put off
  std::vector<detail::WriteJob*> batch_;  // taken from the queue, in order
  struct Resumption {
    Executor* executor;
    std::coroutine_handle<> handle;
  };
  std::vector<Resumption> resumptions_;
  std::vector<std::coroutine_handle<>> handles_;
};

// The name of the write or read whose lambda runs on this thread, or null. Set around lambdas.
class RunningLambda {
 public:
  enum class Kind { write, read };
  RunningLambda(Kind kind, const char* name);
  ~RunningLambda();
  RunningLambda(const RunningLambda&) = delete;
  RunningLambda& operator=(const RunningLambda&) = delete;
  // Aborts with a message when a lambda runs on this thread: a write would wait for itself.
  static void refuse_nested(const char* what, const char* name);
};

// Resumes or wakes whoever waits for a job that is done. The job may be gone afterwards.
template <class Job>
void tell(Job& job) {
  if (job.handle) {
    std::coroutine_handle<> handle = job.handle;
    if (Executor* executor = job.executor) {
      executor->post(handle);
    } else {
      handle.resume();
    }
    return;
  }
  const std::shared_ptr<detail::Signal> signal = job.signal;
  std::lock_guard lock(signal->mutex);
  signal->done = true;
  signal->ready.notify_one();
}

// This thread's signal, not done.
std::shared_ptr<detail::Signal> fresh_signal();
void wait_for(detail::Signal& signal);

}  // namespace plenary::db
