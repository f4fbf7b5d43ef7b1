#include "domain/programs/store.hpp"

#include <stdexcept>

namespace plenary::programs::store {
namespace {

GrantStatus status_of(const std::string& text) {
  for (int i = 0; i <= static_cast<int>(GrantStatus::disbursed); ++i) {
    if (to_text(static_cast<GrantStatus>(i)) == text) return static_cast<GrantStatus>(i);
  }
  throw std::logic_error("the database holds \"" + text + "\" where the status of a grant belongs");
}

}  // namespace

std::vector<Activity> active_activities(db::Tx& tx, std::int64_t conference_id,
                                        std::optional<ActivityType> type) {
  if (!type) {
    return activity_table().select(
        tx, "WHERE conference_id = $1 AND is_active = 1 ORDER BY start_time NULLS LAST, name, id",
        conference_id);
  }
  return activity_table().select(tx,
                                 "WHERE conference_id = $1 AND is_active = 1 AND activity_type = $2"
                                 " ORDER BY start_time NULLS LAST, name, id",
                                 conference_id, to_text(*type));
}

std::optional<Activity> active_activity(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key) {
  return activity_table().maybe(tx, "WHERE conference_id = $1 AND lower(slug) = $2 AND is_active = 1",
                                conference_id, slug_key);
}

bool has_activity_slug(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key) {
  return activity_table().count(tx, "WHERE conference_id = $1 AND lower(slug) = $2", conference_id,
                                slug_key) > 0;
}

std::unordered_map<std::int64_t, SignupCount> signup_counts(db::Tx& tx, std::int64_t conference_id) {
  std::unordered_map<std::int64_t, SignupCount> counts;
  for (const auto& [activity, status, count] : tx.query<std::int64_t, std::string, std::int64_t>(
           "SELECT s.activity_id, s.status, count(*) FROM activity_signup s"
           " JOIN activity a ON a.id = s.activity_id"
           " WHERE a.conference_id = $1 AND a.is_active = 1 AND s.status IN ('confirmed', 'waitlisted')"
           " GROUP BY s.activity_id, s.status",
           conference_id)) {
    (status == "confirmed" ? counts[activity].confirmed : counts[activity].waitlisted) = count;
  }
  return counts;
}

SignupCount signup_count(db::Tx& tx, std::int64_t activity_id) {
  SignupCount counts;
  for (const auto& [status, count] : tx.query<std::string, std::int64_t>(
           "SELECT status, count(*) FROM activity_signup"
           " WHERE activity_id = $1 AND status IN ('confirmed', 'waitlisted') GROUP BY status",
           activity_id)) {
    (status == "confirmed" ? counts.confirmed : counts.waitlisted) = count;
  }
  return counts;
}

std::vector<TravelGrant> grants(db::Tx& tx, std::int64_t conference_id) {
  return travel_grant_table().select(tx, "WHERE conference_id = $1 ORDER BY created_at DESC, id DESC",
                                     conference_id);
}

std::optional<TravelGrant> grant(db::Tx& tx, std::int64_t conference_id, std::int64_t user_id) {
  return travel_grant_table().maybe(tx, "WHERE conference_id = $1 AND user_id = $2", conference_id, user_id);
}

std::vector<GrantSums> grant_sums(db::Tx& tx, std::int64_t conference_id) {
  std::vector<GrantSums> all;
  for (const auto& [status, count, requested, approved, disbursed] :
       tx.query<std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
           "SELECT status, count(*), CAST(coalesce(sum(requested_amount), 0) AS BIGINT),"
           " CAST(coalesce(sum(approved_amount), 0) AS BIGINT),"
           " CAST(coalesce(sum(disbursed_amount), 0) AS BIGINT)"
           " FROM travel_grant WHERE conference_id = $1 GROUP BY status",
           conference_id)) {
    all.push_back({status_of(status), count, requested, approved, disbursed});
  }
  return all;
}

std::optional<std::string> currency_of_conference(db::Tx& tx, std::int64_t conference_id) {
  return tx.maybe<std::string>("SELECT currency FROM conference WHERE id = $1", conference_id);
}

}  // namespace plenary::programs::store
