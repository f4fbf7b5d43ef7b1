#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "db/postgres_database.hpp"

namespace plenary::db {

namespace {

// The batch's opening: the lane's lock (an UPDATE without key columns takes FOR NO KEY UPDATE), its time and
// the transaction's id in one trip with BEGIN. The time is read after the lock has been waited for, because
// PostgreSQL computes the row again when another transaction has changed it. $2 is a floor.
constexpr const char* kOpenLane =
    "UPDATE conference SET last_commit_at = GREATEST(last_commit_at, $2, "
    "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)) WHERE id = $1 "
    "RETURNING last_commit_at, CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT), "
    "CAST(pg_current_xact_id() AS TEXT)";
constexpr const char* kOpenLaneAtInjectedTime =
    "UPDATE conference SET last_commit_at = GREATEST(last_commit_at, $2) WHERE id = $1 "
    "RETURNING last_commit_at, CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT), "
    "CAST(pg_current_xact_id() AS TEXT)";
constexpr const char* kOpenGlobal =
    "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT), CAST(pg_current_xact_id() AS "
    "TEXT)";

}  // namespace

Instant PostgresTime::now() const {
  if (clock_) return clock_->now();
  return Instant::system_now() + Duration::microseconds(offset_.load(std::memory_order_relaxed));
}

Instant PostgresTime::last_commit(Lane lane) const {
  std::lock_guard lock(mutex_);
  const auto found = last_.find(lane);
  return found == last_.end() ? Instant{} : found->second;
}

void PostgresTime::committed(Lane lane, Instant at) {
  std::lock_guard lock(mutex_);
  Instant& last = last_[lane];
  last = std::max(last, at);
}

void PostgresWriteSession::connect() {
  if (connection_ && connection_->usable() && !connection_->takes_no_writes()) return;
  connection_.reset();
  counted_ = 0;
  connection_ = std::make_unique<PostgresConnection>(options_);
}

void PostgresWriteSession::begin(Lane lane) {
  connect();
  lane_ = lane;
  wrote_ = false;
  const Instant floor = time_.last_commit(lane);
  connection_->run_later("BEGIN", {});
  struct Opened {
    Instant at, server;
    std::string xid;
  } opened;
  std::int64_t rows = 0;
  if (lane != global_lane) {
    const Clock* const injected = time_.injected();
    const Param in[] = {Param(lane), Param(injected ? std::max(injected->now(), floor) : floor)};
    static constexpr ColumnKind out[] = {ColumnKind::integer, ColumnKind::integer, ColumnKind::text};
    rows = connection_->run(
        injected ? kOpenLaneAtInjectedTime : kOpenLane, in, out,
        [](void* to, const Field* f) {
          *static_cast<Opened*>(to) = {Instant{f[0].integer}, Instant{f[1].integer}, std::string(f[2].text)};
        },
        &opened);
  }
  // The global lane, or a conference that is not there (any more): nothing to lock.
  if (rows == 0) {
    static constexpr ColumnKind out[] = {ColumnKind::integer, ColumnKind::text};
    connection_->run(
        kOpenGlobal, {}, out,
        [](void* to, const Field* f) {
          *static_cast<Opened*>(to) = {Instant{f[0].integer}, Instant{f[0].integer}, std::string(f[1].text)};
        },
        &opened);
    if (time_.injected()) opened.at = time_.injected()->now();
    opened.at = std::max(opened.at, floor);
  }
  time_.server_said(opened.server);
  now_ = opened.at;
  xid_ = std::move(opened.xid);
}

CommitOutcome PostgresWriteSession::commit(std::exception_ptr& reason) {
  CommitOutcome outcome = CommitOutcome::committed;
  try {
    connection_->settle_expected();
    // Nothing was written: no commit record, no flush to disk. A sold-out rush costs the disk nothing.
    connection_->run(wrote_ ? "COMMIT" : "ROLLBACK", {}, {}, nullptr, nullptr);
    if (wrote_ && !connection_->answered("COMMIT")) {
      reason = std::make_exception_ptr(
          DatabaseError(ErrorKind::other, "PostgreSQL rolled back instead of committing"));
      outcome = CommitOutcome::not_committed;
    }
  } catch (const DatabaseError& error) {
    reason = std::current_exception();
    outcome = error.kind() == ErrorKind::connection && wrote_ ? ask_outcome() : CommitOutcome::not_committed;
  }
  if (outcome == CommitOutcome::committed) {
    reason = nullptr;  // the connection was lost, the transaction was not
    if (wrote_) time_.committed(lane_, now_);
  }
  count_round_trips();
  return outcome;
}

// The connection died during COMMIT: another one knows what became of the transaction.
CommitOutcome PostgresWriteSession::ask_outcome() {
  const auto ends = std::chrono::steady_clock::now() + std::chrono::microseconds(outcome_limit_.micros);
  connection_.reset();
  for (auto pause = std::chrono::milliseconds(2);;
       pause = std::min(pause * 2, std::chrono::milliseconds(500))) {
    std::string status;
    try {
      connect();
      const Param in[] = {Param(xid_)};
      static constexpr ColumnKind out[] = {ColumnKind::text};
      connection_->run(
          "SELECT COALESCE(pg_xact_status(CAST($1 AS xid8)), 'forgotten')", in, out,
          [](void* to, const Field* f) { *static_cast<std::string*>(to) = std::string(f[0].text); }, &status);
    } catch (const DatabaseError& error) {
      spdlog::warn("db: the outcome of a commit cannot be asked for yet: {}", error.what());
    }
    if (status == "committed") return CommitOutcome::committed;
    if (status == "aborted") return CommitOutcome::not_committed;
    if (status == "forgotten" || std::chrono::steady_clock::now() + pause > ends) {
      spdlog::error("db: the outcome of a commit is unknown; its callers are told so");
      return CommitOutcome::unknown;
    }
    std::this_thread::sleep_for(pause);
  }
}

void PostgresWriteSession::abandon() noexcept {
  if (!connection_) return;
  try {
    if (connection_->usable()) connection_->run("ROLLBACK", {}, {}, nullptr, nullptr);
    count_round_trips();
  } catch (const std::exception& error) {
    spdlog::warn("db: a transaction was left to the server to roll back: {}", error.what());
    connection_.reset();
  }
}

void PostgresWriteSession::count_round_trips() {
  if (!connection_) return;
  const std::uint64_t now = connection_->round_trips();
  counters_.add(counters_.round_trips, now - std::min(now, counted_));
  counted_ = now;
}

}  // namespace plenary::db
