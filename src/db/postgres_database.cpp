#include "db/postgres_database.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/errors.hpp"

namespace plenary::db {

namespace {
// Above 64 subtransactions PostgreSQL spills their ids.
constexpr std::size_t kMaxCallers = 200;
constexpr std::chrono::milliseconds kSlowRead{20};

PostgresConnection::Options connection_options(const DatabaseOptions& options, const DatabaseUrl& url,
                                               PostgresConnection::Use use) {
  PostgresConnection::Options made;
  made.url = url.url;
  made.use = use;
  made.relaxed_durability = options.relaxed_durability;
  made.read_limit = std::chrono::microseconds(options.read_limit.micros);
  if (use == PostgresConnection::Use::writer) made.faults = options.faults;
  return made;
}
}  // namespace

PostgresReads::PostgresReads(const PostgresConnection::Options& options, PostgresTime& time,
                             Counters& counters, int threads, std::size_t max_queued)
    : options_(options),
      time_(time),
      counters_(counters),
      max_queued_(max_queued),
      usual_(std::max(2u, std::thread::hardware_concurrency())),
      readers_(static_cast<std::size_t>(threads)) {
  for (Reader& reader : readers_) reader.thread = std::thread([this, &reader] { work(reader); });
}

PostgresReads::~PostgresReads() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (std::size_t i = 0; i < readers_.size(); ++i) wake_one();
  }
  for (Reader& reader : readers_) reader.thread.join();
}

void PostgresReads::push(detail::ReadJob& job) {
  std::lock_guard lock(mutex_);
  if (jobs_.size() >= max_queued_) throw Overloaded();
  jobs_.push_back({&job, Clock::now()});
  if (!watched_ || may_serve()) wake_one();
}

bool PostgresReads::may_serve() const {
  if (jobs_.empty()) return false;
  const Clock::time_point slow = Clock::now() - kSlowRead;
  const auto quick = std::count_if(readers_.begin(), readers_.end(), [&](const Reader& reader) {
    return reader.began && *reader.began > slow;
  });
  return static_cast<std::size_t>(quick) < usual_;
}

void PostgresReads::wake_one() {
  for (Reader& reader : readers_) {
    if (!reader.is_idle) continue;
    reader.is_idle = false;
    reader.woken.notify_one();
    return;
  }
}

void PostgresReads::work(Reader& self) {
  std::unique_ptr<PostgresConnection> connection;
  std::unique_lock lock(mutex_);
  for (;;) {
    while (!may_serve() && !(stopping_ && jobs_.empty())) {
      self.is_idle = true;
      if (jobs_.empty() || watched_) {
        self.woken.wait(lock, [&] { return !self.is_idle; });
        continue;
      }
      watched_ = true;
      self.woken.wait_for(lock, kSlowRead, [&] { return !self.is_idle; });
      watched_ = self.is_idle = false;
    }
    if (jobs_.empty()) {
      wake_one();  // who waited for the last reads
      return;
    }
    const Waiting next = jobs_.front();
    jobs_.pop_front();
    const Clock::time_point now = Clock::now();
    self.began = now;
    if (!jobs_.empty() && !watched_) wake_one();
    lock.unlock();
    detail::ReadJob& job = *next.job;
    // Where the server does not answer, each read waits for its own limits: those in line behind it do not
    // wait for all of these one after the other.
    if (now - next.since > options_.read_limit) {
      counters_.add(counters_.refused);
      job.error = std::make_exception_ptr(Overloaded());
    } else {
      serve(job, connection);
    }
    tell(job);
    lock.lock();
    self.began.reset();
  }
}

// A read changes nothing: when an old connection turns out to be dead it is run once more on a new one.
void PostgresReads::serve(detail::ReadJob& job, std::unique_ptr<PostgresConnection>& connection) {
  counters_.add(counters_.reads);
  if (!try_serve(job, connection, false)) try_serve(job, connection, true);
}

// False when the connection was lost.
bool PostgresReads::try_serve(detail::ReadJob& job, std::unique_ptr<PostgresConnection>& connection,
                              bool last) {
  job.error = nullptr;
  try {
    if (!connection || !connection->usable() || connection->is_worn())
      connection = std::make_unique<PostgresConnection>(options_);
    const std::uint64_t trips_before = connection->round_trips();
    // BEGIN travels with the first statement; COMMIT with the last, where the read says which that is, else
    // it is sent behind, and answered before the next read's first answer.
    bool again = false;
    do {
      connection->begin_read();
      connection->set_deadline(std::chrono::steady_clock::now() + options_.read_limit);
      try {
        const RunningLambda running(RunningLambda::Kind::read, "read");
        ReadTx tx(Engine::postgresql, time_.now(), *connection, !again);
        again = false;
        job.call(job.self, tx);
      } catch (const ReadAgain&) {
        again = true;
      } catch (...) {
        job.error = std::current_exception();
      }
      connection->set_deadline(std::chrono::steady_clock::time_point::max());
      if (connection->usable()) connection->end_read();
    } while (again && connection->usable());
    counters_.add(counters_.round_trips, connection->round_trips() - trips_before);
  } catch (...) {
    if (!job.error) job.error = std::current_exception();
  }
  const bool lost = connection && !connection->usable();
  if (lost) connection.reset();
  return !lost || last;
}

PostgresDatabase::PostgresDatabase(const DatabaseOptions& options, const DatabaseUrl& url)
    : options_(options), time_(options.clock), queue_(options.max_queued, options.max_wait) {
  const int connections = std::max(2, options.max_connections);
  const int writers = connections / 2;
  for (int i = 0; i < writers; ++i) {
    Worker& worker = workers_.emplace_back();
    worker.session = std::make_unique<PostgresWriteSession>(
        connection_options(options, url, PostgresConnection::Use::writer), time_, counters_,
        options.outcome_limit);
    worker.group_commit =
        std::make_unique<GroupCommit>(*worker.session, queue_, counters_, kMaxCallers, options.slow_write);
  }
  // One is connected now, so that a wrong address or an unsafe server is told at once.
  workers_.front().session->connect();
  for (Worker& worker : workers_) {
    worker.thread = std::thread([&worker] { worker.group_commit->serve(); });
  }
  reads_ = std::make_unique<PostgresReads>(connection_options(options, url, PostgresConnection::Use::reader),
                                           time_, counters_, connections - writers, options.max_queued);
}

PostgresDatabase::~PostgresDatabase() {
  queue_.stop();
  for (Worker& worker : workers_) worker.thread.join();
  reads_.reset();
}

DatabaseStats PostgresDatabase::stats() const {
  DatabaseStats stats;
  stats.writes = counters_.writes;
  stats.batches = counters_.batches;
  stats.retries = counters_.retries;
  stats.refused = counters_.refused;
  stats.round_trips = counters_.round_trips;
  stats.reads = counters_.reads;
  stats.queued = queue_.queued();
  return stats;
}

void PostgresDatabase::enqueue_read(detail::ReadJob& job) {
  RunningLambda::refuse_nested("a read", "read");
  try {
    reads_->push(job);
  } catch (...) {
    counters_.add(counters_.refused);
    throw;
  }
}

void PostgresDatabase::run_read(detail::ReadJob& job) {
  const std::shared_ptr<detail::Signal> signal = fresh_signal();
  job.signal = signal;
  enqueue_read(job);
  wait_for(*signal);
}

void PostgresDatabase::enqueue_write(detail::WriteJob& job) {
  RunningLambda::refuse_nested("a write", job.name);
  try {
    queue_.push(job.lane, job);
  } catch (...) {
    counters_.add(counters_.refused);
    throw;
  }
}

}  // namespace plenary::db
