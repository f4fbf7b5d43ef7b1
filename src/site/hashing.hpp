// Passwords hashed and verified away from the I/O threads: one thread, at most 32 waiting, then Overloaded,
// which is answered with 503. An unknown account costs the same work as a known one. Any thread. source:
// design 3 (crypto); ground rules 15, 5.1 and 5.4.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/pool.hpp"
#include "base/task.hpp"
#include "domain/accounts/passwords.hpp"

namespace plenary::site {

inline constexpr std::size_t hashing_threads = 1;
inline constexpr std::size_t hashing_queue = 32;

class Hashing {
 public:
  // Without a pool it is done at once, which only tests want.
  explicit Hashing(Pool* pool = nullptr, accounts::HashCost cost = {}) : pool_(pool), cost_(cost) {}

  // The arguments must outlive the await.
  Task<std::string> hash(const std::string& password);
  // Nothing: there is no such account; the same work is done, and the answer is no.
  Task<bool> verify(const std::optional<std::string>& hash, const std::string& password);
  bool is_outdated(const std::string& hash) const { return accounts::needs_rehash(hash, cost_); }
  // How many were computed, of either kind.
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  Pool* pool_;
  accounts::HashCost cost_;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace plenary::site
