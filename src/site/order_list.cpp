// A person's own orders in a conference, and the seats they hold in orders of others. source: registration
// 20, 12.6.
#include "domain/accounts/users.hpp"
#include "domain/registration/links.hpp"
#include "site/pages.hpp"
#include "site/seats.hpp"
#include "site/text.hpp"

namespace plenary::site {

using templating::Value;

void load_own_orders(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  if (!visit.session || !visit.session->user_id) return;
  const std::int64_t user_id = *visit.session->user_id;
  OwnOrders own;
  own.orders = registration::orders_of_user(tx, visit.conference->id, user_id);
  const auto user = accounts::find_user(tx, user_id);
  const std::string proven = user && user->email_verified_at ? user->email_normalized : std::string();
  own.seats = registration::seats_held_by(tx, visit.conference->id, user_id, proven);
  request.attach(std::move(own));
}

Task<web::Response> show_own_orders(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const OwnOrders& own = request.context<OwnOrders>();
  Page page(site, request, "django_program/registration/order_list.html");
  std::vector<OrderPage> shown(own.orders.size());  // what the values point at
  std::vector<Value> orders, seats;
  for (std::size_t i = 0; i < own.orders.size(); ++i) {
    const registration::ListedOrder& listed = own.orders[i];
    registration::Order& order = shown[i].order;
    order.reference = listed.reference;
    order.status = listed.status;
    order.total = listed.total;
    order.created_at = listed.created_at;
    order.is_sandbox = listed.is_sandbox;
    orders.push_back(
        Value::dict({{"order", order_value(shown[i], *visit.catalogue, language_of(request))},
                     {"url", Value(order_url(site, visit, OrderLink::detail, listed.reference, ""))}}));
  }
  for (const registration::HeldSeat& held : own.seats) {
    SeatPage seat{held, registration::SeatActor::holder,
                  registration::seat_link_token(site.link_key, held.seat.id, held.seat.link_version)};
    seats.push_back(seat_value(site, request, seat));
  }
  page.set("orders", Value::list(std::move(orders)));
  page.set("seats", Value::list(std::move(seats)));
  co_return personal(page.html(), "");
}

}  // namespace plenary::site
