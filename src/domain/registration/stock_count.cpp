// Counting stock anew from the rows that it counts: quotas whose products have changed, and the check that
// every counter agrees.
#include <fmt/format.h>

#include "domain/registration/stock.hpp"

namespace plenary::registration {

// Which lines a stock row counts: `l` is an order_line, `s` a stock row.
#define COUNTS_LINE                                                                                       \
  "CASE s.kind WHEN 'ticket_type' THEN l.ticket_type_id = s.product_id WHEN 'addon' THEN l.addon_id = "   \
  "s.product_id WHEN 'variation' THEN l.variation_id = s.product_id WHEN 'quota' THEN (EXISTS (SELECT 1 " \
  "FROM quota_ticket_type q WHERE q.quota_id = s.product_id AND q.ticket_type_id = l.ticket_type_id) OR " \
  "EXISTS (SELECT 1 FROM quota_addon q WHERE q.quota_id = s.product_id AND q.addon_id = l.addon_id) OR "  \
  "EXISTS (SELECT 1 FROM quota_variation q WHERE q.quota_id = s.product_id AND q.variation_id = "         \
  "l.variation_id)) WHEN 'conference' THEN l.kind = 'ticket' ELSE 1 = 0 END"
#define COUNTS_ITEM                                                                                       \
  "CASE s.kind WHEN 'ticket_type' THEN i.ticket_type_id = s.product_id WHEN 'addon' THEN i.addon_id = "   \
  "s.product_id WHEN 'variation' THEN i.variation_id = s.product_id WHEN 'quota' THEN (EXISTS (SELECT 1 " \
  "FROM quota_ticket_type q WHERE q.quota_id = s.product_id AND q.ticket_type_id = i.ticket_type_id) OR " \
  "EXISTS (SELECT 1 FROM quota_addon q WHERE q.quota_id = s.product_id AND q.addon_id = i.addon_id) OR "  \
  "EXISTS (SELECT 1 FROM quota_variation q WHERE q.quota_id = s.product_id AND q.variation_id = "         \
  "i.variation_id)) WHEN 'conference' THEN i.ticket_type_id IS NOT NULL ELSE 1 = 0 END"

// What offers consist of: (entry_id, ticket_type_id, addon_id, variation_id, quantity).
#define OFFERED_ITEMS                                                                                      \
  "SELECT e.id AS entry_id, l.ticket_type_id, l.addon_id, l.variation_id, e.offered_quantity AS quantity " \
  "FROM "                                                                                                  \
  "waiting_entry e JOIN waiting_choice c ON c.entry_id = e.id AND c.choice_rank = e.offered_rank JOIN "    \
  "waiting_line l ON l.id = c.line_id UNION ALL SELECT a.entry_id, NULL AS ticket_type_id, a.addon_id, "   \
  "a.variation_id, a.offered_quantity AS quantity FROM waiting_addon a WHERE a.offered_quantity > 0"

// What counting anew finds over the limit was put there by whoever changed what is counted.
static void note_over_limit(db::Tx& tx, Id stock_id) {
  tx.exec_later(
      "UPDATE stock SET over_limit = CASE WHEN sold + held > capacity THEN sold + held - capacity ELSE 0 END "
      "WHERE id = $1",
      stock_id);
}

void recount_quota(db::Tx& tx, Id conference_id, Id quota_id) {
  take_back_elapsed(tx, conference_id);
  const Id stock = ensure_stock(tx, conference_id, StockKind::quota, quota_id, std::nullopt);
  tx.exec("DELETE FROM hold WHERE stock_id = $1", stock);
  // Whoever holds one of its products holds as many of the quota. A variation of a product that is in it
  // counts once.
  tx.exec(
      "INSERT INTO hold (conference_id, stock_id, owner_kind, owner_id, quantity, expires_at, reserve_id, "
      "reserved) SELECT h.conference_id, $1, h.owner_kind, h.owner_id, CAST(SUM(h.quantity) AS BIGINT), "
      "MAX(h.expires_at), MAX(h.reserve_id), CAST(SUM(h.reserved) AS BIGINT) FROM hold h JOIN stock s ON "
      "s.id = "
      "h.stock_id WHERE s.conference_id = $2 AND ((s.kind = 'ticket_type' AND EXISTS (SELECT 1 FROM "
      "quota_ticket_type q WHERE q.quota_id = $3 AND q.ticket_type_id = s.product_id)) OR (s.kind = 'addon' "
      "AND "
      "EXISTS (SELECT 1 FROM quota_addon q WHERE q.quota_id = $3 AND q.addon_id = s.product_id)) OR (s.kind "
      "= "
      "'variation' AND EXISTS (SELECT 1 FROM quota_variation q JOIN variation v ON v.id = q.variation_id "
      "WHERE "
      "q.quota_id = $3 AND v.id = s.product_id AND NOT EXISTS (SELECT 1 FROM quota_ticket_type t WHERE "
      "t.quota_id = $3 AND t.ticket_type_id = v.ticket_type_id) AND NOT EXISTS (SELECT 1 FROM quota_addon a "
      "WHERE a.quota_id = $3 AND a.addon_id = v.addon_id)))) GROUP BY h.conference_id, h.owner_kind, "
      "h.owner_id",
      stock, conference_id, quota_id);
  tx.exec(
      "UPDATE stock SET held = COALESCE((SELECT CAST(SUM(h.quantity) AS BIGINT) FROM hold h WHERE h.stock_id "
      "= "
      "stock.id), 0), sold = $1 WHERE id = $2",
      tx.one<std::int64_t>(
          "SELECT COALESCE(CAST(SUM(l.quantity) AS BIGINT), 0) FROM stock s JOIN orders o ON o.conference_id "
          "= "
          "s.conference_id JOIN order_line l ON l.order_id = o.id WHERE s.id = $1 AND o.status IN ('paid', "
          "'partially_refunded') AND " COUNTS_LINE,
          stock),
      stock);
  note_over_limit(tx, stock);
}

void set_budget(db::Tx& tx, Id conference_id, Id voucher_id, std::int64_t budget) {
  const auto row = tx.maybe<Id, std::optional<std::int64_t>>(
      "SELECT id, capacity FROM stock WHERE conference_id = $1 AND kind = 'voucher_budget' AND product_id = "
      "$2",
      conference_id, voucher_id);
  if (row && std::get<1>(*row) == std::optional(budget)) return;
  take_back_elapsed(tx, conference_id);
  const Id stock = row ? std::get<0>(*row)
                       : ensure_stock(tx, conference_id, StockKind::voucher_budget, voucher_id, std::nullopt);
  tx.exec("DELETE FROM stock_use WHERE stock_id = $1", stock);
  tx.exec(
      "INSERT INTO stock_use (order_id, stock_id, quantity) SELECT o.id, $1, CAST(SUM(l.voucher_discount) AS "
      "BIGINT) FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.voucher_id = $2 AND "
      "o.conference_id = $3 AND o.status IN ('paid', 'partially_refunded') GROUP BY o.id HAVING "
      "SUM(l.voucher_discount) > 0",
      stock, voucher_id, conference_id);
  // What changes of orders hold stays.
  tx.exec("DELETE FROM hold WHERE stock_id = $1 AND owner_kind = 'order'", stock);
  tx.exec(
      "INSERT INTO hold (conference_id, stock_id, owner_kind, owner_id, quantity, expires_at) SELECT "
      "o.conference_id, $1, 'order', o.id, CAST(SUM(l.voucher_discount) AS BIGINT), o.hold_expires_at FROM "
      "orders o JOIN order_line l ON l.order_id = o.id WHERE o.voucher_id = $2 AND o.conference_id = $3 AND "
      "o.status = 'pending' AND o.hold_expires_at > $4 GROUP BY o.conference_id, o.id, o.hold_expires_at "
      "HAVING SUM(l.voucher_discount) > 0",
      stock, voucher_id, conference_id, tx.now());
  tx.exec(
      "UPDATE stock SET capacity = $2, sold = COALESCE((SELECT CAST(SUM(u.quantity) AS BIGINT) FROM "
      "stock_use u WHERE u.stock_id = stock.id), 0), held = COALESCE((SELECT CAST(SUM(h.quantity) AS BIGINT) "
      "FROM hold h WHERE h.stock_id = stock.id), 0) WHERE id = $1",
      stock, budget);
  note_over_limit(tx, stock);
}

std::vector<StockFault> verify_stock(db::Tx& tx, Id conference_id) {
  std::vector<StockFault> faults;
  // Sold: the units of sold-like orders, or what they use of vouchers and discounts. Held: every hold row,
  // elapsed or not, as the counter still has them.
  for (const auto& [id, kind, product, capacity, over, sold, held, counted_held, counted_sold] :
       tx.query<Id, std::string, Id, std::optional<std::int64_t>, std::int64_t, std::int64_t, std::int64_t,
                std::int64_t, std::int64_t>(
           "SELECT s.id, s.kind, s.product_id, s.capacity, s.over_limit, s.sold, s.held, "
           "COALESCE((SELECT CAST(SUM(h.quantity) AS BIGINT) FROM hold h WHERE h.stock_id = s.id), 0), CASE "
           "WHEN "
           "s.kind IN ('voucher', 'voucher_budget', 'condition') THEN COALESCE((SELECT CAST(SUM(u.quantity) "
           "AS "
           "BIGINT) FROM stock_use u JOIN orders o ON o.id = u.order_id WHERE u.stock_id = s.id AND o.status "
           "IN "
           "('paid', 'partially_refunded')), 0) ELSE COALESCE((SELECT CAST(SUM(l.quantity) AS BIGINT) FROM "
           "order_line l JOIN orders o ON o.id = l.order_id WHERE o.conference_id = s.conference_id AND "
           "o.status "
           "IN ('paid', 'partially_refunded') AND " COUNTS_LINE
           "), 0) END FROM stock s WHERE s.conference_id = $1 ORDER BY s.id",
           conference_id)) {
    const auto name = fmt::format("{} {} (stock {})", kind, product, id);
    if (sold != counted_sold)
      faults.push_back({fmt::format("{}: {} counted as sold, the orders say {}", name, sold, counted_sold)});
    if (held != counted_held)
      faults.push_back({fmt::format("{}: {} counted as held, the holds say {}", name, held, counted_held)});
    if (sold < 0 || held < 0)
      faults.push_back({fmt::format("{}: negative count ({} sold, {} held)", name, sold, held)});
    if (capacity && sold + held > *capacity + over)
      faults.push_back({fmt::format("{}: {} sold and {} held of {}, {} too many", name, sold, held, *capacity,
                                    sold + held - *capacity - over)});
    else if (capacity && sold + held > *capacity)
      faults.push_back({fmt::format("{}: {} sold and {} held of {}; the limit was lowered below what was in "
                                    "use, nothing more is sold",
                                    name, sold, held, *capacity),
                        true});
  }
  // A live cart holds exactly what is in it; a pending order with a live hold exactly what it ordered.
  for (const auto& [owner, owner_id, stock, has, wants] :
       tx.query<std::string, Id, Id, std::int64_t, std::int64_t>(
           "SELECT h.owner_kind, h.owner_id, h.stock_id, h.quantity, COALESCE(CASE h.owner_kind WHEN 'cart' "
           "THEN (SELECT CAST(SUM(i.quantity) AS BIGINT) FROM cart_item i WHERE i.cart_id = h.owner_id "
           "AND " COUNTS_ITEM
           ") ELSE (SELECT CAST(SUM(l.quantity) AS BIGINT) FROM order_line l WHERE l.order_id = h.owner_id "
           "AND " COUNTS_LINE ") END, 0) FROM hold h JOIN stock s ON s.id = h.stock_id WHERE h.conference_id "
           "= $1 AND h.expires_at > "
           "$2 AND h.owner_kind IN ('cart', 'order') AND s.kind NOT IN ('voucher', 'voucher_budget', "
           "'condition')",
           conference_id, tx.now()))
    if (has != wants)
      faults.push_back(
          {fmt::format("{} {} holds {} of stock {} for {} in it", owner, owner_id, has, stock, wants)});
  // A live offer holds exactly what was offered.
  for (const auto& [entry, stock, has, wants] : tx.query<Id, Id, std::int64_t, std::int64_t>(
           "SELECT h.owner_id, h.stock_id, h.quantity, COALESCE((SELECT CAST(SUM(i.quantity) AS BIGINT) FROM "
           "(" OFFERED_ITEMS ") i WHERE i.entry_id = h.owner_id AND " COUNTS_ITEM
           "), 0) FROM hold h JOIN stock s ON s.id = h.stock_id WHERE h.conference_id = $1 AND h.expires_at "
           "> $2 "
           "AND h.owner_kind = 'offer'",
           conference_id, tx.now()))
    if (has != wants)
      faults.push_back({fmt::format("offer {} holds {} of stock {} for {} in it", entry, has, stock, wants)});
  const auto unheld_offers = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM waiting_entry e JOIN (" OFFERED_ITEMS
      ") i ON i.entry_id = e.id WHERE e.conference_id = $1 AND e.status = 'offered' AND e.offer_expires_at > "
      "$2 AND "
      "NOT EXISTS (SELECT 1 FROM hold h JOIN stock s ON s.id = h.stock_id WHERE h.owner_kind = 'offer' AND "
      "h.owner_id = e.id AND h.expires_at = e.offer_expires_at AND ((s.kind = 'ticket_type' AND s.product_id "
      "= "
      "i.ticket_type_id) OR (s.kind = 'addon' AND s.product_id = i.addon_id)))",
      conference_id, tx.now());
  if (unheld_offers != 0)
    faults.push_back({fmt::format("{} items of live offers are not held", unheld_offers)});
  for (const Id change :
       tx.query<Id>("SELECT DISTINCT h.owner_id FROM hold h WHERE h.conference_id = $1 AND h.expires_at > $2 "
                    "AND h.owner_kind = 'change' AND NOT EXISTS (SELECT 1 FROM order_change c WHERE c.id = "
                    "h.owner_id AND c.status = 'waiting') ORDER BY h.owner_id",
                    conference_id, tx.now()))
    faults.push_back({fmt::format("change {} holds stock and does not wait for its payment", change)});
  // Nobody else holds as one; the lines count who waits in them.
  for (const Id entry : tx.query<Id>("SELECT h.owner_id FROM hold h WHERE h.conference_id = $1 AND "
                                     "h.expires_at > $2 AND h.owner_kind = "
                                     "'offer' AND NOT EXISTS (SELECT 1 FROM waiting_entry e WHERE e.id = "
                                     "h.owner_id AND e.status = 'offered')",
                                     conference_id, tx.now()))
    faults.push_back({fmt::format("offer {} holds stock and is none", entry)});
  for (const auto& [line, entries, units, counted, wanted] :
       tx.query<Id, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
           "SELECT l.id, l.entries, l.units, (SELECT COUNT(*) FROM waiting_choice c JOIN waiting_entry e ON "
           "e.id = "
           "c.entry_id WHERE c.line_id = l.id AND c.is_waiting = 1 AND e.status = 'waiting'), "
           "COALESCE((SELECT "
           "CAST(SUM(e.quantity) AS BIGINT) FROM waiting_choice c JOIN waiting_entry e ON e.id = c.entry_id "
           "WHERE "
           "c.line_id = l.id AND c.is_waiting = 1), 0) FROM waiting_line l WHERE l.conference_id = $1 ORDER "
           "BY l.id",
           conference_id))
    if (entries != counted || units != wanted)
      faults.push_back({fmt::format("waiting line {}: {} entries and {} units, {} wait for {}", line, entries,
                                    units, counted, wanted)});
  // The other way round: what is in a live cart or a live pending order without any hold.
  const auto unheld = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM cart c JOIN cart_item i ON i.cart_id = c.id WHERE c.conference_id = $1 AND "
      "c.status = 'open' AND c.expires_at > $2 AND NOT EXISTS (SELECT 1 FROM hold h JOIN stock s ON s.id = "
      "h.stock_id WHERE h.owner_kind = 'cart' AND h.owner_id = c.id AND ((s.kind = 'ticket_type' AND "
      "s.product_id = i.ticket_type_id) OR (s.kind = 'addon' AND s.product_id = i.addon_id)))",
      conference_id, tx.now());
  if (unheld != 0) faults.push_back({fmt::format("{} items of live carts are not held", unheld)});
  const auto unheld_lines = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.conference_id = $1 AND "
      "o.status = 'pending' AND o.hold_expires_at > $2 AND l.quantity > 0 AND l.kind <> 'fee' AND NOT EXISTS "
      "(SELECT 1 FROM order_line r WHERE r.reverses_line_id = l.id) AND NOT EXISTS (SELECT 1 FROM hold h "
      "JOIN "
      "stock s ON s.id = h.stock_id WHERE h.owner_kind = 'order' AND h.owner_id = o.id AND ((s.kind = "
      "'ticket_type' AND s.product_id = l.ticket_type_id) OR (s.kind = 'addon' AND s.product_id = "
      "l.addon_id)))",
      conference_id, tx.now());
  if (unheld_lines != 0)
    faults.push_back({fmt::format("{} lines of pending orders are not held", unheld_lines)});
  return faults;
}

}  // namespace plenary::registration
