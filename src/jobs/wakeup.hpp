// Tells the workers of this process that something was enqueued. Internal to jobs/. Any thread; cheap enough
// for every write of the sale.
#pragma once

#include <condition_variable>
#include <mutex>

namespace plenary::jobs {

class Wakeup {
 public:
  Wakeup();  // registers itself
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void notify();
  static void notify_all();  // every Wakeup of the process

  std::mutex mutex;
  std::condition_variable changed;
  bool pending = false;   // under mutex; set by notify
  bool stopping = false;  // under mutex
};

}  // namespace plenary::jobs
