#include "domain/test_orders.hpp"

#include <array>
#include <charconv>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "domain/conference/audit_of_row.hpp"
#include "domain/payments/stripe.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::domain {
namespace {

namespace reg = registration;

constexpr int piece = 25;  // orders a write

// What belongs to an order, in an order in which nothing points to what is gone. The rest goes with the order
// itself.
constexpr std::array<const char*, 16> belongings{
    "UPDATE payment SET change_id = NULL, credit_id = NULL WHERE order_id = $1",
    "UPDATE payment SET credit_id = NULL WHERE credit_id IN (SELECT id FROM credit WHERE source_order_id = "
    "$1)",
    "UPDATE refund SET credit_id = NULL WHERE order_id = $1",
    "UPDATE refund SET credit_id = NULL WHERE credit_id IN (SELECT id FROM credit WHERE source_order_id = "
    "$1)",
    "DELETE FROM bank_share WHERE order_id = $1",
    "DELETE FROM cancelled_order WHERE order_id = $1",
    "DELETE FROM dispute WHERE order_id = $1",
    "DELETE FROM ledger_entry WHERE order_id = $1",
    "DELETE FROM ledger_entry WHERE credit_id IN (SELECT id FROM credit WHERE source_order_id = $1)",
    "DELETE FROM refund WHERE order_id = $1",
    "DELETE FROM payment WHERE order_id = $1",
    "DELETE FROM credit WHERE source_order_id = $1",
    "DELETE FROM invoice_cover WHERE document_id IN (SELECT id FROM invoice_document WHERE order_id = $1)",
    "DELETE FROM invoice_line WHERE document_id IN (SELECT id FROM invoice_document WHERE order_id = $1)",
    "DELETE FROM invoice_file WHERE document_id IN (SELECT id FROM invoice_document WHERE order_id = $1)",
    "DELETE FROM invoice_document WHERE order_id = $1 AND corrects_id IS NOT NULL"};

void give_back(db::Tx& tx, const reg::Shop& shop, const reg::Order& order) {
  const std::vector<std::int64_t> changes = tx.query<std::int64_t>(
      "SELECT id FROM order_change WHERE order_id = $1 AND status = 'waiting'", order.id);
  for (const std::int64_t change : changes) reg::release_holds(tx, reg::HoldOwner::change, change);
  reg::release_holds(tx, reg::HoldOwner::order, order.id);
  if (order.status == reg::OrderStatus::paid || order.status == reg::OrderStatus::partially_refunded) {
    reg::unsell(tx, reg::stock_of(tx, shop, order));
    reg::give_back_uses(tx, order.id);
  }
}

// What jobs name of an order: by the name in their payload.
using Named = std::map<std::string_view, std::set<std::int64_t>>;

void name_all(db::Tx& tx, std::int64_t order_id, Named& named) {
  const auto add = [&](std::string_view name, const char* sql) {
    for (const std::int64_t id : tx.query<std::int64_t>(sql, order_id)) named[name].insert(id);
  };
  named["order"].insert(order_id);
  add("payment", "SELECT id FROM payment WHERE order_id = $1");
  add("refund", "SELECT id FROM refund WHERE order_id = $1");
  add("seat", "SELECT id FROM seat WHERE order_id = $1");
  add("credit", "SELECT id FROM credit WHERE source_order_id = $1");
  add("document", "SELECT id FROM invoice_document WHERE order_id = $1");
}

bool names_one(std::string_view payload, const Named& named) {
  for (const auto& [name, ids] : named) {
    const std::string field = fmt::format("\"{}\":", name);
    const std::size_t at = payload.find(field);
    if (at == std::string_view::npos) continue;
    std::int64_t id = 0;
    const std::string_view rest = payload.substr(at + field.size());
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), id);
    if (error == std::errc() && ids.contains(id)) return true;
  }
  return false;
}

// Ids of what is gone may be given again (SQLite gives the next one after the highest that is there): jobs
// that wait would do their work to another order, and those that are done would keep its own from being
// noted.
void forget_jobs(db::Tx& tx, std::int64_t conference_id, const Named& named) {
  for (const auto& [id, payload] : tx.query<std::int64_t, std::string>(
           "SELECT id, payload FROM outbox WHERE conference_id = $1", conference_id))
    if (names_one(payload, named)) tx.exec("DELETE FROM outbox WHERE id = $1", id);
}

