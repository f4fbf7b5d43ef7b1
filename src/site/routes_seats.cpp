#include "site/page_table.hpp"
#include "site/seats.hpp"

namespace plenary::site {

void add_seat_pages(PageTable& table) {
  const web::Methods get = web::Method::get, form = web::Method::get | web::Method::post;
  const auto add = [&](const std::string& name, const std::string& path, const web::Guard& guard) {
    table.add(name, path, form, guard, seat, load_seat);
    table.add(name + "-ticket", path + "ticket/", get, guard, show_ticket, load_seat);
    table.add(name + "-ticket-pdf", path + "ticket.pdf", get, guard, show_ticket_pdf, load_seat);
    table.add(name + "-calendar", path + "calendar.ics", get, guard, show_calendar, load_seat);
  };
  const std::string shop = "/{conference}/register/";
  const web::Guard owner = web::signed_in() & shop_guard();
  table.add("registration:order-list", shop + "orders/", get, owner, show_own_orders, load_own_orders);
  // Of the buyer, signed in or with the order's link; of the holder with the seat's. source: 20, D33.
  add("registration:order-seat", shop + "orders/{reference}/seats/{seat:int}/", owner);
  add("registration:order-secret-seat", shop + "orders/{reference}/{token}/seats/{seat:int}/", shop_guard());
  add("registration:seat", shop + "seats/{seat:int}/{token}/", shop_guard());
}

}  // namespace plenary::site
