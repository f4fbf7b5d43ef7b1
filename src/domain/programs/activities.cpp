#include "domain/programs/activities.hpp"

#include <algorithm>
#include <utility>

#include "base/errors.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "domain/programs/store.hpp"

namespace plenary::programs {
std::optional<std::int64_t> CountedActivity::spots_remaining() const {
  if (!activity.max_participants) return std::nullopt;
  return std::max<std::int64_t>(0, *activity.max_participants - confirmed);
}

std::vector<CountedActivity> find_activities(db::Tx& tx, std::int64_t conference_id,
                                             std::optional<ActivityType> type) {
  std::vector<CountedActivity> found;
  for (Activity& activity : store::active_activities(tx, conference_id, type)) {
    found.push_back({std::move(activity), 0, 0});
  }
  if (found.empty()) return found;
  const auto counts = store::signup_counts(tx, conference_id);
  for (CountedActivity& activity : found) {
    const auto count = counts.find(activity.activity.id);
    if (count == counts.end()) continue;
    activity.confirmed = count->second.confirmed;
    activity.waitlisted = count->second.waitlisted;
  }
  return found;
}

std::optional<CountedActivity> find_activity(db::Tx& tx, std::int64_t conference_id, std::string_view slug) {
  std::optional<Activity> activity = store::active_activity(tx, conference_id, slug_key(slug));
  if (!activity) return std::nullopt;
  const store::SignupCount count = store::signup_count(tx, activity->id);
  return CountedActivity{std::move(*activity), count.confirmed, count.waitlisted};
}

std::string propose_slug(db::Tx& tx, std::int64_t conference_id, std::string_view name) {
  std::string base = slug_from(name);
  if (base.empty()) base = "activity";
  return free_slug(base, [&](const std::string& slug) {
    return slug == reserved_activity_slug || store::has_activity_slug(tx, conference_id, slug_key(slug));
  });
}

Activity create_activity(db::Tx& tx, Activity activity) {
  activity.id = 0;
  if (is_blank(activity.slug)) activity.slug = propose_slug(tx, activity.conference_id, activity.name);
  db::refuse_first(activity_table().validate(tx, activity));
  return activity_table().insert(tx, std::move(activity));
}

std::optional<Activity> update_activity(db::Tx& tx, Activity activity) {
  const std::optional<Activity> stored = activity_table().find(tx, activity.id);
  if (!stored) return std::nullopt;
  activity.conference_id = stored->conference_id;
  db::refuse_first(activity_table().validate(tx, activity));
  return activity_table().update(tx, std::move(activity));
}

}  // namespace plenary::programs
