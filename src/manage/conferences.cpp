// The conferences of whoever is signed in. source: configuration 10, 8.2 and 9; dashboard 70, 4.1.
#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "i18n/formats.hpp"
#include "manage/frame.hpp"
#include "manage/pages.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"

namespace plenary::manage {
namespace {

using templating::Value;

constexpr std::size_t per_page = 25;

// From 1; 404 for anything that is no page.
std::size_t wanted_page(const web::Request& request, std::size_t last) {
  const std::string_view text = request.query("page").value_or("1");
  if (text == "last") return last;
  std::size_t page = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), page);
  if (error != std::errc() || end != text.data() + text.size() || page < 1 || page > last)
    throw NotFound("there is no such page of conferences");
  return page;
}

Value card(const Site& site, const web::Request& request, const Visit& visit,
           const conference::ManagedConference& one) {
  return Value::dict({{"name", Value(one.name)},
                      {"slug", Value(one.slug)},
                      {"days", Value(i18n::days(site::language_of(request), one.start_date, one.end_date))},
                      {"venue", Value(one.venue)},
                      {"is_active", Value(one.is_active)},
                      {"is_open", Value(is_open(visit, one))},
                      {"url", Value(dashboard_url(site, visit, one))}});
}

}  // namespace

Task<web::Response> show_conferences(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  auto fn = [&](db::Tx& tx) { return conferences_of(tx, visit); };
  const std::vector<conference::ManagedConference> listed = co_await site.db.read(fn);
  const std::size_t pages = std::max<std::size_t>((listed.size() + per_page - 1) / per_page, 1);
  const std::size_t page_number = wanted_page(request, pages);
  std::vector<Value> cards;
  for (std::size_t i = (page_number - 1) * per_page; i < std::min(page_number * per_page, listed.size()); ++i)
    cards.push_back(card(site, request, visit, listed[i]));
  site::Page page(site, request, "django_program/manage/conference_list.html");
  frame(page, site, request, site::tr(request, message("Your conferences")), "conferences");
  page.set("conferences", Value::list(std::move(cards)))
      .set("page_number", Value(page_number))
      .set("pages", Value(pages))
      .set("previous_page", page_number > 1 ? Value(page_number - 1) : Value())
      .set("next_page", page_number < pages ? Value(page_number + 1) : Value());
  co_return std::move(page.html().personal());
}

}  // namespace plenary::manage
