#include "domain/registration/store_discounts.hpp"

#include <algorithm>
#include <map>

namespace plenary::registration::store {
namespace {

// Each code of a batch as a row: the texts of one length, cut out of one value. Cut once: either engine would
// otherwise do it anew for each voucher that it compares with.
#define CODES_OF_BATCH                                                                                      \
  "WITH RECURSIVE place (i) AS (SELECT CAST(0 AS INTEGER) UNION ALL SELECT i + 1 FROM place "               \
  "WHERE i + 1 < $2), "                                                                                     \
  "batch (code) AS MATERIALIZED (SELECT substr($1, CAST(i * $3 + 1 AS INTEGER), CAST($3 AS INTEGER)) FROM " \
  "place) "

template <class F>
bool all_of_conference(std::span<const Id> ids, F&& conference_of, Id conference_id) {
  return std::all_of(ids.begin(), ids.end(), [&](Id id) { return conference_of(id) == conference_id; });
}

}  // namespace

std::vector<Id> ticket_types_of_voucher(db::Tx& tx, Id voucher_id) {
  return tx.query<Id>(
      "SELECT ticket_type_id FROM voucher_ticket_type WHERE voucher_id = $1 ORDER BY ticket_type_id",
      voucher_id);
}
std::vector<Id> addons_of_voucher(db::Tx& tx, Id voucher_id) {
  return tx.query<Id>("SELECT addon_id FROM voucher_addon WHERE voucher_id = $1 ORDER BY addon_id",
                      voucher_id);
}
void forget_ticket_types_of_voucher(db::Tx& tx, Id voucher_id) {
  tx.exec_later("DELETE FROM voucher_ticket_type WHERE voucher_id = $1", voucher_id);
}
void forget_addons_of_voucher(db::Tx& tx, Id voucher_id) {
  tx.exec_later("DELETE FROM voucher_addon WHERE voucher_id = $1", voucher_id);
}
void set_products_of_voucher(db::Tx& tx, Id voucher_id, const ScopedProducts& products) {
  forget_ticket_types_of_voucher(tx, voucher_id);
  forget_addons_of_voucher(tx, voucher_id);
  for (const Id id : products.ticket_types)
    tx.exec_later("INSERT INTO voucher_ticket_type (voucher_id, ticket_type_id) VALUES ($1, $2)", voucher_id,
                  id);
  for (const Id id : products.addons)
    tx.exec_later("INSERT INTO voucher_addon (voucher_id, addon_id) VALUES ($1, $2)", voucher_id, id);
}

std::vector<std::string> taken_codes(db::Tx& tx, const Batch& batch) {
  return tx.query<std::string>(
      "SELECT code FROM voucher WHERE conference_id = $4 AND code IN (" CODES_OF_BATCH
      "SELECT code FROM batch)",
      batch.codes, batch.count, batch.length, batch.conference_id);
}

void insert_vouchers(db::Tx& tx, const Batch& batch, const Voucher& m) {
  const std::string percent = m.percent.to_string();
  const auto scope = [](Scope s) {
    return s == Scope::all ? "all" : s == Scope::selected ? "selected" : "none";
  };
  tx.exec(CODES_OF_BATCH
          "INSERT INTO voucher (conference_id, code, voucher_type, percent, amount, ticket_scope, "
          "addon_scope, max_uses, max_units, valid_from, valid_until, unlocks_hidden_tickets, is_active, "
          "sponsor_id, note, created_at, updated_at, budget, batch_id) SELECT $4, code, $5, $6, $7, $8, $9, "
          "$10, $11, "
          "$12, $13, $14, $15, $16, $17, $18, $18, $19, $20 FROM batch",
          batch.codes, batch.count, batch.length, batch.conference_id, to_text(m.type), percent, m.amount,
          scope(m.ticket_scope), scope(m.addon_scope), m.max_uses, m.max_units, m.valid_from, m.valid_until,
          m.unlocks_hidden_tickets, m.is_active, m.sponsor_id, m.note, tx.now(), m.budget, m.batch_id);
}

void add_ticket_type_to_vouchers(db::Tx& tx, const Batch& batch, Id ticket_type_id) {
  tx.exec(
      "INSERT INTO voucher_ticket_type (voucher_id, ticket_type_id) SELECT id, $5 FROM voucher"
      " WHERE conference_id = $4 AND code IN (" CODES_OF_BATCH "SELECT code FROM batch)",
      batch.codes, batch.count, batch.length, batch.conference_id, ticket_type_id);
}
void add_addon_to_vouchers(db::Tx& tx, const Batch& batch, Id addon_id) {
  tx.exec(
      "INSERT INTO voucher_addon (voucher_id, addon_id) SELECT id, $5 FROM voucher"
      " WHERE conference_id = $4 AND code IN (" CODES_OF_BATCH "SELECT code FROM batch)",
      batch.codes, batch.count, batch.length, batch.conference_id, addon_id);
}
std::vector<Voucher> vouchers_of_batch(db::Tx& tx, const Batch& batch) {
  return voucher_table().select(
      tx, "WHERE conference_id = $4 AND code IN (" CODES_OF_BATCH "SELECT code FROM batch) ORDER BY id",
      batch.codes, batch.count, batch.length, batch.conference_id);
}
#undef CODES_OF_BATCH

std::vector<std::tuple<Id, Id>> ticket_types_between(db::Tx& tx, Id conference_id, Id after, Id last) {
  return tx.query<Id, Id>(
      "SELECT p.voucher_id, p.ticket_type_id FROM voucher v JOIN voucher_ticket_type p ON p.voucher_id = "
      "v.id "
      "WHERE v.conference_id = $1 AND v.id > $2 AND v.id <= $3",
      conference_id, after, last);
}
std::vector<std::tuple<Id, Id>> addons_between(db::Tx& tx, Id conference_id, Id after, Id last) {
  return tx.query<Id, Id>(
      "SELECT p.voucher_id, p.addon_id FROM voucher v JOIN voucher_addon p ON p.voucher_id = v.id WHERE "
      "v.conference_id = $1 AND v.id > $2 AND v.id <= $3",
      conference_id, after, last);
}
std::vector<std::tuple<Id, std::int64_t>> uses_between(db::Tx& tx, Id conference_id, Id after, Id last) {
  // With an empty product: each elapsed hold not yet taken back, normally none.
  const auto rows = tx.query<Id, std::optional<Id>, std::int64_t>(
      "SELECT id, product_id, sold + held FROM stock WHERE conference_id = $1 AND kind = 'voucher' AND "
      "product_id > $2 AND product_id <= $3 UNION ALL SELECT stock_id, CAST(NULL AS BIGINT), quantity - "
      "reserved FROM hold WHERE conference_id = $1 AND expires_at <= $4",
      conference_id, after, last, tx.now());
  std::map<Id, std::int64_t> elapsed;
  for (const auto& [stock, product, units] : rows)
    if (!product) elapsed[stock] += units;
  std::vector<std::tuple<Id, std::int64_t>> uses;
  for (const auto& [stock, product, units] : rows) {
    if (!product) continue;
    const auto gone = elapsed.find(stock);
    uses.emplace_back(*product, units - (gone == elapsed.end() ? 0 : gone->second));
  }
  return uses;
}

LinksBetween links_of_conditions_between(db::Tx& tx, Id conference_id, Id after, Id last) {
#define LINKS(table, column)                                                                        \
  tx.query<Id, Id>("SELECT l.condition_id, l." column " FROM discount_condition c JOIN " table      \
                   " l ON l.condition_id = c.id WHERE c.conference_id = $1 AND c.id > $2 AND c.id " \
                   "<= $3 ORDER BY l.condition_id, l." column,                                      \
                   conference_id, after, last)
  return {LINKS("condition_ticket_type", "ticket_type_id"), LINKS("condition_addon", "addon_id"),
          LINKS("condition_enabling_ticket_type", "ticket_type_id"), LINKS("condition_group", "group_id")};
#undef LINKS
}

std::vector<Id> ticket_types_of_condition(db::Tx& tx, Id condition_id) {
  return tx.query<Id>(
      "SELECT ticket_type_id FROM condition_ticket_type WHERE condition_id = $1 ORDER BY ticket_type_id",
      condition_id);
}
std::vector<Id> addons_of_condition(db::Tx& tx, Id condition_id) {
  return tx.query<Id>("SELECT addon_id FROM condition_addon WHERE condition_id = $1 ORDER BY addon_id",
                      condition_id);
}
std::vector<Id> enabling_ticket_types_of(db::Tx& tx, Id condition_id) {
  return tx.query<Id>(
      "SELECT ticket_type_id FROM condition_enabling_ticket_type WHERE condition_id = $1 ORDER BY "
      "ticket_type_id",
      condition_id);
}
std::vector<Id> groups_of_condition(db::Tx& tx, Id condition_id) {
  return tx.query<Id>("SELECT group_id FROM condition_group WHERE condition_id = $1 ORDER BY group_id",
                      condition_id);
}
void forget_ticket_types_of_condition(db::Tx& tx, Id condition_id) {
  tx.exec_later("DELETE FROM condition_ticket_type WHERE condition_id = $1", condition_id);
}
void forget_addons_of_condition(db::Tx& tx, Id condition_id) {
  tx.exec_later("DELETE FROM condition_addon WHERE condition_id = $1", condition_id);
}
void set_products_of_condition(db::Tx& tx, Id condition_id, const ScopedProducts& products) {
  forget_ticket_types_of_condition(tx, condition_id);
  forget_addons_of_condition(tx, condition_id);
  for (const Id id : products.ticket_types)
    tx.exec_later("INSERT INTO condition_ticket_type (condition_id, ticket_type_id) VALUES ($1, $2)",
                  condition_id, id);
  for (const Id id : products.addons)
    tx.exec_later("INSERT INTO condition_addon (condition_id, addon_id) VALUES ($1, $2)", condition_id, id);
}
void set_enabling_ticket_types(db::Tx& tx, Id condition_id, std::span<const Id> ticket_types) {
  tx.exec_later("DELETE FROM condition_enabling_ticket_type WHERE condition_id = $1", condition_id);
  for (const Id id : ticket_types)
    tx.exec_later("INSERT INTO condition_enabling_ticket_type (condition_id, ticket_type_id) VALUES ($1, $2)",
                  condition_id, id);
}
void set_groups_of_condition(db::Tx& tx, Id condition_id, std::span<const Id> groups) {
  tx.exec_later("DELETE FROM condition_group WHERE condition_id = $1", condition_id);
  for (const Id id : groups)
    tx.exec_later("INSERT INTO condition_group (condition_id, group_id) VALUES ($1, $2)", condition_id, id);
}

bool are_ticket_types_of(db::Tx& tx, Id conference_id, std::span<const Id> ticket_types) {
  return all_of_conference(
      ticket_types,
      [&](Id id) {
        return tx.maybe<Id>("SELECT conference_id FROM ticket_type WHERE id = $1", id).value_or(0);
      },
      conference_id);
}
bool are_addons_of(db::Tx& tx, Id conference_id, std::span<const Id> addons) {
  return all_of_conference(
      addons,
      [&](Id id) { return tx.maybe<Id>("SELECT conference_id FROM addon WHERE id = $1", id).value_or(0); },
      conference_id);
}

bool has_orders_of_voucher(db::Tx& tx, Id voucher_id) {
  return tx.maybe<Id>("SELECT id FROM orders WHERE voucher_id = $1 LIMIT 1", voucher_id).has_value();
}

void delete_stock_of_voucher(db::Tx& tx, Id conference_id, Id voucher_id) {
  tx.exec(
      "DELETE FROM stock WHERE conference_id = $1 AND (kind = 'voucher' OR kind = 'voucher_budget') AND "
      "product_id = $2",
      conference_id, voucher_id);
}

std::vector<Id> inactive_reserving_of_sponsor(db::Tx& tx, Id sponsor_id) {
  return tx.query<Id>(
      "SELECT id FROM voucher WHERE sponsor_id = $1 AND reserves = 1 AND is_active = 0 ORDER BY id",
      sponsor_id);
}

std::int64_t deactivate_unused_of_sponsor(db::Tx& tx, Id sponsor_id) {
  return tx.exec(
      "UPDATE voucher SET is_active = 0, version = version + 1, updated_at = $1"
      " WHERE sponsor_id = $2 AND is_active = 1 AND NOT EXISTS (SELECT 1 FROM stock s WHERE s.kind = "
      "'voucher' AND "
      "s.product_id = voucher.id AND s.conference_id = voucher.conference_id AND s.sold + s.held > 0)",
      tx.now(), sponsor_id);
}

}  // namespace plenary::registration::store
