// Confirmation and order page, by secret link or for the signed-in owner; the buyer's cancellation.
// source: registration 20, 11, 12.4 and 12.5; ground rules 15, 2.4.
#include "site/consents.hpp"
#include "site/pages.hpp"
#include "site/seats.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using registration::OrderStatus;

const OrderPage& found_order(const web::Request& request) {
  const OrderPage* order = request.find_context<OrderPage>();
  // Somebody else's order and no order look the same.
  if (!order) throw NotFound("no such order");
  return *order;
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
  page.set("seats", order_seats_value(site, request, order));
  page.set("payments", payments_value(order, *visit.catalogue, visit.language));
  page.set("given_consents", given_consents_value(request, order.consents));
  page.set("is_cancellable", order.order.status == OrderStatus::pending && !order.is_processing());
  co_return personal(page.html(), "");
}

Task<web::Response> cancel_order(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  auto fn = [&](db::Tx& tx) {
    std::optional<registration::Order> order = find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    if (order->status == OrderStatus::cancelled) return;  // a double click
    registration::cancel(tx, site.shop, *order, {"site", "buyer", "cancelled on the order page"});
  };
  std::optional<Refused> refused;
  try {
    co_await site.db.write(visit.conference->id, "cancel order", fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
  } else {
    web::flash(request, "success", tr(request, "Your order was cancelled. Nothing has to be paid."));
  }
  co_return see_other(order_url(site, request, OrderLink::detail),
                      refused ? std::string_view(refused->code()) : "cancelled");
}

}  // namespace plenary::site
