#include "domain/registration/seats.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t access_code_length = 8;  // source: 30, 2.1
constexpr int access_code_draws = 10;

std::string_view name_of(SeatActor actor) {
  if (actor == SeatActor::staff) return "staff";
  return actor == SeatActor::buyer ? "buyer" : "holder";
}

bool same_address(std::string_view a, std::string_view b) {
  return normalized_email(a) == normalized_email(b);
}

// Whoever was sent the link, or has used it, counts on the seat: it is theirs until it is transferred.
bool has_holder(const Seat& seat) {
  return seat.invited_at || seat.confirmed_at;
}
bool is_named(const Seat& seat) {
  return !seat.name.empty() || !seat.email.empty();
}

void require_valid(const SeatChange& change, const HeldSeat& held) {
  if (!held.is_valid())
    throw Refused("seat_void", "This ticket is no longer valid, so it cannot be changed.");
  if (held.seat.checked_in_at)
    throw Refused("checked_in", "This ticket was used to check in already, so it cannot be changed.");
  if (change.link_version != 0 && change.link_version != held.seat.link_version)
    throw Refused("seat_changed",
                  "This ticket was given to somebody else in the meantime. Look at it again, as it is now.");
}

void require_in_time(db::Tx& tx, const SeatChange& change) {
  if (change.actor == SeatActor::staff) return;
  if (tx.now() >= transfer_deadline(change.catalogue))
    throw Refused("too_late",
                  "Tickets can no longer be given to somebody else. Please ask at the registration desk.");
}

void require_good(const Holder& holder, bool name_needed, bool email_needed) {
  const std::vector<Refused> problems = check_holder(holder, name_needed, email_needed);
  if (!problems.empty()) throw problems.front();
}

// One order mails no more than its holders need, however often the buttons are pressed.
void require_mail_left(db::Tx& tx, const HeldSeat& held, std::int64_t more = 1) {
  const std::int64_t most = std::max(seat_mails_per_hour, 2 * held.seats_in_order);
  if (store::seat_mails_since(tx, held.seat.order_id, tx.now() - Duration::hours(1)) + more > most)
    throw Refused("too_many_mails",
                  "Many mails were sent for this order within the last hour. Please wait a while and try "
                  "again.");
}

[[noreturn]] void changed_meanwhile() {
  throw Refused("seat_changed", "This ticket was changed in the meantime. Look at it again, as it is now.");
}

void write_seat(db::Tx& tx, const Seat& seat) {
  if (!store::update_seat(tx, seat, seat.link_version)) changed_meanwhile();
}

// Replaces access code and link: what was handed out before opens nothing any more.
void write_with_new_code(db::Tx& tx, const SeatChange& change, Seat& seat) {
  const std::int64_t before = seat.link_version++;
  for (int draw = 0; draw < access_code_draws; ++draw) {
    seat.access_code = random_code(change.shop.random, access_code_length);
    if (store::is_access_code_taken(tx, seat.access_code)) continue;
    bool written = false;
    // The unique index is the last word on what another lane draws at this very moment.
    if (!tx.attempt([&] { written = store::update_seat(tx, seat, before); })) continue;
    if (!written) changed_meanwhile();
    return;
  }
  throw std::runtime_error("no unused access code was drawn");
}

void assign(HeldSeat& held, const Holder& holder) {
  Seat& seat = held.seat;
  if (!same_address(seat.email, holder.email)) {
    seat.user_id.reset();
    seat.mail_problem.clear();
    seat.language.clear();
  }
  seat.name = holder.name;
  seat.email = holder.email;
  if (held.buyer_user_id && !holder.email.empty() && same_address(holder.email, held.buyer_email))
    seat.user_id = held.buyer_user_id;
}

void mail_link(db::Tx& tx, const HeldSeat& held) {
  mail_seat_link(tx, held.seat.id, held.conference_id, held.seat.link_version);
}

void tell_former_holder(db::Tx& tx, const HeldSeat& before) {
  if (before.seat.email.empty()) return;
  mail_seat_transferred(tx, before.seat.id, before.conference_id, before.seat.email, before.seat.name,
                        before.seat.language.empty() ? before.order_language : before.seat.language);
}

// Trimmed, and the rules that naming and mailing share.
Holder may_be_named(db::Tx& tx, const SeatChange& change, const HeldSeat& held, Holder holder,
                    bool link_mailed) {
  holder.name = trimmed(holder.name);
  holder.email = trimmed(holder.email);
  require_valid(change, held);
  require_good(holder, !link_mailed, link_mailed);
  const Seat& seat = held.seat;
  const bool same_mail = same_address(seat.email, holder.email);
  if (link_mailed && holder.name.empty() && same_mail) holder.name = seat.name;
  if (has_holder(seat) && !same_mail)
    throw Refused("needs_transfer",
                  "The link of this ticket was mailed to {email} already. To give it to somebody else, "
                  "transfer it.",
                  {{"email", seat.email}}, "email");
  if (seat.confirmed_at && seat.name != holder.name && change.actor != SeatActor::staff)
    throw Refused("needs_transfer",
                  "{name} has confirmed this ticket and can change the name. To give it to somebody else, "
                  "transfer it.",
                  {{"name", seat.name}}, "name");
  if (is_named(seat) && (!same_mail || seat.name != holder.name)) require_in_time(tx, change);
  return holder;
}

}  // namespace

