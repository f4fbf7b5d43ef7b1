// Sponsor levels of a conference: listing, creating, changing, deleting. Owns the table sponsor_level. A
// changed comp_ticket_count holds for sponsors created later only. Functions of a transaction: one thread at
// a time. source: configuration 10, 6.5.5.
#pragma once

#include <cstdint>
#include <vector>

#include "db/tx.hpp"
#include "domain/sponsors/types.hpp"

namespace plenary::sponsors {

// By order, then name.
std::vector<SponsorLevel> levels(db::Tx& tx, std::int64_t conference_id);
std::int64_t create_level(db::Tx& tx, const SponsorLevel& level);
// By id. False when there is no such row, or when somebody else changed it since it was loaded.
bool update_level(db::Tx& tx, const SponsorLevel& level);
// Refused "in_use" while a sponsor has it, active or not. False: no such row. source: sponsors 50, Do better
// 32.
bool delete_level(db::Tx& tx, const SponsorLevel& level);

enum class Upserted { created, updated };
// By conference and slug, whatever its case: name, cost, comp_ticket_count and order are overwritten.
Upserted upsert_level(db::Tx& tx, const SponsorLevel& level);

}  // namespace plenary::sponsors
