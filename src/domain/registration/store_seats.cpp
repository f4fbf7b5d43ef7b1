// The seats of the room's store: reading them with what their order says, changing them, their events; and
// the list of a person's own orders. "conference_id + 0": see store_orders.cpp.
#include <tuple>

#include "base/text.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration::store {
namespace {

#define SEAT_COLUMNS                                                                                      \
  "s.id, s.order_id, s.ticket_type_id, s.position, s.access_code, s.name, s.email, s.status, s.user_id, " \
  "s.link_version, s.language, s.invited_at, s.confirmed_at, s.checked_in_at, s.mail_problem"
#define HELD_COLUMNS                                                                                   \
  "SELECT " SEAT_COLUMNS                                                                               \
  ", s.conference_id, o.status, o.reference, o.language, o.billing_name, o.billing_email, o.user_id, " \
  "o.is_sandbox, (SELECT COUNT(*) FROM seat n WHERE n.order_id = s.order_id AND n.status = 'active') " \
  "FROM seat s JOIN orders o ON o.id = s.order_id "

using Text = std::string;
using MaybeId = std::optional<Id>;
using MaybeInstant = std::optional<Instant>;
using SeatRow = std::tuple<Id, Id, MaybeId, std::int64_t, Text, Text, Text, Text, MaybeId, std::int64_t, Text,
                           MaybeInstant, MaybeInstant, MaybeInstant, Text>;

Seat seat_of(SeatRow row) {
  Seat seat;
  MaybeId type;
  Text status;
  std::tie(seat.id, seat.order_id, type, seat.position, seat.access_code, seat.name, seat.email, status,
           seat.user_id, seat.link_version, seat.language, seat.invited_at, seat.confirmed_at,
           seat.checked_in_at, seat.mail_problem) = std::move(row);
  seat.ticket_type_id = type.value_or(0);
  seat.is_active = status == "active";
  return seat;
}

template <class... In>
std::vector<HeldSeat> held(db::Tx& tx, const char* sql, const In&... in) {
  std::vector<HeldSeat> seats;
  for (auto& row : tx.query<Id, Id, MaybeId, std::int64_t, Text, Text, Text, Text, MaybeId, std::int64_t,
                            Text, MaybeInstant, MaybeInstant, MaybeInstant, Text, Id, Text, Text, Text, Text,
                            Text, MaybeId, bool, std::int64_t>(sql, in...)) {
    HeldSeat one;
    std::apply(
        [&](auto&... column) {
          const auto all = std::tie(column...);
          [&]<std::size_t... I>(std::index_sequence<I...>) {
            one.seat = seat_of(SeatRow(std::move(std::get<I>(all))...));
          }
          (std::make_index_sequence<std::tuple_size_v<SeatRow>>());
        },
        row);
    one.conference_id = std::get<15>(row);
    one.order_status = order_status(std::get<16>(row));
    one.order_reference = std::move(std::get<17>(row));
    one.order_language = std::move(std::get<18>(row));
    one.buyer_name = std::move(std::get<19>(row));
    one.buyer_email = std::move(std::get<20>(row));
    one.buyer_user_id = std::get<21>(row);
    one.is_sandbox = std::get<22>(row);
    one.seats_in_order = std::get<23>(row);
    seats.push_back(std::move(one));
  }
  return seats;
}

}  // namespace

std::vector<Seat> seats_of(db::Tx& tx, Id order_id) {
  std::vector<Seat> seats;
  for (auto& row : tx.query<Id, Id, MaybeId, std::int64_t, Text, Text, Text, Text, MaybeId, std::int64_t,
                            Text, MaybeInstant, MaybeInstant, MaybeInstant, Text>(
           "SELECT " SEAT_COLUMNS
           " FROM seat s WHERE s.order_id = $1 AND s.status = 'active' ORDER BY s.position",
           order_id))
    seats.push_back(seat_of(std::move(row)));
  return seats;
}

