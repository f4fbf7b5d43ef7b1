// Tokens that were used lately, for last_used_at: collected by the requests, written by the background, never
// by a request. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "domain/accounts/api_tokens.hpp"

namespace plenary::api {

class SeenTokens {
 public:
  void add(std::int64_t token_id, Instant at);
  std::vector<accounts::ApiTokenUse> take();  // hands over what was collected

 private:
  std::mutex mutex_;
  std::unordered_map<std::int64_t, Instant> seen_;
};

}  // namespace plenary::api
