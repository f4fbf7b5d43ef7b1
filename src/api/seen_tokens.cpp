#include "api/seen_tokens.hpp"

namespace plenary::api {

void SeenTokens::add(std::int64_t token_id, Instant at) {
  std::lock_guard lock(mutex_);
  seen_.insert_or_assign(token_id, at);
}

std::vector<accounts::ApiTokenUse> SeenTokens::take() {
  std::unordered_map<std::int64_t, Instant> seen;
  {
    std::lock_guard lock(mutex_);
    seen.swap(seen_);
  }
  std::vector<accounts::ApiTokenUse> uses;
  uses.reserve(seen.size());
  for (const auto& [token, at] : seen) uses.push_back({token, at});
  return uses;
}

}  // namespace plenary::api
