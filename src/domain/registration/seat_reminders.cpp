#include "domain/registration/seat_reminders.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/provider_payments.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t orders_a_write = 50, named_orders = 10;

struct OpenOrder {
  Id id = 0;
  std::string reference;
  std::int64_t seats = 0;
  bool has_address = false;
  std::optional<Instant> reminded_at;

  bool is_due(Instant now) const {
    return has_address && (!reminded_at || *reminded_at + reminder_pause <= now);
  }
};

std::vector<OpenOrder> open_orders(db::Tx& tx, Id conference_id) {
  std::vector<OpenOrder> orders;
  for (auto& [id, reference, seats, email, reminded_at] :
       tx.query<Id, std::string, std::int64_t, std::string, std::optional<Instant>>(
           "SELECT o.id, o.reference, open.seats, o.billing_email, (SELECT MAX(e.created_at) FROM "
           "order_event e WHERE e.order_id = o.id AND e.reason = $2) FROM (SELECT s.order_id AS order_id, "
           "CAST(COUNT(*) AS BIGINT) AS seats FROM seat s WHERE s.conference_id = $1 AND s.status = 'active' "
           "AND s.name = '' AND s.email = '' AND s.checked_in_at IS NULL GROUP BY s.order_id) open JOIN "
           "orders "
           "o ON o.id = open.order_id WHERE o.status IN ('paid', 'partially_refunded') ORDER BY o.id",
           conference_id, seats_reminded))
    orders.push_back({id, std::move(reference), seats, !email.empty(), reminded_at});
  std::vector<Id> unknown;
  for (const OpenOrder& order : orders)
    if (!order.has_address) unknown.push_back(order.id);
  std::set<Id> known;  // by another address than that of the bill
  for (const auto& [id, email] : buyer_addresses(tx, conference_id, unknown))
    if (!email.empty()) known.insert(id);
  for (OpenOrder& order : orders) order.has_address = order.has_address || known.contains(order.id);
  return orders;
}

// Once more, in the write: somebody else may have been quicker.
std::optional<OrderStatus> still_due(db::Tx& tx, Id id) {
  const auto status = tx.maybe<std::string>(
      "SELECT o.status FROM orders o WHERE o.id = $1 AND o.status IN ('paid', 'partially_refunded') AND NOT "
      "EXISTS (SELECT 1 FROM order_event e WHERE e.order_id = o.id AND e.reason = $2 AND e.created_at > $3)",
      id, seats_reminded, tx.now() - reminder_pause);
  if (!status) return std::nullopt;
  return order_status(*status);
}

}  // namespace

void mail_names_missing(db::Tx& tx, Id order_id, Id conference_id) {
  jobs::enqueue_later(tx, accounts::mail_kind, conference_id,
                      jobs::payload({{"message", "names_missing"}, {"order", order_id}}),
                      fmt::format("names_missing-{}-{}", order_id, tx.now().micros));
}

bool waits_for_name(const Seat& seat) {
  return seat.is_active && seat.name.empty() && seat.email.empty() && !seat.checked_in_at;
}

Instant names_end(const Catalogue& catalogue) {
  return catalogue.zone.day_end(catalogue.conference.end_date);
}

SeatReminders seat_reminders(db::Tx& tx, const Catalogue& catalogue) {
  SeatReminders found;
  found.is_over = tx.now() >= names_end(catalogue);
  for (OpenOrder& order : open_orders(tx, catalogue.conference.id)) {
    if (!order.has_address) {
      ++found.without_address;
    } else if (!order.is_due(tx.now())) {
      ++found.reminded;
    } else {
      ++found.orders;
      found.seats += order.seats;
      if (found.references.size() < named_orders) found.references.push_back(std::move(order.reference));
    }
  }
  return found;
}

RemindersAsked ask_seat_reminders(db::Tx& tx, const conference::Actor& actor, const Catalogue& catalogue,
                                  const std::string& token) {
  if (const auto first = accounts::first_result(tx, token))
    return {static_cast<std::int64_t>(std::stoll(*first)), true};
  const SeatReminders found = seat_reminders(tx, catalogue);
  if (found.is_over) throw Refused("over", "The conference is over: nobody is reminded any more.");
  if (found.orders == 0) throw Refused("none", "There is nobody to remind now.");
  const Id conference_id = catalogue.conference.id;
  const std::string count = std::to_string(found.orders);
  jobs::enqueue(tx, seat_reminders_kind, conference_id, jobs::payload({{"actor", actor.name}}),
                fmt::format("{}-{}-{}", seat_reminders_kind, conference_id, token.substr(0, 40)));
  conference::record(
      tx, actor, conference::AuditAction::other,
      {conference_id, "conference", std::to_string(conference_id), catalogue.conference.name, {}},
      {{"seat_reminders", message("Buyers reminded of tickets without a name"), "", count}});
  accounts::record_result(tx, token, conference_id, "remind of names", count,
                          tx.now() + accounts::submission_life);
  return {found.orders, false};
}

void deliver_seat_reminders(db::Database& database, const jobs::Delivery& delivery) {
  const Id conference_id = delivery.conference_id;
  const std::string actor = delivery.text("actor");
  auto look = [conference_id](db::Tx& tx) {
    std::vector<Id> due;
    for (const OpenOrder& order : open_orders(tx, conference_id))
      if (order.is_due(tx.now())) due.push_back(order.id);
    return due;
  };
  const std::vector<Id> due = database.read_now(look);
  for (std::span<const Id> left(due); !left.empty();) {
    const std::span<const Id> piece = left.first(std::min(left.size(), orders_a_write));
    left = left.subspan(piece.size());
    auto remind = [&](db::Tx& tx) {
      for (const Id id : piece) {
        const auto status = still_due(tx, id);
        if (!status) continue;
        mail_names_missing(tx, id, conference_id);
        Order order;
        order.id = id;
        order.status = *status;
        note_in_history(tx, order, {"manage", actor, std::string(seats_reminded)});
      }
    };
    database.write_now(conference_id, "remind of names", remind);
  }
}

}  // namespace plenary::registration
