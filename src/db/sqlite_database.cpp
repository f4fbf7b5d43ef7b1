#include "db/sqlite_database.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace plenary::db {

namespace {
constexpr std::size_t kMaxCallers = 100;

SqliteConnection::Options with_use(SqliteConnection::Options options, SqliteConnection::Use use) {
  options.use = use;
  return options;
}
}  // namespace

// Read connections: each thread uses one of its own; a thread that ends leaves it to the next that begins.
struct SqliteDatabase::Readers {
  std::mutex mutex;
  std::vector<std::unique_ptr<SqliteConnection>> all;
  std::vector<SqliteConnection*> spare;

  struct Mine {
    std::weak_ptr<Readers> owner;
    const Readers* address = nullptr;
    SqliteConnection* connection = nullptr;
  };
  struct ThreadLocal {
    std::vector<Mine> mine;  // a process has one database, tests several
    ~ThreadLocal() {
      for (const Mine& m : mine) {
        const auto owner = m.owner.lock();
        if (!owner) continue;
        std::lock_guard lock(owner->mutex);
        owner->spare.push_back(m.connection);
      }
    }
  };

  static SqliteConnection& of_this_thread(const std::shared_ptr<Readers>& self,
                                          const SqliteConnection::Options& options) {
    thread_local ThreadLocal local;
    for (const Mine& m : local.mine) {
      if (m.address == self.get() && !m.owner.expired()) return *m.connection;
    }
    std::erase_if(local.mine, [](const Mine& m) { return m.owner.expired(); });
    SqliteConnection* connection = nullptr;
    {
      std::lock_guard lock(self->mutex);
      if (!self->spare.empty()) {
        connection = self->spare.back();
        self->spare.pop_back();
      }
    }
    if (!connection) {
      auto made = std::make_unique<SqliteConnection>(options);
      connection = made.get();
      std::lock_guard lock(self->mutex);
      self->all.push_back(std::move(made));
    }
    local.mine.push_back({self, self.get(), connection});
    return *connection;
  }
};

SqliteWriteSession::SqliteWriteSession(const SqliteConnection::Options& options, const Clock& clock,
                                       SqliteCheckpointer* checkpointer)
    : connection_(options), writers_(options.path), clock_(clock), checkpointer_(checkpointer) {}

void SqliteWriteSession::begin(Lane) {
  writers_.lock();
  // A rollback that failed has left the last transaction open.
  if (connection_.in_transaction()) connection_.exec("ROLLBACK");
  connection_.exec("BEGIN IMMEDIATE");
  ++transaction_;
  written_lanes_.clear();
  const std::uint32_t version = connection_.data_version();
  others_wrote_ = others_wrote_ || version != data_version_;
  data_version_ = version;
  if (others_wrote_) {
    // What other processes did to the lanes' clocks is read again where a lane is next used.
    for (auto& [lane, time] : lanes_) time.transaction = 0;
  }
  others_wrote_ = false;
}

// One row, read when another process has committed since this lane was last looked at; else memory knows.
Instant SqliteWriteSession::now(Lane lane) {
  LaneTime& time = lanes_[lane];
  if (time.transaction == transaction_) return time.now;
  if (lane != global_lane && time.transaction == 0) {
    std::int64_t micros = 0;
    const Param in[] = {Param(lane)};
    static constexpr ColumnKind out[] = {ColumnKind::integer};
    try {
      time.has_row =
          connection_.run(
              "SELECT last_commit_at FROM conference WHERE id = $1", in, out,
              [](void* to, const Field* fields) { *static_cast<std::int64_t*>(to) = fields[0].integer; },
              &micros) > 0;
    } catch (const DatabaseError& error) {
      // Before the first migration there is no table and so no other process's time.
      if (error.kind() != ErrorKind::schema) throw;
      time.has_row = false;
    }
    time.last = std::max(time.last, Instant{micros});
  }
  time.now = std::max(clock_.now(), time.last);
  time.transaction = transaction_;
  time.wrote = false;
  return time.now;
}

void SqliteWriteSession::wrote(Lane lane) {
  LaneTime& time = lanes_[lane];
  if (time.wrote) return;
  time.wrote = true;
  written_lanes_.push_back(lane);
}

