// Ticket types and add-ons: reading and changing them together with their stock rows. Used by the bootstrap,
// the admin and the dashboard. Every change bumps the catalogue. source: 20, 3.1-3.2; 10, 6.5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

std::vector<TicketType> ticket_types_of(db::Tx& tx, Id conference_id);  // by (order, name)
std::vector<AddOn> addons_of(db::Tx& tx, Id conference_id);             // with their required ticket types

std::optional<TicketType> find_ticket_type(db::Tx& tx, Id conference_id, std::string_view slug);
std::optional<AddOn> find_addon(db::Tx& tx, Id conference_id, std::string_view slug);

// Insert (id == 0) or update every field; creates the stock row with its capacity. Returns the id.
Id save(db::Tx& tx, const TicketType& ticket_type);
// `requires_ticket_types` replaces the stored set.
Id save(db::Tx& tx, const AddOn& addon);

// Deletes a product that nothing refers to, with its stock row. Refused("in_use") says what does (orders,
// carts that hold it, vouchers, discounts, add-ons that need it) and that it can be switched off instead: a
// product that goes must not widen the scope of a discount. source: 20, D9; 10, Do better 7.
void remove(db::Tx& tx, const TicketType& ticket_type);
void remove(db::Tx& tx, const AddOn& addon);

// Sold and held (orders and live carts) of a product, or of the whole conference: what a lower capacity would
// cut into.
struct Committed {
  std::int64_t sold = 0, held = 0;
};
Committed committed_of_ticket_type(db::Tx& tx, Id conference_id, Id ticket_type_id);
Committed committed_of_addon(db::Tx& tx, Id conference_id, Id addon_id);
Committed committed_of_conference(db::Tx& tx, Id conference_id);

// The conference's own capacity row; 0 = unlimited. Called when a conference is created and when its capacity
// changes.
void set_conference_capacity(db::Tx& tx, Id conference_id, std::int64_t total_capacity);

}  // namespace plenary::registration
