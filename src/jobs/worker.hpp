// Delivers outbox rows and runs periodic jobs, on threads of its own. Several workers, in this process and in
// others on the same database, share the work: each row is leased to one of them, worked on outside any
// transaction, then completed with the lease's token. A worker that dies leaves a lease that elapses; another
// one delivers the row again. Handlers may block (they are on a worker thread) and must end well within the
// lease: a wait on another party has a time limit of its own. What a handler throws is kept as the row's last
// error, and the row is tried again later. source: docs/transactions.md, section 6.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "db/database.hpp"
#include "jobs/outbox.hpp"

namespace plenary::jobs {

// Thrown by a handler that knows no retry will help: the row is a dead letter at once.
class Undeliverable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct WorkerOptions {
  int threads = 1;
  int batch = 20;         // rows leased at once
  int max_attempts = 15;  // then a dead letter; about 17 hours with the delays below
  Duration lease = Duration::minutes(2);
  Duration beat;  // how often leases at work are extended; zero: a quarter of the lease
  Duration poll = Duration::seconds(1);         // for rows other processes wrote
  Duration first_delay = Duration::seconds(5);  // doubles with each attempt
  Duration longest_delay = Duration::hours(6);
  Duration keep_done = Duration::days(30);
  int nice = 0;  // of its threads, so that a busy server's requests go first; only upwards
  // Asked before each batch, by one thread at a time when threads is 1: true puts it off, for `patience` at
  // most.
  std::function<bool()> gives_way;
  Duration patience = Duration::seconds(10);
  std::function<double()> jitter;  // uniform in [0, 1); nothing: random
};

class Worker {
 public:
  using Handler = std::function<void(const Delivery&)>;  // several threads at once when options.threads > 1

  // `database` must outlive the worker.
  explicit Worker(db::Database& database, WorkerOptions options = {});
  ~Worker();  // stops
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Before start(). A kind or name registered twice is a programming error (std::logic_error). Rows of kinds
  // no worker knows stay where they are.
  void on(std::string_view kind, Handler handler);
  // Once in `seconds` for all processes together; the first time at once. A failure is tried again after the
  // back-off, at the latest at the next turn. Repeats must be harmless here too.
  void every(std::string_view name, int seconds, std::function<void()> handler);

  // Starts the threads. Without it, run_due() does the work.
  void start();
  // Lets running handlers end, gives unstarted leases back, joins. Idempotent.
  void stop();
  bool is_stopping() const;  // stop() was called; also for handlers with long work

  // Looks at once, and again shortly after (a commit may be under way). Any thread. enqueue() does so by
  // itself, for all workers of this process.
  void wake();

  // Everything that is due now, or at `now`, until nothing is: on the calling thread, without sleeping. For
  // tests and commands. How many deliveries and periodic runs it made, failed ones included.
  int run_due();
  int run_due(Instant now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plenary::jobs
