#include "domain/registration/stock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace plenary::registration {
namespace {

StockKind stock_kind(std::string_view text) {
  if (text == "ticket_type") return StockKind::ticket_type;
  if (text == "addon") return StockKind::addon;
  return StockKind::conference;
}

std::string_view to_text(StockKind kind) {
  switch (kind) {
    case StockKind::ticket_type:
      return "ticket_type";
    case StockKind::addon:
      return "addon";
    case StockKind::conference:
      break;
  }
  return "conference";
}

constexpr std::string_view to_text(HoldOwner owner) {
  return owner == HoldOwner::cart ? "cart" : "order";
}

}  // namespace

const StockLevel& StockLevels::conference() const {
  for (const auto& level : levels_)
    if (level.kind == StockKind::conference) return level;
  throw std::logic_error("the conference has no stock row");
}

const StockLevel& StockLevels::of(ProductKind kind, Id product_id) const {
  const StockKind wanted = kind == ProductKind::ticket_type ? StockKind::ticket_type : StockKind::addon;
  for (const auto& level : levels_)
    if (level.kind == wanted && level.product_id == product_id) return level;
  throw std::logic_error(fmt::format("{} {} has no stock row", to_text(wanted), product_id));
}

bool StockLevels::any_elapsed() const {
  for (const auto& level : levels_)
    if (level.elapsed != 0) return true;
  return false;
}

StockLevels stock_levels(db::Tx& tx, Id conference_id) {
  std::vector<StockLevel> levels;
  levels.reserve(16);
  // A row for each elapsed hold not yet taken back, normally none; summed here, because a GROUP BY would make
  // SQLite set up a temporary table for every page (half of the query's time).
  for (auto& [id, kind, product, capacity, sold, held, elapsed] :
       tx.query<Id, std::string, Id, std::optional<std::int64_t>, std::int64_t, std::int64_t,
                std::optional<std::int64_t>>(
           "SELECT s.id, s.kind, s.product_id, s.capacity, s.sold, s.held, h.quantity FROM stock s LEFT JOIN "
           "hold h ON "
           "h.conference_id = $1 AND h.expires_at <= $2 AND h.stock_id = s.id WHERE s.conference_id = $1",
           conference_id, tx.now())) {
    auto level =
        std::find_if(levels.begin(), levels.end(), [&](const StockLevel& l) { return l.stock_id == id; });
    if (level == levels.end())
      level = levels.insert(level, {id, stock_kind(kind), product, capacity, sold, held, 0});
    level->elapsed += elapsed.value_or(0);
  }
  return StockLevels(std::move(levels));
}

std::int64_t take_back_elapsed(db::Tx& tx, Id conference_id) {
  const auto elapsed = tx.query<Id, std::int64_t>(
      "DELETE FROM hold WHERE conference_id = $1 AND expires_at <= $2 RETURNING stock_id, quantity",
      conference_id, tx.now());
  std::map<Id, std::int64_t> by_stock;
  for (const auto& [stock, quantity] : elapsed) by_stock[stock] += quantity;
  for (const auto& [stock, quantity] : by_stock)
    tx.exec("UPDATE stock SET held = held - $1 WHERE id = $2", quantity, stock);
  return static_cast<std::int64_t>(elapsed.size());
}

namespace {

void give_back(db::Tx& tx, Id cart_id, Id stock, std::int64_t quantity) {
  tx.exec_later("UPDATE stock SET held = held - $1 WHERE id = $2", quantity, stock);
  // A hold of nothing is deleted, not left behind.
  if (tx.exec(
          "DELETE FROM hold WHERE owner_kind = 'cart' AND owner_id = $1 AND stock_id = $2 AND quantity <= $3",
          cart_id, stock, quantity) == 0)
    tx.exec_later(
        "UPDATE hold SET quantity = quantity - $1 WHERE owner_kind = 'cart' AND owner_id = $2 AND stock_id = "
        "$3",
        quantity, cart_id, stock);
}

// False: no room in one of the rows.
bool take(db::Tx& tx, std::span<const HoldChange> changes) {
  // A ticket and its place at the conference, the usual case, in one statement.
  if (changes.size() == 2 && changes[0].quantity == changes[1].quantity)
    return tx.exec(
               "UPDATE stock SET held = held + $1 WHERE id IN ($2, $3) AND (capacity IS NULL OR sold + held "
               "+ $1 <= capacity)",
               changes[0].quantity, changes[0].stock_id, changes[1].stock_id) == 2;
  for (const auto& [stock, quantity] : changes)
    if (tx.exec("UPDATE stock SET held = held + $1 WHERE id = $2 AND (capacity IS NULL OR sold + held + $1 "
                "<= capacity)",
                quantity, stock) == 0)
      return false;
  return true;
}

}  // namespace

