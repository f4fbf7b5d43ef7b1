// A bounded pool of threads for what must not run on an I/O thread: reports, PDF, password hashing, reads on
// PostgreSQL. A full queue refuses with Overloaded instead of waiting.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/errors.hpp"
#include "base/task.hpp"

namespace plenary {

class Pool {
 public:
  Pool(std::size_t threads, std::size_t max_waiting);
  ~Pool();  // runs what is queued, then joins
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Any thread. Throws Overloaded when max_waiting jobs wait already. A job must not throw (that ends the
  // process); what may fail goes through run(), which carries the exception to whoever awaits.
  void submit(std::function<void()> job);
  std::size_t waiting() const;

  // co_await pool.run(fn): fn() runs on a pool thread, the awaiting coroutine goes on on its own executor (or
  // on the pool thread where it has none). `fn` must be a named local that outlives the await; it is taken by
  // reference.
  template <class F>
  auto run(F& fn) {
    return Awaiter<F>{*this, fn};
  }

 private:
  template <class F>
  struct Awaiter {
    using T = std::invoke_result_t<F&>;
    Pool& pool;
    F& fn;
    std::exception_ptr error{};
    std::conditional_t<std::is_void_v<T>, std::optional<bool>, std::optional<T>> result{};

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      Executor* executor = Executor::current();
      pool.submit([this, handle, executor] {
        try {
          if constexpr (std::is_void_v<T>) {
            fn();
          } else {
            result.emplace(fn());
          }
        } catch (...) {
          error = std::current_exception();
        }
        if (executor) {
          executor->post(handle);
        } else {
          handle.resume();
        }
      });
    }
    T await_resume() {
      if (error) std::rethrow_exception(error);
      if constexpr (!std::is_void_v<T>) return std::move(*result);
    }
  };

  void work();
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
  std::size_t max_waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace plenary
