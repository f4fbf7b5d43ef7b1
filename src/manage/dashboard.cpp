// The first page of a conference: how much there is of everything, how far it is from its targets, and where
// to go. Each figure only for whoever may see its rows. source: configuration 10, 4.6, 9 and Do better 25.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "domain/registration/held_units.hpp"
#include "domain/reports/overview.hpp"
#include "i18n/formats.hpp"
#include "manage/frame.hpp"
#include "manage/pages.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"

namespace plenary::manage {
namespace {

using site::tr;
using templating::Value;

struct Figure {
  const char* label;
  Key key;
  std::string_view feature, rows, filter;
  std::int64_t reports::Overview::*count;
};
constexpr Figure figures[] = {
    {message("Orders"), Key::registration_people, "registration", "order", "", &reports::Overview::orders},
    {message("Paid orders"), Key::registration_people, "registration", "order", "status=paid",
     &reports::Overview::paid_orders},
    {message("Attendees"), Key::registration_people, "registration", "attendee", "",
     &reports::Overview::attendees},
    {message("Ticket types"), Key::registration_commerce, "registration", "ticket-type", "",
     &reports::Overview::ticket_types},
    {message("Add-ons"), Key::registration_commerce, "registration", "addon", "", &reports::Overview::addons},
    {message("Vouchers"), Key::registration_commerce, "registration", "voucher", "",
     &reports::Overview::vouchers},
    {message("Sections"), Key::program, "", "section", "", &reports::Overview::sections},
    {message("Activities"), Key::activities, "programs", "activity", "", &reports::Overview::activities},
    {message("Travel grants"), Key::travel_grants, "travel_grants", "travel-grant", "",
     &reports::Overview::travel_grants},
    {message("Sponsors"), Key::sponsors, "sponsors", "sponsor-manage-list", "", &reports::Overview::sponsors},
    {message("Sponsor levels"), Key::sponsors, "sponsors", "sponsor-level", "",
     &reports::Overview::sponsor_levels},
};

Value figures_value(const Site& site, const web::Request& request, const Visit& visit,
                    const reports::Overview& overview) {
  const Visibility shown = visibility(request);
  const std::string_view language = site::language_of(request);
  std::vector<Value> list;
  for (const Figure& figure : figures) {
    if (!shown[figure.key]) continue;
    const bool is_on = figure.feature.empty() || conference::is_feature_enabled(
                                                     figure.feature, visit.features, visit.conference->flags);
    if (!is_on) continue;
    list.push_back(Value::dict({{"label", Value(tr(request, figure.label))},
                                {"count", Value(i18n::number(language, overview.*figure.count))},
                                {"url", Value(rows_url(site, visit, figure.rows, figure.filter))}}));
  }
  return Value::list(std::move(list));
}

Value measure_value(const web::Request& request, std::string_view id, const char* label,
                    const reports::Measure& measure, int decimals, const std::string& actual,
                    const std::string& target, const std::string& note = {}) {
  const std::string_view language = site::language_of(request);
  const Decimal percent = measure.percent(decimals);
  return Value::dict({{"id", Value(id)},
                      {"label", Value(tr(request, label))},
                      {"actual", Value(actual)},
                      {"target", Value(target)},
                      {"percent", Value(i18n::number(language, percent))},
                      {"bar", Value(percent > Decimal(100) ? std::string("100") : percent.to_string())},
                      {"note", Value(note)}});
}

// Revenue is for whoever sees the finances; attendance goes with the orders, grants with the grants.
Value budget_value(const web::Request& request, const Visit& visit, const reports::Budget& budget) {
  const Visibility shown = visibility(request);
  const registration::Catalogue& catalogue = *visit.catalogue;
  const auto money = [&](std::int64_t minor) {
    return site::price_text(request, minor, catalogue.currency, catalogue.currency_symbol);
  };
  const auto plain = [&](std::int64_t n) { return i18n::number(site::language_of(request), n); };
  std::vector<Value> list;
  if (budget.revenue && shown[Key::finance]) {
    list.push_back(measure_value(request, "revenue", message("Revenue"), *budget.revenue, 2,
                                 money(budget.revenue->actual), money(budget.revenue->target)));
  }
  if (budget.attendance && (shown[Key::registration_people] || shown[Key::reports])) {
    list.push_back(measure_value(request, "attendance", message("Attendance"), *budget.attendance, 1,
                                 plain(budget.attendance->actual), plain(budget.attendance->target)));
  }
  if (budget.grants && (shown[Key::travel_grants] || shown[Key::finance])) {
    const std::string note = tr(request, "{amount} of it paid out", {{"amount", money(budget.disbursed)}});
    list.push_back(measure_value(request, "grants", message("Travel grants"), *budget.grants, 2,
                                 money(budget.grants->actual), money(budget.grants->target), note));
  }
  return Value::list(std::move(list));
}

void add_link(std::vector<Value>& links, const std::string& label, const std::string& about,
              const std::string& url) {
  if (!url.empty())
    links.push_back(Value::dict({{"label", Value(label)}, {"about", Value(about)}, {"url", Value(url)}}));
}

Value links_value(const Site& site, const web::Request& request, const Visit& visit) {
  const Visibility shown = visibility(request);
  std::vector<Value> links;
  if (shown.everything())
    add_link(links, tr(request, "Team"), tr(request, "Who works here with which role; invite others."),
             page_url(site, visit, "team-list"));
  if (shown[Key::settings])
    add_link(links, tr(request, "Settings"), tr(request, "Name, days, place, texts and targets."),
             rows_url(site, visit, "conference-edit"));
  if (shown[Key::registration_commerce])
    add_link(links, tr(request, "Ticket types"), tr(request, "What is sold, for how much, and how many."),
             rows_url(site, visit, "ticket-type"));
  if (shown[Key::registration_people])
    add_link(links, tr(request, "Orders"), tr(request, "Find an order, and see how it was paid."),
             rows_url(site, visit, "order"));
  if (shown.everything() && site.router->find("admin:list"))
    add_link(links, tr(request, "Record of changes"), tr(request, "Who changed what, and when."),
             fmt::format("/admin/operation/change/?conference_id={}", visit.conference->id));
  return Value::list(std::move(links));
}

const char* holder_word(registration::HoldOwner owner) {
  using registration::HoldOwner;
  switch (owner) {
    case HoldOwner::cart:
      return message("In carts");
    case HoldOwner::order:
      return message("In orders that are not paid");
    case HoldOwner::offer:
      return message("Offered to the waiting list");
    case HoldOwner::voucher:
      return message("Kept back by vouchers");
    case HoldOwner::change:
      return message("In changes that wait for their payment");
  }
  return "";
}

Value held_value(const web::Request& request, const std::vector<registration::HeldTickets>& held) {
  const std::string_view language = site::language_of(request);
  std::vector<Value> list;
  for (const registration::HeldTickets& one : held) {
    std::vector<Value> ages;
    for (const std::int64_t tickets : one.by_age)
      ages.push_back(Value(one.has_ages ? i18n::number(language, tickets) : std::string("–")));
    list.push_back(Value::dict({{"what", Value(tr(request, holder_word(one.owner)))},
                                {"ages", Value::list(std::move(ages))},
                                {"all", Value(i18n::number(language, one.tickets))}}));
  }
  return Value::list(std::move(list));
}

}  // namespace

Task<web::Response> show_dashboard(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = visit.conference->id;
  const bool sees_orders = visibility(request)[Key::registration_people];
  std::vector<registration::HeldTickets> held;
  auto fn = [&](db::Tx& tx) {
    if (sees_orders)
      held = registration::held_tickets(tx, id, Duration::minutes(site.settings.program.cart_expiry_minutes));
    return reports::overview(tx, id);
  };
  const reports::Overview overview = co_await site.db.read(fn);
  const conference::Conference& conference = visit.catalogue->conference;
  const reports::Budget budget = reports::budget(
      overview, {conference.revenue_budget, conference.target_attendance, conference.grant_budget});

  site::Page page(site, request, "django_program/manage/dashboard.html");
  frame(page, site, request, conference.name, "dashboard");
  page.set("days", Value(i18n::days(site::language_of(request), conference.start_date, conference.end_date)))
      .set("figures", figures_value(site, request, visit, overview))
      .set("sandbox_orders", Value(sees_orders ? overview.sandbox_orders : 0))
      .set("held", held_value(request, held))
      .set("budget", budget_value(request, visit, budget))
      .set("links", links_value(site, request, visit));
  co_return std::move(page.html().personal());
}

}  // namespace plenary::manage
