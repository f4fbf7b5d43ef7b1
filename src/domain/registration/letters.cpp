#include "domain/registration/letters.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "db/entity_table.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/users.hpp"
#include "domain/registration/waiting_list.hpp"
#include "domain/registration/word_search.hpp"
#include "jobs/outbox.hpp"

namespace plenary::registration {

using accounts::mail_kind;

void mail_confirmation(db::Tx& tx, const Order& order) {
  // Made by hand: it is part of every sale.
  jobs::enqueue_later(tx, mail_kind, order.conference_id,
                      fmt::format(R"({{"message":"order_confirmation","order":{}}})", order.id),
                      fmt::format("order_confirmation-{}", order.id));
}

void mail_confirmation_again(db::Tx& tx, const Order& order) {
  jobs::enqueue(tx, mail_kind, order.conference_id,
                jobs::payload({{"message", "order_confirmation"}, {"order", order.id}}),
                fmt::format("order_confirmation-{}-{}", order.id, tx.now().micros));
}

void mail_order_cancelled(db::Tx& tx, const Order& order) {
  if (!order.tells_buyer) return;
  jobs::enqueue(tx, mail_kind, order.conference_id,
                jobs::payload({{"message", "order_cancelled"}, {"order", order.id}}),
                fmt::format("order_cancelled-{}-{}", order.id, order.version));
}

void mail_refund(db::Tx& tx, const Order& order, Id refund_id) {
  if (!order.tells_buyer) return;
  jobs::enqueue(tx, mail_kind, order.conference_id,
                jobs::payload({{"message", "order_refunded"}, {"order", order.id}, {"refund", refund_id}}),
                fmt::format("order_refunded-{}", refund_id));
}

void mail_order_changed(db::Tx& tx, const Order& order) {
  if (!order.tells_buyer) return;
  jobs::enqueue(tx, mail_kind, order.conference_id,
                jobs::payload({{"message", "order_changed"}, {"order", order.id}}),
                fmt::format("order_changed-{}-{}", order.id, order.version));
}

void mail_order_link(db::Tx& tx, Id order_id, Id conference_id, std::int64_t link_version) {
  jobs::enqueue(
      tx, mail_kind, conference_id,
      jobs::payload({{"message", "order_link"}, {"order", order_id}, {"link_version", link_version}}),
      fmt::format("order_link-{}-{}-{}", order_id, link_version, tx.now().micros));
}

void mail_seat_link(db::Tx& tx, Id seat_id, Id conference_id, std::int64_t link_version) {
  jobs::enqueue(tx, mail_kind, conference_id,
                jobs::payload({{"message", "seat_link"}, {"seat", seat_id}, {"link_version", link_version}}),
                fmt::format("seat_link-{}-{}-{}", seat_id, link_version, tx.now().micros));
}

void mail_seat_transferred(db::Tx& tx, Id seat_id, Id conference_id, std::string_view former_email,
                           std::string_view former_name, std::string_view language) {
  jobs::enqueue(tx, mail_kind, conference_id,
                jobs::payload({{"message", "seat_transferred"},
                               {"seat", seat_id},
                               {"email", former_email},
                               {"name", former_name},
                               {"language", language}}),
                fmt::format("seat_transferred-{}-{}", seat_id, tx.now().micros));
}

namespace {

void mail_waiting(db::Tx& tx, std::string_view name, const WaitingEntry& entry) {
  jobs::enqueue(
      tx, mail_kind, entry.conference_id,
      jobs::payload({{"message", name}, {"waiting", entry.id}, {"link_version", entry.link_version}}),
      fmt::format("{}-{}-{}", name, entry.id, tx.now().micros));
}

}  // namespace

void mail_waiting_joined(db::Tx& tx, const WaitingEntry& entry) {
  mail_waiting(tx, "waiting_joined", entry);
}
void mail_waiting_offer(db::Tx& tx, const WaitingEntry& entry) {
  mail_waiting(tx, "waiting_offer", entry);
}
void mail_waiting_lapsed(db::Tx& tx, const WaitingEntry& entry) {
  mail_waiting(tx, "waiting_lapsed", entry);
}

std::optional<Id> warn_of_expiry(db::Tx& tx, Id conference_id, Id after, int limit) {
  std::optional<Id> last;
  // "hold_expires_at - created_at": a hold that was short from the beginning needs no warning.
  const auto due = tx.query<Id, Instant>(
      "SELECT o.id, o.hold_expires_at FROM orders o WHERE o.conference_id = $1 AND o.status = 'pending' AND "
      "o.hold_expires_at > $2 AND o.hold_expires_at <= $3 AND o.hold_expires_at - o.created_at > $4 AND "
      "o.id > $5 AND o.billing_email <> '' AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.order_id = o.id "
      "AND "
      "p.status = 'processing') AND NOT EXISTS (SELECT 1 FROM payment_term t WHERE t.order_id = o.id) ORDER "
      "BY "
      "o.id LIMIT $6",
      conference_id, tx.now(), tx.now() + expiry_warning_ahead, expiry_warning_ahead.micros, after, limit);
  for (const auto& [id, lapses_at] : due) {
    jobs::enqueue_later(tx, mail_kind, conference_id,
                        fmt::format(R"({{"message":"order_expiry_warning","order":{}}})", id),
                        fmt::format("order_expiry_warning-{}-{}", id, lapses_at.micros));
    last = id;
  }
  return due.size() < static_cast<std::size_t>(limit) ? std::nullopt : last;
}

std::vector<Id> conferences_to_warn(db::Tx& tx) {
  return tx.query<Id>(
      "SELECT c.id FROM conference c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.conference_id = c.id AND "
      "o.status = 'pending' AND o.hold_expires_at > $1 AND o.hold_expires_at <= $2)",
      tx.now(), tx.now() + expiry_warning_ahead);
}

std::vector<Id> orders_of_email(db::Tx& tx, std::string_view email_normalized,
                                std::optional<Id> conference_id, int limit) {
  if (email_normalized.empty()) return {};
  return tx.query<Id>(
      "SELECT id FROM orders WHERE email_normalized = $1 AND status <> 'cancelled' AND ($2 = 0 OR "
      "conference_id = "
      "$2) ORDER BY created_at DESC, id DESC LIMIT $3",
      email_normalized, conference_id.value_or(0), limit);
}

namespace {

std::string address_of(db::Tx& tx, const std::string& billing, std::optional<Id> user_id,
                       const std::string& typed) {
  if (!billing.empty()) return billing;
  if (user_id)
    if (const auto user = accounts::find_user(tx, *user_id); user && user->is_active && !user->email.empty())
      return user->email;
  return typed;
}

}  // namespace

std::string buyer_address(db::Tx& tx, const Order& order) {
  return address_of(tx, order.billing.email, order.user_id, order.email_normalized);
}

std::vector<BuyerAddress> buyer_addresses(db::Tx& tx, Id conference_id, const std::vector<Id>& orders) {
  struct Known {
    std::string billing, typed;
    std::optional<Id> user_id;
  };
  std::map<Id, Known> known;
  for (std::size_t at = 0; at < orders.size(); at += most_listed) {
    using K = db::ColumnKind;
    static constexpr K kinds[] = {K::integer, K::text, K::text, K::integer};
    Bound query;
    const std::string conference = query.number(conference_id);
    const std::string sql = fmt::format(
        "SELECT id, billing_email, email_normalized, user_id FROM orders WHERE id IN {} AND conference_id + "
        "0 "
        "= {}",
        query.numbers(std::span(orders).subspan(at, std::min(most_listed, orders.size() - at))), conference);
    tx.run(
        db::intern_sql(sql), query.values(), kinds,
        [](void* context, const db::Field* f) {
          Known& one = (*static_cast<std::map<Id, Known>*>(context))[f[0].integer];
          one.billing = f[1].text;
          one.typed = f[2].text;
          if (!f[3].is_null) one.user_id = f[3].integer;
        },
        &known);
  }
  // Those of accounts that gave no other one; few.
  tx.ask_ahead([&] {
    for (const auto& [id, one] : known) address_of(tx, one.billing, one.user_id, one.typed);
  });
  std::vector<BuyerAddress> addresses;
  for (const Id id : orders)
    if (const auto at = known.find(id); at != known.end())
      addresses.push_back({id, address_of(tx, at->second.billing, at->second.user_id, at->second.typed)});
  return addresses;
}

void mark_mail_problem(db::Tx& tx, Id order_id, std::string_view email, std::string_view why) {
  tx.exec_later("UPDATE orders SET mail_problem = $3 WHERE id = $1 AND billing_email = $2", order_id, email,
                why);
}
void clear_mail_problem(db::Tx& tx, Id order_id, std::string_view email) {
  tx.exec_later(
      "UPDATE orders SET mail_problem = '' WHERE id = $1 AND billing_email = $2 AND mail_problem <> ''",
      order_id, email);
}
void mark_seat_mail_problem(db::Tx& tx, Id seat_id, std::string_view email, std::string_view why) {
  tx.exec_later("UPDATE seat SET mail_problem = $3 WHERE id = $1 AND email = $2", seat_id, email, why);
}
void clear_seat_mail_problem(db::Tx& tx, Id seat_id, std::string_view email) {
  tx.exec_later("UPDATE seat SET mail_problem = '' WHERE id = $1 AND email = $2 AND mail_problem <> ''",
                seat_id, email);
}

}  // namespace plenary::registration