std::string_view to_text(SeatState state) {
  switch (state) {
    case SeatState::open:
      return "open";
    case SeatState::named:
      return "named";
    case SeatState::invited:
      return "invited";
    case SeatState::confirmed:
      return "confirmed";
  }
  return {};
}

SeatState state_of(const Seat& seat) {
  if (seat.confirmed_at) return SeatState::confirmed;
  if (seat.invited_at) return SeatState::invited;
  return is_named(seat) ? SeatState::named : SeatState::open;
}

bool HeldSeat::is_valid() const {
  return seat.is_active &&
         (order_status == OrderStatus::paid || order_status == OrderStatus::partially_refunded);
}

std::optional<HeldSeat> find_seat(db::Tx& tx, Id seat_id) {
  return store::seat_by_id(tx, seat_id);
}

std::optional<HeldSeat> find_seat_by_link(db::Tx& tx, const SigningKey& key, Id conference_id, Id seat_id,
                                          std::string_view token) {
  std::optional<HeldSeat> held = store::seat_by_id(tx, seat_id);
  // The signature is computed whether there is such a seat or not: both take the same time.
  const bool right = is_seat_link(key, seat_id, held ? held->seat.link_version : 0, token);
  if (!held || !right || held->conference_id != conference_id || !held->seat.is_active) return std::nullopt;
  return held;
}

std::optional<HeldSeat> find_seat_of_order(db::Tx& tx, const Order& order, Id seat_id) {
  std::optional<HeldSeat> held = store::seat_by_id(tx, seat_id);
  if (!held || held->seat.order_id != order.id || !held->seat.is_active) return std::nullopt;
  return held;
}

Instant transfer_deadline(const Catalogue& catalogue) {
  const conference::Conference& conference = catalogue.conference;
  if (conference.transfer_until) return *conference.transfer_until;
  return catalogue.zone.day_start(conference.start_date);
}

std::vector<Refused> check_holder(const Holder& holder, bool name_needed, bool email_needed) {
  std::vector<Refused> problems;
  const auto problem = [&](const char* field, const char* text, Refused::Arguments arguments = {}) {
    problems.emplace_back(std::string("invalid_") + field, text, std::move(arguments), field);
  };
  if (!is_valid_utf8(holder.name) || has_control_characters(holder.name))
    problem("name", message("The name holds characters that cannot be printed. Please type it anew."));
  else if (is_blank(holder.name) ? name_needed : false)
    problem("name", message("Enter the name of the person who will come."));
  else if (character_count(holder.name) > longest_holder_name)
    problem("name", message("The name is too long: at most {limit} characters."),
            {{"limit", std::to_string(longest_holder_name)}});
  if (is_blank(holder.email) ? email_needed : false)
    problem("email", message("Enter the e-mail address of the person who will come."));
  else if (!is_blank(holder.email) && !is_email(trimmed(holder.email)))
    problem("email", message("Enter an e-mail address in the form name@example.org."));
  return problems;
}

void name_seat(db::Tx& tx, const SeatChange& change, HeldSeat& held, Holder holder) {
  holder = may_be_named(tx, change, held, std::move(holder), false);
  if (held.seat.name == holder.name && held.seat.email == holder.email) return;
  assign(held, holder);
  write_seat(tx, held.seat);
  store::insert_seat_event(tx, held.seat.id, "assigned", name_of(change.actor), holder.name);
}

void send_seat_link(db::Tx& tx, const SeatChange& change, HeldSeat& held, Holder holder) {
  holder = may_be_named(tx, change, held, std::move(holder), true);
  require_mail_left(tx, held);
  assign(held, holder);
  held.seat.invited_at = tx.now();
  held.seat.mail_problem.clear();
  write_seat(tx, held.seat);
  store::insert_seat_event(tx, held.seat.id, "mailed", name_of(change.actor), holder.name);
  mail_link(tx, held);
}

void confirm_seat(db::Tx& tx, const SeatChange& change, HeldSeat& held, std::string name,
                  std::optional<Id> user_id) {
  name = trimmed(name);
  require_valid(change, held);
  require_good({name, {}}, true, false);
  Seat& seat = held.seat;
  // Another name on a confirmed ticket is, after the deadline, another person.
  if (seat.confirmed_at && seat.name != name) require_in_time(tx, change);
  if (seat.confirmed_at && seat.name == name && (!user_id || seat.user_id == user_id)) return;
  seat.name = std::move(name);
  seat.confirmed_at = tx.now();
  if (user_id) seat.user_id = user_id;
  if (!change.language.empty()) seat.language = change.language;
  write_seat(tx, seat);
  store::insert_seat_event(tx, seat.id, "confirmed", name_of(change.actor), seat.name);
}

