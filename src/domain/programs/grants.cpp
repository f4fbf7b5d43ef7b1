#include "domain/programs/grants.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/errors.hpp"
#include "domain/programs/store.hpp"

namespace plenary::programs {
namespace {

using enum GrantStatus;

constexpr std::array transitions{
    GrantTransition{submitted, info_needed, GrantActor::reviewer},
    GrantTransition{info_needed, submitted, GrantActor::applicant},
    GrantTransition{submitted, withdrawn, GrantActor::applicant},
    GrantTransition{info_needed, withdrawn, GrantActor::applicant},
    GrantTransition{submitted, offered, GrantActor::reviewer},
    GrantTransition{info_needed, offered, GrantActor::reviewer},
    GrantTransition{submitted, rejected, GrantActor::reviewer},
    GrantTransition{info_needed, rejected, GrantActor::reviewer},
    GrantTransition{offered, accepted, GrantActor::applicant},
    GrantTransition{offered, declined, GrantActor::applicant},
    // Asking for more leaves the first offer standing.
    GrantTransition{offered, need_more, GrantActor::applicant},
    GrantTransition{need_more, accepted, GrantActor::applicant},
    GrantTransition{need_more, withdrawn, GrantActor::applicant},
    GrantTransition{need_more, offered, GrantActor::reviewer},
    GrantTransition{need_more, rejected, GrantActor::reviewer},
    GrantTransition{accepted, disbursed, GrantActor::finance},
};

}  // namespace

std::span<const GrantTransition> grant_transitions() {
  return transitions;
}

bool may_go(GrantStatus from, GrantStatus to) {
  return std::any_of(transitions.begin(), transitions.end(),
                     [&](const GrantTransition& t) { return t.from == from && t.to == to; });
}

bool may_go(GrantStatus from, GrantStatus to, GrantActor by) {
  return std::any_of(transitions.begin(), transitions.end(),
                     [&](const GrantTransition& t) { return t.from == from && t.to == to && t.by == by; });
}

TravelGrant create_grant(db::Tx& tx, TravelGrant grant) {
  grant.id = 0;
  if (grant.currency.empty()) {
    grant.currency = store::currency_of_conference(tx, grant.conference_id).value_or("");
    if (grant.currency.empty()) {
      throw Refused("required", "The conference has no currency yet: say which one the amounts are in.", {},
                    "currency");
    }
  }
  db::refuse_first(travel_grant_table().validate(tx, grant));
  return travel_grant_table().insert(tx, std::move(grant));
}

std::optional<TravelGrant> update_grant(db::Tx& tx, TravelGrant grant) {
  const std::optional<TravelGrant> stored = travel_grant_table().find(tx, grant.id);
  if (!stored) return std::nullopt;
  grant.conference_id = stored->conference_id;
  grant.user_id = stored->user_id;
  grant.currency = stored->currency;
  grant.status = stored->status;
  grant.approved_amount = stored->approved_amount;
  grant.reviewed_by = stored->reviewed_by;
  grant.reviewed_at = stored->reviewed_at;
  grant.disbursed_amount = stored->disbursed_amount;
  grant.disbursed_at = stored->disbursed_at;
  grant.disbursed_by = stored->disbursed_by;
  db::refuse_first(travel_grant_table().validate(tx, grant));
  return travel_grant_table().update(tx, std::move(grant));
}

std::vector<TravelGrant> grants_of(db::Tx& tx, std::int64_t conference_id) {
  return store::grants(tx, conference_id);
}

std::optional<TravelGrant> grant_of(db::Tx& tx, std::int64_t conference_id, std::int64_t user_id) {
  return store::grant(tx, conference_id, user_id);
}

std::int64_t GrantFigures::total() const {
  std::int64_t sum = 0;
  for (const auto& [status, count] : by_status) sum += count;
  return sum;
}

GrantFigures grant_figures(db::Tx& tx, std::int64_t conference_id) {
  GrantFigures figures;
  for (const store::GrantSums& sums : store::grant_sums(tx, conference_id)) {
    figures.by_status[sums.status] = sums.count;
    figures.requested += sums.requested;
    if (sums.status == offered || sums.status == accepted) figures.committed += sums.approved;
    if (sums.status == disbursed) figures.disbursed += sums.disbursed;
  }
  return figures;
}

}  // namespace plenary::programs
