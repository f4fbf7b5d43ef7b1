// The keys of whoever sends a form, for db::gather_for.
#pragma once

#include <string>

#include "db/gather.hpp"
#include "domain/registration/cart.hpp"

namespace plenary::site {

// Empty for who has no account.
inline std::string account_key(const registration::Visitor& visitor) {
  return visitor.user_id ? "account " + std::to_string(*visitor.user_id) : std::string();
}

}  // namespace plenary::site
