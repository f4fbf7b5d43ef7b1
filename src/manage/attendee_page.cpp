// One attendee with everything that is known: the ticket, its holder and their account, the order, answers,
// what happened to it, other orders of the same person. Each block asks for its own right. source: staff
// pages 70, 11.2 and 14.17.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "domain/accounts/users.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/listing.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/seats.hpp"
#include "domain/registration/staff_changes.hpp"
#include "manage/attendees.hpp"
#include "manage/order_work.hpp"
#include "site/pages.hpp"
#include "site/questions.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"

namespace plenary::manage {
namespace {

using registration::Attendee;
using registration::Order;
using site::tr;
using templating::Value;

constexpr int most_orders = 50;

struct Dossier {
  Attendee attendee;
  Order order;
  registration::HeldSeat held;
  std::string line;  // of the order that it belongs to
  std::optional<accounts::User> account;
  std::vector<registration::ListedOrder> orders;  // of that account
  std::vector<registration::Credit> credits;      // for whoever sees money
  std::vector<registration::KeptAnswer> answers;
  std::vector<std::string> missing;
  bool asks = false;
  std::vector<registration::SeatEvent> events;
  std::vector<registration::AnswerEvent> answer_events;
};

Dossier read_dossier(db::Tx& tx, const Visit& visit, std::int64_t id, bool sees_money) {
  Dossier dossier;
  const std::int64_t conference_id = visit.conference->id;
  auto attendee = registration::find_attendee(tx, conference_id, id);
  if (!attendee) throw NotFound("no such ticket here");
  dossier.attendee = std::move(*attendee);
  const registration::Seat& seat = dossier.attendee.seat;
  dossier.order = order_here(tx, visit, seat.order_id);
  dossier.held = registration::find_seat(tx, id).value();
  for (const registration::SeatRow& row : registration::seat_rows(tx, seat.order_id))
    if (row.id == id)
      for (const registration::OrderLine& line : dossier.order.lines)
        if (line.id == row.order_line_id) dossier.line = line.description;
  // Of whoever holds it; the buyer's account is the order's.
  if (seat.user_id) dossier.account = accounts::find_user(tx, *seat.user_id);
  if (dossier.account) {
    dossier.orders = registration::orders_of_user(tx, conference_id, dossier.account->id, most_orders);
    if (sees_money) dossier.credits = registration::credits_of_user(tx, conference_id, dossier.account->id);
  }
  dossier.answers = registration::answers_of(tx, seat.order_id);
  std::erase_if(dossier.answers, [&](const auto& one) { return one.position != seat.position; });
  if (seat.is_active) {
    const auto bought =
        registration::units_of(dossier.order.lines, registration::seats_of(tx, seat.order_id));
    for (const auto& place : registration::asked_for(*visit.catalogue, bought, false))
      dossier.asks = dossier.asks || place.position == seat.position;
    dossier.missing = registration::missing_answers(tx, *visit.catalogue, dossier.attendee);
  }
  dossier.events = registration::seat_events(tx, id);
  dossier.answer_events = registration::answer_events(tx, seat.order_id);
  std::erase_if(dossier.answer_events, [&](const auto& one) { return one.position != seat.position; });
  return dossier;
}

struct Shown {
  const Site& site;
  const web::Request& request;
  const Visit& visit;
  const Dossier& dossier;
  const registration::Seat& seat = dossier.attendee.seat;

  std::string say(const char* text, const Refused::Arguments& arguments = {}) const {
    return tr(request, text, arguments);
  }
  Value moment(const std::optional<Instant>& at) const {
    return at ? Value(moment_text(request, *at)) : Value("");
  }
  std::string person(std::string_view actor) const {
    if (actor == "buyer") return say(message("the buyer"));
    if (actor == "holder") return say(message("the holder"));
    if (actor == "staff") return say(message("staff"));
    if (actor == "system" || actor.empty()) return say(message("Plenary"));
    return std::string(actor);
  }

  Value answers(bool may_change) const {
    site::ShownAnswers group{.position = seat.position};
    const std::string position = std::to_string(seat.position), order = std::to_string(seat.order_id);
    group.ticket_type_id = seat.ticket_type_id;
    group.missing = static_cast<std::int64_t>(dossier.missing.size());
    if (may_change && dossier.asks && registration::may_change_answers_by_staff(dossier.order))
      group.change_url = site.router->url("manage:order-answers", {visit.conference->slug, order, position});
    const std::string files = order_url(site, visit, "manage:order-detail", seat.order_id) + "files/";
    const site::ShownAnswers groups[] = {std::move(group)};
    return site::shown_answers_value(request, visit, groups, dossier.answers, files);
  }

  Value orders() const {
    std::vector<Value> list;
    for (const registration::ListedOrder& one : dossier.orders) {
      Order order;
      order.currency = one.currency;
      list.push_back(
          Value::dict({{"reference", Value(one.reference)},
                       {"url", Value(site::url(site, visit, "manage:order-list") + "?q=" + one.reference)},
                       {"status", Value(registration::to_text(one.status))},
                       {"status_word", Value(say(word_of(one.status)))},
                       {"total", Value(amount_text(request, order, one.total))},
                       {"at", moment(one.created_at)},
                       {"is_sandbox", Value(one.is_sandbox)}}));
    }
    return Value::list(std::move(list));
  }

  Value credits() const {
    std::vector<Value> list;
    Order order;
    for (const registration::Credit& one : dossier.credits) {
      order.currency = one.currency;
      list.push_back(Value::dict({{"amount", Value(amount_text(request, order, one.amount))},
                                  {"remaining", Value(amount_text(request, order, one.remaining))},
                                  {"at", moment(one.created_at)},
                                  {"note", Value(one.note)}}));
    }
    return Value::list(std::move(list));
  }

