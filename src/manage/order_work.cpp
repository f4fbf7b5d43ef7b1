// What the pages of orders share. source: staff pages 70, 11.4 and 14.7.
#include "manage/order_work.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/codes.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "i18n/formats.hpp"
#include "manage/team.hpp"
#include "site/pages.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::manage {

using registration::Order;
using registration::OrderStatus;
using registration::PaymentMethod;
using registration::PaymentStatus;
using registration::RefundDestination;
using registration::RefundReason;
using registration::RefundStatus;
using site::tr;
using templating::Value;

Order order_here(db::Tx& tx, const Visit& visit, std::int64_t id) {
  std::optional<Order> order = registration::find_order(tx, id);
  if (!order || order->conference_id != visit.conference->id) throw NotFound("no such order here");
  return std::move(*order);
}

Task<Order> order_of_page(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  auto read = [&](db::Tx& tx) { return order_here(tx, visit, id); };
  Order order = co_await site.db.read(read);
  co_return order;
}

std::string order_url(const Site& site, const Visit& visit, std::string_view name, std::int64_t id) {
  const std::string key = std::to_string(id);
  return site::url(site, visit, name, key);
}

bool may(const accounts::Rights& rights, std::string_view permission, std::int64_t conference_id) {
  return rights.full_access(conference_id) || rights.may(permission, conference_id);
}

bool may_change(const Visit& visit) {
  return may(visit.rights, "change_registration", visit.conference->id);
}

std::string amount_text(const web::Request& request, const Order& order, std::int64_t minor) {
  const registration::Catalogue& catalogue = *request.context<Visit>().catalogue;
  const Currency currency = Currency::of(order.currency);
  const bool is_same = currency.code() == catalogue.currency.code();
  return site::price_text(request, minor, currency, is_same ? catalogue.currency_symbol : std::string());
}

std::string plain_amount(std::int64_t minor, std::string_view currency) {
  return Money(minor, Currency::of(currency)).to_string();
}

std::optional<std::int64_t> typed_amount(std::string_view typed, std::string_view currency_code) {
  const auto money = typed_money(typed, Currency::of(currency_code));
  constexpr std::int64_t limit = 9'999'999'999;
  if (!money || money->minor() > limit || money->is_negative()) return std::nullopt;
  return money->minor();
}

const char* word_of(OrderStatus status) {
  switch (status) {
    case OrderStatus::pending:
      return message("Pending");
    case OrderStatus::paid:
      return message("Paid");
    case OrderStatus::refunded:
      return message("Refunded");
    case OrderStatus::partially_refunded:
      return message("Partially refunded");
    case OrderStatus::cancelled:
      return message("Cancelled");
  }
  return "";
}

const char* word_of(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::pending:
      return message("Pending");
    case PaymentStatus::processing:
      return message("Processing");
    case PaymentStatus::succeeded:
      return message("Succeeded");
    case PaymentStatus::failed:
      return message("Failed");
    case PaymentStatus::refunded:
      return message("Refunded");
  }
  return "";
}

const char* word_of(RefundStatus status) {
  switch (status) {
    case RefundStatus::requested:
      return message("On its way");
    case RefundStatus::succeeded:
      return message("Done");
    case RefundStatus::failed:
      return message("Failed");
  }
  return "";
}

const char* word_of(RefundReason reason) {
  switch (reason) {
    case RefundReason::requested_by_customer:
      return message("Asked for by the buyer");
    case RefundReason::duplicate:
      return message("Paid twice");
    case RefundReason::fraudulent:
      return message("Fraud");
  }
  return "";
}

const char* word_of(RefundDestination destination) {
  switch (destination) {
    case RefundDestination::card:
      return message("Back to the card");
    case RefundDestination::credit:
      return message("As a store credit");
    case RefundDestination::manual:
      return message("By hand: transfer or cash");
  }
  return "";
}

const char* method_word(PaymentMethod method, std::string_view channel) {
  switch (method) {
    case PaymentMethod::stripe:
      return message("Card");
    case PaymentMethod::terminal:
      return message("Card at the desk");
    case PaymentMethod::comp:
      return message("Waived");
    case PaymentMethod::credit:
      return message("Store credit");
    case PaymentMethod::sandbox:
      return message("Sandbox card");
    case PaymentMethod::manual:
      break;
  }
  if (channel == "transfer") return message("Bank transfer");
  if (channel == "cash") return message("Cash");
  if (channel == "cheque") return message("Cheque");
  if (channel == "card") return message("Card reader");
  return message("By hand");
}

