// The ticket of a seat: as a page to show or print, as PDF with the same content, and as a calendar file.
#include <fmt/format.h>

#include "base/pool.hpp"
#include "documents/calendar.hpp"
#include "documents/qr_code.hpp"
#include "i18n/formats.hpp"
#include "site/pages.hpp"
#include "site/seat_documents.hpp"
#include "site/seats.hpp"
#include "site/text.hpp"
#include "web/routes.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

using templating::Value;

// A ticket that opens no door is not handed out.
const SeatPage& valid_seat(const web::Request& request) {
  const SeatPage& seat = found_seat(request);
  if (!seat.held.is_valid()) throw NotFound("no such ticket");
  return seat;
}

// source: onsite and documents 30, 3.3: a code of another conference is told apart from an unknown one.
std::string qr_text(const Visit& visit, const registration::Seat& seat) {
  return visit.conference->slug + ":" + seat.access_code;
}

Value notes_value(const documents::TicketDocument& ticket) {
  std::vector<Value> notes;
  for (const std::string& note : ticket.notes) notes.push_back(Value(note));
  return Value::list(std::move(notes));
}

std::vector<SeatPage> valid_seats(const OrderPage& order) {
  std::vector<SeatPage> pages;
  SeatPage page;
  page.held.conference_id = order.order.conference_id;
  page.held.order_status = order.order.status;
  page.held.order_reference = order.order.reference;
  page.held.is_sandbox = order.order.is_sandbox;
  for (const registration::Seat& seat : order.seats) {
    page.held.seat = seat;
    if (page.held.is_valid()) pages.push_back(page);
  }
  return pages;
}

std::string host_of(std::string_view public_url) {
  const std::size_t scheme = public_url.find("://");
  if (scheme != std::string_view::npos) public_url.remove_prefix(scheme + 3);
  return std::string(public_url.substr(0, public_url.find_first_of(":/")));
}

}  // namespace

documents::TicketDocument ticket_document(const web::Request& request, const registration::HeldSeat& held) {
  const Visit& visit = request.context<Visit>();
  const conference::Conference& fair = visit.catalogue->conference;
  const registration::Seat& seat = held.seat;
  documents::TicketDocument ticket;
  ticket.language = language_of(request);
  ticket.title = seat.name.empty() ? tr(request, "Ticket for {conference}", {{"conference", fair.name}})
                                   : tr(request, "Ticket for {conference}: {name}",
                                        {{"conference", fair.name}, {"name", seat.name}});
  ticket.conference_name = fair.name;
  ticket.dates = i18n::days(language_of(request), fair.start_date, fair.end_date);
  ticket.venue = fair.venue;
  ticket.address = fair.address;
  ticket.holder_name = seat.name;
  ticket.open_text = tr(request, "Nobody named yet");
  ticket.ticket_type = ticket_type_name(visit, seat);
  ticket.access_code = seat.access_code;
  ticket.order_reference = held.order_reference;
  ticket.qr_text = qr_text(visit, seat);
  ticket.notes = {
      tr(request, "Show this ticket at the registration desk, on paper or on a screen."),
      tr(request,
         "It is valid for one person. When it is given to somebody else, this code is void and the "
         "new holder gets another one.")};
  ticket.accent_color = fair.accent_color;
  if (held.is_sandbox) ticket.sandbox_mark = tr(request, "Sandbox: this ticket is not valid");
  ticket.labels.heading = tr(request, "Ticket");
  ticket.labels.holder = tr(request, "Name");
  ticket.labels.ticket_type = tr(request, "Ticket");
  ticket.labels.access_code = tr(request, "Access code");
  ticket.labels.dates = tr(request, "When");
  ticket.labels.venue = tr(request, "Where");
  ticket.labels.order_reference = tr(request, "Order");
  ticket.labels.qr_code = tr(request, "QR code of this ticket, for check-in");
  ticket.created_at = visit.now;
  return ticket;
}

