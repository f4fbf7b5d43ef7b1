#include "site/hashing.hpp"

#include <utility>

namespace plenary::site {

Task<std::string> Hashing::hash(const std::string& password) {
  count_.fetch_add(1, std::memory_order_relaxed);
  auto work = [&] { return accounts::hash_password(password, cost_); };
  if (!pool_) co_return work();
  std::string hash = co_await pool_->run(work);
  co_return hash;
}

Task<bool> Hashing::verify(const std::optional<std::string>& hash, const std::string& password) {
  count_.fetch_add(1, std::memory_order_relaxed);
  auto work = [&] {
    if (hash) return accounts::verify_password(*hash, password);
    accounts::hash_password(password, cost_);  // for the time it takes
    return false;
  };
  if (!pool_) co_return work();
  const bool right = co_await pool_->run(work);
  co_return right;
}

}  // namespace plenary::site
