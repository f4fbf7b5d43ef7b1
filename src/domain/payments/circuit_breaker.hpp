// Keeps a service that does not answer from being asked over and over: after a few failures in a row it is
// asked no more for a while, then by one caller alone, whose answer opens or closes the way for all. Any
// thread. source: payments 21, 4; P3.
#pragma once

#include <functional>
#include <mutex>

#include "base/time.hpp"

namespace plenary::payments {

struct CircuitOptions {
  int failures = 5;                              // in a row
  Duration rest = Duration::seconds(15);         // how long nobody asks
  Duration longest_rest = Duration::minutes(2);  // it doubles with each probe that fails
  std::function<Duration()> clock;               // steady; empty: the system's
};

class CircuitBreaker {
 public:
  explicit CircuitBreaker(CircuitOptions options = {});

  // Whether to ask now. True while resting over: for one caller at a time, who must tell what came of it.
  bool may_ask();
  void answered();  // whatever it said
  void failed();    // it did not answer, or not with sense
  bool is_open() const;
  // How long until somebody may ask; zero: now.
  Duration wait() const;

 private:
  Duration now() const;
  CircuitOptions options_;
  mutable std::mutex mutex_;
  int failures_ = 0;
  bool open_ = false, probing_ = false;
  Duration until_, rest_, probe_since_;
};

}  // namespace plenary::payments