bool change_holds(db::Tx& tx, Id conference_id, Id cart_id, std::span<const HoldChange> changes,
                  Instant expires_at) {
  std::vector<HoldChange> wanted;
  wanted.reserve(changes.size());
  for (const auto& change : changes) {
    if (change.quantity < 0) give_back(tx, cart_id, change.stock_id, -change.quantity);
    if (change.quantity > 0) wanted.push_back(change);
  }
  if (!take(tx, wanted)) return false;
  for (const auto& [stock, quantity] : wanted)
    tx.exec_later(
        "INSERT INTO hold (conference_id, stock_id, owner_kind, owner_id, quantity, expires_at) VALUES ($1, "
        "$2, "
        "'cart', $3, $4, $5) ON CONFLICT (owner_kind, owner_id, stock_id) DO UPDATE SET quantity = "
        "hold.quantity + "
        "excluded.quantity",
        conference_id, stock, cart_id, quantity, expires_at);
  tx.exec_later(
      "UPDATE hold SET expires_at = $1 WHERE owner_kind = 'cart' AND owner_id = $2 AND expires_at <> $1",
      expires_at, cart_id);
  return true;
}

bool hold_for_order(db::Tx& tx, Id conference_id, Id order_id, std::span<const HoldChange> changes,
                    Instant expires_at) {
  if (!take(tx, changes)) return false;
  for (const auto& [stock, quantity] : changes)
    tx.exec_later(
        "INSERT INTO hold (conference_id, stock_id, owner_kind, owner_id, quantity, expires_at) VALUES ($1, "
        "$2, 'order', $3, $4, $5)",
        conference_id, stock, order_id, quantity, expires_at);
  return true;
}

void move_holds(db::Tx& tx, Id cart_id, Id order_id, Instant expires_at) {
  tx.exec_later(
      "UPDATE hold SET owner_kind = 'order', owner_id = $1, expires_at = $2 WHERE owner_kind = 'cart' AND "
      "owner_id = $3 "
      "AND expires_at > $4",
      order_id, expires_at, cart_id, tx.now());
}

bool sell_held(db::Tx& tx, Id order_id) {
  if (tx.exec("UPDATE stock SET held = stock.held - h.quantity, sold = stock.sold + h.quantity FROM hold h "
              "WHERE h.owner_kind = "
              "'order' AND h.owner_id = $1 AND h.expires_at > $2 AND h.stock_id = stock.id",
              order_id, tx.now()) == 0)
    return false;
  tx.exec_later("DELETE FROM hold WHERE owner_kind = 'order' AND owner_id = $1", order_id);
  return true;
}

bool sell_unheld(db::Tx& tx, std::span<const HoldChange> quantities) {
  // Looked at first, so that a sold out product writes nothing.
  for (const auto& [stock, quantity] : quantities)
    if (!tx.maybe<Id>(
            "SELECT id FROM stock WHERE id = $1 AND (capacity IS NULL OR sold + held + $2 <= capacity)",
            stock, quantity))
      return false;
  for (const auto& [stock, quantity] : quantities)
    if (tx.exec("UPDATE stock SET sold = sold + $1 WHERE id = $2 AND (capacity IS NULL OR sold + held + $1 "
                "<= capacity)",
                quantity, stock) == 0)
      throw std::logic_error("stock changed inside of its own write");
  return true;
}

void release_holds(db::Tx& tx, HoldOwner owner, Id owner_id) {
  const auto holds = tx.query<Id, std::int64_t>(
      "DELETE FROM hold WHERE owner_kind = $1 AND owner_id = $2 RETURNING stock_id, quantity", to_text(owner),
      owner_id);
  for (const auto& [stock, quantity] : holds)
    tx.exec("UPDATE stock SET held = held - $1 WHERE id = $2", quantity, stock);
}

void set_capacity(db::Tx& tx, Id conference_id, StockKind kind, Id product_id, std::int64_t capacity) {
  tx.exec_later(
      "INSERT INTO stock (conference_id, kind, product_id, capacity, sold, held) VALUES ($1, $2, $3, "
      "NULLIF($4, 0), 0, "
      "0) ON CONFLICT "
      "(conference_id, kind, product_id) DO UPDATE SET capacity = excluded.capacity",
      conference_id, to_text(kind), product_id, capacity);
}

