// Selling at the desk: products and how many, who buys, the total, how the money comes; then the tickets to
// print and the next sale. Nothing of it needs a mouse or a script. source: staff pages 70, 14; payments 21,
// 5.3.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/registration/money_in.hpp"
#include "manage/order_work.hpp"
#include "manage/orders.hpp"
#include "manage/team.hpp"
#include "site/pages.hpp"
#include "site/shown_amount.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"
#include "web/flash.hpp"

namespace plenary::manage {
namespace {

using registration::ManualChannel;
using registration::ProductKind;
using registration::StaffItem;
using site::Fault;
using site::tr;
using templating::Value;

constexpr std::int64_t most_of_one = 100;
constexpr std::array<ManualChannel, 3> channels{ManualChannel::cash, ManualChannel::card_reader,
                                                ManualChannel::cheque};

// Something to be sold, with the field of its number.
struct Offered {
  std::string field, name;
  StaffItem item;
  std::int64_t price = 0;
};

std::vector<Offered> offered_by(const registration::Catalogue& catalogue) {
  std::vector<Offered> all;
  const auto add = [&](ProductKind kind, std::int64_t id, const std::string& name, std::int64_t price) {
    const std::string field = fmt::format("n-{}-{}", registration::to_text(kind), id);
    const auto variations = catalogue.variations_of(kind, id);
    for (const registration::Variation* variation : variations) {
      Offered one{fmt::format("{}-{}", field, variation->id), name + ", " + variation->name, {}, 0};
      one.item.kind = kind;
      one.item.product_id = id;
      one.item.variation_id = variation->id;
      one.price = variation->price.value_or(price);
      all.push_back(std::move(one));
    }
    if (!variations.empty()) return;
    Offered one{field, name, {}, price};
    one.item.kind = kind;
    one.item.product_id = id;
    all.push_back(std::move(one));
  };
  for (const registration::TicketType& type : catalogue.ticket_types)
    if (type.is_active) add(ProductKind::ticket_type, type.id, type.name, type.price);
  for (const registration::AddOn& addon : catalogue.addons)
    if (addon.is_active) add(ProductKind::addon, addon.id, addon.name, addon.price);
  return all;
}

struct Counted {
  std::string name;
  std::int64_t quantity = 0, total = 0;
};
struct Sum {
  std::vector<Counted> lines;
  std::int64_t total = 0;
};

// As the order will be priced. source: staff_orders.hpp.
Sum sum_of(db::Tx& tx, const registration::Catalogue& catalogue, const std::vector<StaffItem>& items) {
  const registration::Quote quote = registration::staff_quote(tx, catalogue, items);
  Sum sum;
  for (const registration::QuoteLine& line : quote.lines)
    sum.lines.push_back({line.description, line.quantity, line.gross});
  sum.total = quote.total;
  return sum;
}

std::vector<StaffItem> items_of(const web::Request& request, const web::FormData& form,
                                const std::vector<Offered>& offered, std::vector<Fault>& faults) {
  std::vector<StaffItem> items;
  for (const Offered& one : offered) {
    const std::string_view typed = trimmed(form[one.field]);
    if (typed.empty()) continue;
    const auto count = site::whole_number(typed);
    if (!count || *count > most_of_one) {
      faults.push_back({one.field, tr(request, message("{name}: enter a number from 0 to {most}."),
                                      {{"name", one.name}, {"most", std::to_string(most_of_one)}})});
      continue;
    }
    if (*count == 0) continue;
    items.push_back(one.item);
    items.back().quantity = *count;
  }
  if (items.empty() && faults.empty())
    faults.push_back({offered.empty() ? std::string() : offered.front().field,
                      tr(request, message("Enter how many of something are sold."))});
  return items;
}

web::Response desk_page(Site& site, web::Request& request, const std::vector<Offered>& offered,
                        const Sum* sum, std::vector<Fault> faults, int status) {
  const Visit& visit = request.context<Visit>();
  const registration::Catalogue& catalogue = *visit.catalogue;
  const web::FormData* form = web::is_safe(request.method()) ? nullptr : &request.form();
  const auto typed = [&](std::string_view field) {
    return form ? std::string((*form)[field]) : std::string();
  };
  const auto amount = [&](std::int64_t minor) {
    return Value(site::price_text(request, minor, catalogue.currency, catalogue.currency_symbol));
  };
  site::Page page(site, request, "django_program/manage/desk.html");
  frame(page, site, request, tr(request, message("Sell at the desk")), "desk");
  std::vector<Value> tickets, addons, options, lines;
  for (const Offered& one : offered) {
    auto& list = one.item.kind == ProductKind::ticket_type ? tickets : addons;
    list.push_back(Value::dict({{"field", Value(one.field)},
                                {"name", Value(one.name)},
                                {"price", amount(one.price)},
                                {"typed", Value(typed(one.field))}}));
  }
  const std::string chosen = form ? typed("channel") : std::string(registration::to_text(channels.front()));
  for (const ManualChannel channel : channels) {
    const std::string_view stored = registration::to_text(channel);
    options.push_back(
        Value::dict({{"value", Value(stored)},
                     {"label", Value(tr(request, method_word(registration::PaymentMethod::manual, stored)))},
                     {"chosen", Value(stored == chosen)}}));
  }
  if (sum) {
    for (const Counted& line : sum->lines)
      lines.push_back(Value::dict(
          {{"name", Value(line.name)}, {"quantity", Value(line.quantity)}, {"total", amount(line.total)}}));
    page.set("lines", Value::list(std::move(lines)))
        .set("total", amount(sum->total))
        .set("shown_total", Value(sum->total))
        .set("is_free", Value(sum->total == 0));
  }
  page.set("tickets", Value::list(std::move(tickets)))
      .set("addons", Value::list(std::move(addons)))
      .set("channels", Value::list(std::move(options)))
      .set("currency", Value(catalogue.currency.code()))
      .set("is_play", Value(site.makes_test_orders(visit.card_mode, catalogue)))
      .set("action", Value(std::string(request.path())))
      .set("has_sum", Value(sum != nullptr))
      .set("submission", Value(site::new_submission(request)));
  keep_typed(page, request, {"name", "email", "received", "reference"});
  page.faults(std::move(faults));
  return site::personal(page.html(status), status != 200 ? "invalid" : sum ? "sum" : "");
}

registration::DeskSale sale_of(const Site& site, const web::Request& request, const web::FormData& form,
                               std::vector<Fault>& faults) {
  const Visit& visit = request.context<Visit>();
  registration::DeskSale sale;
  sale.buyer.name = typed_text(request, form, "name", 200, faults);
  sale.buyer.email = typed_text(request, form, "email", 254, faults);
  if (!sale.buyer.email.empty() && !is_email(sale.buyer.email))
    faults.push_back({"email", tr(request, message("Enter an e-mail address like name@example.com."))});
  // The desk sells to whoever stands there.
  if (sale.buyer.name.empty()) sale.buyer.name = tr(request, message("Sold at the desk"));
  const auto channel = registration::manual_channel(form["channel"]);
  if (!channel) faults.push_back({"channel", tr(request, message("Choose how the money came."))});
  sale.channel = channel.value_or(ManualChannel::cash);
  if (const std::string_view received = trimmed(form["received"]); !received.empty()) {
    sale.received = typed_amount(received, visit.catalogue->currency.code());
    if (!sale.received) faults.push_back({"received", tr(request, message("Enter an amount like 12.50."))});
  }
  sale.reference = typed_text(request, form, "reference", 200, faults);
  sale.created_by = user_of(visit);
  sale.link_key = &site.link_key;
  sale.language = std::string(site::language_of(request));
  return sale;
}

}  // namespace

Task<web::Response> desk(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference_id = visit.conference->id, user = user_of(visit);
  const std::vector<Offered> offered = offered_by(*visit.catalogue);
  if (web::is_safe(request.method())) co_return desk_page(site, request, offered, nullptr, {}, 200);
  const web::FormData& form = request.form();
  std::vector<Fault> faults;
  std::vector<StaffItem> items = items_of(request, form, offered, faults);
  registration::DeskSale sale = sale_of(site, request, form, faults);
  if (!faults.empty()) co_return desk_page(site, request, offered, nullptr, std::move(faults), 422);
  auto reckon = [&](db::Tx& tx) { return sum_of(tx, *visit.catalogue, items); };
  Sum sum = co_await site.db.read(reckon);
  const auto shown_total = site::shown_amount(form["shown_total"]);
  if (form["step"] != "sell" || !shown_total) co_return desk_page(site, request, offered, &sum, {}, 200);

  sale.items = std::move(items);
  sale.shown_total = *shown_total;
  const std::optional<site::Submission> submission = site::Submission::of(request, site.link_key);
  if (submission) sale.token = submission->hash();
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    if (!may(rights_now(tx, user), "change_registration", conference_id))
      throw Refused("lost", "You no longer may change registrations here, so nothing was changed.");
    const auto state = conference::find_state(tx, conference_id);
    const auto catalogue = site.shop.catalogues.at(tx, conference_id, state.value().catalogue_version);
    sale.is_sandbox = site.makes_test_orders(
        site.card_modes.at(tx, site.cards, conference_id, state.value().catalogue_version), *catalogue);
    const registration::DeskSold sold =
        registration::sell_at_desk(tx, site.shop, *catalogue, sale, {"desk", actor.name, "sold at the desk"});
    if (sold.is_repeat) return sold;
    const registration::Order order = registration::find_order(tx, sold.order_id).value();
    conference::AuditObject object;
    object.conference_id = conference_id;
    object.entity = "orders";
    object.id = std::to_string(order.id);
    object.name = order.reference;
    object.version = order.version;
    conference::record(tx, actor, conference::AuditAction::add, object,
                       {noted("total", "Total", "", catalogue->display(sold.total)),
                        noted("payment", "Payment", "", std::string(registration::to_text(sale.channel)))});
    return sold;
  };
  std::optional<Refused> refused;
  registration::DeskSold sold;
  try {
    sold = co_await site.db.write(conference_id, "manage: desk", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    if (refused->code() == "price_changed") {
      auto again = [&](db::Tx& tx) { return sum_of(tx, *visit.catalogue, sale.items); };
      sum = co_await site.db.read(again);
    }
    faults.push_back({refused->field(), tr(request, *refused)});
    co_return desk_page(site, request, offered, &sum, std::move(faults), 422);
  }
  const auto amount = [&](std::int64_t minor) {
    return site::price_text(request, minor, visit.catalogue->currency, visit.catalogue->currency_symbol);
  };
  if (sold.is_repeat)
    web::flash(request, "info", tr(request, message("This was sent twice and done once.")));
  else if (sold.change > 0)
    web::flash(request, "success",
               tr(request, message("Sold for {total}. Give back {change}."),
                  {{"total", amount(sold.total)}, {"change", amount(sold.change)}}));
  else
    web::flash(request, "success",
               tr(request, message("Sold for {total}."), {{"total", amount(sold.total)}}));
  co_return site::see_other(order_url(site, visit, "manage:desk-sold", sold.order_id),
                            sold.is_repeat ? "repeat" : "sold");
}

Task<web::Response> show_sold(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  struct Read {
    registration::Order order;
    std::vector<registration::Seat> seats;
  };
  auto read = [&](db::Tx& tx) {
    Read found{order_here(tx, visit, id), {}};
    found.seats = registration::seats_of(tx, id);
    return found;
  };
  const Read found = co_await site.db.read(read);
  std::vector<Value> seats;
  for (const registration::Seat& seat : found.seats) {
    const auto* type = visit.catalogue->ticket_type(seat.ticket_type_id);
    seats.push_back(Value::dict(
        {{"code", Value(seat.access_code)}, {"ticket", Value(type ? type->name : std::string())}}));
  }
  site::Page page(site, request, "django_program/manage/desk_sold.html");
  const std::vector<Crumb> crumbs{
      {tr(request, message("Sell at the desk")), site::url(site, visit, "manage:desk")}};
  frame(page, site, request, tr(request, message("Sold")), "desk", crumbs);
  const bool has_seats = !seats.empty();
  page.set("reference", Value(found.order.reference))
      .set("total", Value(amount_text(request, found.order, found.order.total)))
      .set("email", Value(found.order.billing.email))
      .set("seats", Value::list(std::move(seats)))
      .set("tickets_url", has_seats ? Value(order_url(site, visit, "manage:order-tickets", id)) : Value(""))
      .set("order_page_url", Value(order_url(site, visit, "manage:order-detail", id)))
      .set("desk_url", Value(site::url(site, visit, "manage:desk")));
  co_return site::personal(page.html(), "");
}

}  // namespace plenary::manage
