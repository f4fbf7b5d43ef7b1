// The PostgreSQL half of Database: writing threads that serve lanes (a connection each), reading threads
// (likewise); together at most max_connections. Connections are made when first needed and made anew when
// lost. Internal to db/; made by Database::open.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "db/database_url.hpp"
#include "db/group_commit.hpp"
#include "db/postgres_connection.hpp"

namespace plenary::db {

// The time of lanes in this process, and the server's clock beside ours. Any thread.
class PostgresTime {
 public:
  explicit PostgresTime(const Clock* clock) : clock_(clock) {}
  const Clock* injected() const { return clock_; }
  // For reads: the injected clock, or ours moved by the server's difference.
  Instant now() const;
  void server_said(Instant server) {
    offset_.store((server - Instant::system_now()).micros, std::memory_order_relaxed);
  }
  Instant last_commit(Lane lane) const;
  void committed(Lane lane, Instant at);

 private:
  const Clock* const clock_;
  std::atomic<std::int64_t> offset_{0};
  mutable std::mutex mutex_;
  std::unordered_map<Lane, Instant> last_;
};

class PostgresWriteSession final : public WriteSession {
 public:
  PostgresWriteSession(const PostgresConnection::Options& options, PostgresTime& time, Counters& counters,
                       Duration outcome_limit)
      : options_(options), time_(time), counters_(counters), outcome_limit_(outcome_limit) {}
  void connect();  // throws DatabaseError
  Engine engine() const override { return Engine::postgresql; }
  Connection& connection() override { return *connection_; }
  void begin(Lane lane) override;
  Instant now(Lane) override { return now_; }
  void wrote(Lane) override { wrote_ = true; }
  bool alive() override { return connection_ && connection_->in_healthy_transaction(); }
  CommitOutcome commit(std::exception_ptr& reason) override;
  void abandon() noexcept override;

 private:
  CommitOutcome ask_outcome();
  void count_round_trips();

  const PostgresConnection::Options options_;
  PostgresTime& time_;
  Counters& counters_;
  const Duration outcome_limit_;
  std::unique_ptr<PostgresConnection> connection_;
  std::uint64_t counted_ = 0;  // of the connection's round trips
  Lane lane_ = global_lane;
  Instant now_{};
  std::string xid_;
  bool wrote_ = false;
};

// As many connections read as the machine has processors (two at least), the first ones before the others:
// each has its own caches, here and on the server (a rush was a tenth slower with all eight). The others
// stand in for those that are held up by a slow read, such as a report.
class PostgresReads {
 public:
  PostgresReads(const PostgresConnection::Options& options, PostgresTime& time, Counters& counters,
                int threads, std::size_t max_queued);
  ~PostgresReads();                 // answers what is queued
  void push(detail::ReadJob& job);  // throws Overloaded

 private:
  using Clock = std::chrono::steady_clock;
  struct Reader;
  void work(Reader& self);
  bool may_serve() const;
  void wake_one();
  void serve(detail::ReadJob& job, std::unique_ptr<PostgresConnection>& connection);
  bool try_serve(detail::ReadJob& job, std::unique_ptr<PostgresConnection>& connection, bool last);

  const PostgresConnection::Options options_;
  PostgresTime& time_;
  Counters& counters_;
  const std::size_t max_queued_;
  struct Waiting {
    detail::ReadJob* job;
    Clock::time_point since;
  };
  struct Reader {
    std::condition_variable woken;
    bool is_idle = false;
    std::optional<Clock::time_point> began;  // since when it reads
    std::thread thread;
  };
  std::mutex mutex_;
  std::deque<Waiting> jobs_;
  const std::size_t usual_;  // reads at a time, slow ones apart
  std::vector<Reader> readers_;
  bool watched_ = false;  // somebody looks whether all that read are slow
  bool stopping_ = false;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const DatabaseOptions& options, const DatabaseUrl& url);
  ~PostgresDatabase() override;
  Engine engine() const override { return Engine::postgresql; }
  const DatabaseOptions& options() const override { return options_; }
  DatabaseStats stats() const override;

 protected:
  bool read_inline(detail::ReadJob&) override { return false; }
  void enqueue_read(detail::ReadJob& job) override;
  void run_read(detail::ReadJob& job) override;
  void enqueue_write(detail::WriteJob& job) override;

 private:
  struct Worker {
    std::unique_ptr<PostgresWriteSession> session;
    std::unique_ptr<GroupCommit> group_commit;
    std::thread thread;
  };
  const DatabaseOptions options_;
  Counters counters_;
  PostgresTime time_;
  WriteQueue queue_;
  std::vector<Worker> workers_;
  std::unique_ptr<PostgresReads> reads_;
};

}  // namespace plenary::db