// A number that is given again begins a history of its own: what is recorded of these ends here.
void note_deletions(db::Tx& tx, std::int64_t conference_id, const conference::Actor& actor,
                    const Named& named) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> tables{
      {{"order", "orders"},
       {"payment", "payment"},
       {"refund", "refund"},
       {"seat", "seat"},
       {"credit", "credit"},
       {"document", "invoice_document"}}};
  for (const auto& [name, table] : tables) {
    const auto ids = named.find(name);
    if (ids == named.end()) continue;
    for (const std::int64_t id : ids->second) {
      conference::AuditObject object;
      object.conference_id = conference_id;
      object.entity = table;
      object.id = std::to_string(id);
      object.name = fmt::format("Test {} #{}", name, id);
      if (conference::has_history(tx, object.entity, object.id))
        conference::record(tx, actor, conference::AuditAction::remove, object);
    }
  }
}

void remove(db::Tx& tx, std::int64_t order_id) {
  reg::give_back_gifts(tx, order_id);
  for (const char* const sql : belongings) tx.exec(sql, order_id);
  tx.exec("DELETE FROM invoice_document WHERE order_id = $1", order_id);
  tx.exec("DELETE FROM orders WHERE id = $1", order_id);
}

std::string_view mode_of(const Secret& key) {
  if (key.empty()) return {};
  return payments::is_test_key(key) ? "test" : "live";
}

std::int64_t count_open(db::Tx& tx, std::int64_t conference_id, bool is_test) {
  return tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM orders WHERE conference_id = $1 AND status = 'pending' AND hold_expires_at > $2 "
      "AND "
      "is_sandbox = $3",
      conference_id, tx.now(), is_test);
}

}  // namespace

TestOrders count_test_orders(db::Tx& tx, std::int64_t conference_id) {
  TestOrders counted;
  counted.orders = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM orders WHERE conference_id = $1 AND is_sandbox = 1", conference_id);
  counted.open = count_open(tx, conference_id, true);
  counted.documents = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM invoice_document d JOIN orders o ON o.id = d.order_id WHERE d.conference_id = $1 "
      "AND "
      "o.is_sandbox = 1",
      conference_id);
  return counted;
}

std::int64_t count_open_live_orders(db::Tx& tx, std::int64_t conference_id) {
  return count_open(tx, conference_id, false);
}

void check_key_change(db::Tx& tx, std::int64_t conference_id, const Secret& before, const Secret& after,
                      const char* field) {
  const std::string_view from = mode_of(before), to = mode_of(after);
  if (from.empty() || to.empty() || from == to) return;
  const std::int64_t open = count_open(tx, conference_id, from == "test");
  if (open == 0) return;
  throw Refused(
      "open_orders",
      "This is a key of the {mode} mode, and {count} orders of the other mode can still be paid. Wait "
      "until they are paid or their time is over, or cancel them.",
      {{"mode", std::string(to)}, {"count", std::to_string(open)}}, field);
}

TestOrders delete_test_orders(db::Database& database, const reg::Shop& shop, std::int64_t conference_id,
                              const conference::Actor& actor) {
  auto count = [&](db::Tx& tx) { return count_test_orders(tx, conference_id); };
  const TestOrders counted = database.read_now(count);
  auto some = [&](db::Tx& tx) {
    const std::vector<std::int64_t> ids = tx.query<std::int64_t>(
        "SELECT id FROM orders WHERE conference_id = $1 AND is_sandbox = 1 ORDER BY id LIMIT $2",
        conference_id, piece);
    reg::take_back_elapsed(tx, conference_id);
    Named named;
    for (const std::int64_t id : ids) {
      give_back(tx, shop, reg::find_order(tx, id).value());
      name_all(tx, id, named);
      remove(tx, id);
    }
    if (!ids.empty()) {
      note_deletions(tx, conference_id, actor, named);
      forget_jobs(tx, conference_id, named);
    }
    return ids.size();
  };
  while (database.write_now(conference_id, "delete test orders", some) > 0) {
  }
  if (counted.orders == 0) return counted;
  auto note = [&](db::Tx& tx) {
    conference::AuditObject object;
    object.conference_id = conference_id;
    object.entity = "orders";
    object.name = "Test orders deleted";
    conference::record(tx, actor, conference::AuditAction::remove, object,
                       {{"orders", "Test orders", std::to_string(counted.orders), ""},
                        {"documents", "Their documents", std::to_string(counted.documents), ""}});
  };
  database.write_now(conference_id, "test orders deleted", note);
  return counted;
}

}  // namespace plenary::domain
