#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/pool.hpp"
#include "base/task.hpp"

namespace plenary {
namespace {

// Runs what is posted to it on the thread that calls run(), until `count` handles ran.
class Loop : public Executor {
 public:
  void post(std::coroutine_handle<> handle) override {
    std::lock_guard lock(mutex_);
    ready_.push_back(handle);
    signal_.notify_one();
  }

  void run(int count) {
    const Scope scope(this);
    for (; count > 0; --count) {
      std::unique_lock lock(mutex_);
      signal_.wait(lock, [this] { return !ready_.empty(); });
      const auto handle = ready_.front();
      ready_.pop_front();
      lock.unlock();
      handle.resume();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable signal_;
  std::deque<std::coroutine_handle<>> ready_;
};

// A job that holds its pool thread until released.
class Gate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    arrived_.notify_all();
    open_signal_.wait(lock, [this] { return open_; });
  }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    open_signal_.notify_all();
  }
  void until_waiting(int count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_, open_signal_;
  int waiting_ = 0;
  bool open_ = false;
};

Task<int> number(int n) {
  co_return n;
}

Task<int> sum(int depth) {
  if (depth == 0) co_return 0;
  const int rest = co_await sum(depth - 1);
  co_return rest + depth;
}

Task<> failing() {
  throw std::runtime_error("no");
  co_return;
}

Task<std::unique_ptr<std::string>> moved_out() {
  co_return std::make_unique<std::string>("only one");
}

TEST(Task, StartsOnlyWhenAwaitedAndGivesItsResult) {
  bool ran = false;
  auto lazy = [](bool& flag) -> Task<int> {
    flag = true;
    co_return 7;
  };
  auto task = lazy(ran);
  EXPECT_FALSE(ran);
  int result = 0;
  start(std::move(task), [&](std::exception_ptr error, std::optional<int> value) {
    EXPECT_FALSE(error);
    result = value.value_or(-1);
  });
  EXPECT_TRUE(ran);
  EXPECT_EQ(result, 7);
}

TEST(Task, AwaitsAnotherAndNests) {
  int result = 0;
  start(sum(1000), [&](std::exception_ptr, std::optional<int> value) { result = value.value_or(-1); });
  EXPECT_EQ(result, 500500);
}

TEST(Task, CarriesExceptionsToWhoeverAwaits) {
  std::string caught;
  auto catching = [&]() -> Task<> {
    try {
      co_await failing();
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
  };
  start(catching(), [](std::exception_ptr error) { EXPECT_FALSE(error); });
  EXPECT_EQ(caught, "no");
  bool failed = false;
  start(failing(), [&](std::exception_ptr error) { failed = error != nullptr; });
  EXPECT_TRUE(failed);
}

TEST(Task, ResultsNeedOnlyBeMovable) {
  std::string text;
  start(moved_out(),
        [&](std::exception_ptr, std::optional<std::unique_ptr<std::string>> value) { text = **value; });
  EXPECT_EQ(text, "only one");
}

TEST(Task, OneThatIsNeverAwaitedIsFreed) {
  auto counted = std::make_shared<int>(1);
  {
    auto task = [](std::shared_ptr<int>) -> Task<> { co_return; }(counted);
    EXPECT_EQ(counted.use_count(), 2);
    auto other = number(1);
    other = number(2);
    (void)other;
  }
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(Executor, IsKnownOnItsThreadOnly) {
  Loop loop;
  EXPECT_EQ(Executor::current(), nullptr);
  {
    const Executor::Scope scope(&loop);
    EXPECT_EQ(Executor::current(), &loop);
    std::thread([] { EXPECT_EQ(Executor::current(), nullptr); }).join();
    const Executor::Scope inner(nullptr);
    EXPECT_EQ(Executor::current(), nullptr);
  }
  EXPECT_EQ(Executor::current(), nullptr);
}

Task<> compute(Pool& pool, std::thread::id& on, std::thread::id& after, int& result) {
  auto work = [&on] {
    on = std::this_thread::get_id();
    return 42;
  };
  result = co_await pool.run(work);
  after = std::this_thread::get_id();
}

TEST(Pool, RunsWorkOnItsThreadAndReturnsToTheExecutor) {
  Pool pool(1, 10);
  Loop loop;
  std::thread::id on, after;
  int result = 0;
  {
    const Executor::Scope scope(&loop);
    start(compute(pool, on, after, result), [](std::exception_ptr error) { EXPECT_FALSE(error); });
  }
  loop.run(1);
  EXPECT_EQ(result, 42);
  EXPECT_NE(on, std::this_thread::get_id());
  EXPECT_EQ(after, std::this_thread::get_id());
}

TEST(Pool, GoesOnOnItsOwnThreadWhereThereIsNoExecutor) {
  Pool pool(1, 10);
  std::thread::id on, after;
  int result = 0;
  std::promise<void> done;
  start(compute(pool, on, after, result), [&](std::exception_ptr) { done.set_value(); });
  done.get_future().wait();
  EXPECT_EQ(result, 42);
  EXPECT_EQ(on, after);
}

Task<> run_failing(Pool& pool) {
  auto work = [] { throw std::domain_error("inside the pool"); };
  co_await pool.run(work);
}

TEST(Pool, CarriesExceptionsToWhoeverAwaits) {
  Pool pool(2, 10);
  std::promise<std::string> said;
  start(run_failing(pool), [&](std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::domain_error& e) {
      said.set_value(e.what());
    }
  });
  EXPECT_EQ(said.get_future().get(), "inside the pool");
}

TEST(Pool, AFullQueueRefusesAndRecovers) {
  Gate gate;
  std::atomic<int> ran{0};
  {
    Pool pool(1, 2);
    pool.submit([&] { gate.wait(); });
    gate.until_waiting(1);
    pool.submit([&] { ++ran; });
    pool.submit([&] { ++ran; });
    EXPECT_EQ(pool.waiting(), 2u);
    EXPECT_THROW(pool.submit([&] { ++ran; }), Overloaded);

    // The refusal reaches a coroutine as an exception, on its own thread.
    std::thread::id on, after;
    int result = 0;
    bool refused = false;
    start(compute(pool, on, after, result), [&](std::exception_ptr error) {
      try {
        std::rethrow_exception(error);
      } catch (const Overloaded& e) {
        refused = e.retry_after_seconds > 0;
      }
    });
    EXPECT_TRUE(refused);
    gate.open();
  }
  EXPECT_EQ(ran, 2);
}

TEST(Pool, FinishesWhatIsQueuedBeforeItEnds) {
  std::atomic<int> ran{0};
  {
    Pool pool(3, 1000);
    for (int i = 0; i < 500; ++i) pool.submit([&] { ++ran; });
  }
  EXPECT_EQ(ran, 500);
}

TEST(Pool, TakesJobsFromManyThreads) {
  std::atomic<int> ran{0};
  std::atomic<int> refused{0};
  {
    Pool pool(2, 50);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          try {
            pool.submit([&] { ++ran; });
          } catch (const Overloaded&) {
            ++refused;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(ran + refused, 4000);
}

}  // namespace
}  // namespace plenary
