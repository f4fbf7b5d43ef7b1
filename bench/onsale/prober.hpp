// Measures what a visitor feels while others buy: asks for the ticket page at a fixed rate, whatever the
// answers do, and times each from the moment it was due. A slow server therefore shows in every probe it
// delays, not only in the one it answers. Runs on a thread of its own between start() and stop(); figures are
// read after stop().
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "client.hpp"
#include "histogram.hpp"

namespace plenary::onsale {

class Prober {
 public:
  Prober(const std::vector<Endpoint>& endpoints, std::string path, int rate)
      : endpoints_(endpoints), path_(std::move(path)), rate_(rate) {}
  ~Prober() { stop(); }
  void start();
  void stop();

  const Histogram& latency() const { return latency_; }
  std::int64_t failed() const { return failed_; }

 private:
  void run();

  const std::vector<Endpoint>& endpoints_;
  std::string path_;
  int rate_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
  Histogram latency_;
  std::int64_t failed_ = 0;
};

}  // namespace plenary::onsale