std::vector<StockFault> verify_stock(db::Tx& tx, Id conference_id) {
  std::vector<StockFault> faults;
  // Sold: the units of sold-like orders. Held: every hold row, elapsed or not, as the counter still has them.
  for (const auto& [id, kind, product, capacity, sold, held, counted_held, counted_sold] :
       tx.query<Id, std::string, Id, std::optional<std::int64_t>, std::int64_t, std::int64_t, std::int64_t,
                std::int64_t>(
           "SELECT s.id, s.kind, s.product_id, s.capacity, s.sold, s.held, "
           "COALESCE((SELECT CAST(SUM(h.quantity) AS BIGINT) FROM hold h WHERE h.stock_id = s.id), 0), "
           "COALESCE((SELECT CAST(SUM(l.quantity) AS BIGINT) FROM order_line l JOIN orders o ON o.id = "
           "l.order_id "
           "WHERE o.conference_id = s.conference_id AND o.status IN ('paid', 'partially_refunded') AND "
           "CASE s.kind WHEN 'ticket_type' THEN l.ticket_type_id = s.product_id WHEN 'addon' THEN l.addon_id "
           "= "
           "s.product_id ELSE l.addon_id IS NULL END), 0) FROM stock s WHERE s.conference_id = $1 ORDER BY "
           "s.id",
           conference_id)) {
    const auto name = fmt::format("{} {} (stock {})", kind, product, id);
    if (sold != counted_sold)
      faults.push_back({fmt::format("{}: {} counted as sold, the orders say {}", name, sold, counted_sold)});
    if (held != counted_held)
      faults.push_back({fmt::format("{}: {} counted as held, the holds say {}", name, held, counted_held)});
    if (sold < 0 || held < 0)
      faults.push_back({fmt::format("{}: negative count ({} sold, {} held)", name, sold, held)});
    if (capacity && sold + held > *capacity)
      faults.push_back({fmt::format("{}: {} sold and {} held of {}", name, sold, held, *capacity)});
  }
  // A live cart holds exactly what is in it; a pending order with a live hold exactly what it ordered.
  for (const auto& [owner, owner_id, stock, has, wants] :
       tx.query<std::string, Id, Id, std::int64_t, std::int64_t>(
           "SELECT h.owner_kind, h.owner_id, h.stock_id, h.quantity, COALESCE(CASE h.owner_kind WHEN 'cart' "
           "THEN "
           "(SELECT CAST(SUM(i.quantity) AS BIGINT) FROM cart_item i WHERE i.cart_id = h.owner_id AND CASE "
           "s.kind "
           "WHEN 'ticket_type' THEN i.ticket_type_id = s.product_id WHEN 'addon' THEN i.addon_id = "
           "s.product_id ELSE "
           "i.addon_id IS NULL END) ELSE (SELECT CAST(SUM(l.quantity) AS BIGINT) FROM order_line l WHERE "
           "l.order_id = "
           "h.owner_id AND CASE s.kind WHEN 'ticket_type' THEN l.ticket_type_id = s.product_id WHEN 'addon' "
           "THEN "
           "l.addon_id = s.product_id ELSE l.addon_id IS NULL END) END, 0) FROM hold h JOIN stock s ON s.id "
           "= h.stock_id "
           "WHERE h.conference_id = $1 AND h.expires_at > $2",
           conference_id, tx.now()))
    if (has != wants)
      faults.push_back(
          {fmt::format("{} {} holds {} of stock {} for {} in it", owner, owner_id, has, stock, wants)});
  // The other way round: what is in a live cart or a live pending order without any hold.
  const auto unheld = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM cart c JOIN cart_item i ON i.cart_id = c.id WHERE c.conference_id = $1 AND "
      "c.status = 'open' "
      "AND c.expires_at > $2 AND NOT EXISTS (SELECT 1 FROM hold h JOIN stock s ON s.id = h.stock_id WHERE "
      "h.owner_kind = "
      "'cart' AND h.owner_id = c.id AND ((s.kind = 'ticket_type' AND s.product_id = i.ticket_type_id) OR "
      "(s.kind = "
      "'addon' AND s.product_id = i.addon_id)))",
      conference_id, tx.now());
  if (unheld != 0) faults.push_back({fmt::format("{} items of live carts are not held", unheld)});
  const auto unheld_lines = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.conference_id = $1 AND "
      "o.status = "
      "'pending' AND o.hold_expires_at > $2 AND NOT EXISTS (SELECT 1 FROM hold h JOIN stock s ON s.id = "
      "h.stock_id WHERE "
      "h.owner_kind = 'order' AND h.owner_id = o.id AND ((s.kind = 'ticket_type' AND s.product_id = "
      "l.ticket_type_id) OR "
      "(s.kind = 'addon' AND s.product_id = l.addon_id)))",
      conference_id, tx.now());
  if (unheld_lines != 0)
    faults.push_back({fmt::format("{} lines of pending orders are not held", unheld_lines)});
  return faults;
}

}  // namespace plenary::registration
