#include "base/pool.hpp"

#include <utility>

namespace plenary {

Pool::Pool(std::size_t threads, std::size_t max_waiting) : max_waiting_(max_waiting) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Pool::~Pool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pool::submit(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (jobs_.size() >= max_waiting_) throw Overloaded();
    jobs_.push_back(std::move(job));
    // Notified under the lock: the job may end the pool's last use as soon as the lock is free.
    ready_.notify_one();
  }
}

std::size_t Pool::waiting() const {
  std::lock_guard lock(mutex_);
  return jobs_.size();
}

void Pool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ready_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    {
      std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }
    lock.lock();
  }
}

}  // namespace plenary
