// All SQL of the programs room. Only this room calls it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "db/tx.hpp"
#include "domain/programs/types.hpp"

namespace plenary::programs::store {

std::vector<Activity> active_activities(db::Tx& tx, std::int64_t conference_id,
                                        std::optional<ActivityType> type);
std::optional<Activity> active_activity(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key);
bool has_activity_slug(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key);

struct SignupCount {
  std::int64_t confirmed = 0, waitlisted = 0;
};
// By activity; those without signups are not there.
std::unordered_map<std::int64_t, SignupCount> signup_counts(db::Tx& tx, std::int64_t conference_id);
SignupCount signup_count(db::Tx& tx, std::int64_t activity_id);

std::vector<TravelGrant> grants(db::Tx& tx, std::int64_t conference_id);
std::optional<TravelGrant> grant(db::Tx& tx, std::int64_t conference_id, std::int64_t user_id);
struct GrantSums {
  GrantStatus status = GrantStatus::submitted;
  std::int64_t count = 0, requested = 0, approved = 0, disbursed = 0;
};
std::vector<GrantSums> grant_sums(db::Tx& tx, std::int64_t conference_id);
std::optional<std::string> currency_of_conference(db::Tx& tx, std::int64_t conference_id);

}  // namespace plenary::programs::store
