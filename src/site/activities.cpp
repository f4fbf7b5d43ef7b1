// The activities of a conference: their list with a choice by type, and one page each.
#include <optional>
#include <string>
#include <utility>

#include "base/errors.hpp"
#include "domain/conference/legal.hpp"
#include "i18n/languages.hpp"
#include "site/page.hpp"
#include "site/programs.hpp"
#include "site/text.hpp"
#include "templating/fields.hpp"

namespace plenary::site {
namespace {

using programs::ActivityType;
using programs::CountedActivity;
using templating::Field;
using templating::Value;

struct ActivityList {
  std::vector<CountedActivity> activities;
};

// The type that the list is narrowed to; what is no type narrows nothing.
std::optional<ActivityType> chosen_type(const web::Request& request) {
  return programs::activity_type(request.query("type").value_or(""));
}

Value text(const std::string& t) {
  return Value::borrowed(t);
}
Value number(const std::optional<std::int64_t>& n) {
  return n ? Value(*n) : Value();
}
Value moment(const std::optional<Instant>& at) {
  return at ? Value(*at) : Value();
}

struct ActivityShown {
  const CountedActivity* counted;
  std::string_view language;
  const programs::Activity& activity() const { return counted->activity; }
};
Value type_label(const ActivityShown& a) {
  return Value(i18n::translated(a.language, programs::label(a.activity().activity_type)));
}
Value confirmed(const ActivityShown& a) {
  return Value(a.counted->confirmed);
}
Value waitlisted(const ActivityShown& a) {
  return Value(a.counted->waitlisted);
}
constexpr Field<ActivityShown> activity_fields[] = {
    {"name", [](const ActivityShown& a) { return text(a.activity().name); }},
    {"slug", [](const ActivityShown& a) { return text(a.activity().slug); }},
    {"activity_type",
     [](const ActivityShown& a) { return Value::borrowed(programs::to_text(a.activity().activity_type)); }},
    {"get_activity_type_display", type_label},
    {"type_label", type_label},
    {"description", [](const ActivityShown& a) { return text(a.activity().description); }},
    {"location", [](const ActivityShown& a) { return text(a.activity().location); }},
    {"room", [](const ActivityShown&) { return Value(); }},
    {"start_time", [](const ActivityShown& a) { return moment(a.activity().start_time); }},
    {"end_time", [](const ActivityShown& a) { return moment(a.activity().end_time); }},
    {"max_participants", [](const ActivityShown& a) { return number(a.activity().max_participants); }},
    {"is_capped", [](const ActivityShown& a) { return Value(a.counted->is_capped()); }},
    {"signup_count", confirmed},
    {"waitlist_count", waitlisted},
    {"talk_count", [](const ActivityShown&) { return Value(std::int64_t{0}); }},
    {"spots_remaining", [](const ActivityShown& a) { return number(a.counted->spots_remaining()); }},
    {"requires_ticket", [](const ActivityShown& a) { return Value(a.activity().requires_ticket); }},
    {"external_url",
     [](const ActivityShown& a) {
       return conference::is_address(a.activity().external_url) ? text(a.activity().external_url) : Value("");
     }},
    {"is_active", [](const ActivityShown& a) { return Value(a.activity().is_active); }},
    {"id", [](const ActivityShown& a) { return Value(a.activity().id); }},
    {"pk", [](const ActivityShown& a) { return Value(a.activity().id); }},
};

// Pairs of the stored text and what people call it, as {% for value, label in activity_types %} wants them.
Value types_value(std::string_view language) {
  std::vector<Value> types;
  for (const ActivityType type : programs::all_activity_types()) {
    types.push_back(Value::list({Value::borrowed(programs::to_text(type)),
                                 Value(i18n::translated(language, programs::label(type)))}));
  }
  return Value::list(std::move(types));
}

}  // namespace

void load_activities(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  request.attach(ActivityList{programs::find_activities(tx, visit.conference->id, chosen_type(request))});
}

void load_activity(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  auto found = programs::find_activity(tx, visit.conference->id, request.param("slug"));
  if (found) request.attach(std::move(*found));
}

Task<web::Response> show_activities(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const ActivityList& list = request.context<ActivityList>();
  Page page(site, request, "django_program/programs/activity_list.html");
  std::vector<Value> activities;
  for (const CountedActivity& activity : list.activities) {
    activities.push_back(owned(ActivityShown{&activity, visit.language}, activity_fields));
  }
  page.set("activities", Value::list(std::move(activities)));
  page.set("activity_types", types_value(visit.language));
  const std::optional<ActivityType> type = chosen_type(request);
  page.set("current_type", type ? Value::borrowed(programs::to_text(*type)) : Value(""));
  co_return page.html();
}

Task<web::Response> show_activity(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const CountedActivity* activity = request.find_context<CountedActivity>();
  if (!activity) throw NotFound("the conference has no active activity of that name");
  Page page(site, request, "django_program/programs/activity_detail.html");
  page.set("activity", owned(ActivityShown{activity, visit.language}, activity_fields));
  page.set("spots_remaining", number(activity->spots_remaining()));
  page.set("waitlist_count", Value(activity->waitlisted));
  // Names of participants are nobody's business but theirs; talks come with the schedule.
  for (const char* name : {"signups", "linked_talks", "speakers", "schedule_by_day"}) {
    page.set(name, Value::list({}));
  }
  page.set("user_signup", Value());
  co_return page.html();
}

}  // namespace plenary::site
