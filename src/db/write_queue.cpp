#include "db/write_queue.hpp"

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"

namespace plenary::db {

void WriteQueue::push(Lane key, detail::WriteJob& job) {
  job.next = nullptr;
  std::unique_lock lock(mutex_);
  Waiting& lane = lanes_[key];
  const double expected_micros = static_cast<double>(lane.count) * lane.micros_per_write;
  const bool stuck = lane.count > 0 && std::chrono::steady_clock::now() - lane.since >
                                           std::chrono::microseconds(max_wait_.micros);
  if (queued_.load(std::memory_order_relaxed) >= max_queued_ || stuck ||
      expected_micros > static_cast<double>(max_wait_.micros)) {
    throw Overloaded(std::max(2, static_cast<int>(std::ceil(expected_micros / 1e6))));
  }
  queued_.fetch_add(1, std::memory_order_relaxed);
  (lane.head ? lane.tail->next : lane.head) = &job;
  lane.tail = &job;
  ++lane.count;
  if (lane.claimed_or_ready) return;
  lane.claimed_or_ready = true;
  lane.since = std::chrono::steady_clock::now();
  ready_.push_back(key);
  // Under the lock: whoever pushed may be the last user of the database.
  wake_one();
}

void WriteQueue::wake_one() {
  if (idle_.empty()) return;
  Idle* const last = idle_.back();
  idle_.pop_back();
  last->is_woken = true;
  last->woken.notify_one();
}

std::optional<Lane> WriteQueue::claim() {
  std::unique_lock lock(mutex_);
  while (ready_.empty()) {
    if (stopping_) return std::nullopt;
    Idle self;
    idle_.push_back(&self);
    self.woken.wait(lock, [&] { return self.is_woken; });
  }
  const Lane key = ready_.front();
  ready_.pop_front();
  lanes_[key].since = std::chrono::steady_clock::now();
  return key;
}

detail::WriteJob* WriteQueue::take(Lane key, std::size_t limit) {
  std::unique_lock lock(mutex_);
  Waiting& lane = lanes_[key];
  detail::WriteJob* first = lane.head;
  if (!first || limit == 0) return nullptr;
  detail::WriteJob* last = first;
  std::size_t taken = 1;
  while (taken < limit && last->next) {
    last = last->next;
    ++taken;
  }
  lane.head = last->next;
  if (!lane.head) lane.tail = nullptr;
  last->next = nullptr;
  lane.count -= taken;
  return first;
}

void WriteQueue::release(Lane key, std::size_t count, Duration elapsed) {
  std::unique_lock lock(mutex_);
  queued_.fetch_sub(count, std::memory_order_relaxed);
  Waiting& lane = lanes_[key];
  if (count > 0) {
    const double sample = static_cast<double>(elapsed.micros) / static_cast<double>(count);
    lane.micros_per_write = lane.micros_per_write == 0 ? sample : lane.micros_per_write * 0.9 + sample * 0.1;
  }
  if (!lane.head) {
    lane.claimed_or_ready = false;
    return;
  }
  lane.since = std::chrono::steady_clock::now();
  ready_.push_back(key);
}

void WriteQueue::stop() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  while (!idle_.empty()) wake_one();
}

}  // namespace plenary::db
