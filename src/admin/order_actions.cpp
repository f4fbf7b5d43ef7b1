#include "admin/order_actions.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "admin/access.hpp"
#include "admin/desk.hpp"
#include "admin/pages.hpp"
#include "base/amounts.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/self_service.hpp"
#include "site/page.hpp"
#include "site/proof.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "site/values.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

using registration::OrderLine;
using registration::ProductKind;
using templating::Value;

struct Looked {
  std::optional<registration::Order> order;
  std::shared_ptr<const registration::Catalogue> catalogue;
  registration::OrderMoney money;
  std::vector<registration::Seat> seats;
  std::optional<registration::OrderChange> waiting;
};

Looked look_at(db::Tx& tx, const Site& site, std::int64_t id) {
  Looked looked;
  looked.order = registration::find_order(tx, id);
  if (!looked.order) return looked;
  const auto state = conference::find_state(tx, looked.order->conference_id);
  looked.catalogue = site.shop.catalogues.at(tx, looked.order->conference_id, state->catalogue_version);
  looked.money = registration::money_of(tx, *looked.order);
  looked.seats = registration::seats_of(tx, id);
  looked.waiting = registration::waiting_change(tx, id);
  return looked;
}

const Model& order_model() {
  return *model_of_table("orders");
}

// An amount as typed, in minor units; nothing: no amount.
std::optional<std::int64_t> amount_of(std::string_view typed, Currency currency) {
  constexpr std::int64_t limit = 9'999'999'999;
  const auto money = typed_money(typed, currency);
  if (!money || money->minor() > limit || money->is_negative()) return std::nullopt;
  return money->minor();
}

