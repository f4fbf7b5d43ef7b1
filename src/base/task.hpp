// Task<T>: a lazily started coroutine with one awaiter. Handlers are Tasks; they suspend while a write waits
// for its commit, and go on on the thread they came from, through the Executor that was current when they
// suspended. Use it for anything that waits; plain functions for everything else: domain code knows nothing
// of coroutines.
//
// Pitfall of GCC 12: never write a lambda with by-value captures of class type inside a co_await expression,
// and no co_await inside ?: (docs/transactions.md, section 1).
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace plenary {

// Runs coroutine handles on one thread (an I/O thread, a test's loop).
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(std::coroutine_handle<> handle) = 0;  // any thread
  // Several at once: after a group commit one wake-up serves all callers of a thread.
  virtual void post_many(std::span<const std::coroutine_handle<>> handles) {
    for (std::coroutine_handle<> handle : handles) post(handle);
  }

  // The executor of the calling thread, or nullptr outside of one.
  static Executor* current() { return current_; }
  class Scope {
   public:
    explicit Scope(Executor* executor) : before_(current_) { current_ = executor; }
    ~Scope() { current_ = before_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Executor* before_;
  };

 private:
  static inline thread_local Executor* current_ = nullptr;
};

template <class T = void>
class [[nodiscard]] Task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr error;

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) noexcept {
      return self.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() { error = std::current_exception(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
    handle_.promise().continuation = awaiter;
    return handle_;
  }
  T await_resume() {
    auto& promise = handle_.promise();
    if (promise.error) std::rethrow_exception(promise.error);
    if constexpr (!std::is_void_v<T>) return std::move(*promise.value);
  }

 private:
  Handle handle_;
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

// A coroutine nobody waits for; it frees itself.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};
}  // namespace detail

// Starts `task` on this thread; `done(std::exception_ptr, std::optional<T>)` is called on the thread it ends
// on. For Task<void>, `done(std::exception_ptr)`.
template <class T, class Done>
detail::Detached start(Task<T> task, Done done) {
  std::exception_ptr error;
  if constexpr (std::is_void_v<T>) {
    try {
      co_await task;
    } catch (...) {
      error = std::current_exception();
    }
    done(error);
  } else {
    std::optional<T> result;
    try {
      result.emplace(co_await task);
    } catch (...) {
      error = std::current_exception();
    }
    done(error, std::move(result));
  }
}

}  // namespace plenary
