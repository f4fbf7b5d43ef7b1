#include "db/group_commit.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace plenary::db {

namespace {

constexpr std::chrono::milliseconds kBatchTime{5};
constexpr std::size_t kRush = 8;  // callers in a batch from which on it waits for others, a little
constexpr std::chrono::milliseconds kGather{1};
constexpr int kCautiousCallers = 500;  // run with savepoints after one of them had to be undone
constexpr std::size_t kMostSavepoints = 50;
constexpr int kMaxRuns = 3;  // of a lambda alone, after its batch was lost

bool lost_to_others(ErrorKind kind) {
  return kind == ErrorKind::busy || kind == ErrorKind::serialization || kind == ErrorKind::deadlock ||
         kind == ErrorKind::connection || kind == ErrorKind::read_only;
}

// It costs much, so it should be rare, and it should be seen which write does it.
void log_undone(std::size_t callers, const char* name, const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const std::exception& known) {
    spdlog::info("db: a batch of {} writes is run again with savepoints, because of \"{}\": {}", callers,
                 name, known.what());
  } catch (...) {
    spdlog::info("db: a batch of {} writes is run again with savepoints, because of \"{}\"", callers, name);
  }
}

bool is_lost_to_others(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const DatabaseError& known) {
    return lost_to_others(known.kind());
  } catch (...) {
    return false;
  }
}

thread_local const char* running_name = nullptr;
thread_local RunningLambda::Kind running_kind = RunningLambda::Kind::write;

}  // namespace

RunningLambda::RunningLambda(Kind kind, const char* name) {
  running_name = name;
  running_kind = kind;
}

RunningLambda::~RunningLambda() {
  running_name = nullptr;
}

void RunningLambda::refuse_nested(const char* what, const char* name) {
  if (!running_name) return;
  fmt::print(stderr,
             "plenary: {} \"{}\" inside the {} \"{}\": a transaction cannot wait for another one. Pass the "
             "Tx on, or "
             "do the second one after the first.\n",
             what, name, running_kind == Kind::write ? "write" : "read", running_name);
  std::fflush(stderr);
  std::abort();
}

std::shared_ptr<detail::Signal> fresh_signal() {
  thread_local const std::shared_ptr<detail::Signal> signal = std::make_shared<detail::Signal>();
  std::lock_guard lock(signal->mutex);
  signal->done = false;
  return signal;
}

void wait_for(detail::Signal& signal) {
  std::unique_lock lock(signal.mutex);
  signal.ready.wait(lock, [&] { return signal.done; });
}

GroupCommit::GroupCommit(WriteSession& session, WriteQueue& queue, Counters& counters,
                         std::size_t max_callers, Duration slow_write)
    : session_(session),
      queue_(queue),
      counters_(counters),
      max_callers_(max_callers),
      slow_write_(slow_write),
      jitter_(std::random_device{}()) {
  batch_.reserve(max_callers);
}

void GroupCommit::serve() {
  while (const std::optional<Lane> key = queue_.claim()) serve_batch(*key);
}

void GroupCommit::serve_batch(Lane key) {
  const Clock::time_point began = Clock::now();
  batch_.clear();
  if (!run_batch(key)) {
    counters_.add(counters_.retries, batch_.size());
    begin_error_ = nullptr;
    for (detail::WriteJob* job : batch_) {
      run_alone(*job);
      // No transaction could be begun three times in a row: the others need not wait for the same.
      if (begin_error_) job->error = begin_error_;
    }
  }
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
  counters_.add(counters_.writes, batch_.size());
  counters_.add(counters_.batches);
  queue_.release(key, batch_.size(), Duration::microseconds(elapsed.count()));
  deliver();
}

void GroupCommit::take_more(Lane key) {
  // Above 64 subtransactions PostgreSQL looks them up outside of shared memory.
  const std::size_t most = cautious_callers_ > 0 ? std::min(max_callers_, kMostSavepoints) : max_callers_;
  if (batch_.size() >= most) return;
  for (detail::WriteJob* job = queue_.take(key, most - batch_.size()); job; job = job->next) {
    batch_.push_back(job);
  }
}

// Before the caller at `place` runs: what it and those behind it will ask first is queued, to travel
// together. Those who ask nothing come before them, because what they write makes answers old. An error is
// that of whoever waits for the answer.
void GroupCommit::look_ahead(std::size_t place) {
  if (place >= arranged_) {
    std::stable_partition(batch_.begin() + static_cast<std::ptrdiff_t>(place), batch_.end(),
                          [](const detail::WriteJob* job) { return !job->ask; });
    arranged_ = batch_.size();
  }
  if (!batch_[place]->ask || place < asked_.size()) return;
  asked_.resize(batch_.size());
  if (batch_.size() - place < 2) return;
  Connection& connection = session_.connection();
  connection.begin_asking();
  for (std::size_t i = place; i < batch_.size(); ++i) {
    detail::WriteJob& job = *batch_[i];
    try {
      WriteTx tx(session_.engine(), session_.now(job.lane), connection, false, &gathered_);
      tx.only_ask();
      const RunningLambda running(RunningLambda::Kind::write, job.name);
      job.ask(job.self, tx);
    } catch (...) {
      // It will be thrown again when the caller itself asks.
    }
    asked_[i] = connection.put_asked_aside();
  }
  connection.end_asking();
}