std::int64_t count_of(std::string_view typed) {
  const auto number = Decimal::parse(trimmed(typed));
  if (!number || !number->fits_scale(0) || number->is_negative() || *number > Decimal(10'000)) return -1;
  return static_cast<std::int64_t>(number->rounded(0).coefficient());
}

// "2, 3"
std::optional<std::vector<std::int64_t>> positions_of(std::string_view typed) {
  std::vector<std::int64_t> positions;
  while (!typed.empty()) {
    const std::size_t comma = std::min(typed.find(','), typed.size());
    const std::string_view one = trimmed(typed.substr(0, comma));
    typed.remove_prefix(std::min(comma + 1, typed.size()));
    if (one.empty()) continue;
    const std::int64_t position = count_of(one);
    if (position < 1) return std::nullopt;
    positions.push_back(position);
  }
  return positions;
}

// "ticket_type-3", "addon-4-7"
std::optional<registration::AddedItem> product_of(std::string_view typed) {
  registration::AddedItem item;
  const std::size_t dash = typed.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view kind = typed.substr(0, dash);
  if (kind != "ticket_type" && kind != "addon") return std::nullopt;
  item.kind = registration::product_kind(kind);
  const std::string_view rest = typed.substr(dash + 1);
  const std::size_t second = std::min(rest.find('-'), rest.size());
  const auto id = Decimal::parse(rest.substr(0, second));
  if (!id || !id->fits_scale(0)) return std::nullopt;
  item.product_id = static_cast<std::int64_t>(id->rounded(0).coefficient());
  if (second < rest.size()) {
    const auto variation = Decimal::parse(rest.substr(second + 1));
    if (!variation || !variation->fits_scale(0)) return std::nullopt;
    item.variation_id = static_cast<std::int64_t>(variation->rounded(0).coefficient());
  }
  return item;
}

struct Wanted {
  registration::WantedChange change;
  std::vector<site::Fault> faults;
};

Wanted wanted_of(const web::Request& request, const web::FormData& form, const Looked& looked) {
  Wanted wanted;
  const auto fault = [&](std::string field, const char* text, Refused::Arguments arguments = {}) {
    wanted.faults.push_back({std::move(field), site::tr(request, text, arguments)});
  };
  for (const OrderLine& line : registration::lines_left(looked.order->lines)) {
    const auto field = [&](const char* what) { return fmt::format("{}-{}", what, line.id); };
    const std::string back(trimmed(form[field("back")])), price(trimmed(form[field("price")]));
    std::int64_t taken = 0;
    if (!back.empty() && back != "0") {
      taken = count_of(back);
      const auto positions = positions_of(form[field("seats")]);
      if (taken < 1 || taken > line.quantity)
        fault(field("back"), message("{name}: enter a number from 0 to {most}."),
              {{"name", line.description}, {"most", std::to_string(line.quantity)}});
      else if (!positions)
        fault(field("seats"), message("{name}: enter the numbers of its tickets like 2, 3."),
              {{"name", line.description}});
      else
        wanted.change.taken_back.push_back({line.id, taken, *positions});
    }
    if (!price.empty()) {
      const auto amount = amount_of(price, looked.catalogue->currency);
      if (!amount)
        fault(field("price"), message("{name}: enter a price like 12.50."), {{"name", line.description}});
      else if (taken < line.quantity)
        wanted.change.repriced.push_back({line.id, *amount});
    }
  }
  if (!form["product"].empty()) {
    auto item = product_of(form["product"]);
    const std::int64_t quantity = count_of(form["quantity"]);
    if (!item) {
      fault("product", message("Choose a product."));
    } else if (quantity < 1) {
      fault("quantity", message("Choose a quantity of at least 1."));
    } else {
      item->quantity = quantity;
      if (!trimmed(form["item_price"]).empty()) {
        item->chosen_price = amount_of(form["item_price"], looked.catalogue->currency);
        if (!item->chosen_price) fault("item_price", message("Enter a price like 12.50."));
      }
      wanted.change.added.push_back(*item);
    }
  }
  return wanted;
}

Value products_value(const registration::Catalogue& catalogue, std::string_view chosen) {
  std::vector<Value> options;
  const auto add = [&](std::string value, const std::string& name) {
    const bool is_chosen = value == chosen;
    options.push_back(
        Value::dict({{"value", Value(std::move(value))}, {"name", Value(name)}, {"chosen", is_chosen}}));
  };
  const auto each = [&](ProductKind kind, std::int64_t id, const std::string& name) {
    const auto variations = catalogue.variations_of(kind, id);
    if (variations.empty()) add(fmt::format("{}-{}", registration::to_text(kind), id), name);
    for (const auto* variation : variations)
      add(fmt::format("{}-{}-{}", registration::to_text(kind), id, variation->id),
          name + ", " + variation->name);
  };
  for (const auto& type : catalogue.ticket_types) each(ProductKind::ticket_type, type.id, type.name);
  for (const auto& addon : catalogue.addons) each(ProductKind::addon, addon.id, addon.name);
  return Value::list(std::move(options));
}

web::Response actions_page(Site& site, web::Request& request, const Looked& looked,
                           const registration::ChangePlan* plan, std::vector<site::Fault> faults,
                           int status) {
  const registration::Order& order = *looked.order;
  const registration::Catalogue& catalogue = *looked.catalogue;
  const web::FormData* form = web::is_safe(request.method()) ? nullptr : &request.form();
  const auto typed = [&](const std::string& name) {
    return Value(form ? std::string((*form)[name]) : std::string());
  };
  const auto money = [&](std::int64_t minor) {
    return Value(site::price_text(request, minor, catalogue.currency, catalogue.currency_symbol));
  };
  site::Page page(site, request, "admin/order_actions.html");
  const std::string key = std::to_string(order.id);
  frame(page, site::tr(request, message("Order {reference}"), {{"reference", order.reference}}),
        {crumb(request, order_model()), {order.reference, change_url(order_model(), key)}});
  const bool sold = order.status == registration::OrderStatus::paid ||
                    order.status == registration::OrderStatus::partially_refunded;
  const bool is_live = sold || order.hold_is_live(request.context<site::Visit>().now);
  std::vector<Value> lines;
  for (const OrderLine& line : registration::lines_left(order.lines)) {
    std::string seats;
    for (const registration::Seat& seat : looked.seats)
      if (line.ticket_type_id == std::optional(seat.ticket_type_id))
        seats += (seats.empty() ? "" : ", ") + std::to_string(seat.position) +
                 (seat.name.empty() ? "" : " (" + seat.name + ")");
    lines.push_back(Value::dict({{"id", Value(line.id)},
                                 {"description", Value(line.description)},
                                 {"quantity", Value(line.quantity)},
                                 {"unit_price", money(line.unit_price)},
                                 {"total", money(line.gross)},
                                 {"is_ticket", Value(line.kind == registration::LineKind::ticket && sold)},
                                 {"seats", Value(seats)},
                                 {"back", typed(fmt::format("back-{}", line.id))},
                                 {"price", typed(fmt::format("price-{}", line.id))},
                                 {"positions", typed(fmt::format("seats-{}", line.id))}}));
  }
  page.set("lines", Value::list(std::move(lines)))
      .set("products", products_value(catalogue, form ? (*form)["product"] : std::string_view()))
      .set("quantity", typed("quantity"))
      .set("item_price", typed("item_price"))
      .set("action", Value(std::string(request.path())))
      .set("order_url", Value(change_url(order_model(), key)))
      .set("reference", Value(order.reference))
      .set("order_status", Value(registration::to_text(order.status)))
      .set("version", Value(order.version))
      .set("total", money(order.total))
      .set("kept", money(looked.money.kept))
      .set("due", looked.money.due() > 0 ? money(looked.money.due()) : Value(""))
      .set("owed", looked.money.to_refund() > 0 ? money(looked.money.to_refund()) : Value(""))
      .set("refundable", looked.money.refundable > 0 ? money(looked.money.refundable) : Value(""))
      .set("may_change", Value(is_live))
      .set("may_cancel", Value(sold || order.status == registration::OrderStatus::pending))
      .set("was_paid", Value(sold))
      .set("may_refund", Value(looked.money.refundable > 0))
      .set("has_account", Value(order.user_id.has_value()))
      .set("attention", Value(order.attention))
      .set("comment", Value(order.comment))
      .set("submission", Value(site::new_submission(request)));
  for (const char* name : {"reason", "fee", "amount", "note"}) page.set(name, typed(name));
  if (looked.waiting) page.set("waiting", money(looked.waiting->difference));
  if (plan) {
    std::vector<Value> planned;
    const auto add = [&](const OrderLine& line) {
      planned.push_back(Value::dict({{"description", Value(line.description)},
                                     {"quantity", Value(line.quantity)},
                                     {"total", money(line.gross)}}));
    };
    for (const OrderLine& line : plan->reversals) add(line);
    for (const registration::PlannedLine& line : plan->additions) add(line.line);
    page.set("preview", Value::list(std::move(planned)))
        .set("costs_more", plan->difference() > 0 ? money(plan->difference()) : Value(""))
        .set("costs_less", plan->difference() < 0 ? money(-plan->difference()) : Value(""))
        .set("after", money(plan->after.total));
  }
  page.faults(std::move(faults));
  return std::move(page.html(status).personal());
}

// One button's work in the write; what is recorded of it.
using Changes = std::vector<conference::AuditChange>;
struct Work {
  std::string action;
  registration::WantedChange change;
  registration::StaffCancellation cancellation;
  registration::RefundAsked refund;
  std::string text;  // attention or comment
  std::int64_t version = 0;
  bool tells_buyer = false;
};

conference::AuditChange noted(const char* field, const char* label, std::string before, std::string after) {
  return {field, label, std::move(before), std::move(after)};
}

Changes do_work(db::Tx& tx, const Site& site, registration::Order& order, const Work& work,
                const conference::Actor& actor, const registration::Catalogue& catalogue) {
  const registration::Cause cause{"admin", actor.name,
                                  work.action == "cancel"   ? work.cancellation.reason
                                  : work.action == "refund" ? work.refund.note
                                                            : "changed by staff"};
  const std::string total = catalogue.display(order.total), status(registration::to_text(order.status));
  const std::int64_t lines_before = static_cast<std::int64_t>(order.lines.size());
  const registration::OrderMoney money = registration::money_of(tx, order);
  Changes changes;
  if (work.action == "apply") {
    registration::change_by_staff(tx, site.shop, order, work.change, work.version, cause);
    if (work.tells_buyer) registration::mail_order_changed(tx, order);
  } else if (work.action == "cancel") {
    registration::cancel_by_staff(tx, site.shop, site.gateway, order, work.cancellation, work.version, cause);
    changes.push_back(noted("reason", message("Reason"), "", work.cancellation.reason));
  } else if (work.action == "refund") {
    registration::require_version(order, work.version);
    registration::refund(tx, site.shop, site.gateway, order, work.refund, cause);
    changes.push_back(noted("note", message("Note"), "", work.refund.note));
  } else if (work.action == "attention") {
    changes.push_back(noted("attention", message("Attention"), order.attention, work.text));
    registration::set_order_attention(tx, order.id, work.text);
  } else if (work.action == "comment") {
    changes.push_back(noted("comment", message("Comment"), order.comment, work.text));
    registration::set_order_comment(tx, order.id, work.text);
  } else {
    throw Refused("no_action", "There is no such button here.");
  }
  order = registration::find_order(tx, order.id).value();
  std::string lines;
  for (std::size_t i = static_cast<std::size_t>(lines_before); i < order.lines.size(); ++i)
    lines += fmt::format("{}{} × {}", lines.empty() ? "" : ", ", order.lines[i].quantity,
                         order.lines[i].description);
  if (!lines.empty()) changes.push_back(noted("lines", message("Lines"), "", lines));
  if (catalogue.display(order.total) != total)
    changes.push_back(noted("total", message("Total"), total, catalogue.display(order.total)));
  if (registration::to_text(order.status) != status)
    changes.push_back(
        noted("status", message("Status"), status, std::string(registration::to_text(order.status))));
  const registration::OrderMoney after = registration::money_of(tx, order);
  const std::int64_t back = after.refunded + after.requested - money.refunded - money.requested;
  if (back > 0) changes.push_back(noted("refund", message("Refund"), "", catalogue.display(back)));
  return changes;
}

Work work_of(const web::Request& request, const web::FormData& form, const Looked& looked,
             std::vector<site::Fault>& faults) {
  Work work;
  work.action = form["action"];
  work.version = looked.order->version;
  if (const auto shown = Decimal::parse(form["version"]); shown && shown->fits_scale(0))
    work.version = static_cast<std::int64_t>(shown->rounded(0).coefficient());
  const Currency currency = looked.catalogue->currency;
  const auto fault = [&](const char* field, const char* text) {
    faults.push_back({field, site::tr(request, text)});
  };
  const auto text = [&](const char* field, std::size_t most) {
    std::string typed(trimmed(form[field]));
    if (character_count(typed) > most || !is_valid_utf8(typed))
      fault(field, message("This text is too long."));
    return typed;
  };
  if (work.action == "apply" || work.action == "preview") {
    Wanted wanted = wanted_of(request, form, looked);
    for (site::Fault& one : wanted.faults) faults.push_back(std::move(one));
    work.change = std::move(wanted.change);
    work.tells_buyer = form["tell"] == "1";
  } else if (work.action == "cancel") {
    work.cancellation.reason = text("reason", 500);
    if (work.cancellation.reason.empty()) fault("reason", message("Say why the order is cancelled."));
    const std::string fee(trimmed(form["fee"]));
    const auto amount = fee.empty() ? std::optional<std::int64_t>(0) : amount_of(fee, currency);
    if (!amount) fault("fee", message("Enter an amount like 12.50."));
    work.cancellation.fee = amount.value_or(0);
    using Money = registration::StaffCancellation::Money;
    work.cancellation.money = form["money"] == "credit"  ? Money::credit
                              : form["money"] == "later" ? Money::later
                                                         : Money::original;
  } else if (work.action == "refund") {
    const auto amount = amount_of(form["amount"], currency);
    if (!amount || *amount == 0) fault("amount", message("Enter an amount like 12.50."));
    work.refund.amount = amount.value_or(0);
    work.refund.way =
        form["way"] == "credit" ? registration::RefundWay::credit : registration::RefundWay::original;
    work.refund.reason = form["why"] == "duplicate"    ? registration::RefundReason::duplicate
                         : form["why"] == "fraudulent" ? registration::RefundReason::fraudulent
                                                       : registration::RefundReason::requested_by_customer;
    work.refund.note = text("note", 500);
  } else if (work.action == "attention") {
    work.text = text("attention", 500);
  } else if (work.action == "comment") {
    work.text = text("comment", 2000);
  }
  return work;
}

std::string done_text(const web::Request& request, const std::string& action) {
  if (action == "apply") return site::tr(request, message("The order was changed."));
  if (action == "cancel") return site::tr(request, message("The order was cancelled."));
  if (action == "refund") return site::tr(request, message("The money goes back."));
  return site::tr(request, message("The note was saved."));
}

}  // namespace

std::string order_actions_url(const web::Request& request, const Model& model, std::string_view key,
                              std::optional<std::int64_t> conference) {
  if (key.empty() || &model != &order_model() ||
      !Access(person_of(request), model).may(Right::change, conference))
    return {};
  return fmt::format("/admin/program_registration/order/{}/actions/", key);
}

Task<web::Response> order_actions(site::Site& site, web::Request& request) {
  if (!Access(person_of(request), order_model()).somewhere(Right::change)) forbid();
  const std::int64_t id = request.param_int("id");
  auto look = [&](db::Tx& tx) { return look_at(tx, site, id); };
  const Looked looked = co_await read(site, request, look);
  if (!looked.order) throw NotFound("no such order");
  const Person person = person_of(request);
  require(person, order_model(), Right::change, looked.order->conference_id);
  if (web::is_safe(request.method())) co_return actions_page(site, request, looked, nullptr, {}, 200);

  // Money going back asks who it is, once more, before anything else of the form is looked at.
  const bool is_answer = request.form().has(site::proof_kept_field);
  const std::string asked(request.form()["action"]);
  if (is_answer || asked == "refund" || asked == "cancel") {
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }
  const web::FormData& form = request.form();
  std::vector<site::Fault> faults;
  Work work = work_of(request, form, looked, faults);
  if (!faults.empty()) co_return actions_page(site, request, looked, nullptr, std::move(faults), 422);
  const conference::Actor actor = actor_of(request);
  work.cancellation.created_by = work.refund.created_by = actor.user_id;

  std::optional<Refused> refused;
  if (work.action == "preview") {
    registration::ChangePlan plan;
    auto planning = [&](db::Tx& tx) {
      const auto basis = registration::load_change_basis(tx, site.shop, *looked.order);
      return registration::plan_change(basis, *looked.order, work.change, tx.now());
    };
    try {
      plan = co_await site.db.read(planning);
    } catch (const Refused& reason) {
      refused = reason;
    }
    if (!refused && !plan.is_empty()) co_return actions_page(site, request, looked, &plan, {}, 200);
    faults.push_back(
        {refused ? refused->field() : std::string(),
         refused ? site::tr(request, *refused) : site::tr(request, message("Nothing would change."))});
    co_return actions_page(site, request, looked, nullptr, std::move(faults), 422);
  }

  const std::optional<site::Submission> submission = site::Submission::of(request, site.link_key);
  auto write = [&](db::Tx& tx) {
    if (submission && accounts::first_result(tx, submission->hash())) return false;
    registration::Order order = registration::find_order(tx, id).value();
    require(person_now(tx, actor.user_id), order_model(), Right::change, order.conference_id);
    const Changes changes = do_work(tx, site, order, work, actor, *looked.catalogue);
    conference::AuditObject object;
    object.conference_id = order.conference_id;
    object.entity = "orders";
    object.id = std::to_string(order.id);
    object.name = order.reference;
    object.version = order.version;
    conference::record(tx, actor, conference::AuditAction::change, object, changes);
    if (submission)
      accounts::record_result(tx, submission->hash(), order.conference_id, "order_actions", "done",
                              tx.now() + accounts::submission_life);
    return true;
  };
  bool done = false;
  try {
    done = co_await site.db.write(looked.order->conference_id, "staff: order", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    const Looked now = co_await read(site, request, look);
    faults.push_back({refused->field(), site::tr(request, *refused)});
    co_return actions_page(site, request, now, nullptr, std::move(faults), 422);
  }
  if (done) {
    web::flash(request, "success", done_text(request, work.action));
  } else {
    web::flash(request, "info", site::tr(request, message("This was sent twice and done once.")));
  }
  co_return web::Response::redirect(std::string(request.path()));
}

void add_order_actions(site::PageTable& table) {
  table.add("admin:order-actions", "/admin/program_registration/order/{id:int}/actions/",
            web::Method::get | web::Method::post, web::any_role(), order_actions);
}

}  // namespace plenary::admin
