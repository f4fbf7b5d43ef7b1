#include "domain/registration/held_units.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace plenary::registration {
namespace {

constexpr std::pair<std::string_view, HoldOwner> owners[] = {{"cart", HoldOwner::cart},
                                                             {"order", HoldOwner::order},
                                                             {"offer", HoldOwner::offer},
                                                             {"voucher", HoldOwner::voucher},
                                                             {"change", HoldOwner::change}};

std::size_t age_of(Duration held) {
  if (held < Duration::minutes(5)) return 0;
  if (held < Duration::minutes(30)) return 1;
  return held < Duration::hours(1) ? 2 : 3;
}

}  // namespace

std::vector<HeldTickets> held_tickets(db::Tx& tx, Id conference_id, Duration cart_life) {
  std::vector<HeldTickets> all;
  for (const auto& [text, owner] : owners)
    all.push_back({owner, 0, owner == HoldOwner::cart || owner == HoldOwner::order, {}});
  const Instant now = tx.now();
  // The cap begins with the first ticket: a cart may be older, emptied and filled again.
  for (const auto& [kind, quantity, cap, made, ordered] :
       tx.query<std::string, std::int64_t, std::optional<Instant>, std::optional<Instant>,
                std::optional<Instant>>(
           "SELECT h.owner_kind, h.quantity, c.hold_cap_at, c.created_at, o.created_at FROM hold h JOIN "
           "stock s "
           "ON s.id = h.stock_id LEFT JOIN cart c ON h.owner_kind = 'cart' AND c.id = h.owner_id LEFT JOIN "
           "orders o ON h.owner_kind = 'order' AND o.id = h.owner_id WHERE h.conference_id = $1 AND "
           "h.expires_at > $2 AND s.kind = 'ticket_type'",
           conference_id, now)) {
    for (std::size_t i = 0; i < std::size(owners); ++i) {
      if (owners[i].first != kind) continue;
      all[i].tickets += quantity;
      std::optional<Instant> since = ordered ? ordered : made;
      if (cap) since = *cap - cart_life - cart_life;
      if (all[i].has_ages && since) all[i].by_age[age_of(now - *since)] += quantity;
    }
  }
  std::erase_if(all, [](const HeldTickets& one) { return one.tickets == 0; });
  return all;
}

}  // namespace plenary::registration
