#include "site/payment_return.hpp"

#include "site/pages.hpp"

namespace plenary::site {

Task<web::Response> show_payment_return(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const OrderPage* order = request.find_context<OrderPage>();
  if (!order) throw NotFound("no such order");
  const auto on = [&](conference::Feature feature) {
    return conference::is_feature_enabled(feature, visit.features, visit.conference->flags);
  };
  if (on(conference::Feature::registration) && on(conference::Feature::public_ui))
    co_return see_other(order_url(site, request, OrderLink::confirmation), "");
  Page page(site, request, "django_program/registration/payment_return.html");
  set_order(page, site, *order, visit);
  co_return personal(page.html(),
                     order->is_processing() ? "processing" : registration::to_text(order->order.status));
}

}  // namespace plenary::site
