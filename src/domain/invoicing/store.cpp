#include "domain/invoicing/store.hpp"

#include "db/gather.hpp"
#include "domain/invoicing/entities.hpp"

namespace plenary::invoicing::store {

void lock_sellers(db::Tx& tx, Id conference_id, Id seller_id) {
  if (tx.engine() != db::Engine::postgresql) return;
  // A row of the seller would not do: whoever changes one goes on to the conferences' rows, and we come from
  // there.
  tx.one<std::int64_t>(
      "SELECT COUNT(pg_advisory_xact_lock(hashtextextended('plenary.issue.' || current_schema(), one.id))) "
      "FROM (SELECT s.id FROM seller s WHERE s.id = $2 OR EXISTS (SELECT 1 FROM invoice_document d WHERE "
      "d.conference_id = $1 AND d.seller_id = s.id) ORDER BY s.id) one",
      conference_id, seller_id);
}

Drawn draw(db::Tx& tx, Id seller_id, DocumentKind kind, int year, bool is_test) {
  const auto [series_id, serial] = tx.one<Id, std::int64_t>(
      "INSERT INTO invoice_series (seller_id, kind, year, is_test, last_number) VALUES ($1, $2, $3, $4, 1) "
      "ON CONFLICT (seller_id, kind, year, is_test) DO UPDATE SET last_number = invoice_series.last_number + "
      "1 "
      "RETURNING id, last_number",
      seller_id, to_text(kind), year, is_test);
  return {series_id, serial};
}

Document insert_document(db::Tx& tx, const Document& document) {
  return document_table().insert(tx, document);
}

void insert_lines(db::Tx& tx, Id document_id, std::span<const Line> lines) {
  int position = 0;
  for (const Line& line : lines)
    tx.exec_later(
        "INSERT INTO invoice_line (document_id, position, description, quantity, unit_price, discount, net, "
        "tax, "
        "gross, tax_rate, tax_category, tax_country, reverse_charge, account) VALUES ($1, $2, $3, $4, $5, "
        "$6, $7, "
        "$8, $9, $10, $11, $12, $13, $14)",
        document_id, ++position, line.description, line.quantity, line.unit_price, line.discount, line.net,
        line.tax, line.gross, line.tax_rate, registration::to_text(line.tax_category), line.tax_country,
        line.reverse_charge, line.account);
}

void insert_cover(db::Tx& tx, const Cover& cover) {
  tx.exec_later("INSERT INTO invoice_cover (document_id, order_line_id, direction) VALUES ($1, $2, $3)",
                cover.document_id, cover.order_line_id, cover.direction);
}

std::vector<Cover> covers_of(db::Tx& tx, Id order_id) {
  std::vector<Cover> covers;
  for (const auto& [document, line, direction] : tx.query<Id, Id, int>(
           "SELECT c.document_id, c.order_line_id, c.direction FROM invoice_document d JOIN invoice_cover c "
           "ON "
           "c.document_id = d.id WHERE d.order_id = $1 ORDER BY c.document_id, c.order_line_id",
           order_id))
    covers.push_back({document, line, direction});
  return covers;
}

std::vector<std::pair<Id, std::string>> accounts(db::Tx& tx, Id conference_id) {
  std::vector<std::pair<Id, std::string>> all;
  for (auto& [id, account] :
       tx.query<Id, std::string>("SELECT id, account FROM tax_rule WHERE conference_id = $1", conference_id))
    all.emplace_back(id, std::move(account));
  return all;
}

std::optional<ExchangeRate> exchange_rate(db::Tx& tx, std::string_view currency, std::string_view base,
                                          Date day) {
  const std::string until = day.to_string();
  auto rates = exchange_rate_table().select(
      tx, "WHERE currency = $1 AND base = $2 AND valid_on <= $3 ORDER BY valid_on DESC LIMIT 1", currency,
      base, until);
  if (rates.empty()) return std::nullopt;
  return std::move(rates.front());
}

// The condition is part of the statement: the write of a sale reads nothing for it.
void insert_due_at(db::Tx& tx, const registration::Order& order, std::string_view moment) {
  db::write_later(
      tx,
      "INSERT INTO invoice_due (order_id, conference_id, due_at) SELECT CAST($1 AS BIGINT), id, CAST($3 AS "
      "BIGINT) FROM conference WHERE id = $2 "
      "AND seller_id IS NOT NULL AND invoice_moment = $4 ON CONFLICT (order_id) DO NOTHING",
      order.id, order.conference_id, tx.now(), moment);
}

// Invoiced before it was paid, it may have got the fee of its way to pay since.
void insert_due_when_paid(db::Tx& tx, const registration::Order& order) {
  db::write_later(
      tx,
      "INSERT INTO invoice_due (order_id, conference_id, due_at) SELECT CAST($1 AS BIGINT), id, CAST($3 AS "
      "BIGINT) FROM conference WHERE id = $2 AND seller_id IS NOT NULL AND (invoice_moment = 'payment' OR "
      "EXISTS (SELECT 1 FROM invoice_document d WHERE d.order_id = $1 LIMIT 1 OFFSET 0)) ON CONFLICT "
      "(order_id) DO NOTHING",
      order.id, order.conference_id, tx.now());
}

void insert_due_if_invoiced(db::Tx& tx, const registration::Order& order) {
  tx.exec_later(
      "INSERT INTO invoice_due (order_id, conference_id, due_at) SELECT id, conference_id, CAST($2 AS "
      "BIGINT) FROM orders WHERE "
      "id = $1 AND EXISTS (SELECT 1 FROM invoice_document d WHERE d.order_id = orders.id) ON CONFLICT "
      "(order_id) "
      "DO NOTHING",
      order.id, tx.now());
}

std::vector<Due> due(db::Tx& tx, int limit) {
  return due_table().select(tx, "WHERE due_at <= $1 ORDER BY due_at, order_id LIMIT $2", tx.now(), limit);
}

std::optional<Due> due_of(db::Tx& tx, Id order_id) {
  return due_table().maybe(tx, "WHERE order_id = $1 AND due_at <= $2", order_id, tx.now());
}

void remove_due(db::Tx& tx, Id order_id) {
  tx.exec_later("DELETE FROM invoice_due WHERE order_id = $1", order_id);
}

void put_off(db::Tx& tx, Id order_id, std::string_view problem, Instant until) {
  tx.exec("UPDATE invoice_due SET problem = $2, due_at = $3 WHERE order_id = $1", order_id, problem, until);
}

}  // namespace plenary::invoicing::store
