// The half of the demo data that is not about selling: the badge template, activities, travel grants.
#include <array>

#include "domain/demo_seeding.hpp"
#include "domain/onsite/badge_templates.hpp"
#include "domain/programs/types.hpp"

namespace plenary::domain {
namespace {

using programs::ExperienceLevel;
using programs::GrantStatus;
using programs::GrantType;

struct PlannedActivity {
  std::string_view name, slug;
  programs::ActivityType type;
  std::optional<std::int64_t> max_participants;
  std::string_view description;
};
// source: 10, 7.6.
constexpr std::array<PlannedActivity, 4> planned_activities{{
    {"Django Sprint", "django-sprint", programs::ActivityType::sprint, 50,
     "Pick an open ticket of Django and work on it side by side with people who know the code."},
    {"Newcomer Orientation", "newcomer-orientation", programs::ActivityType::social, std::nullopt,
     "Half an hour on how the conference works, and the first people you will know here."},
    {"Open Source Workshop", "open-source-workshop", programs::ActivityType::workshop, 30,
     "From a fork to a merged change: make your first contribution with somebody at your side."},
    {"Lightning Talks", "lightning-talks", programs::ActivityType::lightning_talk, std::nullopt,
     "Five minutes each, on whatever moves you; the list to sign up opens in the morning."},
}};

struct PlannedGrant {
  const DemoPerson& person;
  GrantStatus status;
  GrantType type;
  std::string_view from;
  bool international, first_time;
  std::int64_t airfare, lodging, visa;  // whole units
  std::string_view lodging_for;
  std::optional<std::int64_t> approved;
  ExperienceLevel level;
  std::string_view occupation, involvement, reason, reviewer_notes;
};
// source: 10, 7.7.
constexpr std::array<PlannedGrant, 5> planned_grants{{
    {alice, GrantStatus::submitted, GrantType::general, "Chicago, IL", false, true, 350, 600, 0, "4 nights",
     std::nullopt, ExperienceLevel::intermediate, "Data analyst at a city library",
     "I run a monthly reading group on data tools for my colleagues.",
     "It would be my first conference, and my employer has no budget for travel.", ""},
    {bob, GrantStatus::accepted, GrantType::speaker, "New York, NY", false, false, 250, 450, 0, "3 nights",
     500, ExperienceLevel::expert, "Freelance web developer",
     "I maintain two small packages and answer questions on the forum every week.",
     "My talk was accepted; as a freelancer I pay the trip myself.",
     "Reduced amount: the hotel can be shared for two of the nights."},
    {carol, GrantStatus::offered, GrantType::community, "São Paulo, Brazil", true, true, 800, 750, 160,
     "5 nights", 1'200, ExperienceLevel::intermediate, "Lecturer at a technical college",
     "I founded our local user group and organise its meetings and a yearly coding day.",
     "I want to bring what I learn here back to a community of two hundred people.",
     "Strong community leader; the committee wants her to be there."},
    {dave, GrantStatus::rejected, GrantType::general, "San Francisco, CA", false, false, 400, 0, 0, "",
     std::nullopt, ExperienceLevel::expert, "Senior engineer at a software company",
     "I review changes to a logging library now and then.",
     "I would like to meet the people whose code I use every day.",
     "Funding by his employer is available; the means go to others first."},
    {eve, GrantStatus::withdrawn, GrantType::pyladies, "Austin, TX", false, true, 300, 450, 0, "3 nights",
     std::nullopt, ExperienceLevel::beginner, "Student of biology",
     "I help out at the beginners' evenings of our chapter.",
     "I am learning to program for my thesis and hope to find others who do.", ""},
}};

std::optional<std::int64_t> first_superuser(db::Tx& tx) {
  return tx.maybe<std::int64_t>(
      "SELECT id FROM user_account WHERE is_superuser = 1 AND is_active = 1 ORDER BY id LIMIT 1");
}

}  // namespace

void seed_badge_template(DemoSeeding& demo) {
  const auto stored = onsite::badge_templates(demo.tx, demo.conference_id());
  if (demo.has_any(static_cast<std::int64_t>(stored.size()), "badge templates")) return;
  onsite::BadgeTemplate badge;
  badge.conference_id = demo.conference_id();
  badge.name = "Default Badge";
  badge.slug = "default";
  badge.is_default = true;
  badge.show_email = badge.show_company =
      true;  // the others show by themselves, in the usual colours and size
  onsite::create_badge_template(demo.tx, badge);
  demo.added(1, "badge template", "badge templates");
}

void seed_activities(DemoSeeding& demo) {
  const auto stored =
      programs::activity_table().count(demo.tx, "WHERE conference_id = $1", demo.conference_id());
  if (demo.has_any(stored, "activities")) return;
  for (const PlannedActivity& plan : planned_activities) {
    programs::Activity activity;
    activity.conference_id = demo.conference_id();
    activity.name = plan.name;
    activity.slug = plan.slug;
    activity.activity_type = plan.type;
    activity.max_participants = plan.max_participants;
    activity.description = plan.description;
    programs::activity_table().insert(demo.tx, activity);
  }
  demo.added(static_cast<std::int64_t>(planned_activities.size()), "activity", "activities");
}

void seed_grants(DemoSeeding& demo) {
  const auto stored =
      programs::travel_grant_table().count(demo.tx, "WHERE conference_id = $1", demo.conference_id());
  if (demo.has_any(stored, "travel grants")) return;
  const auto reviewer = first_superuser(demo.tx);
  for (const PlannedGrant& plan : planned_grants) {
    programs::TravelGrant grant;
    grant.conference_id = demo.conference_id();
    grant.user_id = demo.users.at(plan.person.username);
    grant.status = plan.status;
    grant.application_type = plan.type;
    grant.request_type = programs::GrantRequest::ticket_and_grant;
    grant.travel_from = plan.from;
    grant.international = plan.international;
    grant.first_time = plan.first_time;
    grant.airfare_amount = demo.units(plan.airfare);
    grant.airfare_description = "Return flight";
    grant.lodging_amount = demo.units(plan.lodging);
    if (plan.lodging > 0) grant.lodging_description = std::string("Hotel, ") + std::string(plan.lodging_for);
    grant.visa_amount = demo.units(plan.visa);
    if (plan.visa > 0) grant.visa_description = "Visa fee";
    grant.requested_amount = grant.travel_plans_total();
    if (plan.approved) grant.approved_amount = demo.units(*plan.approved);
    grant.currency = demo.currency();
    grant.experience_level = plan.level;
    grant.occupation = plan.occupation;
    grant.involvement = plan.involvement;
    grant.reason = plan.reason;
    grant.reviewer_notes = plan.reviewer_notes;
    if (!plan.reviewer_notes.empty()) {
      grant.reviewed_by = reviewer;
      grant.reviewed_at = demo.tx.now();
    }
    programs::travel_grant_table().insert(demo.tx, grant);
  }
  demo.added(static_cast<std::int64_t>(planned_grants.size()), "travel grant", "travel grants");
}

}  // namespace plenary::domain
