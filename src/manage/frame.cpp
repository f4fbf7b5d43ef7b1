#include "manage/frame.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "domain/accounts/permissions.hpp"
#include "domain/conference/features.hpp"
#include "manage/outbox.hpp"
#include "manage/sections.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"
#include "web/routes.hpp"

namespace plenary::manage {
namespace {

using templating::Value;

constexpr std::size_t most_in_switch = 8;

bool is_on(const Visit& visit, std::string_view feature) {
  return conference::is_feature_enabled(feature, visit.features, visit.conference->flags);
}

const web::Route* route_of(const Site& site, std::string_view name) {
  return site.router ? site.router->find("manage:" + std::string(name)) : nullptr;
}

bool modules_are_on(const Visit& visit, const web::Route* route) {
  if (!route) return true;
  return std::all_of(route->guard.features.begin(), route->guard.features.end(),
                     [&](const std::string& feature) { return is_on(visit, feature); });
}

std::string address(const Site& site, const Visit& visit, const Entry& entry, std::string_view filter = {}) {
  const web::Route* route = route_of(site, entry.route);
  if (!modules_are_on(visit, route)) return {};
  if (route && route->exists) {
    const std::string page = site.router->url(route->name, {visit.conference->slug});
    return filter.empty() ? page : fmt::format("{}?{}", page, filter);
  }
  if (entry.admin.empty()) return {};
  if (entry.admin == "program_conference/conference")
    return fmt::format("/admin/{}/{}/change/", entry.admin, visit.conference->id);
  return fmt::format("/admin/{}/?conference_id={}{}{}", entry.admin, visit.conference->id,
                     filter.empty() ? "" : "&", filter);
}

Value user_perms(const Visibility& shown) {
  auto dict = templating::make<templating::Dict>();
  for (std::size_t i = 0; i < key_count; ++i) {
    const Key key = static_cast<Key>(i);
    dict->set(std::string(key_name(key)), Value(shown[key]));
  }
  return Value(std::move(dict));
}

bool is_shown(const Visit& visit, const Visibility& shown, const Entry& entry) {
  if (!shown[entry.key] || (entry.needs_everything && !shown.everything())) return false;
  return entry.needs.empty() || shown.everything() || visit.rights.may(entry.needs, visit.conference->id);
}

Value navigation(const Site& site, const web::Request& request, const Visit& visit, std::string_view active) {
  const Visibility shown = visibility(request);
  std::vector<Value> list;
  for (const Section& section : sections()) {
    std::vector<Value> entries;
    bool has_current = false;
    for (const Entry& entry : section.entries) {
      if (!is_shown(visit, shown, entry)) continue;
      const std::string url = address(site, visit, entry);
      if (url.empty()) continue;
      has_current = has_current || entry.active == active;
      entries.push_back(Value::dict({{"label", Value(site::tr(request, entry.label))},
                                     {"url", Value(url)},
                                     {"in_admin", Value(url.starts_with("/admin/"))},
                                     {"is_current", Value(entry.active == active)}}));
    }
    if (entries.empty()) continue;
    const std::string title =
        section.title ? site::tr(request, section.title) : visit.catalogue->conference.name;
    list.push_back(Value::dict({{"name", Value(section.name)},
                                {"title", Value(title)},
                                {"has_current", Value(has_current)},
                                {"entries", Value::list(std::move(entries))}}));
  }
  return Value::list(std::move(list));
}

// Whether the data admin shows this person anything: where an entry leads there, or full access anywhere.
bool finds_rows_there(const Site& site, const Visit& visit) {
  if (visit.rights.may_somewhere(accounts::full_access)) return true;
  if (!visit.conference) return false;
  const Visibility shown(visit.rights, visit.conference->id);
  for (const Section& section : sections()) {
    for (const Entry& entry : section.entries) {
      if (is_shown(visit, shown, entry) && address(site, visit, entry).starts_with("/admin/")) return true;
    }
  }
  return false;
}

// The nearest ones, this conference left out.
Value switch_of(const Site& site, const web::Request& request, const Visit& visit) {
  std::vector<Value> list;
  const Conferences* conferences = request.find_context<Conferences>();
  if (!conferences) return Value::list({});
  for (const conference::ManagedConference& one : conferences->listed) {
    if (visit.conference && one.id == visit.conference->id) continue;
    const std::string url = dashboard_url(site, visit, one);
    if (url.empty()) continue;
    list.push_back(Value::dict({{"name", Value(one.name)}, {"url", Value(url)}}));
    if (list.size() == most_in_switch) break;
  }
  return Value::list(std::move(list));
}

}  // namespace

std::vector<conference::ManagedConference> conferences_of(db::Tx& tx, const Visit& visit) {
  const accounts::Rights& rights = visit.rights;
  return conference::list_managed(tx, [&](std::int64_t id, bool is_active) {
    return rights.any_role_in(id) && (is_active || rights.full_access(id));
  });
}

void load_frame(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  if (!visit.rights.any_role_in(visit.conference->id)) return;
  Conferences conferences{conferences_of(tx, visit)};
  request.attach(std::move(conferences));
  load_stuck_mail(tx, request, visit.conference->id);
}

bool is_open(const Visit& visit, const conference::ManagedConference& one) {
  return conference::is_feature_enabled(conference::Feature::manage_ui, visit.features, one.flags);
}

std::string dashboard_url(const Site& site, const Visit& visit, const conference::ManagedConference& one) {
  const bool may = visit.rights.full_access(one.id) || visit.rights.may("view_dashboard", one.id);
  const web::Route* route = route_of(site, "dashboard");
  if (!may || !is_open(visit, one) || !route || !route->exists) return {};
  return site.router->url("manage:dashboard", {one.slug});
}

Visibility visibility(const web::Request& request) {
  const Visit* visit = request.find_context<Visit>();
  if (!visit || !visit->conference) return {};
  return Visibility(visit->rights, visit->conference->id);
}

std::string rows_url(const Site& site, const Visit& visit, std::string_view stem, std::string_view filter) {
  const Visibility shown(visit.rights, visit.conference->id);
  const std::string list = std::string(stem) + "-list";
  for (const Section& section : sections()) {
    for (const Entry& entry : section.entries) {
      if ((entry.route == list || entry.route == stem) && shown[entry.key])
        return address(site, visit, entry, filter);
    }
  }
  return {};
}

std::string page_url(const Site& site, const Visit& visit, std::string_view name) {
  const web::Route* route = route_of(site, name);
  if (!route || !route->exists || !modules_are_on(visit, route)) return {};
  return site.router->url(route->name, {visit.conference->slug});
}

conference::Actor actor_of(const web::Request& request) {
  const accounts::FoundSession& session = request.context<Visit>().session.value();
  return {session.user_id, session.user_name.empty() ? session.user_email : session.user_name, "manage",
          std::string(request.client_address())};
}

void frame(site::Page& page, const Site& site, web::Request& request, std::string_view title,
           std::string_view active_nav, const std::vector<Crumb>& crumbs) {
  const Visit& visit = request.context<Visit>();
  std::vector<Value> way;
  for (const Crumb& one : crumbs)
    way.push_back(Value::dict({{"label", Value(one.label)}, {"url", Value(one.url)}}));
  page.set("title", Value(title))
      .set("crumbs", Value::list(std::move(way)))
      .set("active_nav", Value(active_nav))
      .set("user_perms", user_perms(visibility(request)))
      .set("submission_type_nav", Value::list({}))
      .set("other_conferences", switch_of(site, request, visit));
  const web::Route* admin = site.router->find("admin:index");
  const bool has_admin = admin && admin->exists && finds_rows_there(site, visit);
  page.set("admin_url", has_admin ? Value("/admin/") : Value());
  if (!visit.conference) return;
  page.set("manage_nav", navigation(site, request, visit, active_nav));
  set_stuck_mail(page, site, request);
  const std::string home = page_url(site, visit, "dashboard");
  page.set("home_url", visibility(request)[Key::conference] ? Value(home) : Value());
  const bool is_public = visit.conference->is_active && is_on(visit, "public_ui");
  page.set("public_url",
           is_public ? Value(site.router->url("site:conference", {visit.conference->slug})) : Value());
}

}  // namespace plenary::manage
