// What an order as a whole must keep: a variation where there are some, numbers of a product in one order and
// for each person, add-ons for each ticket, addresses. Cart, checkout, staff pages and the API ask here.
// Pure; any thread. source: registration 20, 7, D3, D20, D37.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "domain/registration/pricing.hpp"

namespace plenary::registration {

// Units that a person has bought, or is about to pay elsewhere: unpaid orders count while their hold lives,
// cancelled and elapsed ones do not. source: 20, D7.
struct Bought {
  std::map<Id, std::int64_t> ticket_types, addons;
  struct Order {
    bool is_sold = false;
    std::map<Id, std::int64_t> ticket_types, addons;
  };
  std::vector<Order> orders;  // of a guest also those of the browser; told where an add-on is limited
  std::int64_t of(ProductKind kind, Id id) const;
};

// The variation that an item names or must name. Refused: none where there are some ("variation"), or one
// that is not sold. Null: the product has none.
const Variation* chosen_variation(const Catalogue& catalogue, const Product& product, std::string_view slug);

// A price that the buyer names. Refused: below the least, too large, or where it is not theirs to name.
std::optional<std::int64_t> chosen_price(const Catalogue& catalogue, const Product& product,
                                         std::optional<std::int64_t> price);

// Whether an address may buy it: its domain, or one below it, is among them; an empty list admits anybody.
bool admits(std::string_view domains, std::string_view email);

enum class Asked { adding, ordering };  // minimums and addresses count when it is ordered
// Every rule that the items break; empty: none. `email` empty: not known yet.
std::vector<Refused> broken_rules(const Catalogue& catalogue, std::span<const CartItem> items,
                                  const Bought& bought, std::string_view email, Asked asked);

// Every reason why somebody who bought nothing yet could not order these items now, stock aside: what is not
// sold at this time, tickets that a voucher must unlock, add-ons without their ticket, limits; and the rules
// above. For whoever only asks; cart and checkout check the same one by one.
std::vector<Refused> why_not_orderable(const Catalogue& catalogue, const std::vector<CartItem>& items,
                                       const AppliedVoucher* voucher, std::string_view email, Instant now);

// Units of tickets in the items that an add-on goes with.
std::int64_t tickets_for(const AddOn& addon, std::span<const CartItem> items);

}  // namespace plenary::registration
