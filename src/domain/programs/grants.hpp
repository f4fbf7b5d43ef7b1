// Travel grants: which status follows which, making an application, and the figures of a conference. Owns the
// table travel_grant. Functions of a transaction: one thread at a time. Refused before anything is written.
// source: programs 60, 6.1, 6.6 and Do better 2, 22, 28.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "db/tx.hpp"
#include "domain/programs/types.hpp"

namespace plenary::programs {

// Who brings a transition about.
enum class GrantActor { applicant, reviewer, finance };

struct GrantTransition {
  GrantStatus from, to;
  GrantActor by;
};

// All there are; whatever is not here does not happen. Disbursed, declined, rejected and withdrawn are the
// end.
std::span<const GrantTransition> grant_transitions();
bool may_go(GrantStatus from, GrantStatus to);
bool may_go(GrantStatus from, GrantStatus to, GrantActor by);

// As stored. An empty currency becomes the conference's own. Refused: one application for each person and
// conference; a conference without a currency of its own, where none was given.
TravelGrant create_grant(db::Tx& tx, TravelGrant grant);
// Every field but status, decision and payment. Nothing: no such row, or somebody else changed it since it
// was loaded.
std::optional<TravelGrant> update_grant(db::Tx& tx, TravelGrant grant);

// Newest first.
std::vector<TravelGrant> grants_of(db::Tx& tx, std::int64_t conference_id);
std::optional<TravelGrant> grant_of(db::Tx& tx, std::int64_t conference_id, std::int64_t user_id);

// Minor units. One definition for every page: committed is what was approved of the offered and accepted
// ones, disbursed what was paid out; exposure is both.
struct GrantFigures {
  std::map<GrantStatus, std::int64_t> by_status;
  std::int64_t requested = 0, committed = 0, disbursed = 0;
  std::int64_t exposure() const { return committed + disbursed; }
  std::int64_t total() const;
};
GrantFigures grant_figures(db::Tx& tx, std::int64_t conference_id);

}  // namespace plenary::programs