void transfer_seat(db::Tx& tx, const SeatChange& change, HeldSeat& held, Holder holder) {
  holder.name = trimmed(holder.name);
  holder.email = trimmed(holder.email);
  require_valid(change, held);
  require_in_time(tx, change);
  require_good(holder, true, true);
  if (!held.seat.email.empty() && same_address(held.seat.email, holder.email))
    throw Refused("same_holder", "This ticket belongs to that address already. Enter the new holder's.", {},
                  "email");
  require_mail_left(tx, held);
  const HeldSeat before = held;
  assign(held, holder);
  held.seat.confirmed_at.reset();
  held.seat.invited_at = tx.now();
  write_with_new_code(tx, change, held.seat);
  forget_answers(tx, held.seat.order_id, held.seat.position);
  store::insert_seat_event(tx, held.seat.id, "transferred", name_of(change.actor),
                           before.seat.name + " → " + holder.name);
  mail_link(tx, held);
  tell_former_holder(tx, before);
}

void reissue_seat(db::Tx& tx, const SeatChange& change, HeldSeat& held, bool mails_link) {
  require_valid(change, held);
  if (mails_link && held.seat.email.empty())
    throw Refused("no_address",
                  "This ticket has no e-mail address. Write one first, or give the code yourself.", {},
                  "email");
  if (mails_link) {
    require_mail_left(tx, held);
    held.seat.invited_at = tx.now();
    held.seat.mail_problem.clear();
  }
  write_with_new_code(tx, change, held.seat);
  store::insert_seat_event(tx, held.seat.id, "assigned", name_of(change.actor), reissued_detail);
  if (!mails_link) return;
  store::insert_seat_event(tx, held.seat.id, "mailed", name_of(change.actor), held.seat.name);
  mail_link(tx, held);
}

void withdraw_seat(db::Tx& tx, const SeatChange& change, HeldSeat& held) {
  require_valid(change, held);
  if (!is_named(held.seat)) return;
  require_in_time(tx, change);
  const HeldSeat before = held;
  Seat& seat = held.seat;
  seat.name.clear();
  seat.email.clear();
  seat.user_id.reset();
  seat.language.clear();
  seat.invited_at.reset();
  seat.confirmed_at.reset();
  seat.mail_problem.clear();
  write_with_new_code(tx, change, seat);
  forget_answers(tx, seat.order_id, seat.position);
  store::insert_seat_event(tx, seat.id, "withdrawn", name_of(change.actor), before.seat.name);
  if (has_holder(before.seat)) tell_former_holder(tx, before);
}

SeatOffer offer_of(const HeldSeat& held, const Catalogue& catalogue, SeatActor actor, Instant now) {
  SeatOffer offer;
  const Seat& seat = held.seat;
  if (!held.is_valid() || seat.checked_in_at) return offer;
  const bool is_staff = actor == SeatActor::staff;
  const bool in_time = is_staff || now < transfer_deadline(catalogue);
  offer.may_transfer = in_time && is_named(seat);
  offer.may_reissue = is_staff;
  if (actor == SeatActor::holder) {
    offer.may_name = in_time || !seat.confirmed_at;
    return offer;
  }
  offer.may_name = (is_staff || !seat.confirmed_at) && (in_time || !is_named(seat));
  offer.may_send = in_time || !is_named(seat) || !seat.email.empty();
  offer.may_withdraw = in_time && is_named(seat);
  return offer;
}

std::vector<SeatEvent> seat_events(db::Tx& tx, Id seat_id) {
  return store::events_of_seat(tx, seat_id);
}

std::vector<ListedOrder> orders_of_user(db::Tx& tx, Id conference_id, Id user_id, int limit) {
  return store::orders_of_user(tx, conference_id, user_id, limit);
}

std::vector<HeldSeat> seats_held_by(db::Tx& tx, Id conference_id, Id user_id, std::string_view verified_email,
                                    int limit) {
  std::vector<HeldSeat> seats = store::seats_of_user(tx, conference_id, user_id, limit);
  if (!verified_email.empty()) {
    for (HeldSeat& held : store::seats_of_email(tx, conference_id, verified_email, user_id, limit)) {
      const bool known = std::any_of(seats.begin(), seats.end(),
                                     [&](const HeldSeat& other) { return other.seat.id == held.seat.id; });
      if (!known) seats.push_back(std::move(held));
    }
    std::sort(seats.begin(), seats.end(),
              [](const HeldSeat& a, const HeldSeat& b) { return a.seat.id > b.seat.id; });
  }
  return seats;
}

std::vector<HeldSeat> unassigned_seats(db::Tx& tx, Id conference_id, Id after_id, int limit) {
  return store::unnamed_seats(tx, conference_id, after_id, limit);
}

}  // namespace plenary::registration
