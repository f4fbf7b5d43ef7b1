// The billing details of an order, changed by its buyer until an invoice is issued. source: taxes and
// invoices 25, 3.
#include "site/billing.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using registration::BillingChange;

constexpr const char* fixed_text = message(
    "The billing details of this order can no longer be changed here. Please ask the organisers for a "
    "corrected invoice.");

// Of an order whose details are fixed by now: as the form was that was shown.
BillingDetail detail_of(const OrderPage& order, web::Request& request) {
  const bool is_late = order.billing_change == BillingChange::none;
  if (is_late) return request.form().has("billing_country") ? BillingDetail::later : BillingDetail::but_taxes;
  return order.billing_change == BillingChange::but_taxes ? BillingDetail::but_taxes : BillingDetail::later;
}

web::Response page_of(Site& site, web::Request& request, const OrderPage& order, const web::Form& form,
                      int status, std::string_view outcome) {
  Page page(site, request, "django_program/registration/order_billing.html");
  set_order(page, site, order, request.context<Visit>());
  page.set("form", billing_form_value(request, form));
  page.set("billing", billing_value(request, order.order.billing));
  page.set("bills_company", order.order.billing.is_business);
  page.set("taxes_stay", order.billing_change == BillingChange::but_taxes);
  page.set("is_fixed", order.billing_change == BillingChange::none);
  page.set("version", order.order.version);
  page.faults(faults_of(request, form));
  return personal(page.html(status), outcome);
}

}  // namespace

Task<web::Response> change_order_billing(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  std::optional<OrderPage> order;
  if (web::is_safe(request.method())) {
    OrderPage* found = request.find_context<OrderPage>();
    if (found) order = std::move(*found);
  } else {
    order = co_await read_order(site, request);
  }
  if (!order) throw NotFound("no such order");
  const std::string back = order_url(site, request, OrderLink::detail);
  if (order->billing_change == BillingChange::none && web::is_safe(request.method())) {
    web::flash(request, "error", tr(request, fixed_text));
    co_return see_other(back, "invoiced");
  }
  const BillingDetail detail = detail_of(*order, request);
  if (web::is_safe(request.method())) {
    const web::Form form = billing_form(detail, order->order.billing);
    co_return page_of(site, request, *order, form, 200, "");
  }

  BillingForm bound = bind_billing(request, detail, order->order.billing);
  if (order->billing_change == BillingChange::none) {  // since the form was shown: what was typed stays
    bound.form.add_error(Refused("invoiced", fixed_text));
    co_return page_of(site, request, *order, bound.form, 409, "invoiced");
  }
  if (!bound.form.valid()) co_return page_of(site, request, *order, bound.form, 422, "invalid");
  const std::int64_t version = whole_number(request.form()["version"]).value_or(-1);
  auto fn = [&](db::Tx& tx) {
    std::optional<registration::Order> now = find_order(tx, request, visit);
    if (!now) throw NotFound("no such order");
    registration::change_billing(tx, *visit.catalogue, *now, bound.billing, version,
                                 {"site", "buyer", "billing details changed on the order page"});
  };
  std::optional<Refused> refused;
  try {
    co_await site.db.write(visit.conference->id, "change billing", fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    bound.form.add_error(*refused);
    order = co_await read_order(site, request);
    if (!order) throw NotFound("no such order");
    const bool is_late = refused->code() == "invoiced" || refused->code() == "changed_meanwhile";
    co_return page_of(site, request, *order, bound.form, is_late ? 409 : 422, refused->code());
  }
  web::flash(request, "success", tr(request, "The billing details are changed."));
  co_return see_other(back, "billing_changed");
}

}  // namespace plenary::site