// False when the outer transaction was lost: nothing of the batch is committed, every lambda is to be run
// again.
bool GroupCommit::run_batch(Lane key) {
  take_more(key);
  Pass pass = run_taken(key);
  if (pass == Pass::undone) {
    cautious_callers_ = kCautiousCallers;
    pass = run_taken(key);
  }
  return pass == Pass::decided;
}

// The first try has no savepoints. On PostgreSQL each subtransaction that checks a foreign key adds itself to
// the lock of the row it points to, so that a batch of 50 spends most of its time on the locks of one
// conference row; SQLite copies every page that a caller changes, to be able to undo that caller alone (7 %
// of a sale). When a caller fails after it has written, which refusals never do, the batch is run once more
// with savepoints.
GroupCommit::Pass GroupCommit::run_taken(Lane key) {
  at_end_.clear();
  gathered_.clear();
  asked_.clear();
  arranged_ = 0;
  try {
    session_.begin(batch_.empty() ? key : batch_.front()->lane);
  } catch (const DatabaseError& error) {
    spdlog::warn("db: a batch of {} writes could not begin: {}", batch_.size(), error.what());
    session_.abandon();
    return Pass::lost;
  }
  // On PostgreSQL another process may have had the lane meanwhile.
  if (batch_.size() < max_callers_) take_more(key);
  const bool savepoints = cautious_callers_ > 0;
  const Clock::time_point closes = Clock::now() + kBatchTime;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (cautious_callers_ > 0) --cautious_callers_;
    if (!savepoints && session_.engine() == Engine::postgresql) look_ahead(i);
    const Ran ran = run_caller(*batch_[i], i, savepoints);
    if (ran != Ran::fine) {
      if (ran == Ran::needs_savepoint) log_undone(batch_.size(), batch_[i]->name, batch_[i]->error);
      session_.abandon();
      return ran == Ran::needs_savepoint ? Pass::undone : Pass::lost;
    }
    if (i + 1 == batch_.size() && batch_.size() < max_callers_ && Clock::now() < closes) {
      take_more(key);
      // In a rush more are on their way: one commit for all of them costs less than the wait.
      if (i + 1 == batch_.size() && batch_.size() >= kRush) {
        std::this_thread::sleep_for(kGather);
        take_more(key);
      }
    }
  }
  std::exception_ptr reason;
  try {
    gathered_.send(session_.connection());
    run_at_end();
  } catch (...) {
    // Whose work it was is seen when everybody runs alone.
    session_.abandon();
    return Pass::lost;
  }
  switch (session_.commit(reason)) {
    case CommitOutcome::committed:
      return Pass::decided;
    case CommitOutcome::not_committed:
      session_.abandon();
      // Without savepoints a caller's last statement may be answered only here.
      if (savepoints || is_lost_to_others(reason)) return Pass::lost;
      log_undone(batch_.size(), "its end", reason);
      return Pass::undone;
    case CommitOutcome::unknown:
      session_.abandon();
      for (detail::WriteJob* job : batch_) job->error = std::make_exception_ptr(OutcomeUnknown());
      return Pass::decided;
  }
  return Pass::decided;
}

void GroupCommit::call(detail::WriteJob& job, WriteTx& tx) {
  const RunningLambda running(RunningLambda::Kind::write, job.name);
  const Clock::time_point began = Clock::now();
  const auto log_if_slow = [&] {
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began - tx.first_wait());
    if (took.count() > slow_write_.micros) {
      spdlog::warn("db: the write \"{}\" took {:.1f} ms in its lambda; everybody else waited for it",
                   job.name, static_cast<double>(took.count()) / 1000);
    }
  };
  try {
    job.call(job.self, tx);
    tx.finish();
  } catch (...) {
    log_if_slow();
    throw;
  }
  log_if_slow();
}

// In the order of the places, and within one as it was put off.
void GroupCommit::run_at_end() {
  if (at_end_.empty()) return;
  const std::vector<Tx::AtEnd> all = [&] {
    std::vector<Tx::AtEnd> taken = std::move(at_end_);
    at_end_.clear();
    std::stable_sort(taken.begin(), taken.end(), [](const Tx::AtEnd& a, const Tx::AtEnd& b) {
      if (a.run != b.run) return std::less<>()(a.run, b.run);
      return a.place < b.place;
    });
    return taken;
  }();
  const RunningLambda running(RunningLambda::Kind::write, "at the end");
  WriteTx tx(session_.engine(), session_.now(global_lane), session_.connection(), false);
  std::vector<std::shared_ptr<const void>> items;
  for (std::size_t i = 0; i < all.size();) {
    const Tx::AtEnd& first = all[i];
    items.clear();
    for (; i < all.size() && all[i].run == first.run && all[i].place == first.place; ++i)
      items.push_back(all[i].item);
    first.run(tx, first.place, items);
  }
  tx.finish();
}

