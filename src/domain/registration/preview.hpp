// A voucher or a discount tried out before it is switched on: what the last orders would have paid. Each is
// priced as it would be today, without the rule and with it, by the one pricing engine; the rule counts as
// switched on and inside of its window, and its limits, uses and budget run out from the oldest order to the
// newest. Functions of a transaction: one thread at a time; they read. source: registration 20, 6, 8 and D27.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/registration/catalogue.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration {

inline constexpr int previewed_orders = 100;

struct PreviewedOrder {
  Id order_id = 0;
  std::string reference;
  Instant created_at;
  std::int64_t then = 0;     // what it comes to as it was ordered and changed
  std::int64_t without = 0;  // today, without the rule
  std::int64_t with = 0;     // today, with it
  bool incomplete = false;   // something in it is no longer sold: left out of both
  std::int64_t difference() const { return with - without; }
};

struct Preview {
  std::vector<PreviewedOrder> orders;            // newest first
  std::int64_t then = 0, without = 0, with = 0;  // sums
  std::int64_t reached = 0;                      // orders that it changes
  std::int64_t difference() const { return with - without; }
};

// The stored rule of the same id does not count beside it. A voucher comes in place of the order's own.
Preview preview_voucher(db::Tx& tx, const Catalogue& catalogue, const Voucher& voucher,
                        const ScopedProducts& products, int orders = previewed_orders);
Preview preview_condition(db::Tx& tx, const Catalogue& catalogue, const Condition& condition,
                          const ConditionLinks& links, int orders = previewed_orders);

}  // namespace plenary::registration
