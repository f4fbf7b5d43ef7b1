#include "domain/registration/store_changes.hpp"

#include "domain/registration/records.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration::store {

Id add_line(db::Tx& tx, Id order_id, const OrderLine& line, Id replaces) {
  OrderLineRow row;
  row.order_id = order_id;
  row.ticket_type_id = line.ticket_type_id;
  row.addon_id = line.addon_id;
  row.variation_id = line.variation_id;
  row.kind = line.kind;
  row.description = line.description;
  row.quantity = line.quantity;
  row.unit_price = line.unit_price;
  row.condition_id = line.condition_id;
  row.condition_name = line.condition_name;
  row.condition_discount = line.condition_discount;
  row.condition_units = line.condition_units;
  row.voucher_discount = line.voucher_discount;
  row.line_total = line.line_total;
  row.gross = line.gross;
  row.net = line.net;
  row.tax = line.tax;
  row.tax_rate = Decimal::parse(line.tax_rate).value_or(Decimal());
  row.tax_category = line.tax_category;
  row.tax_inclusive = line.tax_inclusive;
  row.tax_rule_id = line.tax_rule_id;
  row.tax_rule_version = line.tax_rule_version;
  row.tax_country = line.tax_country;
  row.reverse_charge = line.reverse_charge;
  row.tax_text = line.tax_text;
  row.reverses_line_id = line.reverses_line_id;
  if (replaces != 0) row.replaces_line_id = replaces;
  row.created_at = tx.now();
  return order_line_table().insert(tx, row).id;
}

std::map<Id, Id> replaced_lines(db::Tx& tx, Id order_id) {
  std::map<Id, Id> replaced;
  for (const auto& [line, earlier] : tx.query<Id, Id>(
           "SELECT id, replaces_line_id FROM order_line WHERE order_id = $1 AND replaces_line_id IS NOT NULL",
           order_id))
    replaced.emplace(line, earlier);
  return replaced;
}

void set_order_sums(db::Tx& tx, Id order_id, const OrderSums& sums) {
  tx.exec(
      "UPDATE orders SET subtotal = $1, discount_amount = $2, tax = $3, total = $4, updated_at = $5, version "
      "= "
      "version + 1 WHERE id = $6",
      sums.subtotal, sums.discount, sums.tax, sums.total, tx.now(), order_id);
}

void set_order_status(db::Tx& tx, Id order_id, OrderStatus status) {
  tx.exec("UPDATE orders SET status = $1, updated_at = $2, version = version + 1 WHERE id = $3",
          to_text(status), tx.now(), order_id);
}

void set_comment(db::Tx& tx, Id order_id, std::string_view comment) {
  tx.exec("UPDATE orders SET comment = $1, updated_at = $2, version = version + 1 WHERE id = $3", comment,
          tx.now(), order_id);
}

void set_vat_confirmed(db::Tx& tx, Id order_id, Id vat_check_id) {
  tx.exec("UPDATE orders SET vat_confirmed = 1, vat_check_id = $1 WHERE id = $2", vat_check_id, order_id);
}

std::vector<LineSeat> line_seats(db::Tx& tx, Id order_id) {
  std::vector<LineSeat> seats;
  for (auto& [id, line, position, name, email, checked_in, language, invited, confirmed] :
       tx.query<Id, Id, std::int64_t, std::string, std::string, std::optional<Instant>, std::string,
                std::optional<Instant>, std::optional<Instant>>(
           "SELECT id, order_line_id, position, name, email, checked_in_at, language, invited_at, "
           "confirmed_at FROM seat WHERE order_id = $1 AND status = 'active' ORDER BY position",
           order_id))
    seats.push_back({id, line, position, !name.empty() || !email.empty(), checked_in.has_value(),
                     invited || confirmed, std::move(name), std::move(email), std::move(language)});
  return seats;
}

std::int64_t last_position(db::Tx& tx, Id order_id) {
  return tx.one<std::int64_t>(
      "SELECT CAST(COALESCE(MAX(position), 0) AS BIGINT) FROM seat WHERE order_id = $1", order_id);
}

void void_seat(db::Tx& tx, Id seat_id) {
  tx.exec("UPDATE seat SET status = 'void', link_version = link_version + 1, updated_at = $1 WHERE id = $2",
          tx.now(), seat_id);
}

void move_seat(db::Tx& tx, Id seat_id, Id line_id) {
  tx.exec("UPDATE seat SET order_line_id = $1, updated_at = $2 WHERE id = $3", line_id, tx.now(), seat_id);
}

