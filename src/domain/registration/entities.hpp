// The entity tables of the room: one description each for row mapping, validation, admin, exports and API.
#pragma once

#include "db/entity.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

const db::Entity<TicketType>& ticket_type_table();
const db::Entity<AddOn>& addon_table();

}  // namespace plenary::registration
