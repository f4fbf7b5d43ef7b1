// The sponsors of a conference: their list, one page each, and the tags that show them on any other page.
#include <string>
#include <utility>

#include "base/errors.hpp"
#include "domain/conference/legal.hpp"
#include "site/page.hpp"
#include "site/pictures.hpp"
#include "site/programs.hpp"
#include "site/values.hpp"
#include "templating/fields.hpp"

namespace plenary::site {
namespace {

using sponsors::Lineup;
using sponsors::ShownBenefit;
using sponsors::ShownSponsor;
using sponsors::SponsorLevel;
using templating::Arguments;
using templating::Context;
using templating::Field;
using templating::Value;

Value text(const std::string& t) {
  return Value::borrowed(t);
}

struct LevelShown {
  const SponsorLevel* level;
  Currency currency;
};
constexpr Field<LevelShown> level_fields[] = {
    {"name", [](const LevelShown& l) { return text(l.level->name); }},
    {"slug", [](const LevelShown& l) { return text(l.level->slug); }},
    {"cost", [](const LevelShown& l) { return amount_value(l.level->cost, l.currency); }},
    {"description", [](const LevelShown& l) { return text(l.level->description); }},
    {"benefits_summary", [](const LevelShown& l) { return text(l.level->benefits_summary); }},
    {"comp_ticket_count", [](const LevelShown& l) { return Value(l.level->comp_ticket_count); }},
    {"order", [](const LevelShown& l) { return Value(l.level->order); }},
    {"id", [](const LevelShown& l) { return Value(l.level->id); }},
    {"pk", [](const LevelShown& l) { return Value(l.level->id); }},
};
Value level_value(const Visit& visit, const SponsorLevel& level) {
  return owned(LevelShown{&level, visit.catalogue->currency}, level_fields);
}

constexpr Field<ShownBenefit> benefit_fields[] = {
    {"name", [](const ShownBenefit& b) { return text(b.name); }},
    {"description", [](const ShownBenefit& b) { return text(b.description); }},
    {"id", [](const ShownBenefit& b) { return Value(b.id); }},
    {"pk", [](const ShownBenefit& b) { return Value(b.id); }},
};

struct SponsorShown {
  const Visit* visit;
  const ShownSponsor* sponsor;
};
// What other systems once stored may be no address of a page: then there is no link.
Value website(const SponsorShown& s) {
  return conference::is_address(s.sponsor->website_url) ? text(s.sponsor->website_url) : Value("");
}
Value level_of(const SponsorShown& s) {
  return level_value(*s.visit, s.visit->lineup->levels[s.sponsor->level]);
}
constexpr Field<SponsorShown> sponsor_fields[] = {
    {"name", [](const SponsorShown& s) { return text(s.sponsor->name); }},
    {"slug", [](const SponsorShown& s) { return text(s.sponsor->slug); }},
    {"level", level_of},
    {"website_url", website},
    {"logo_url", [](const SponsorShown& s) { return text(s.sponsor->logo_url); }},
    {"description", [](const SponsorShown& s) { return text(s.sponsor->description); }},
    {"is_active", [](const SponsorShown&) { return Value(true); }},
    {"effective_name", [](const SponsorShown& s) { return text(s.sponsor->name); }},
    {"effective_level", level_of},
    {"effective_website_url", website},
    {"effective_logo_url", [](const SponsorShown& s) { return text(s.sponsor->logo_url); }},
    {"effective_description", [](const SponsorShown& s) { return text(s.sponsor->description); }},
    {"effective_is_active", [](const SponsorShown&) { return Value(true); }},
    {"id", [](const SponsorShown& s) { return Value(s.sponsor->id); }},
    {"pk", [](const SponsorShown& s) { return Value(s.sponsor->id); }},
};

Value levels_value(const Visit& visit) {
  std::vector<Value> levels;
  for (const SponsorLevel& level : visit.lineup->levels) levels.push_back(level_value(visit, level));
  return Value::list(std::move(levels));
}

// {% sponsors_by_level conference as groups %}
Value sponsors_by_level(const Arguments& arguments, Context&) {
  const Visit* visit = visit_of(arguments[0]);
  if (!visit || !visit->lineup) return Value::list({});
  return sponsor_groups_value(*visit);
}

// {% sponsor_logo_url sponsor as url %}: empty for a picture that browsers would not load here.
Value sponsor_logo_url(const Arguments& arguments, Context&) {
  if (arguments[0].kind() != Value::Kind::object) return Value("");
  const auto* view = dynamic_cast<const templating::OwnedView<SponsorShown>*>(&arguments[0].object());
  if (!view) return Value("");
  const auto& [visit, sponsor] = view->item();
  return allow_picture(*visit, sponsor->logo_url) ? text(sponsor->logo_url) : Value("");
}

}  // namespace

Value sponsor_value(const Visit& visit, const ShownSponsor& sponsor) {
  return owned(SponsorShown{&visit, &sponsor}, sponsor_fields);
}

Value sponsor_groups_value(const Visit& visit) {
  std::vector<Value> groups;
  const std::vector<ShownSponsor>& all = visit.lineup->sponsors;
  for (std::size_t i = 0; i < all.size();) {
    const std::size_t level = all[i].level;
    std::vector<Value> members;
    for (; i < all.size() && all[i].level == level; ++i) members.push_back(sponsor_value(visit, all[i]));
    groups.push_back(Value::dict({{"level", level_value(visit, visit.lineup->levels[level])},
                                  {"sponsors", Value::list(std::move(members))}}));
  }
  return Value::list(std::move(groups));
}

Task<web::Response> show_sponsors(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  if (!visit.lineup) throw NotFound("the conference shows no sponsors");
  Page page(site, request, "django_program/sponsors/sponsor_list.html");
  std::vector<Value> all;
  for (const ShownSponsor& sponsor : visit.lineup->sponsors) {
    all.push_back(sponsor_value(visit, sponsor));
    allow_picture(visit, sponsor.logo_url);  // for templates that show logo_url itself
  }
  page.set("sponsors", Value::list(std::move(all)));
  page.set("levels", levels_value(visit));
  co_return page.html();
}

Task<web::Response> show_sponsor(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const ShownSponsor* sponsor = visit.lineup ? visit.lineup->find(request.param("slug")) : nullptr;
  if (!sponsor) throw NotFound("the conference has no active sponsor of that name");
  Page page(site, request, "django_program/sponsors/sponsor_detail.html");
  page.set("sponsor", sponsor_value(visit, *sponsor));
  page.set("benefits", view_each(sponsor->benefits, benefit_fields));
  allow_picture(visit, sponsor->logo_url);
  co_return page.html();
}

templating::Library sponsor_tags() {
  templating::Library library;
  library.simple_tag("sponsors_by_level", {{"conference"}, 1}, sponsors_by_level);
  library.simple_tag("sponsor_logo_url", {{"sponsor"}, 1}, sponsor_logo_url);
  return library;
}

}  // namespace plenary::site