void order_frame(site::Page& page, const Site& site, web::Request& request, const Order& order,
                 std::string_view title) {
  const Visit& visit = request.context<Visit>();
  const std::string own = order_url(site, visit, "manage:order-detail", order.id);
  std::vector<Crumb> crumbs{
      {tr(request, message("Orders")), site.router->url("manage:order-list", {visit.conference->slug})}};
  if (title != order.reference) crumbs.push_back({order.reference, own});
  frame(page, site, request, title, "orders", crumbs);
  page.set("order", Value::dict({{"id", Value(order.id)},
                                 {"reference", Value(order.reference)},
                                 {"version", Value(order.version)},
                                 {"status", Value(registration::to_text(order.status))},
                                 {"status_word", Value(tr(request, word_of(order.status)))},
                                 {"name", Value(order.billing.name)},
                                 {"email", Value(order.billing.email)},
                                 {"is_sandbox", Value(order.is_sandbox)},
                                 {"total", Value(amount_text(request, order, order.total))},
                                 {"url", Value(own)}}))
      .set("action", Value(std::string(request.path())))
      .set("submission", Value(site::new_submission(request)));
}

registration::Cause cause_of(const web::Request& request, std::string reason) {
  return {"manage", actor_of(request).name, std::move(reason)};
}

conference::AuditChange noted(const char* field, const char* label, std::string before, std::string after) {
  return {field, label, std::move(before), std::move(after), {}, {}, false};
}

Task<WorkDone> do_order_work(Site& site, web::Request& request, std::int64_t order_id, const char* name,
                             const OrderWork& work) {
  const Visit& visit = request.context<Visit>();
  const conference::Actor actor = actor_of(request);
  const std::int64_t conference_id = visit.conference->id, user = user_of(visit);
  const std::optional<site::Submission> submission = site::Submission::of(request, site.link_key);
  // An order's page has several forms and one token: each form of it is sent once.
  const std::string once = submission ? token_hash(submission->hash() + std::string(request.path())) : "";
  auto write = [&](db::Tx& tx) {
    if (submission && accounts::first_result(tx, once)) return false;
    if (!may(rights_now(tx, user), "change_registration", conference_id))
      throw Refused("lost", "You no longer may change registrations here, so nothing was changed.");
    Order order = order_here(tx, visit, order_id);
    const Order before = order;
    const registration::OrderMoney money = registration::money_of(tx, order);
    std::vector<conference::AuditChange> changes = work(tx, order);
    order = registration::find_order(tx, order_id).value();
    const registration::OrderMoney after = registration::money_of(tx, order);
    const Currency currency = Currency::of(order.currency);
    const auto shown = [&](std::int64_t minor) { return Money(minor, currency).display({}); };
    if (order.total != before.total)
      changes.push_back(noted("total", "Total", shown(before.total), shown(order.total)));
    if (order.status != before.status)
      changes.push_back(noted("status", "Status", std::string(registration::to_text(before.status)),
                              std::string(registration::to_text(order.status))));
    const std::int64_t back = after.refunded + after.requested - money.refunded - money.requested;
    if (back > 0) changes.push_back(noted("refund", "Refund", "", shown(back)));
    conference::AuditObject object;
    object.conference_id = conference_id;
    object.entity = "orders";
    object.id = std::to_string(order.id);
    object.name = order.reference;
    object.version = order.version;
    conference::record(tx, actor, conference::AuditAction::change, object, changes);
    if (submission)
      accounts::record_result(tx, once, conference_id, "manage_order", "done",
                              tx.now() + accounts::submission_life);
    return true;
  };
  WorkDone done;
  try {
    done.is_repeat = !co_await site.db.write(conference_id, name, write);
  } catch (const Refused& reason) {
    done.refused = reason;
  }
  co_return done;
}

web::Response back_to_order(const Site& site, web::Request& request, std::int64_t order_id,
                            const WorkDone& done, std::string_view text) {
  const std::string url = order_url(site, request.context<Visit>(), "manage:order-detail", order_id);
  if (done.refused) {
    web::flash(request, "error", tr(request, *done.refused));
    return site::see_other(url, done.refused->code());
  }
  if (done.is_repeat) {
    web::flash(request, "info", tr(request, message("This was sent twice and done once.")));
    return site::see_other(url, "repeat");
  }
  web::flash(request, "success", text);
  return site::see_other(url, "done");
}

std::int64_t shown_version(const web::FormData& form) {
  return site::whole_number(form["version"]).value_or(0);
}

std::string typed_text(const web::Request& request, const web::FormData& form, std::string_view field,
                       std::size_t most, std::vector<site::Fault>& faults) {
  std::string text(trimmed(form[field]));
  if (!is_valid_utf8(text)) {
    faults.push_back({std::string(field), tr(request, message("This text holds characters that cannot be "
                                                              "printed. Please type it anew."))});
    return {};
  }
  if (character_count(text) > most)
    faults.push_back(
        {std::string(field), tr(request, message("This text is too long: at most {n} characters."),
                                {{"n", std::to_string(most)}})});
  return text;
}

void keep_typed(site::Page& page, web::Request& request, std::initializer_list<std::string_view> fields) {
  if (web::is_safe(request.method())) return;
  for (const std::string_view name : fields) page.set(name, Value(std::string(request.form()[name])));
}

}  // namespace plenary::manage
