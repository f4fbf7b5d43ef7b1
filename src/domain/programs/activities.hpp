// Activities of a conference with how many people take part. Owns the tables activity, activity_organizer and
// activity_signup. Counts are of signups that are not cancelled; names of participants are never part of
// what public pages read. Functions of a transaction: one thread at a time. Refused before anything is
// written. source: programs 60, 2.1, 2.2, 3 and Do better 10, 31, 42.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/programs/types.hpp"

namespace plenary::programs {

struct CountedActivity {
  Activity activity;
  std::int64_t confirmed = 0, waitlisted = 0;

  bool is_capped() const { return activity.max_participants.has_value(); }
  // Never below nothing, however many were let in by hand; nothing where there is no limit.
  std::optional<std::int64_t> spots_remaining() const;
};

// The active ones by start (those without one last), then name; of one type where it is given.
std::vector<CountedActivity> find_activities(db::Tx& tx, std::int64_t conference_id,
                                             std::optional<ActivityType> type = std::nullopt);
// By slug, whatever its case. Nothing: none of this conference, or it is not active.
std::optional<CountedActivity> find_activity(db::Tx& tx, std::int64_t conference_id, std::string_view slug);

// The slug made from a name ("activity" where nothing is left of it), with -2, -3, … where it is taken or
// reserved.
std::string propose_slug(db::Tx& tx, std::int64_t conference_id, std::string_view name);

// As stored; an empty slug is proposed. A later change of the name leaves the slug as it is.
Activity create_activity(db::Tx& tx, Activity activity);
// Nothing: no such row, or somebody else changed it since it was loaded.
std::optional<Activity> update_activity(db::Tx& tx, Activity activity);

}  // namespace plenary::programs