GroupCommit::Ran GroupCommit::run_caller(detail::WriteJob& job, std::size_t place, bool savepoint) {
  job.error = nullptr;
  std::optional<WriteTx> tx;
  try {
    tx.emplace(session_.engine(), session_.now(job.lane), session_.connection(), savepoint,
               savepoint || session_.engine() == Engine::sqlite ? nullptr : &gathered_);
    if (place < asked_.size()) session_.connection().take_up_asked(std::move(asked_[place]));
    call(job, *tx);
    if (tx->wrote()) session_.wrote(job.lane);
    for (Tx::AtEnd& work : tx->take_at_end()) at_end_.push_back(std::move(work));
    return Ran::fine;
  } catch (...) {
    job.error = std::current_exception();
  }
  if (!tx) return Ran::batch_lost;
  // The lambda may have turned the database's error into another one; the first one counts.
  if (const auto kind = tx->failure()) {
    job.error = tx->failure_error();
    if (lost_to_others(*kind)) return Ran::batch_lost;
  }
  if (!savepoint && (tx->wrote() || tx->failure())) return Ran::needs_savepoint;
  try {
    tx->undo();
  } catch (const DatabaseError&) {
    return Ran::batch_lost;
  }
  return session_.alive() ? Ran::fine : Ran::batch_lost;
}

// Nothing of the lambda's earlier run is left. After three runs its last error is the caller's.
void GroupCommit::run_alone(detail::WriteJob& job) {
  if (begin_error_) return;
  int not_begun = 0;
  for (int attempt = 1; attempt <= kMaxRuns; ++attempt) {
    pause(attempt);
    bool begun = false;
    if (try_alone(job, begun)) return;
    not_begun += !begun;
  }
  if (not_begun == kMaxRuns) begin_error_ = job.error;
}

// True when the job is decided: committed, or failed with an error that a repeat would not mend.
bool GroupCommit::try_alone(detail::WriteJob& job, bool& begun) {
  job.error = nullptr;
  try {
    session_.begin(job.lane);
    begun = true;
  } catch (const DatabaseError&) {
    job.error = std::current_exception();
    session_.abandon();
    return false;
  }
  std::optional<WriteTx> tx;
  bool lost = false;  // what was put off met others
  try {
    tx.emplace(session_.engine(), session_.now(job.lane), session_.connection());
    call(job, *tx);
    if (tx->wrote()) session_.wrote(job.lane);
    at_end_ = tx->take_at_end();
    run_at_end();
    switch (session_.commit(job.error)) {
      case CommitOutcome::committed:
        return true;
      case CommitOutcome::not_committed:
        session_.abandon();
        return false;
      case CommitOutcome::unknown:
        session_.abandon();
        job.error = std::make_exception_ptr(OutcomeUnknown());
        return true;
    }
  } catch (const DatabaseError& error) {
    job.error = std::current_exception();
    lost = lost_to_others(error.kind());
  } catch (...) {
    job.error = std::current_exception();
  }
  const bool given_up = session_.engine() == Engine::sqlite && !session_.alive();
  bool again = !tx || lost || given_up;  // not the lambda's fault
  if (tx && tx->failure()) {
    job.error = tx->failure_error();
    // SQLite gives the whole transaction up on a full disk or an I/O error: that may pass, an ordinary error
    // does not.
    again = lost_to_others(*tx->failure()) || given_up;
  }
  session_.abandon();
  return !again;
}

void GroupCommit::pause(int attempt) {
  const int upper = 500 << attempt;  // microseconds: 1, 2, 4 ms
  std::this_thread::sleep_for(std::chrono::microseconds(jitter_() % static_cast<unsigned>(upper)));
}

// Callers of one I/O thread are posted to it together. After this no job is touched: its frame may be gone.
void GroupCommit::deliver() {
  resumptions_.clear();
  for (detail::WriteJob* job : batch_) {
    if (job->handle && job->executor) {
      resumptions_.push_back({job->executor, job->handle});
    } else {
      tell(*job);
    }
  }
  batch_.clear();
  std::stable_sort(resumptions_.begin(), resumptions_.end(), [](const Resumption& a, const Resumption& b) {
    return std::less<>()(a.executor, b.executor);
  });
  for (std::size_t i = 0; i < resumptions_.size();) {
    Executor* const executor = resumptions_[i].executor;
    handles_.clear();
    for (; i < resumptions_.size() && resumptions_[i].executor == executor; ++i) {
      handles_.push_back(resumptions_[i].handle);
    }
    executor->post_many(handles_);
  }
}

}  // namespace plenary::db
