// Changes of stock rows and of the holds on them: one file, because every change is one conditional statement
// that has to keep both true, and each is best read beside its reverse. Reading is stock_levels.cpp, counting
// anew stock_count.cpp.
#include "domain/registration/stock.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "db/gather.hpp"
#include "db/many_rows.hpp"
#include "domain/registration/stock_room.hpp"
#include "domain/registration/stock_words.hpp"

namespace plenary::registration {

using stock::to_text;

namespace {

constexpr std::size_t rows_of_one_update = 6;

#define HELD_MORE                                                                                    \
  "CASE id WHEN $1 THEN CAST($2 AS BIGINT) WHEN $3 THEN CAST($4 AS BIGINT) WHEN $5 THEN CAST($6 AS " \
  "BIGINT) WHEN $7 THEN CAST($8 AS BIGINT) WHEN $9 THEN CAST($10 AS BIGINT) ELSE CAST($12 AS BIGINT) END"
// Up to six rows, each with its own quantity, in one statement. False: no room in one of the rows.
bool take_some(db::Tx& tx, std::span<const HoldChange> changes) {
  const auto row = [&](std::size_t i) { return changes[std::min(i, changes.size() - 1)]; };
  return db::exec_at_least(
      tx, static_cast<std::int64_t>(changes.size()),
      "UPDATE stock SET held = held + " HELD_MORE
      " WHERE id IN ($1, $3, $5, $7, $9, $11) AND (capacity IS NULL OR sold + held + " HELD_MORE
      " <= capacity)",
      row(0).stock_id, row(0).quantity, row(1).stock_id, row(1).quantity, row(2).stock_id, row(2).quantity,
      row(3).stock_id, row(3).quantity, row(4).stock_id, row(4).quantity, row(5).stock_id, row(5).quantity);
}
#undef HELD_MORE

// A row after the other. For SQLite, where a statement is a call and a list of rows a temporary table.
bool take_each(db::Tx& tx, std::span<const HoldChange> changes) {
  for (const auto& [stock, quantity] : changes)
    if (tx.exec(
            "UPDATE stock SET held = held + $1 WHERE id = $2 AND (capacity IS NULL OR sold + held + $1 <= "
            "capacity)",
            quantity, stock) == 0)
      return false;
  return true;
}

// Of a caller of many, who has looked whether there is room. False: nothing is done yet.
bool take_with_others(db::Tx& tx, std::span<const HoldChange> changes) {
  for (const auto& [stock, quantity] : changes)
    if (!db::add_later(tx, stock::held_and_sold, stock, {quantity, 0})) return false;
  return true;
}

// Each row at most once. False: no room in one of them.
bool take(db::Tx& tx, std::span<const HoldChange> changes) {
  if (tx.engine() == db::Engine::sqlite) return take_each(tx, changes);
  if (take_with_others(tx, changes)) return true;
  // A ticket and its place at the conference, the usual case.
  if (changes.size() == 2 && changes[0].quantity == changes[1].quantity)
    return db::exec_at_least(
        tx, 2,
        "UPDATE stock SET held = held + $1 WHERE id IN ($2, $3) AND (capacity IS NULL OR sold + held "
        "+ $1 <= capacity)",
        changes[0].quantity, changes[0].stock_id, changes[1].stock_id);
  for (std::size_t at = 0; at < changes.size(); at += rows_of_one_update)
    if (!take_some(tx, changes.subspan(at, std::min(rows_of_one_update, changes.size() - at)))) return false;
  return true;
}

// What a lowered limit left over it gets less with everything that comes back.
#define LESS_OVER_LIMIT ", over_limit = CASE WHEN over_limit > $1 THEN over_limit - $1 ELSE 0 END"
void lower_held(db::Tx& tx, Id stock, std::int64_t quantity) {
  if (quantity > 0)
    tx.exec("UPDATE stock SET held = held - $1" LESS_OVER_LIMIT " WHERE id = $2", quantity, stock);
}

void lower_sold(db::Tx& tx, Id stock, std::int64_t quantity) {
  if (quantity > 0)
    tx.exec("UPDATE stock SET sold = sold - $1" LESS_OVER_LIMIT " WHERE id = $2", quantity, stock);
}
#undef LESS_OVER_LIMIT

// Units of a reserve go back to it; those of a voucher that reserves no more to everybody.
void give_to_reserve(db::Tx& tx, Id conference_id, Id voucher_id, Id stock, std::int64_t quantity) {
  if (tx.exec(
          "INSERT INTO hold (conference_id, stock_id, owner_kind, owner_id, quantity, expires_at) SELECT "
          "$1, $2, 'voucher', v.id, $3, COALESCE(v.valid_until + 1, $4) FROM voucher v WHERE v.id = $5 AND "
          "v.reserves = 1 AND v.is_active = 1 ON CONFLICT (owner_kind, owner_id, stock_id) DO UPDATE SET "
          "quantity = hold.quantity + excluded.quantity",
          conference_id, stock, quantity, never, voucher_id) == 0)
    lower_held(tx, stock, quantity);
}

struct NewHold {
  Id stock_id = 0;
  std::int64_t quantity = 0;
  std::optional<Id> reserve_id;
  std::int64_t reserved = 0;
};

// Each stock row at most once.
void insert_holds(db::Tx& tx, Id conference_id, HoldOwner owner, Id owner_id, Instant expires_at,
                  std::span<const NewHold> holds) {
  static const db::ManyRows insert(
      "INSERT INTO hold (conference_id, owner_kind, owner_id, expires_at, stock_id, quantity, reserve_id, "
      "reserved) VALUES ",
      "($1, $2, $3, $4, ?, ?, ?, ?)", 4,
      " ON CONFLICT (owner_kind, owner_id, stock_id) DO UPDATE SET quantity = hold.quantity + "
      "excluded.quantity, reserved = hold.reserved + excluded.reserved, reserve_id = "
      "COALESCE(excluded.reserve_id, hold.reserve_id)");
  std::vector<db::Param> values{conference_id, to_text(owner), owner_id, expires_at};
  values.reserve(values.size() + 4 * holds.size());
  for (const NewHold& hold : holds)
    values.insert(values.end(), {hold.stock_id, hold.quantity, hold.reserve_id, hold.reserved});
  insert.run_later(tx, values);
}

using Hold = NewHold;  // as it stands

template <class Rows>
std::vector<Hold> holds_from(Rows&& rows) {
  std::vector<Hold> holds;
  for (const auto& [stock, quantity, reserve, reserved] : rows)
    holds.push_back({stock, quantity, reserve, reserved});
  return holds;
}

// Holds that are gone: their units back where they came from.
void give_back_holds(db::Tx& tx, Id conference_id, const std::vector<Hold>& holds) {
  std::map<Id, std::int64_t> by_stock;
  for (const Hold& hold : holds) by_stock[hold.stock_id] += hold.quantity - hold.reserved;
  for (const auto& [stock, quantity] : by_stock) lower_held(tx, stock, quantity);
  for (const Hold& hold : holds)
    if (hold.reserved > 0)
      give_to_reserve(tx, conference_id, hold.reserve_id.value_or(0), hold.stock_id, hold.reserved);
}

// An owner gives units back: those of everybody first, then those of a reserve.
void give_back(db::Tx& tx, Id conference_id, HoldOwner owner, Id owner_id, Id stock, std::int64_t quantity) {
  const auto hold = tx.maybe<std::int64_t, std::optional<Id>, std::int64_t>(
      "SELECT quantity, reserve_id, reserved FROM hold WHERE owner_kind = $1 AND owner_id = $2 AND stock_id "
      "= $3",
      to_text(owner), owner_id, stock);
  if (!hold) return;
  const auto& [held, reserve_id, reserved] = *hold;
  const std::int64_t less = std::min(quantity, held);
  const std::int64_t common = std::min(less, held - reserved);
  lower_held(tx, stock, common);
  if (less > common) give_to_reserve(tx, conference_id, reserve_id.value_or(0), stock, less - common);
  // A hold of nothing is deleted, not left behind.
  if (less == held)
    tx.exec_later("DELETE FROM hold WHERE owner_kind = $1 AND owner_id = $2 AND stock_id = $3",
                  to_text(owner), owner_id, stock);
  else
    tx.exec_later(
        "UPDATE hold SET quantity = quantity - $1, reserved = reserved - $2 WHERE owner_kind = $3 AND "
        "owner_id = "
        "$4 AND stock_id = $5",
        less, less - common, to_text(owner), owner_id, stock);
}

// Units out of a reserve, whose stock counts them as held already. False: they are no longer there.
bool take_of_reserve(db::Tx& tx, Id voucher_id, Id stock, std::int64_t quantity) {
  return tx.exec(
             "DELETE FROM hold WHERE owner_kind = 'voucher' AND owner_id = $1 AND stock_id = $2 AND quantity "
             "= "
             "$3",
             voucher_id, stock, quantity) == 1 ||
         tx.exec(
             "UPDATE hold SET quantity = quantity - $3 WHERE owner_kind = 'voucher' AND owner_id = $1 AND "
             "stock_id = $2 AND quantity > $3",
             voucher_id, stock, quantity) == 1;
}

}  // namespace

std::int64_t take_back_elapsed(db::Tx& tx, Id conference_id) {
  const auto elapsed = holds_from(tx.query<Id, std::int64_t, std::optional<Id>, std::int64_t>(
      "DELETE FROM hold WHERE conference_id = $1 AND expires_at <= $2 RETURNING stock_id, quantity, "
      "reserve_id, reserved",
      conference_id, tx.now()));
  if (!elapsed.empty()) give_back_holds(tx, conference_id, elapsed);
  return static_cast<std::int64_t>(elapsed.size());
}

bool change_holds(db::Tx& tx, Id conference_id, Id cart_id, std::span<const HoldChange> changes,
                  Instant expires_at, const Reserve* reserve) {
  std::vector<HoldChange> wanted, common;
  wanted.reserve(changes.size());
  for (const auto& change : changes) {
    if (change.quantity < 0)
      give_back(tx, conference_id, HoldOwner::cart, cart_id, change.stock_id, -change.quantity);
    if (change.quantity <= 0) continue;
    wanted.push_back(change);
    const std::int64_t own = reserve ? std::min(reserve->of(change.stock_id), change.quantity) : 0;
    if (own > 0 && !take_of_reserve(tx, reserve->voucher_id, change.stock_id, own)) return false;
    if (own < change.quantity) common.push_back({change.stock_id, change.quantity - own});
  }
  if (!common.empty() && !take(tx, common)) return false;
  db::write_later(
      tx, "UPDATE hold SET expires_at = $1 WHERE owner_kind = 'cart' AND owner_id = $2 AND expires_at <> $1",
      expires_at, cart_id);
  std::vector<Hold> holds;
  holds.reserve(wanted.size());
  for (const auto& [stock, quantity] : wanted) {
    const std::int64_t own = reserve ? std::min(reserve->of(stock), quantity) : 0;
    holds.push_back({stock, quantity, own > 0 ? std::optional<Id>(reserve->voucher_id) : std::nullopt, own});
  }
  insert_holds(tx, conference_id, HoldOwner::cart, cart_id, expires_at, holds);
  return true;
}

bool hold_for(db::Tx& tx, Id conference_id, HoldOwner owner, Id owner_id, std::span<const HoldChange> changes,
              Instant expires_at) {
  if (changes.empty()) return true;
  if (!take(tx, changes)) return false;
  std::vector<Hold> holds;
  holds.reserve(changes.size());
  for (const auto& [stock, quantity] : changes) holds.push_back({stock, quantity, std::nullopt, 0});
  insert_holds(tx, conference_id, owner, owner_id, expires_at, holds);
  return true;
}

void move_holds(db::Tx& tx, Id cart_id, Id order_id, Instant expires_at) {
  db::write_later(
      tx,
      "UPDATE hold SET owner_kind = 'order', owner_id = $1, expires_at = $2 WHERE owner_kind = 'cart' AND "
      "owner_id = $3 "
      "AND expires_at > $4",
      order_id, expires_at, cart_id, tx.now());
}

bool hand_over_holds(db::Tx& tx, HoldOwner from, Id from_id, HoldOwner to, Id to_id, Instant expires_at) {
  const auto conference = tx.query<Id>(
      "SELECT conference_id FROM hold WHERE owner_kind = $1 AND owner_id = $2 AND expires_at > $3",
      to_text(from), from_id, tx.now());
  if (conference.empty()) return false;
  const auto holds = holds_from(tx.query<Id, std::int64_t, std::optional<Id>, std::int64_t>(
      "DELETE FROM hold WHERE owner_kind = $1 AND owner_id = $2 AND expires_at > $3 RETURNING stock_id, "
      "quantity, reserve_id, reserved",
      to_text(from), from_id, tx.now()));
  insert_holds(tx, conference.front(), to, to_id, expires_at, holds);
  tx.exec_later(
      "UPDATE hold SET expires_at = $1 WHERE owner_kind = $2 AND owner_id = $3 AND expires_at <> $1",
      expires_at, to_text(to), to_id);
  return true;
}

void keep_holds(db::Tx& tx, HoldOwner owner, Id owner_id, Instant expires_at) {
  tx.exec_later("UPDATE hold SET expires_at = $1 WHERE owner_kind = $2 AND owner_id = $3 AND expires_at > $4",
                expires_at, to_text(owner), owner_id, tx.now());
}

namespace {

bool is_rule(std::string_view kind) {
  return kind == to_text(StockKind::voucher) || kind == to_text(StockKind::voucher_budget) ||
         kind == to_text(StockKind::condition);
}

struct HeldUnits {
  Id stock_id = 0;
  std::int64_t quantity = 0;
  bool of_rule = false;
};

template <class Rows>
std::vector<HeldUnits> held_units(Rows&& rows) {
  std::vector<HeldUnits> held;
  for (const auto& [stock, quantity, kind] : rows) held.push_back({stock, quantity, is_rule(kind)});
  return held;
}

// What the order holds at this moment. Of the stock only the kind is read, which never changes.
std::vector<HeldUnits> held_by_order(db::Tx& tx, Id order_id) {
  const db::ReadsCounted reads(tx);
  return held_units(tx.query<Id, std::int64_t, std::string>(
      "SELECT h.stock_id, h.quantity, s.kind FROM hold h JOIN stock s ON s.id = h.stock_id WHERE "
      "h.owner_kind = 'order' AND h.owner_id = $1 AND h.expires_at > $2",
      order_id, tx.now()));
}

// The same before its id is known.
std::vector<HeldUnits> held_by_order(db::Tx& tx, std::string_view reference) {
  const db::ReadsCounted reads(tx);
  return held_units(tx.query<Id, std::int64_t, std::string>(
      "SELECT h.stock_id, h.quantity, s.kind FROM orders o JOIN hold h ON h.owner_kind = 'order' AND "
      "h.owner_id = o.id JOIN stock s ON s.id = h.stock_id WHERE o.reference = $1 AND h.expires_at > $2",
      reference, tx.now()));
}

}  // namespace

void look_at_held(db::Tx& tx, std::string_view reference) {
  held_by_order(tx, reference);
}

bool sell_held(db::Tx& tx, Id order_id, std::string_view reference) {
  const std::vector<HeldUnits> held =
      tx.engine() == db::Engine::postgresql ? held_by_order(tx, reference) : held_by_order(tx, order_id);
  for (const HeldUnits& h : held) {
    if (!db::add_later(tx, stock::held_and_sold, h.stock_id, {-h.quantity, h.quantity}))
      tx.exec_later("UPDATE stock SET held = held - $1, sold = sold + $1 WHERE id = $2", h.quantity,
                    h.stock_id);
    if (h.of_rule)
      db::write_later(tx, "INSERT INTO stock_use (order_id, stock_id, quantity) VALUES ($1, $2, $3)",
                      order_id, h.stock_id, h.quantity);
  }
  if (held.empty()) return false;
  db::write_later(tx, "DELETE FROM hold WHERE owner_kind = 'order' AND owner_id = $1", order_id);
  return true;
}

bool sell_held_by_change(db::Tx& tx, Id change_id) {
  if (tx.exec("UPDATE stock SET held = stock.held - h.quantity, sold = stock.sold + h.quantity FROM hold h "
              "WHERE h.owner_kind = 'change' AND h.owner_id = $1 AND h.expires_at > $2 AND h.stock_id = "
              "stock.id",
              change_id, tx.now()) == 0)
    return false;
  tx.exec_later(
      "INSERT INTO stock_use (order_id, stock_id, quantity) SELECT c.order_id, h.stock_id, h.quantity FROM "
      "hold h JOIN order_change c ON c.id = h.owner_id JOIN stock s ON s.id = h.stock_id WHERE h.owner_kind "
      "= 'change' AND h.owner_id = $1 AND s.kind IN ('voucher', 'voucher_budget', 'condition') ON CONFLICT "
      "(order_id, stock_id) DO UPDATE SET quantity = stock_use.quantity + excluded.quantity",
      change_id);
  tx.exec_later("DELETE FROM hold WHERE owner_kind = 'change' AND owner_id = $1", change_id);
  return true;
}

bool has_room(db::Tx& tx, const HoldChange& wanted) {
  return tx
      .maybe<Id>("SELECT id FROM stock WHERE id = $1 AND (capacity IS NULL OR sold + held + $2 <= capacity)",
                 wanted.stock_id, wanted.quantity)
      .has_value();
}

bool sell_unheld(db::Tx& tx, std::span<const HoldChange> quantities) {
  // Looked at first, so that a sold out product writes nothing.
  for (const HoldChange& one : quantities)
    if (!has_room(tx, one)) return false;
  for (const auto& [stock, quantity] : quantities)
    if (tx.exec("UPDATE stock SET sold = sold + $1 WHERE id = $2 AND (capacity IS NULL OR sold + held + $1 "
                "<= capacity)",
                quantity, stock) == 0)
      throw std::logic_error("stock changed inside of its own write");
  return true;
}

bool use_unheld(db::Tx& tx, Id order_id, const HoldChange& use) {
  const HoldChange one[] = {use};
  if (!sell_unheld(tx, one)) return false;
  tx.exec(
      "INSERT INTO stock_use (order_id, stock_id, quantity) VALUES ($1, $2, $3) ON CONFLICT (order_id, "
      "stock_id) "
      "DO UPDATE SET quantity = stock_use.quantity + excluded.quantity",
      order_id, use.stock_id, use.quantity);
  return true;
}

void unsell(db::Tx& tx, std::span<const HoldChange> quantities) {
  for (const auto& [stock, quantity] : quantities) lower_sold(tx, stock, quantity);
}

void give_back_uses(db::Tx& tx, Id order_id) {
  const auto uses = tx.query<Id, std::int64_t>(
      "DELETE FROM stock_use WHERE order_id = $1 RETURNING stock_id, quantity", order_id);
  for (const auto& [stock, quantity] : uses) lower_sold(tx, stock, quantity);
}

void give_back_use(db::Tx& tx, Id order_id, Id stock_id, std::int64_t quantity) {
  const auto used = tx.maybe<std::int64_t>(
      "SELECT quantity FROM stock_use WHERE order_id = $1 AND stock_id = $2", order_id, stock_id);
  if (!used || quantity <= 0) return;
  const std::int64_t less = std::min(*used, quantity);
  if (less == *used)
    tx.exec("DELETE FROM stock_use WHERE order_id = $1 AND stock_id = $2", order_id, stock_id);
  else
    tx.exec("UPDATE stock_use SET quantity = quantity - $1 WHERE order_id = $2 AND stock_id = $3", less,
            order_id, stock_id);
  lower_sold(tx, stock_id, less);
}

void give_back_held(db::Tx& tx, Id conference_id, HoldOwner owner, Id owner_id,
                    std::span<const HoldChange> quantities) {
  for (const auto& [stock, quantity] : quantities)
    if (quantity > 0) give_back(tx, conference_id, owner, owner_id, stock, quantity);
}

void release_holds(db::Tx& tx, HoldOwner owner, Id owner_id) {
  const auto conference = tx.query<Id>(
      "SELECT conference_id FROM hold WHERE owner_kind = $1 AND owner_id = $2", to_text(owner), owner_id);
  if (conference.empty()) return;
  give_back_holds(
      tx, conference.front(),
      holds_from(tx.query<Id, std::int64_t, std::optional<Id>, std::int64_t>(
          "DELETE FROM hold WHERE owner_kind = $1 AND owner_id = $2 RETURNING stock_id, quantity, "
          "reserve_id, reserved",
          to_text(owner), owner_id)));
}

// What is in use over a new limit, set in the write that changes it: how verify_stock tells that from units
// sold twice. What was over the limit before without such a note stays without.
#define OVER_LIMIT(limit)                                                                               \
  "over_limit = CASE WHEN " limit " IS NULL OR stock.sold + stock.held <= " limit                       \
  " THEN 0 WHEN stock.capacity IS NULL OR stock.sold + stock.held <= stock.capacity + "                 \
  "stock.over_limit THEN stock.sold + stock.held - " limit                                              \
  " WHEN stock.capacity + stock.over_limit > " limit " THEN stock.capacity + stock.over_limit - " limit \
  " ELSE 0 END"

void set_capacity(db::Tx& tx, Id conference_id, StockKind kind, Id product_id, std::int64_t capacity) {
  tx.exec_later(
      "INSERT INTO stock (conference_id, kind, product_id, capacity, sold, held) VALUES ($1, $2, $3, "
      "NULLIF($4, 0), 0, "
      "0) ON CONFLICT "
      "(conference_id, kind, product_id) DO UPDATE SET capacity = excluded.capacity, " OVER_LIMIT(
          "excluded.capacity"),
      conference_id, to_text(kind), product_id, capacity);
}

void change_capacity(db::Tx& tx, Id conference_id, StockKind kind, Id product_id,
                     std::optional<std::int64_t> capacity) {
  tx.exec_later("UPDATE stock SET capacity = $1, " OVER_LIMIT(
                    "CAST($1 AS BIGINT)") " WHERE conference_id = $2 AND kind = $3 AND product_id = $4",
                capacity, conference_id, to_text(kind), product_id);
}
#undef OVER_LIMIT

Id ensure_stock(db::Tx& tx, Id conference_id, StockKind kind, Id product_id,
                std::optional<std::int64_t> capacity) {
  tx.exec(
      "INSERT INTO stock (conference_id, kind, product_id, capacity, sold, held) VALUES ($1, $2, $3, $4, 0, "
      "0) "
      "ON CONFLICT (conference_id, kind, product_id) DO NOTHING",
      conference_id, to_text(kind), product_id, capacity);
  return tx.one<Id>("SELECT id FROM stock WHERE conference_id = $1 AND kind = $2 AND product_id = $3",
                    conference_id, to_text(kind), product_id);
}

std::int64_t keep_reserve(db::Tx& tx, Id conference_id, Id voucher_id, std::int64_t units,
                          std::span<const Id> rows, Instant until) {
  take_back_elapsed(tx, conference_id);
  const Reserve now = reserve_of(tx, voucher_id);
  // Rows it no longer needs.
  for (const HoldChange& row : now.left)
    if (std::find(rows.begin(), rows.end(), row.stock_id) == rows.end()) {
      lower_held(tx, row.stock_id, row.quantity);
      tx.exec("DELETE FROM hold WHERE owner_kind = 'voucher' AND owner_id = $1 AND stock_id = $2", voucher_id,
              row.stock_id);
    }
  std::int64_t possible = std::max<std::int64_t>(units, 0);
  for (const Id stock : rows) {
    const auto left = tx.maybe<std::optional<std::int64_t>>(
        "SELECT capacity - sold - held FROM stock WHERE id = $1", stock);
    if (left && *left) possible = std::min(possible, std::max<std::int64_t>(**left + now.of(stock), 0));
  }
  for (const Id stock : rows) {
    const std::int64_t more = possible - now.of(stock);
    if (more > 0) tx.exec("UPDATE stock SET held = held + $1 WHERE id = $2", more, stock);
    lower_held(tx, stock, -more);
    if (possible == 0)
      tx.exec("DELETE FROM hold WHERE owner_kind = 'voucher' AND owner_id = $1 AND stock_id = $2", voucher_id,
              stock);
    else
      tx.exec(
          "INSERT INTO hold (conference_id, stock_id, owner_kind, owner_id, quantity, expires_at) VALUES "
          "($1, "
          "$2, 'voucher', $3, $4, $5) ON CONFLICT (owner_kind, owner_id, stock_id) DO UPDATE SET quantity = "
          "excluded.quantity, expires_at = excluded.expires_at",
          conference_id, stock, voucher_id, possible, until);
  }
  return std::max<std::int64_t>(units, 0) - possible;
}

}  // namespace plenary::registration
