// Activities with their signups, and travel grants, as plain structs with their entity tables. Times are
// instants; money is minor units of the grant's own currency. The enumerators stand in the order of their
// stored texts. source: programs 60, 2.1 to 2.3 and 6.1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "db/entity.hpp"

namespace plenary::programs {

enum class ActivityType { sprint, workshop, tutorial, lightning_talk, social, open_space, summit, other };

struct Activity {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::string name;
  std::string slug;
  ActivityType activity_type = ActivityType::other;
  std::string description;
  std::string location;
  std::string pretalx_submission_type;
  std::optional<Instant> start_time, end_time;
  std::optional<std::int64_t> max_participants;  // nothing: unlimited; 0: waiting list only
  bool requires_ticket = false;
  std::string external_url;
  bool is_active = true;
  std::optional<Instant> synced_at;
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

enum class SignupStatus { confirmed, waitlisted, cancelled };

// One row that is not cancelled at most for each person and activity; cancelled ones are history.
struct ActivitySignup {
  std::int64_t id = 0;
  std::int64_t activity_id = 0;
  std::int64_t user_id = 0;
  SignupStatus status = SignupStatus::confirmed;
  std::string note;
  std::optional<Instant> cancelled_at;
  std::int64_t version = 1;
  Instant created_at;  // place in the queue
};

enum class GrantStatus {
  submitted,
  withdrawn,
  info_needed,
  offered,
  accepted,
  declined,
  rejected,
  need_more,
  disbursed
};
enum class GrantType { general, staff, speaker, core_dev, psf_board, community, education, pyladies, other };
enum class GrantRequest { ticket_only, ticket_and_grant };
enum class ExperienceLevel { beginner, intermediate, expert };

// One application for each person and conference.
struct TravelGrant {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::int64_t user_id = 0;
  GrantStatus status = GrantStatus::submitted;
  GrantType application_type = GrantType::general;
  GrantRequest request_type = GrantRequest::ticket_and_grant;
  std::string travel_from;
  bool international = false;
  std::optional<bool> first_time;  // nothing: not said
  std::string airfare_description, lodging_description, transit_description, visa_description;
  std::int64_t airfare_amount = 0, lodging_amount = 0, transit_amount = 0, visa_amount = 0;
  std::int64_t requested_amount = 0;
  std::optional<std::int64_t> approved_amount;
  std::string currency;  // ISO 4217
  std::optional<ExperienceLevel> experience_level;
  std::string occupation, involvement, reason;
  std::string days_attending;  // ISO dates, comma-separated
  bool sharing_expenses = false;
  std::string traveling_with;
  std::string reviewer_notes;  // never shown to the applicant
  std::string promo_code;
  std::optional<std::int64_t> reviewed_by;
  std::optional<Instant> reviewed_at;
  std::optional<std::int64_t> disbursed_amount;
  std::optional<Instant> disbursed_at;
  std::optional<std::int64_t> disbursed_by;
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;

  // All four items of the cost table. source: 60, 6.5.
  std::int64_t travel_plans_total() const {
    return airfare_amount + lodging_amount + transit_amount + visa_amount;
  }
};

std::string_view to_text(ActivityType type);  // "lightning_talk"
std::optional<ActivityType> activity_type(std::string_view text);
std::span<const ActivityType> all_activity_types();
std::string_view label(ActivityType type);  // "Lightning talk": English, translated where it is shown
std::string_view to_text(SignupStatus status);
std::string_view to_text(GrantStatus status);
std::string_view label(GrantStatus status);  // as label(ActivityType)

// Addresses below /programs/ that belong to no activity.
inline constexpr std::string_view reserved_activity_slug = "travel-grants";

const db::Entity<Activity>& activity_table();
const db::Entity<ActivitySignup>& activity_signup_table();
const db::Entity<TravelGrant>& travel_grant_table();

}  // namespace plenary::programs
