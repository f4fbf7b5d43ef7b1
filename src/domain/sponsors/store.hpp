// All SQL of the sponsors room. Only this room calls it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/sponsors/types.hpp"

namespace plenary::sponsors::store {

std::vector<SponsorLevel> levels(db::Tx& tx, std::int64_t conference_id);
std::optional<SponsorLevel> level(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key);
std::int64_t insert_level(db::Tx& tx, const SponsorLevel& level);
bool update_level(db::Tx& tx, const SponsorLevel& level);

}  // namespace plenary::sponsors::store
