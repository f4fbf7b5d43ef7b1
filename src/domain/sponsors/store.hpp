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
std::optional<SponsorLevel> level_by_id(db::Tx& tx, std::int64_t id);
bool delete_level(db::Tx& tx, const SponsorLevel& level);

std::vector<Sponsor> active_sponsors(db::Tx& tx, std::int64_t conference_id);
std::optional<Sponsor> active_sponsor(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key);
bool has_sponsor_slug(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key);
bool has_other_of_external_id(db::Tx& tx, const Sponsor& sponsor);
std::int64_t sponsors_of_level(db::Tx& tx, std::int64_t level_id);
std::vector<SponsorBenefit> benefits(db::Tx& tx, std::int64_t sponsor_id);
std::vector<SponsorBenefit> benefits_of_active(db::Tx& tx, std::int64_t conference_id);  // by name

}  // namespace plenary::sponsors::store
