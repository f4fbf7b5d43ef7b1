#include "domain/payments/circuit_breaker.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace plenary::payments {
namespace {

// A probe that never told what came of it does not keep the way closed for ever.
constexpr Duration longest_probe = Duration::minutes(2);

}  // namespace

CircuitBreaker::CircuitBreaker(CircuitOptions options) : options_(std::move(options)), rest_(options_.rest) {}

Duration CircuitBreaker::now() const {
  if (options_.clock) return options_.clock();
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Duration{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

bool CircuitBreaker::may_ask() {
  const std::lock_guard lock(mutex_);
  if (!open_) return true;
  const Duration at = now();
  if (at.micros < until_.micros) return false;
  if (probing_ && at.micros < probe_since_.micros + longest_probe.micros) return false;
  probing_ = true;
  probe_since_ = at;
  return true;
}

void CircuitBreaker::answered() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  open_ = probing_ = false;
  rest_ = options_.rest;
}

void CircuitBreaker::failed() {
  const std::lock_guard lock(mutex_);
  const Duration at = now();
  if (open_) {
    if (!probing_) return;  // somebody who asked before it opened
    probing_ = false;
    rest_ = Duration{std::min(rest_.micros * 2, options_.longest_rest.micros)};
    until_ = Duration{at.micros + rest_.micros};
    return;
  }
  if (++failures_ < options_.failures) return;
  open_ = true;
  until_ = Duration{at.micros + rest_.micros};
}

bool CircuitBreaker::is_open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

Duration CircuitBreaker::wait() const {
  const std::lock_guard lock(mutex_);
  if (!open_) return {};
  return Duration{std::max<std::int64_t>(0, until_.micros - now().micros)};
}

}  // namespace plenary::payments
