// Confirmation and order page, by secret link or for the signed-in owner. What the buyer does:
// order_changes.cpp. source: registration 20, 11, 12.4 and 12.5; ground rules 15, 2.4.
#include "i18n/languages.hpp"
#include "mail/line_name.hpp"
#include "site/answers.hpp"
#include "site/billing.hpp"
#include "site/consents.hpp"
#include "site/invoices.hpp"
#include "site/pages.hpp"
#include "site/seats.hpp"
#include "site/text.hpp"

namespace plenary::site {
namespace {

// "+ 1 × Cancellation fee" in the language of the page.
std::string line_in(std::string_view language, const std::string& detail) {
  static constexpr std::string_view times = " × ";
  const std::size_t at = detail.find(times);
  if (at == std::string::npos) return detail;
  return detail.substr(0, at + times.size()) + mail::line_name(language, detail.substr(at + times.size()));
}

using templating::Value;

using registration::OrderStatus;

const OrderPage& found_order(const web::Request& request) {
  const OrderPage* order = request.find_context<OrderPage>();
  // Somebody else's order and no order look the same.
  if (!order) throw NotFound("no such order");
  return *order;
}

// What its buyer may do with it, until when, and what was done so far.
void set_possibilities(Page& page, const web::Request& request, const OrderPage& order) {
  const bool was_paid = order.order.status != OrderStatus::pending;
  if (was_paid && order.cancellation && order.cancellation->is_possible) {
    page.set("may_cancel", true);
    if (order.cancellation->until) page.set("cancel_until", Value(*order.cancellation->until));
  }
  if (order.is_sold() && order.cancellation && order.cancellation->why_not &&
      order.cancellation->why_not->code() == "too_late") {
    const Visit& visit = request.context<Visit>();
    const Instant until = registration::transfer_deadline(*visit.catalogue);
    page.set("cancel_was_until", Value(*order.cancellation->until));
    if (visit.now <= until && !order.seats.empty()) page.set("transfer_seat_until", Value(until));
  }
  if (order.change && order.change->is_possible) {
    page.set("may_change", true);
    page.set("change_offered_until", Value(*order.change->until));
  }
  page.set("may_resend", order.is_sold() && !order.order.billing.email.empty());
  const registration::Catalogue& catalogue = *request.context<Visit>().catalogue;
  if (order.money) {
    page.set("gone_back", amount_value(order.money->refunded + order.money->requested, catalogue.currency));
    page.set("to_come_back", amount_value(order.money->to_refund(), catalogue.currency));
  }
  std::vector<Value> history;
  for (const registration::HistoryEntry& entry : order.history) {
    std::vector<Value> details;
    for (const std::string& detail : entry.details)
      details.push_back(Value(line_in(language_of(request), i18n::amounts_in(language_of(request), detail))));
    history.push_back(Value::dict({{"at", Value(entry.at)},
                                   {"text", Value(tr(request, entry.text, entry.arguments))},
                                   {"details", Value::list(std::move(details))}}));
  }
  page.set("history", Value::list(std::move(history)));
}

std::string_view outcome_of(const OrderPage& order) {
  if (order.is_processing()) return "processing";
  return order.order.status == OrderStatus::pending ? "ordered" : registration::to_text(order.order.status);
}

}  // namespace

Task<web::Response> show_confirmation(Site& site, web::Request& request) {
  const OrderPage& order = found_order(request);
  Page page(site, request, "django_program/registration/order_confirmation.html");
  set_order(page, site, order, request.context<Visit>());
  co_return personal(page.html(), outcome_of(order));
}

Task<web::Response> show_order(Site& site, web::Request& request) {
  const OrderPage& order = found_order(request);
  const Visit& visit = request.context<Visit>();
  Page page(site, request, "django_program/registration/order_detail.html");
  set_order(page, site, order, visit);
  page.set("billing", billing_value(request, order.order.billing));
  if (!order.order.billing.vat_id.empty() && order.order.billing.is_business) {
    const std::string label =
        order.order.vat_confirmed ? tr(request, "Confirmed") : tr(request, "Not confirmed");
    page.set("vat_state", templating::Value::dict({{"is_confirmed", order.order.vat_confirmed},
                                                   {"label", templating::Value(label)}}));
  }
  page.set("seats", order_seats_value(site, request, order));
  if (const std::string all = tickets_pdf_url(site, request, order); !all.empty())
    page.set("tickets_pdf_url", templating::Value(all));
  page.set("answers", order_answers_value(site, request, order));
  page.set("payments", payments_value(order, *visit.catalogue, visit.language));
  const InvoicesOfOrder invoices = co_await read_invoices(site, request, order);
  set_invoices(page, site, request, order, invoices);
  page.set("given_consents", given_consents_value(request, visit, order.consents));
  page.set("is_cancellable", order.order.status == OrderStatus::pending && !order.is_processing());
  set_possibilities(page, request, order);
  co_return personal(page.html(), "");
}

}  // namespace plenary::site
