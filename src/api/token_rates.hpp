// How often each token may call: a number of calls a minute, refilled steadily, counted in memory by each
// process for itself. A read costs no write this way. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/time.hpp"
#include "config/settings.hpp"

namespace plenary::api {

inline constexpr config::RateLimit calls_per_token{1'200, Duration::minutes(1)};

class TokenRates {
 public:
  explicit TokenRates(const config::RateLimit& limit = calls_per_token) : limit_(limit) {}
  // Takes one call; the seconds to wait when there is none left.
  std::optional<int> take(std::int64_t token_id, Instant now);

 private:
  struct Bucket {
    double left = 0;
    Instant at;
  };
  const config::RateLimit limit_;
  std::mutex mutex_;
  std::unordered_map<std::int64_t, Bucket> buckets_;
};

}  // namespace plenary::api