Task<web::Response> show_ticket(Site& site, web::Request& request) {
  const SeatPage& seat = valid_seat(request);
  const documents::TicketDocument ticket = ticket_document(request, seat.held);
  Page page(site, request, "django_program/registration/seat_ticket.html");
  page.set("seat", seat_value(site, request, seat));
  page.set("ticket", Value::dict({{"title", Value(ticket.title)},
                                  {"dates", Value(ticket.dates)},
                                  {"venue", Value(ticket.venue)},
                                  {"address", Value(ticket.address)},
                                  {"sandbox_mark", Value(ticket.sandbox_mark)},
                                  {"notes", notes_value(ticket)},
                                  {"qr_code", Value("data:image/svg+xml," +
                                                    web::percent_encode(documents::qr_svg(ticket.qr_text)))},
                                  {"qr_alternative", Value(ticket.labels.qr_code)}}));
  co_return personal(page.html(), "");
}

Task<web::Response> show_ticket_pdf(Site& site, web::Request& request) {
  (void)site;
  const SeatPage& seat = valid_seat(request);
  const documents::TicketDocument ticket = ticket_document(request, seat.held);
  auto draw = [&] { return documents::ticket_pdf(ticket); };
  Pool* pool = request.services().pool;
  if (!pool) throw std::logic_error("tickets need the slow pool");
  std::string pdf = co_await pool->run(draw);  // full: 503
  // Codes are letters and digits, and slugs are too: fit for a header and for every file system.
  const std::string name =
      fmt::format("ticket-{}-{}.pdf", request.context<Visit>().conference->slug, seat.held.seat.access_code);
  co_return personal(web::Response::attachment(std::move(pdf), "application/pdf", name), "");
}

Task<web::Response> show_tickets_pdf(Site& site, web::Request& request) {
  (void)site;
  const OrderPage* order = request.find_context<OrderPage>();
  if (!order) throw NotFound("no such order");
  std::vector<documents::TicketDocument> tickets;
  for (const SeatPage& seat : valid_seats(*order)) tickets.push_back(ticket_document(request, seat.held));
  if (tickets.empty()) throw NotFound("no tickets in this order");
  const std::string title =
      tr(request, "Tickets for {conference}: order {reference}",
         {{"conference", tickets.front().conference_name}, {"reference", order->order.reference}});
  auto draw = [&] { return documents::tickets_pdf(tickets, title); };
  Pool* pool = request.services().pool;
  if (!pool) throw std::logic_error("tickets need the slow pool");
  std::string pdf = co_await pool->run(draw);  // full: 503
  const std::string name =
      fmt::format("tickets-{}-{}.pdf", request.context<Visit>().conference->slug, order->order.reference);
  co_return personal(web::Response::attachment(std::move(pdf), "application/pdf", name), "");
}

std::string tickets_pdf_url(const Site& site, const web::Request& request, const OrderPage& order) {
  if (valid_seats(order).size() < 2) return {};
  return url(site, request.context<Visit>(),
             order.token.empty() ? "registration:order-tickets-pdf" : "registration:order-secret-tickets-pdf",
             order.order.reference, order.token);
}

Task<web::Response> show_calendar(Site& site, web::Request& request) {
  const SeatPage& seat = valid_seat(request);
  const Visit& visit = request.context<Visit>();
  const conference::Conference& fair = visit.catalogue->conference;
  documents::CalendarEvent event;
  event.uid = fmt::format("seat-{}@{}", seat.held.seat.id, host_of(request.services().public_url));
  event.summary = fair.name;
  event.location = fair.venue;
  if (!fair.address.empty()) event.location += (fair.venue.empty() ? "" : ", ") + fair.address;
  event.url = web::absolute_url(request.services(), url(site, visit, "site:conference"));
  event.first_day = fair.start_date;
  event.last_day = fair.end_date;
  event.stamp = visit.now;
  co_return personal(
      web::Response::attachment(documents::calendar_file(event), "text/calendar; charset=utf-8",
                                visit.conference->slug + ".ics"),
      "");
}

}  // namespace plenary::site
