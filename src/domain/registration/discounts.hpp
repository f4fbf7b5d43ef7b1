// What vouchers and automatic discounts have in common: how much they take off, and what they reach. What is
// reached is said for each kind of product, all of them, the selected ones or none; nothing selected is never
// "everything". Functions of a transaction: one thread at a time. source: registration 20, D9 and D14.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/errors.hpp"
#include "db/entity_table.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

enum class Scope { all, selected, none };

// The products a scope of `selected` names; empty for the other scopes.
struct ScopedProducts {
  std::vector<Id> ticket_types, addons;
};

inline constexpr std::int64_t largest_count = 2'147'483'647;   // source: 10, 6.10.4
inline constexpr std::int64_t largest_amount = 9'999'999'999;  // minor units; 10, 6.10.3

// 0 to 100 with at most two decimals.
bool is_percent(const Decimal& percent);
// 20.00 % is 2000.
std::int64_t basis_points(const Decimal& percent);

}  // namespace plenary::registration
