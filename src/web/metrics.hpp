// Counters and histograms for /metrics in Prometheus' text format. Requests are counted by route pattern, one
// set of counters for each I/O thread, added up when asked. Other rooms add gauges and counters of their own
// at start. source: Prometheus exposition format 0.0.4.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::web {

class Router;

// A counter that one thread writes and any thread reads, without a locked instruction.
class ThreadCounter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Metrics {
 public:
  // Upper bounds in seconds of the request time histogram.
  static constexpr std::array<double, 12> buckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                     0.01,   0.025,   0.05,   0.1,   0.5,    2.5};
  struct PerRoute {
    std::array<ThreadCounter, 6> by_class;  // [1]: 1xx … [5]: 5xx
    std::array<ThreadCounter, buckets.size() + 1> times;
    ThreadCounter nanoseconds;
    ThreadCounter bytes_out;
  };
  // One for each I/O thread. Index 0 is for requests without a route.
  struct PerThread {
    explicit PerThread(std::size_t routes) : routes(routes + 1) {}
    void count(int route_index, int status, std::uint64_t nanoseconds, std::uint64_t bytes);
    std::vector<PerRoute> routes;
    ThreadCounter connections, refused_connections, malformed, timed_out;
  };

  // Any time before the server starts. `name` like "plenary_outbox_pending"; `labels` like "kind=\"mail\"" or
  // empty. `read` is called on a scrape, on any thread.
  void gauge(std::string name, std::string help, std::function<double()> read, std::string labels = {});
  void counter(std::string name, std::string help, std::function<double()> read, std::string labels = {});

  PerThread& add_thread(const Router& router);
  std::string text() const;

 private:
  struct Extra {
    std::string name, help, type, labels;
    std::function<double()> read;
  };
  mutable std::mutex mutex_;
  const Router* router_ = nullptr;
  std::vector<std::unique_ptr<PerThread>> threads_;
  std::vector<Extra> extras_;
};

}  // namespace plenary::web