  // Newest first: what became of the ticket, and when its answers changed.
  Value story() const {
    struct Entry {
      Instant at;
      std::string text, who, detail;
    };
    std::vector<Entry> entries{{dossier.attendee.created_at, say(message("The ticket was sold.")), {}, {}}};
    for (const registration::SeatEvent& event : dossier.events) {
      const bool is_reissue = registration::is_reissue(event);
      const char* text = is_reissue                    ? message("A new code was given.")
                         : event.kind == "assigned"    ? message("A name was written.")
                         : event.kind == "mailed"      ? message("Its link was mailed.")
                         : event.kind == "confirmed"   ? message("The holder confirmed.")
                         : event.kind == "transferred" ? message("Given to somebody else.")
                                                       : message("Taken back.");
      entries.push_back(
          {event.created_at, say(text), person(event.actor), is_reissue ? std::string() : event.detail});
    }
    for (const registration::AnswerEvent& event : dossier.answer_events)
      entries.push_back(
          {event.created_at, say(message("Answers were changed.")), person(event.actor), event.detail});
    if (seat.checked_in_at)
      entries.push_back({*seat.checked_in_at, say(message("Checked in.")), say(message("staff")), {}});
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.at > b.at; });
    std::vector<Value> list;
    for (const Entry& entry : entries)
      list.push_back(Value::dict({{"at", Value(moment_text(request, entry.at))},
                                  {"text", Value(entry.text)},
                                  {"who", Value(entry.who)},
                                  {"detail", Value(entry.detail)}}));
    return Value::list(std::move(list));
  }
};

}  // namespace

Task<web::Response> show_attendee(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  const bool changes = may_change(visit);
  const bool sees_money = may(visit.rights, "view_finance", visit.conference->id);
  auto read = [&](db::Tx& tx) { return read_dossier(tx, visit, id, sees_money); };
  const Dossier dossier = co_await site.db.read(read);
  const Attendee& attendee = dossier.attendee;
  const registration::Seat& seat = attendee.seat;
  const Shown shown{site, request, visit, dossier};
  const registration::TicketType* type = visit.catalogue->ticket_type(seat.ticket_type_id);
  const registration::SeatOffer offer =
      registration::offer_of(dossier.held, *visit.catalogue, registration::SeatActor::staff, visit.now);
  const std::string order_key = std::to_string(seat.order_id), key = std::to_string(seat.id);

  site::Page page(site, request, "django_program/manage/attendee_detail.html");
  const std::vector<Crumb> crumbs{
      {tr(request, message("Attendees")), site::url(site, visit, "manage:attendee-list")}};
  frame(page, site, request, attendee_name(request, attendee), "attendees", crumbs);
  page.set("state", Value(tr(request, state_word(attendee))))
      .set("is_void", Value(!seat.is_active))
      .set("is_sandbox", Value(attendee.is_sandbox))
      .set("name", Value(seat.name))
      .set("email", Value(seat.email))
      .set("code", Value(seat.access_code))
      .set("position", Value(seat.position))
      .set("ticket", Value(type ? type->name : std::string()))
      .set("line", Value(dossier.line))
      .set("checked_in", shown.moment(seat.checked_in_at))
      .set("invited", shown.moment(seat.invited_at))
      .set("confirmed", shown.moment(seat.confirmed_at))
      .set("sold", shown.moment(attendee.created_at))
      .set("language", Value(seat.language))
      .set("mail_problem", Value(seat.mail_problem))
      .set("order_reference", Value(attendee.order_reference))
      .set("order_url", Value(order_url(site, visit, "manage:order-detail", seat.order_id)))
      .set("order_status", Value(registration::to_text(attendee.order_status)))
      .set("order_status_word", Value(tr(request, word_of(attendee.order_status))))
      .set("ordered", shown.moment(attendee.ordered_at))
      .set("buyer", Value(attendee.buyer_name))
      .set("buyer_email", Value(attendee.buyer_email))
      .set("company", Value(attendee.company))
      .set("answers", shown.answers(changes))
      .set("orders", shown.orders())
      .set("credits", shown.credits())
      .set("story", shown.story());
  if (dossier.account)
    page.set("account", Value::dict({{"name", Value(dossier.account->name)},
                                     {"email", Value(dossier.account->email)},
                                     {"since", shown.moment(dossier.account->created_at)},
                                     {"last", shown.moment(dossier.account->last_sign_in_at)}}));
  if (changes &&
      (offer.may_name || offer.may_send || offer.may_transfer || offer.may_withdraw || offer.may_reissue))
    page.set("seat_url", Value(site::url(site, visit, "manage:order-seat", order_key, key)))
        .set("may_send", Value(offer.may_send && !seat.email.empty()))
        .set("link_version", Value(seat.link_version))
        .set("submission", Value(site::new_submission(request)));
  co_return site::personal(page.html(), "");
}

void add_attendee_pages(site::PageTable& table) {
  const web::Guard on = web::features({"manage_ui", "registration"});
  const web::Guard view = web::permission("view_registration") & on;
  const std::string list = "/manage/{conference}/attendees/";
  table.add("manage:attendee-list", list, web::Method::get, view, show_attendees, load_frame);
  table.add("manage:attendee-export", list + "export/", web::Method::get,
            web::permission("export_reports") & on, export_attendees);
  table.add("manage:attendee-remind", list + "remind/", web::Method::get | web::Method::post,
            web::permission("change_registration") & on, remind_buyers, load_frame);
  table.add("manage:attendee-detail", list + "{pk:int}/", web::Method::get, view, show_attendee, load_frame);
}

}  // namespace plenary::manage
