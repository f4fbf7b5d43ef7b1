#include "site/payment_return.hpp"

#include <algorithm>

#include "domain/payments/card_payments.hpp"
#include "site/pages.hpp"
#include "web/routes.hpp"

namespace plenary::site {
namespace {

using registration::OrderStatus;
using registration::Payment;
using registration::PaymentStatus;

// The provider's number of what was paid, as it came back with the browser: believed in nothing, and only
// looked up among the order's own payments.
std::string_view intent_of(const web::Request& request) {
  const std::string_view intent = request.query("payment_intent").value_or("");
  const auto known = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return intent.size() <= 200 && std::all_of(intent.begin(), intent.end(), known) ? intent
                                                                                  : std::string_view();
}

const Payment* payment_of(const OrderPage& order, std::string_view intent) {
  for (const Payment& payment : order.payments)
    if (!intent.empty() && payment.intent_id == intent) return &payment;
  return nullptr;
}

// The form says that it went through. That settles nothing; but when an earlier try with the same number was
// refused, what is known of it is old, and the provider is asked again.
bool says_done(const web::Request& request) {
  const std::string_view status = request.query("redirect_status").value_or("");
  return status == "succeeded" || status == "processing";
}

// "paid", "processing", "failed" (try again), "returned" (it came too late), "unpaid", "cancelled".
std::string_view state_of(const OrderPage& order, const Payment* payment, bool is_said_done) {
  if (order.is_processing()) return "processing";
  const bool waits = payment && (payment->status == PaymentStatus::pending ||
                                 (payment->status == PaymentStatus::failed && is_said_done));
  if (order.is_sold()) return waits ? "processing" : "paid";
  if (order.order.status == OrderStatus::refunded) return "paid";
  if (payment && payment->status == PaymentStatus::refunded) return "returned";
  if (waits) return "processing";
  if (order.order.status == OrderStatus::cancelled) return "cancelled";
  return payment && payment->status == PaymentStatus::failed ? "failed" : "unpaid";
}

}  // namespace

Task<web::Response> show_payment_return(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const OrderPage* order = request.find_context<OrderPage>();
  if (!order) throw NotFound("no such order");
  const std::string_view intent = intent_of(request);
  // The provider appends a secret of its own: out of the address, before anything is shown.
  if (request.query("payment_intent_client_secret"))
    co_return see_other(std::string(request.path()) + "?payment_intent=" + std::string(intent) +
                            (says_done(request) ? "&redirect_status=succeeded" : ""),
                        "");
  const Payment* payment = payment_of(*order, intent);
  const std::string_view state = state_of(*order, payment, says_done(request));
  if (state == "processing" && payment && site.cards)
    site.cards->look_now(visit.conference->id, payment->intent_id);

  const auto on = [&](conference::Feature feature) {
    return conference::is_feature_enabled(feature, visit.features, visit.conference->flags);
  };
  const bool is_open = on(conference::Feature::registration) && on(conference::Feature::public_ui);
  const bool has_come = payment && payment->status == PaymentStatus::succeeded;
  if (is_open && (state == "paid" || has_come || (!payment && state != "cancelled")))
    co_return see_other(order_url(site, request, OrderLink::confirmation), "");
  Page page(site, request, "django_program/registration/payment_return.html");
  set_order(page, site, *order, visit);
  page.set("state", templating::Value(state));
  page.set("is_open", is_open);
  page.set("again_url", templating::Value(std::string(request.target())));
  co_return personal(page.html(), state);
}

}  // namespace plenary::site