std::vector<PaymentMoney> payments_money(db::Tx& tx, Id order_id) {
  std::vector<PaymentMoney> payments;
  for (const auto& [id, method, status, amount, refunded, requested, disputed] :
       tx.query<Id, std::string, std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
           "SELECT p.id, p.method, p.status, p.amount, COALESCE((SELECT CAST(SUM(r.amount) AS BIGINT) FROM "
           "refund r WHERE r.payment_id = p.id AND r.status = 'succeeded'), 0), COALESCE((SELECT "
           "CAST(SUM(r.amount) AS BIGINT) FROM refund r WHERE r.payment_id = p.id AND r.status = "
           "'requested'), 0), p.disputed FROM payment p WHERE p.order_id = $1 ORDER BY p.id",
           order_id))
    payments.push_back(
        {id, payment_method(method), payment_status(status), amount, refunded, requested, disputed});
  return payments;
}

Id insert_refund(db::Tx& tx, const Refund& refund) {
  return refund_table().insert(tx, refund).id;
}

void set_refund(db::Tx& tx, const Refund& refund) {
  tx.exec(
      "UPDATE refund SET status = $1, provider_id = $2, failure = $3, credit_id = $4, settled_at = $5, "
      "idempotency_key = $6, updated_at = $7 WHERE id = $8",
      to_text(refund.status), refund.provider_id, refund.failure, refund.credit_id, refund.settled_at,
      refund.idempotency_key, tx.now(), refund.id);
}

std::optional<Refund> refund_by_id(db::Tx& tx, Id refund_id) {
  return refund_table().find(tx, refund_id);
}

std::vector<Refund> refunds_of(db::Tx& tx, Id order_id) {
  return refund_table().select(tx, "WHERE order_id = $1 ORDER BY id", order_id);
}

Id insert_change(db::Tx& tx, const OrderChange& change) {
  return order_change_table().insert(tx, change).id;
}

std::optional<OrderChange> change_by_id(db::Tx& tx, Id change_id) {
  return order_change_table().find(tx, change_id);
}

std::optional<OrderChange> waiting_change(db::Tx& tx, Id order_id) {
  return order_change_table().maybe(tx, "WHERE order_id = $1 AND status = 'waiting' ORDER BY id DESC LIMIT 1",
                                    order_id);
}

void set_change_status(db::Tx& tx, Id change_id, ChangeStatus status) {
  tx.exec("UPDATE order_change SET status = $1 WHERE id = $2", to_text(status), change_id);
}

std::vector<HoldChange> held_by_waiting_change(db::Tx& tx, Id order_id) {
  std::vector<HoldChange> held;
  for (const auto& [stock, quantity] : tx.query<Id, std::int64_t>(
           "SELECT h.stock_id, h.quantity FROM order_change c JOIN hold h ON h.owner_kind = 'change' AND "
           "h.owner_id = c.id WHERE c.order_id = $1 AND c.status = 'waiting' AND h.expires_at > $2 ORDER BY "
           "h.stock_id",
           order_id, tx.now()))
    held.push_back({stock, quantity});
  return held;
}

std::vector<Id> elapsed_changes(db::Tx& tx, Id conference_id, int limit) {
  return tx.query<Id>(
      "SELECT c.id FROM order_change c WHERE c.conference_id = $1 AND c.status = 'waiting' AND c.expires_at "
      "<= $2 "
      "AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.change_id = c.id AND p.status = 'processing') ORDER "
      "BY "
      "c.id LIMIT $3",
      conference_id, tx.now(), limit);
}

std::optional<Id> change_of_payment(db::Tx& tx, Id payment_id) {
  const auto id = tx.maybe<std::optional<Id>>("SELECT change_id FROM payment WHERE id = $1", payment_id);
  return id ? *id : std::nullopt;
}

void set_payment_change(db::Tx& tx, Id payment_id, Id change_id) {
  tx.exec("UPDATE payment SET change_id = $1 WHERE id = $2", change_id, payment_id);
}

std::vector<EventRow> events_of_order(db::Tx& tx, Id order_id) {
  std::vector<EventRow> events;
  for (auto& [at, from, to, source, actor, reason] :
       tx.query<Instant, std::string, std::string, std::string, std::string, std::string>(
           "SELECT created_at, from_status, to_status, source, actor, reason FROM order_event WHERE order_id "
           "= $1 "
           "ORDER BY id",
           order_id))
    events.push_back({at, from, to, source, actor, reason});
  return events;
}

std::vector<DatedLine> line_dates(db::Tx& tx, Id order_id) {
  std::vector<DatedLine> lines;
  for (const auto& [id, at] : tx.query<Id, Instant>(
           "SELECT id, created_at FROM order_line WHERE order_id = $1 ORDER BY id", order_id))
    lines.push_back({id, at});
  return lines;
}

}  // namespace plenary::registration::store
