// What the team's pages share. source: configuration 10, 8; Do better 3 and 23.
#include "manage/team.hpp"

#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/users.hpp"
#include "i18n/formats.hpp"
#include "manage/pages.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::manage {

using templating::Value;

TimeZone zone_of(const site::Visit& visit) {
  return visit.catalogue->zone;
}

std::int64_t user_of(const site::Visit& visit) {
  return visit.session.value().user_id.value();
}

std::string end_text(const web::Request& request, std::optional<Instant> ends_at, TimeZone zone) {
  if (!ends_at) return {};
  const std::string_view language = site::language_of(request);
  const Date last = zone.local(*ends_at - Duration::microseconds(1)).date;
  if (zone.day_start(last.plus_days(1)) == *ends_at) return i18n::day(language, last);
  return i18n::moment(language, *ends_at, zone);
}

std::string last_day(std::optional<Instant> ends_at, TimeZone zone) {
  return ends_at ? zone.local(*ends_at - Duration::microseconds(1)).date.to_string() : std::string();
}

std::string recorded_end(std::optional<Instant> ends_at, TimeZone zone) {
  return ends_at ? i18n::moment("en", *ends_at, zone) : std::string();
}

web::Field ends_on_field() {
  return {.name = "ends_on",
          .label = message("Last day of the role"),
          .required = false,
          .max_length = 10,
          .help = message("The role ends with this day, in the time of the conference. Empty: until somebody "
                          "ends it."),
          .autocomplete = "off"};
}

std::optional<Instant> typed_end(web::Form& form, TimeZone zone) {
  if (!form.errors("ends_on").empty() || form.text("ends_on").empty()) return std::nullopt;
  const std::optional<Date> day = Date::parse(form.text("ends_on"));
  if (!day || day->year() < 1970 || day->year() > 9000) {
    form.add_error("ends_on", "format", message("Write the day like 2027-05-31."));
    return std::nullopt;
  }
  return zone.day_start(day->plus_days(1));
}

void set_ends_on(site::Page& page, const web::Request& request, const web::Form& form) {
  const web::FieldView view = form.view("ends_on");
  std::vector<Value> errors;
  for (const web::FieldError& error : form.errors("ends_on"))
    errors.emplace_back(site::tr(request, error.text, error.arguments));
  page.set("ends_on", Value::dict({{"value", Value(view.value)},
                                   {"label", Value(site::tr(request, view.label))},
                                   {"help", Value(site::tr(request, view.help))},
                                   {"errors", Value::list(std::move(errors))}}));
}

accounts::Rights rights_now(db::Tx& tx, std::int64_t user_id) {
  const auto user = accounts::find_user(tx, user_id);
  if (!user || !user->is_active) return {};
  return accounts::rights_of(tx, user_id, user->is_superuser);
}

void require_may_grant(db::Tx& tx, std::int64_t user_id, std::int64_t group_id, std::int64_t conference_id) {
  const accounts::Rights rights = rights_now(tx, user_id);
  if (!rights.full_access(conference_id))
    throw Refused("lost", "You no longer run this conference, so nothing was changed.");
  if (!accounts::may_grant(tx, rights, group_id, conference_id))
    throw Refused(
        "beyond",
        "This role has rights that you do not hold yourself, so you can neither give it nor take it.");
}

void require_end_within(db::Tx& tx, std::int64_t user_id, std::int64_t group_id, std::int64_t conference_id,
                        std::optional<Instant> ends_at, std::string_view field) {
  accounts::refuse_outlasting(tx, rights_now(tx, user_id), group_id, conference_id, ends_at, field);
}

accounts::InvitationLimits limits_of(const Site& site) {
  return {.enabled = site.settings.security.limits};
}

web::Response back_to_team(Site& site, web::Request& request, std::string_view outcome) {
  const site::Visit& visit = request.context<site::Visit>();
  return site::see_other(site.router->url("manage:team-list", {visit.conference->slug}), outcome);
}

}  // namespace plenary::manage