CommitOutcome SqliteWriteSession::commit(std::exception_ptr& reason) {
  try {
    for (const Lane lane : written_lanes_) {
      LaneTime& time = lanes_[lane];
      if (lane == global_lane || !time.has_row) continue;
      const Param in[] = {Param(lane), Param(time.now)};
      connection_.run("UPDATE conference SET last_commit_at = $2 WHERE id = $1", in, {}, nullptr, nullptr);
    }
    connection_.exec("COMMIT");
  } catch (const DatabaseError&) {
    reason = std::current_exception();
    return CommitOutcome::not_committed;
  }
  connection_.check_closed();
  data_version_ = connection_.data_version();  // our own commit changes it too
  writers_.unlock();
  for (const Lane lane : written_lanes_) lanes_[lane].last = lanes_[lane].now;
  if (checkpointer_ && !written_lanes_.empty()) checkpointer_->committed(connection_.wal_pages());
  return CommitOutcome::committed;
}

void SqliteWriteSession::abandon() noexcept {
  try {
    if (connection_.in_transaction()) connection_.exec("ROLLBACK");
  } catch (const std::exception& error) {
    spdlog::error("db: a transaction could not be rolled back: {}", error.what());
  }
  // Time and row are looked up anew.
  others_wrote_ = true;
  writers_.unlock();
}

SqliteDatabase::SqliteDatabase(const DatabaseOptions& options, const DatabaseUrl& url)
    : options_(options),
      clock_(options.clock ? *options.clock : static_cast<const Clock&>(system_clock_)),
      queue_(options.max_queued, options.max_wait),
      readers_(std::make_shared<Readers>()) {
  refuse_network_file_system(url.path);
  connection_options_.path = url.path;
  connection_options_.relaxed_durability = options.relaxed_durability;
  connection_options_.vfs = options.sqlite_vfs;
  const auto writer = [&] {
    auto writer_options = connection_options_;
    writer_options.faults = options.faults;
    return writer_options;
  }();
  {
    // Turning WAL on needs the file for itself; another process may be doing the same.
    WritersLock lock(url.path);
    lock.lock();
    SqliteConnection first(connection_options_);
    lock.unlock();
    if (options.checkpoint_thread) {
      checkpointer_ = std::make_unique<SqliteCheckpointer>(
          with_use(connection_options_, SqliteConnection::Use::checkpoint), options.checkpoint_pages,
          options.checkpoint_restart_pages);
    }
    session_ = std::make_unique<SqliteWriteSession>(writer, clock_, checkpointer_.get());
  }
  group_commit_ =
      std::make_unique<GroupCommit>(*session_, queue_, counters_, kMaxCallers, options.slow_write);
  committer_ = std::thread([this] { group_commit_->serve(); });
}

SqliteDatabase::~SqliteDatabase() {
  queue_.stop();
  committer_.join();
  checkpointer_.reset();
}

DatabaseStats SqliteDatabase::stats() const {
  DatabaseStats stats;
  stats.writes = counters_.writes;
  stats.batches = counters_.batches;
  stats.retries = counters_.retries;
  stats.refused = counters_.refused;
  stats.reads = counters_.reads;
  stats.queued = queue_.queued();
  return stats;
}

bool SqliteDatabase::read_inline(detail::ReadJob& job) {
  run_read(job);
  return true;
}

void SqliteDatabase::enqueue_read(detail::ReadJob&) {
  throw std::logic_error("reads run inline on SQLite");
}

void SqliteDatabase::run_read(detail::ReadJob& job) {
  RunningLambda::refuse_nested("a read", "read");
  counters_.add(counters_.reads);
  job.error = nullptr;
  try {
    SqliteConnection& connection =
        Readers::of_this_thread(readers_, with_use(connection_options_, SqliteConnection::Use::reader));
    connection.exec("BEGIN");
    connection.set_deadline(std::chrono::steady_clock::now() +
                            std::chrono::microseconds(options_.read_limit.micros));
    try {
      const RunningLambda running(RunningLambda::Kind::read, "read");
      ReadTx tx(Engine::sqlite, clock_.now(), connection);
      job.call(job.self, tx);
    } catch (...) {
      job.error = std::current_exception();
    }
    connection.set_deadline(std::chrono::steady_clock::time_point::max());
    // After an error SQLite may have ended the transaction itself.
    if (connection.in_transaction()) connection.exec("COMMIT");
    connection.check_closed();
  } catch (...) {
    if (!job.error) job.error = std::current_exception();
  }
}

void SqliteDatabase::enqueue_write(detail::WriteJob& job) {
  RunningLambda::refuse_nested("a write", job.name);
  try {
    queue_.push(0, job);
  } catch (...) {
    counters_.add(counters_.refused);
    throw;
  }
}

}  // namespace plenary::db
