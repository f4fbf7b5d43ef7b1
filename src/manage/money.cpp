#include "manage/money.hpp"

#include <charconv>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "i18n/formats.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/errors.hpp"
#include "web/flash.hpp"
#include "web/routes.hpp"

namespace plenary::manage {
namespace {

using templating::Value;

std::int64_t here(const web::Request& request) {
  return request.context<Visit>().conference->id;
}

constexpr std::int64_t most_minor = 9'999'999'999;

}  // namespace

std::string amount_text(const web::Request& request, std::int64_t minor) {
  const registration::Catalogue& catalogue = *request.context<Visit>().catalogue;
  return site::price_text(request, minor, catalogue.currency, catalogue.currency_symbol);
}

std::string amount_text(const web::Request& request, std::int64_t minor, std::string_view currency) {
  const registration::Catalogue& catalogue = *request.context<Visit>().catalogue;
  if (currency.empty() || currency == catalogue.currency.code()) return amount_text(request, minor);
  const std::optional<Currency> other = Currency::find(currency);
  if (!other) return fmt::format("{} {}", minor, currency);
  return site::price_text(request, minor, *other, {});
}

std::string moment_text(const web::Request& request, Instant at) {
  return i18n::moment(site::language_of(request), at, request.context<Visit>().catalogue->zone);
}

std::string age_text(const web::Request& request, Instant since) {
  const std::int64_t minutes =
      std::max<std::int64_t>((request.context<Visit>().now - since).micros, 0) / Duration::minutes(1).micros;
  if (minutes < 120) return site::tr_n(request, "{n} minute", "{n} minutes", minutes);
  if (minutes < 48 * 60) return site::tr_n(request, "{n} hour", "{n} hours", minutes / 60);
  return site::tr_n(request, "{n} day", "{n} days", minutes / (24 * 60));
}

std::optional<std::int64_t> typed_amount(const web::Request& request, std::string_view typed) {
  const auto money = typed_money(typed, request.context<Visit>().catalogue->currency);
  if (!money || money->minor() < 1 || money->minor() > most_minor) return std::nullopt;
  return money->minor();
}

bool may(const web::Request& request, std::string_view permission) {
  const Visit& visit = request.context<Visit>();
  return visit.rights.full_access(here(request)) || visit.rights.may(permission, here(request));
}

void require(const web::Request& request, std::string_view permission) {
  if (!may(request, permission))
    throw web::HttpError(403,
                         message("Your account does not have the right to do this. Ask an organiser for it."),
                         "forbidden");
}

std::string page_of(const Site& site, const web::Request& request, std::string_view route,
                    std::string_view first) {
  const Visit& visit = request.context<Visit>();
  const web::Route* found = site.router->find("manage:" + std::string(route));
  if (!found || !found->exists) return {};
  for (const std::string& feature : found->guard.features)
    if (!conference::is_feature_enabled(feature, visit.features, visit.conference->flags)) return {};
  if (first.empty()) return site.router->url(found->name, {visit.conference->slug});
  return site.router->url(found->name, {visit.conference->slug, first});
}

std::string order_page(const Site& site, const web::Request& request, std::int64_t order_id) {
  if (order_id == 0 || !may(request, "view_registration")) return {};
  const std::string key = std::to_string(order_id);
  std::string page = page_of(site, request, "order-detail", key);
  if (!page.empty()) return page;
  return fmt::format("/admin/program_registration/order/{}/change/", key);
}

std::string query_of(const std::vector<std::pair<std::string_view, std::string>>& fields) {
  std::string query;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    query += query.empty() ? '?' : '&';
    query += std::string(name) + '=' + web::percent_encode(value);
  }
  return query;
}

std::int64_t before_of(const web::Request& request) {
  const auto typed = request.query("before");
  if (!typed || typed->empty()) return 0;
  std::int64_t before = 0;
  const auto [end, error] = std::from_chars(typed->data(), typed->data() + typed->size(), before);
  if (error != std::errc() || end != typed->data() + typed->size() || before < 1)
    throw NotFound("the list has no such page");
  return before;
}

Period period_of(const web::Request& request) {
  const TimeZone zone = request.context<Visit>().catalogue->zone;
  Period period;
  period.typed_from = std::string(trimmed(request.query("from").value_or("")));
  period.typed_to = std::string(trimmed(request.query("to").value_or("")));
  const auto day = [&](const std::string& typed) {
    const std::optional<Date> found = Date::parse(typed);
    const bool is_day = found && found->year() >= 1970 && found->year() <= 9000;
    if (!typed.empty() && !is_day) period.is_wrong = true;
    return is_day ? found : std::nullopt;
  };
  period.from = day(period.typed_from);
  period.to = day(period.typed_to);
  if (period.from && period.to && *period.to < *period.from) period.is_wrong = true;
  if (period.from) period.begin = zone.day_start(*period.from);
  if (period.to) period.end = zone.day_start(period.to->plus_days(1));
  return period;
}

Value option(std::string_view value, std::string label, std::string_view chosen) {
  return Value::dict({{"value", Value(std::string(value))},
                      {"label", Value(std::move(label))},
                      {"is_chosen", Value(value == chosen)}});
}

web::Response back_to(web::Request& request, std::string location, std::string_view outcome,
                      std::string_view level, std::string_view text) {
  if (!text.empty()) web::flash(request, level, text);
  return site::see_other(std::move(location), outcome);
}

}  // namespace plenary::manage