std::optional<HeldSeat> seat_by_id(db::Tx& tx, Id seat_id) {
  std::vector<HeldSeat> found = held(tx, HELD_COLUMNS "WHERE s.id = $1", seat_id);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<HeldSeat> seats_of_user(db::Tx& tx, Id conference_id, Id user_id, int limit) {
  return held(tx,
              HELD_COLUMNS
              "WHERE s.user_id = $1 AND s.conference_id + 0 = $2 AND s.status = 'active' AND o.status IN "
              "('paid', 'partially_refunded') AND (o.user_id IS NULL OR o.user_id <> $1) ORDER BY s.id DESC "
              "LIMIT $3",
              user_id, conference_id, limit);
}

std::vector<HeldSeat> seats_of_email(db::Tx& tx, Id conference_id, std::string_view email_normalized,
                                     Id user_id, int limit) {
  return held(tx,
              HELD_COLUMNS
              "WHERE s.email_normalized = $1 AND s.email_normalized <> '' AND s.conference_id + 0 = $2 AND "
              "s.status = 'active' AND o.status IN ('paid', 'partially_refunded') AND (o.user_id IS NULL OR "
              "o.user_id <> $3) ORDER BY s.id DESC LIMIT $4",
              email_normalized, conference_id, user_id, limit);
}

std::vector<HeldSeat> unnamed_seats(db::Tx& tx, Id conference_id, Id after_id, int limit) {
  return held(tx,
              HELD_COLUMNS
              "WHERE s.conference_id = $1 AND s.id > $2 AND s.status = 'active' AND s.name = '' AND o.status "
              "IN ('paid', 'partially_refunded') ORDER BY s.id LIMIT $3",
              conference_id, after_id, limit);
}

bool update_seat(db::Tx& tx, const Seat& seat, std::int64_t link_version_before) {
  return tx.exec(
             "UPDATE seat SET access_code = $1, name = $2, email = $3, user_id = $4, link_version = $5, "
             "language = $6, invited_at = $7, confirmed_at = $8, mail_problem = $9, updated_at = $10, "
             "email_normalized = $11 WHERE id = $12 AND link_version = $13 AND status = 'active' AND "
             "checked_in_at IS NULL",
             seat.access_code, seat.name, seat.email, seat.user_id, seat.link_version, seat.language,
             seat.invited_at, seat.confirmed_at, seat.mail_problem, tx.now(), normalized_email(seat.email),
             seat.id, link_version_before) == 1;
}

void insert_seat_event(db::Tx& tx, Id seat_id, std::string_view kind, std::string_view actor,
                       std::string_view detail) {
  tx.exec_later(
      "INSERT INTO seat_event (seat_id, created_at, kind, actor, detail) VALUES ($1, $2, $3, $4, $5)",
      seat_id, tx.now(), kind, actor, detail);
}

std::vector<SeatEvent> events_of_seat(db::Tx& tx, Id seat_id) {
  std::vector<SeatEvent> events;
  for (auto& [at, kind, actor, detail] : tx.query<Instant, Text, Text, Text>(
           "SELECT created_at, kind, actor, detail FROM seat_event WHERE seat_id = $1 ORDER BY id", seat_id))
    events.push_back({at, kind, actor, detail});
  return events;
}

std::int64_t seat_mails_since(db::Tx& tx, Id order_id, Instant since) {
  const auto count = tx.maybe<std::int64_t>(
      "SELECT COUNT(*) FROM seat s JOIN seat_event e ON e.seat_id = s.id WHERE s.order_id = $1 AND e.kind IN "
      "('mailed', 'transferred') AND e.created_at > $2",
      order_id, since);
  return count.value_or(0);
}

std::vector<ListedOrder> orders_of_user(db::Tx& tx, Id conference_id, Id user_id, int limit) {
  std::vector<ListedOrder> orders;
  for (auto& [reference, status, total, currency, created_at, is_sandbox] :
       tx.query<Text, Text, std::int64_t, Text, Instant, bool>(
           "SELECT reference, status, total, currency, created_at, is_sandbox FROM orders WHERE user_id = $1 "
           "AND conference_id + 0 = $2 ORDER BY created_at DESC, id DESC LIMIT $3",
           user_id, conference_id, limit))
    orders.push_back({reference, order_status(status), total, currency, created_at, is_sandbox});
  return orders;
}

#undef HELD_COLUMNS
#undef SEAT_COLUMNS

}  // namespace plenary::registration::store
