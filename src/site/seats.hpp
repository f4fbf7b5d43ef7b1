// The pages of seats: for the buyer below the order, for the holder below their own link, each with its
// ticket as a page, as PDF and as a calendar file; and a person's own orders. A holder's link opens one seat
// and nothing else. Each handler makes one domain call; the rules are domain/registration/seats.hpp's.
// Threads: the I/O thread of the connection; a PDF is drawn on the slow pool. source: registration 20, 12.6
// and D33; ground rules 15, 2.4 and 4.7.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/questions.hpp"
#include "domain/registration/seats.hpp"
#include "site/page.hpp"
#include "site/values.hpp"
#include "site/visit.hpp"

namespace plenary::site {

// A seat as one request may see it.
struct SeatPage {
  registration::HeldSeat held;
  registration::SeatActor actor = registration::SeatActor::buyer;
  std::string token;  // the secret half of the address: the seat's own, the order's, or none for its owner
  // What the holder answered, on the seat's own page: of this seat alone.
  std::vector<registration::KeptAnswer> answers = {};
  bool asks = false, may_answer = false;
  std::int64_t missing_answers = 0;
};

enum class SeatLink { seat, ticket, pdf, calendar };
std::string seat_url(const Site& site, const Visit& visit, const SeatPage& seat, SeatLink link);

// The seat of the path: through the order's owner or link, or through its own link.
std::optional<SeatPage> find_seat(db::Tx& tx, const Site& site, const web::Request& request,
                                  const Visit& visit);
void load_seat(const Site& site, db::Tx& tx, web::Request& request,
               Visit& visit);                             // attaches SeatPage, if found
const SeatPage& found_seat(const web::Request& request);  // NotFound without one

// The variable `seats` of an order's page and `seat` of a seat's own; both with what may be done.
templating::Value seat_value(const Site& site, web::Request& request, const SeatPage& seat);
templating::Value order_seats_value(const Site& site, web::Request& request, const OrderPage& order);
// The name of its ticket type; empty where it is no longer there.
std::string ticket_type_name(const Visit& visit, const registration::Seat& seat);

Task<web::Response> seat(Site& site, web::Request& request);  // GET and POST
Task<web::Response> show_ticket(Site& site, web::Request& request);
Task<web::Response> show_ticket_pdf(Site& site, web::Request& request);
// All valid tickets of an order as one file; the address of it, empty where there are fewer than two.
Task<web::Response> show_tickets_pdf(Site& site, web::Request& request);
std::string tickets_pdf_url(const Site& site, const web::Request& request, const OrderPage& order);
Task<web::Response> show_calendar(Site& site, web::Request& request);

struct OwnOrders {
  std::vector<registration::ListedOrder> orders;
  std::vector<registration::HeldSeat> seats;  // in orders of others
};
void load_own_orders(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);
Task<web::Response> show_own_orders(Site& site, web::Request& request);

}  // namespace plenary::site
