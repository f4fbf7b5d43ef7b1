// Makes what is queued meanwhile one batch.
#pragma once

#include <latch>
#include <semaphore>
#include <thread>

#include "db/database.hpp"

namespace plenary::test {

// Holds the lane's committer inside a lambda until release().
class HeldLane {
 public:
  HeldLane(db::Database& db, db::Lane lane)
      : thread_([this, &db, lane] {
          db.write_now(lane, "held", [this](db::Tx&) {
            if (!entered_) began_.release();
            entered_ = true;
            let_go_.wait();
          });
        }) {
    began_.acquire();
  }
  ~HeldLane() { release(); }
  void release() {
    if (thread_.joinable()) {
      let_go_.count_down();
      thread_.join();
    }
  }

 private:
  bool entered_ = false;
  std::binary_semaphore began_{0};
  std::latch let_go_{1};
  std::thread thread_;
};

// With the one that holds the lane.
inline void wait_until_queued(db::Database& db, std::uint64_t n) {
  while (db.stats().queued < n) std::this_thread::yield();
}

}  // namespace plenary::test
