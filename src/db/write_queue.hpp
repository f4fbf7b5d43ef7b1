// Queued writes, one first-in-first-out list a lane. A lane is served by at most one worker at a time; lanes
// with work wait their turn. Any thread pushes, workers take. Refuses with Overloaded when too many wait,
// when the expected wait is too long, or when somebody waits already behind a batch that has taken as long
// (its server does not answer, say). source: docs/transactions.md, section 3. Internal to db/.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "db/database.hpp"

namespace plenary::db {

class WriteQueue {
 public:
  WriteQueue(std::size_t max_queued, Duration max_wait) : max_queued_(max_queued), max_wait_(max_wait) {}

  // `key` is the lane's list: the lane on PostgreSQL, always 0 on SQLite (one committer).
  void push(Lane key, detail::WriteJob& job);  // throws Overloaded

  // Waits for a lane with work and makes it the caller's; nothing once stopped and empty. Of those who wait
  // the last who came is woken: its connection and the server's side of it are the warmest.
  std::optional<Lane> claim();
  // Up to `limit` jobs of a claimed lane, as a list in order.
  detail::WriteJob* take(Lane key, std::size_t limit);
  // The batch is done: `count` writes in `elapsed`. The lane goes to the end of the line if it has more; the
  // caller claims the next one itself.
  void release(Lane key, std::size_t count, Duration elapsed);
  void stop();

  std::size_t queued() const { return queued_.load(std::memory_order_relaxed); }

 private:
  struct Waiting {
    detail::WriteJob* head = nullptr;
    detail::WriteJob* tail = nullptr;
    std::size_t count = 0;
    bool claimed_or_ready = false;
    double micros_per_write = 0;                    // moving average
    std::chrono::steady_clock::time_point since{};  // in line, or being served
  };

  std::mutex mutex_;
  struct Idle {
    std::condition_variable woken;
    bool is_woken = false;
  };
  void wake_one();
  std::vector<Idle*> idle_;  // who waits in claim()
  std::unordered_map<Lane, Waiting> lanes_;
  std::deque<Lane> ready_;
  bool stopping_ = false;
  const std::size_t max_queued_;
  const Duration max_wait_;
  std::atomic<std::size_t> queued_{0};  // taken, but not yet released, included
};

}  // namespace plenary::db
