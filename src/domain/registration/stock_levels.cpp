// Reading the stock: what is sold, held and left of each row, which rows a product takes, and what a voucher
// keeps back.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "domain/registration/catalogue.hpp"
#include "domain/registration/stock_words.hpp"

namespace plenary::registration {

using stock::stock_kind;
using stock::to_text;

namespace {

using LevelRow = std::tuple<Id, std::string, Id, std::optional<std::int64_t>, std::int64_t, std::int64_t>;

// Rows of stock and, with an empty kind, each elapsed hold not yet taken back, normally none: found once for
// all rows, which a join would do for each. Summed here, because a GROUP BY would make SQLite set up a
// temporary table for every page.
StockLevels levels_from(db::Tx& tx, std::vector<LevelRow> rows) {
  std::vector<StockLevel> levels;
  levels.reserve(rows.size());
  for (const auto& [id, kind, product, capacity, sold, held] : rows)
    if (!kind.empty())
      stock::add_taken(
          tx, levels.emplace_back(StockLevel{id, stock_kind(kind), product, capacity, sold, held, 0, false}));
  for (const auto& [id, kind, product, capacity, quantity, reserved] : rows) {
    if (!kind.empty()) continue;
    const auto level = std::find_if(levels.begin(), levels.end(),
                                    [row = id](const StockLevel& l) { return l.stock_id == row; });
    if (level == levels.end()) continue;
    level->elapsed += quantity - reserved;
    level->has_elapsed = true;
  }
  return StockLevels(std::move(levels));
}

#define LEVELS "SELECT id, kind, product_id, capacity, sold, held FROM stock WHERE conference_id = $1 "
#define ELAPSED                                                                                  \
  " UNION ALL SELECT stock_id, '', 0, CAST(NULL AS BIGINT), quantity, reserved FROM hold WHERE " \
  "conference_id "                                                                               \
  "= $1 AND expires_at <= $2"

}  // namespace

const StockLevel& StockLevels::conference() const {
  for (const auto& level : levels_)
    if (level.kind == StockKind::conference) return level;
  throw std::logic_error("the conference has no stock row");
}

const StockLevel& StockLevels::of(ProductKind kind, Id product_id) const {
  const StockKind wanted = kind == ProductKind::ticket_type ? StockKind::ticket_type : StockKind::addon;
  if (const StockLevel* level = find(wanted, product_id)) return *level;
  throw std::logic_error(fmt::format("{} {} has no stock row", to_text(wanted), product_id));
}

const StockLevel* StockLevels::find(StockKind kind, Id id) const {
  for (const auto& level : levels_)
    if (level.kind == kind && level.product_id == id) return &level;
  return nullptr;
}

std::optional<std::int64_t> StockLevels::remaining(Id stock_id) const {
  for (const auto& level : levels_)
    if (level.stock_id == stock_id) return level.remaining();
  return std::nullopt;
}

void StockLevels::keep_back(Id stock_id, std::int64_t units) {
  for (auto& level : levels_)
    if (level.stock_id == stock_id) level.kept += units;
}

bool StockLevels::any_elapsed() const {
  for (const auto& level : levels_)
    if (level.has_elapsed) return true;
  return false;
}

StockLevels stock_levels(db::Tx& tx, Id conference_id) {
  const db::ReadsCounted reads(tx);
  return levels_from(tx,
                     tx.query<Id, std::string, Id, std::optional<std::int64_t>, std::int64_t, std::int64_t>(
                         // All kinds but the vouchers', of which there may be ten thousand rows. A range,
                         // because for a list SQLite sets up a temporary table each time.
                         LEVELS "AND kind < 'voucher'" ELAPSED, conference_id, tx.now()));
}

StockLevels voucher_levels(db::Tx& tx, Id conference_id, Id voucher_id) {
  const db::ReadsCounted reads(tx);
  return levels_from(tx,
                     tx.query<Id, std::string, Id, std::optional<std::int64_t>, std::int64_t, std::int64_t>(
                         LEVELS "AND kind = 'voucher' AND product_id = $3 UNION ALL " LEVELS
                                "AND kind = 'voucher_budget' AND product_id = $3" ELAPSED,
                         conference_id, tx.now(), voucher_id));
}
#undef ELAPSED
#undef LEVELS

std::int64_t Reserve::of(Id stock_id) const {
  for (const HoldChange& row : left)
    if (row.stock_id == stock_id) return row.quantity;
  return 0;
}

Reserve reserve_of(db::Tx& tx, Id voucher_id) {
  Reserve reserve{voucher_id, {}};
  for (const auto& [stock, quantity] :
       tx.query<Id, std::int64_t>("SELECT stock_id, quantity FROM hold WHERE owner_kind = 'voucher' AND "
                                  "owner_id = $1 AND expires_at > "
                                  "$2 ORDER BY stock_id",
                                  voucher_id, tx.now()))
    reserve.left.push_back({stock, quantity});
  return reserve;
}

std::vector<Id> stock_rows(const Catalogue& catalogue, const StockLevels& levels, ProductKind kind,
                           Id product_id, std::optional<Id> variation_id) {
  std::vector<Id> rows{levels.of(kind, product_id).stock_id};
  if (kind == ProductKind::ticket_type) rows.push_back(levels.conference().stock_id);
  if (variation_id)
    if (const StockLevel* level = levels.find(StockKind::variation, *variation_id))
      rows.push_back(level->stock_id);
  for (const Quota& quota : catalogue.quotas)
    if (counts(quota, kind, product_id, variation_id))
      if (const StockLevel* level = levels.find(StockKind::quota, quota.id)) rows.push_back(level->stock_id);
  return rows;
}

std::optional<std::int64_t> remaining_of(const Catalogue& catalogue, const StockLevels& levels,
                                         ProductKind kind, Id product_id, std::optional<Id> variation_id,
                                         const Reserve* reserve) {
  std::optional<std::int64_t> least;
  const auto narrow = [&](const StockLevel* level) {
    if (!level) return;
    const auto left = level->remaining();
    if (!left) return;
    const std::int64_t with_own = *left + (reserve ? reserve->of(level->stock_id) : 0);
    least = least ? std::min(*least, with_own) : with_own;
  };
  narrow(&levels.of(kind, product_id));
  if (kind == ProductKind::ticket_type) narrow(&levels.conference());
  if (variation_id) narrow(levels.find(StockKind::variation, *variation_id));
  for (const Quota& quota : catalogue.quotas)
    if (counts(quota, kind, product_id, variation_id)) narrow(levels.find(StockKind::quota, quota.id));
  return least;
}

}  // namespace plenary::registration
