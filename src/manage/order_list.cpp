// The list of orders: found by what identifies them or by words, filtered, page by page, and as a file.
// source: staff pages 70, 11.3, 14.26 and 14.33.
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/errors.hpp"
#include "base/pool.hpp"
#include "base/text.hpp"
#include "domain/registration/order_search.hpp"
#include "manage/exports.hpp"
#include "manage/order_asked.hpp"
#include "manage/order_work.hpp"
#include "manage/orders.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"
#include "web/flash.hpp"
#include "web/routes.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using registration::FoundOrder;
using registration::OrderPlace;
using registration::OrderStatus;
using site::tr;
using templating::Value;

constexpr std::int64_t per_page = 50;
constexpr std::int64_t per_piece = 1000, most_in_file = 200'000;

std::string total_text(const web::Request& request, const FoundOrder& found) {
  registration::Order order;
  order.currency = found.currency;
  return amount_text(request, order, found.total);
}

Value row_value(const Site& site, const web::Request& request, const Visit& visit, const FoundOrder& order) {
  return Value::dict({{"id", Value(order.id)},
                      {"reference", Value(order.reference)},
                      {"url", Value(order_url(site, visit, "manage:order-detail", order.id))},
                      {"name", Value(order.name)},
                      {"company", Value(order.company)},
                      {"email", Value(order.email)},
                      {"status", Value(registration::to_text(order.status))},
                      {"status_word", Value(tr(request, word_of(order.status)))},
                      {"total", Value(total_text(request, order))},
                      {"at", Value(moment_text(request, order.created_at))},
                      {"attention", Value(order.attention)},
                      {"mail_problem", Value(!order.mail_problem.empty())},
                      {"is_sandbox", Value(order.is_sandbox)}});
}

Value option(std::string_view value, const std::string& label, std::string_view chosen) {
  return Value::dict({{"value", Value(value)}, {"label", Value(label)}, {"chosen", Value(value == chosen)}});
}

void set_filters(site::Page& page, const web::Request& request, const AskedOrders& asked) {
  std::vector<Value> status_options, way_options, test_options;
  for (const OrderStatus one : order_statuses)
    status_options.push_back(option(registration::to_text(one), tr(request, word_of(one)), asked.status));
  for (const WayPaid& way : ways_paid)
    way_options.push_back(
        option(way.value, tr(request, method_word(way.method, way.channel)), asked.payment));
  test_options.push_back(option("none", tr(request, message("Without test orders")), asked.test));
  test_options.push_back(option("only", tr(request, message("Only test orders")), asked.test));
  page.set("q", Value(asked.text))
      .set("statuses", Value::list(std::move(status_options)))
      .set("ways", Value::list(std::move(way_options)))
      .set("tests", Value::list(std::move(test_options)))
      .set("from", Value(asked.from))
      .set("until", Value(asked.until))
      .set("attention", Value(asked.attention))
      .set("is_filtered", Value(asked.is_filtered()))
      .set("more_filters", Value(!asked.payment.empty() || !asked.test.empty() || !asked.from.empty() ||
                                 !asked.until.empty() || asked.attention));
}

std::string csv_row(const FoundOrder& order, TimeZone zone) {
  const auto at = [&](const std::optional<Instant>& moment) {
    if (!moment) return std::string();
    const LocalTime local = zone.local(*moment);
    return fmt::format("{} {:02}:{:02}:{:02}", local.date.to_string(), local.hour, local.minute,
                       local.second);
  };
  return csv_line({order.reference, std::string(registration::to_text(order.status)), at(order.created_at),
                   at(order.paid_at), order.name, order.company, order.email,
                   plain_amount(order.total, order.currency), order.currency, order.voucher_code,
                   order.attention, order.is_sandbox ? "yes" : "no"});
}

}  // namespace

Task<web::Response> show_orders(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  AskedOrders asked = asked_orders(request);
  const std::string prefix = site.settings.program.order_reference_prefix;
  auto read = [&](db::Tx& tx) {
    find_documents(tx, visit, asked);
    return registration::search_orders(tx, visit.conference->id, asked.search, prefix, asked.after,
                                       per_page + 1);
  };
  std::vector<FoundOrder> found = co_await site.db.read(read);
  const bool has_more = found.size() > static_cast<std::size_t>(per_page);
  if (has_more) found.resize(static_cast<std::size_t>(per_page));
  // The only order that a scanned or typed number names is opened at once.
  const bool is_found_at_once = found.size() == 1 && !asked.after && asked.text.size() >= 6 &&
                                asked.query() == "q=" + web::percent_encode(asked.text) &&
                                ascii_upper(asked.text) == found.front().reference;
  if (is_found_at_once)
    co_return site::see_other(order_url(site, visit, "manage:order-detail", found.front().id), "found");

  const std::string list = site::url(site, visit, "manage:order-list"), query = asked.query();
  std::vector<Value> rows;
  for (const FoundOrder& order : found) rows.push_back(row_value(site, request, visit, order));
  site::Page page(site, request, "django_program/manage/order_list.html");
  frame(page, site, request, tr(request, message("Orders")), "orders");
  set_filters(page, request, asked);
  page.set("orders", Value::list(std::move(rows)))
      .set("list_url", Value(list))
      .set("is_first", Value(!asked.after.has_value()))
      .set("first_url", Value(query.empty() ? list : list + "?" + query))
      .set("may_sell", Value(may_change(visit)))
      .set("desk_url", Value(page_url(site, visit, "desk")));
  if (may_change(visit) && !found.empty()) {
    const std::string mail = site::url(site, visit, "manage:order-mail");
    page.set("mail_url", Value(mail))
        .set("mail_all_url", Value(mail + "?" + (query.empty() ? "" : query + "&") + "all=1"));
  }
  if (may(visit.rights, "export_reports", visit.conference->id))
    page.set("export_url",
             Value(site::url(site, visit, "manage:order-export") + (query.empty() ? "" : "?" + query)));
  if (has_more)
    page.set("older_url", Value(fmt::format("{}?{}{}after={}", list, query, query.empty() ? "" : "&",
                                            found.back().place().to_string())));
  co_return site::personal(page.html(), found.empty() ? "none" : "");
}

Task<web::Response> export_orders(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference_id = visit.conference->id;
  if (!may(visit.rights, "view_registration", conference_id))
    co_return web::Response::error(403, tr(request, message("This file needs the right to see orders.")));
  AskedOrders asked = asked_orders(request);
  asked.after.reset();
  const std::string prefix = site.settings.program.order_reference_prefix;
  const TimeZone zone = visit.catalogue->zone;
  // In pieces, so that no read holds the database for long.
  auto make = [&] {
    std::string all =
        "reference,status,ordered,paid,name,company,email,total,currency,voucher,attention,test\r\n";
    std::optional<OrderPlace> after;
    for (std::int64_t rows = 0; rows < most_in_file; rows += per_piece) {
      const auto piece = site.db.read_now([&](db::Tx& tx) {
        find_documents(tx, visit, asked);
        return registration::search_orders(tx, conference_id, asked.search, prefix, after, per_piece);
      });
      for (const FoundOrder& order : piece) all += csv_row(order, zone);
      if (piece.size() < static_cast<std::size_t>(per_piece)) break;
      after = piece.back().place();
    }
    return all;
  };
  const std::function<std::string()> make_file = make;
  const Export what{"orders", "Export of orders", asked.query(), "orders"};
  co_return co_await recorded_csv(site, request, what, make_file);
}

}  // namespace plenary::manage
