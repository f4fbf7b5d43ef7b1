// Sponsors of a conference: listing, creating with the comp vouchers of their level, changing, deleting. Owns
// the tables sponsor and sponsor_benefit; the vouchers are the registration room's. Functions of a
// transaction: one thread at a time. Refused before anything is written. source: sponsors 50, 2, 4, 5, 7 and
// Do better 1, 18-23, 33, 34; configuration 10, 6.5.6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "db/tx.hpp"
#include "domain/sponsors/types.hpp"

namespace plenary::sponsors {

// The active ones by level order, level name, sponsor name.
std::vector<Sponsor> find_sponsors(db::Tx& tx, std::int64_t conference_id);
// By slug, whatever its case. Nothing: none of this conference, or it is not active.
std::optional<Sponsor> find_sponsor(db::Tx& tx, std::int64_t conference_id, std::string_view slug);
// By name.
std::vector<SponsorBenefit> benefits(db::Tx& tx, std::int64_t sponsor_id);

// The slug made from a name ("sponsor" where nothing is left of it), with -2, -3, … where it is taken or
// reserved.
std::string propose_slug(db::Tx& tx, std::int64_t conference_id, std::string_view name);

// What the description of the table cannot see: the level belongs to the sponsor's conference (at level_id),
// no other sponsor comes from the same external_id, and a new sponsor's comp vouchers can be made.
std::vector<db::FieldError> check_sponsor(db::Tx& tx, const Sponsor& sponsor);

// The row as stored, with the comp vouchers of its level, all in this transaction. An empty slug is proposed.
// The vouchers are single-use, for one ticket and no add-on, unlock hidden tickets, belong to the sponsor and
// reach every ticket type that is active now: none that is added later. Their codes are SPONSOR-, the slug in
// capitals (cut to what fits) and 8 random characters; one that is taken is drawn again.
Sponsor create_sponsor(db::Tx& tx, Sponsor sponsor, Random& random = Random::system());

// The row as stored; vouchers stay as they are. Nothing: no such row, or somebody else changed it since it
// was loaded.
std::optional<Sponsor> update_sponsor(db::Tx& tx, Sponsor sponsor);

// Its vouchers that nobody used are switched off and stay, like the used ones. False: no such row.
bool delete_sponsor(db::Tx& tx, const Sponsor& sponsor);

// "SPONSOR-BIGCO-": what the codes of its comp vouchers begin with; at most 92 characters.
std::string comp_code_prefix(std::string_view slug);

}  // namespace plenary::sponsors
