// Tickets that are held at this moment and nobody has paid for: by what holds them, and for how long. For the
// staff, who see here whether stock is taken hostage. A function of a transaction; it reads. source:
// registration 20, D30.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::registration {

// Under 5 minutes, under 30, under an hour, longer.
inline constexpr std::size_t held_ages = 4;
struct HeldTickets {
  HoldOwner owner = HoldOwner::cart;
  std::int64_t tickets = 0;
  bool has_ages = false;  // carts and orders; the others keep theirs for days
  std::array<std::int64_t, held_ages> by_age{};
};
// Those that hold something, carts first. `cart_life`: how long a cart holds from its first ticket on; its
// cap lies twice as far.
std::vector<HeldTickets> held_tickets(db::Tx& tx, Id conference_id, Duration cart_life);

}  // namespace plenary::registration
