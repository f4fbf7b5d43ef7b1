// Finding the seat of a path, its addresses, and how templates see seats.
#include <utility>

#include "site/answers.hpp"
#include "site/pages.hpp"
#include "site/seats.hpp"
#include "site/text.hpp"

namespace plenary::site {

using registration::HeldSeat;
using registration::SeatActor;
using registration::SeatState;
using templating::Value;

namespace {

constexpr std::string_view suffix(SeatLink link) {
  switch (link) {
    case SeatLink::seat:
      return "";
    case SeatLink::ticket:
      return "-ticket";
    case SeatLink::pdf:
      return "-ticket-pdf";
    case SeatLink::calendar:
      return "-calendar";
  }
  return "";
}

const char* label(SeatState state) {
  switch (state) {
    case SeatState::open:
      return message("Nobody named yet");
    case SeatState::named:
      return message("Named");
    case SeatState::invited:
      return message("Link mailed");
    case SeatState::confirmed:
      return message("Confirmed");
  }
  return "";
}

Value seat_value(const Site& site, const web::Request& request, const SeatPage& page,
                 std::vector<std::string> tokens) {
  const Visit& visit = request.context<Visit>();
  const HeldSeat& held = page.held;
  const registration::Seat& seat = held.seat;
  const SeatState state = registration::state_of(seat);
  const registration::SeatOffer offer = registration::offer_of(held, *visit.catalogue, page.actor, visit.now);
  const auto link = [&](SeatLink to) { return Value(seat_url(site, visit, page, to)); };
  return Value::dict({
      {"id", Value(seat.id)},
      {"position", Value(seat.position)},
      {"ticket_type", Value(ticket_type_name(visit, seat))},
      {"access_code", Value(seat.access_code)},
      {"name", Value(seat.name)},
      {"email", Value(seat.email)},
      {"state", Value(registration::to_text(state))},
      {"state_display", Value(tr(request, label(state)))},
      {"is_valid", Value(held.is_valid())},
      {"is_checked_in", Value(seat.checked_in_at.has_value())},
      {"is_held", Value(state == SeatState::invited || state == SeatState::confirmed)},
      {"is_sandbox", Value(held.is_sandbox)},
      {"mail_problem", Value(seat.mail_problem)},
      {"version", Value(seat.link_version)},
      {"order_reference", Value(held.order_reference)},
      {"transfer_deadline", Value(registration::transfer_deadline(*visit.catalogue))},
      {"may_name", Value(offer.may_name)},
      {"may_send", Value(offer.may_send)},
      {"may_transfer", Value(offer.may_transfer)},
      {"may_withdraw", Value(offer.may_withdraw)},
      {"url", link(SeatLink::seat)},
      {"ticket_url", link(SeatLink::ticket)},
      {"pdf_url", link(SeatLink::pdf)},
      {"calendar_url", link(SeatLink::calendar)},
      {"name_submission", Value(tokens.at(0))},
      {"transfer_submission", Value(tokens.at(1))},
      {"withdraw_submission", Value(tokens.at(2))},
  });
}

constexpr std::size_t forms_of_a_seat = 3;

}  // namespace

std::string ticket_type_name(const Visit& visit, const registration::Seat& seat) {
  const registration::TicketType* type = visit.catalogue->ticket_type(seat.ticket_type_id);
  return type ? type->name : std::string();
}

std::string seat_url(const Site& site, const Visit& visit, const SeatPage& page, SeatLink link) {
  const std::string id = std::to_string(page.held.seat.id);
  const std::string& slug = visit.conference->slug;
  const auto name = [&](std::string_view family) { return std::string(family) + std::string(suffix(link)); };
  if (page.actor == SeatActor::holder)
    return site.router->url(name("registration:seat"), {slug, id, page.token});
  const std::string& reference = page.held.order_reference;
  if (page.token.empty()) return site.router->url(name("registration:order-seat"), {slug, reference, id});
  return site.router->url(name("registration:order-secret-seat"), {slug, reference, page.token, id});
}

std::optional<SeatPage> find_seat(db::Tx& tx, const Site& site, const web::Request& request,
                                  const Visit& visit) {
  const std::int64_t id = request.param_int("seat");
  SeatPage page;
  page.token = request.find_param("token").value_or("");
  std::optional<HeldSeat> held;
  if (request.find_param("reference")) {
    const std::optional<registration::Order> order = find_order(tx, request, visit);
    if (order) held = registration::find_seat_of_order(tx, *order, id);
  } else {
    page.actor = SeatActor::holder;
    held = registration::find_seat_by_link(tx, site.link_key, visit.conference->id, id, page.token);
  }
  if (!held) return std::nullopt;
  page.held = std::move(*held);
  return page;
}

void load_seat(const Site& site, db::Tx& tx, web::Request& request, Visit& visit) {
  if (!web::is_safe(request.method())) return;
  std::optional<SeatPage> page = find_seat(tx, site, request, visit);
  if (!page) return;
  read_seat_answers(tx, visit, *page);
  request.attach(std::move(*page));
}

const SeatPage& found_seat(const web::Request& request) {
  const SeatPage* page = request.find_context<SeatPage>();
  // Somebody else's seat, a link that was replaced, and no seat look the same.
  if (!page) throw NotFound("no such seat");
  return *page;
}

Value seat_value(const Site& site, web::Request& request, const SeatPage& page) {
  return seat_value(site, request, page, new_submissions(request, forms_of_a_seat));
}

Value order_seats_value(const Site& site, web::Request& request, const OrderPage& order) {
  std::vector<std::string> tokens = new_submissions(request, forms_of_a_seat * order.seats.size());
  std::vector<Value> values;
  values.reserve(order.seats.size());
  SeatPage page;
  page.token = order.token;
  page.held.conference_id = order.order.conference_id;
  page.held.order_status = order.order.status;
  page.held.order_reference = order.order.reference;
  page.held.is_sandbox = order.order.is_sandbox;
  for (std::size_t i = 0; i < order.seats.size(); ++i) {
    page.held.seat = order.seats[i];
    const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(i * forms_of_a_seat);
    values.push_back(seat_value(site, request, page, {first, first + forms_of_a_seat}));
  }
  return Value::list(std::move(values));
}

}  // namespace plenary::site
