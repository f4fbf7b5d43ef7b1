#include "api/token_rates.hpp"

#include <algorithm>
#include <cmath>

namespace plenary::api {

std::optional<int> TokenRates::take(std::int64_t token_id, Instant now) {
  const double most = static_cast<double>(limit_.count);
  const double each_micro = most / static_cast<double>(std::max<std::int64_t>(limit_.per.micros, 1));
  std::lock_guard lock(mutex_);
  // Full buckets need no keeping.
  if (buckets_.size() > 10'000)
    std::erase_if(buckets_, [&](const auto& one) { return now - one.second.at >= limit_.per; });
  const auto [at, is_new] = buckets_.try_emplace(token_id, Bucket{most, now});
  Bucket& bucket = at->second;
  if (now > bucket.at) {
    bucket.left = std::min(most, bucket.left + each_micro * static_cast<double>((now - bucket.at).micros));
    bucket.at = now;
  }
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return std::nullopt;
  }
  const double micros = (1 - bucket.left) / std::max(each_micro, 1e-12);
  return static_cast<int>(std::clamp(std::ceil(micros / 1e6), 1.0, 3600.0));
}

}  // namespace plenary::api
