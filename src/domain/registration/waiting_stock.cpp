#include "domain/registration/waiting_stock.hpp"

#include <algorithm>

#include "domain/registration/store_waiting.hpp"

namespace plenary::registration {
namespace {

bool has_waiting_list(const Catalogue& catalogue) {
  const auto on = [](const auto& product) { return product.waiting_list; };
  return std::any_of(catalogue.ticket_types.begin(), catalogue.ticket_types.end(), on) ||
         std::any_of(catalogue.addons.begin(), catalogue.addons.end(), on);
}

}  // namespace

bool is_offered_to_waiting(const Catalogue& catalogue, const ProductChoice& product, Instant now) {
  const auto found = catalogue.product(product.kind, product.product_id);
  if (!found || !found->waiting_list || !found->is_active ||
      !in_window(found->available_from, found->available_until, now))
    return false;
  if (!product.variation_id) return catalogue.variations_of(product.kind, product.product_id).empty();
  const Variation* variation = catalogue.variation(*product.variation_id);
  return variation && variation->is_active;
}

std::vector<HoldChange> kept_for_waiting(const StockLevels& levels, const Catalogue& catalogue,
                                         std::span<const WaitingLine> lines, Instant now) {
  std::vector<HoldChange> kept;
  for (const WaitingLine& line : lines) {
    const ProductChoice product = line.product();
    if (line.units == 0 || !is_offered_to_waiting(catalogue, product, now)) continue;
    const auto left = remaining_of(catalogue, levels, product.kind, product.product_id, product.variation_id);
    if (!left || *left <= 0) continue;
    const std::int64_t units = std::min(*left, line.units);
    for (const Id row : stock_rows(catalogue, levels, product.kind, product.product_id, product.variation_id))
      kept.push_back({row, units});
  }
  return kept;
}

std::vector<HoldChange> kept_for_waiting(db::Tx& tx, const Catalogue& catalogue) {
  if (!has_waiting_list(catalogue)) return {};
  const auto lines = store::waiting_lines(tx, catalogue.conference.id);
  if (lines.empty()) return {};
  return kept_for_waiting(stock_levels(tx, catalogue.conference.id), catalogue, lines, tx.now());
}

void keep_back(StockLevels& levels, std::span<const HoldChange> kept) {
  for (const HoldChange& change : kept) levels.keep_back(change.stock_id, change.quantity);
}

StockLevels stock_for_everybody(db::Tx& tx, const Catalogue& catalogue) {
  return stock_for_everybody(tx, catalogue, stock_levels(tx, catalogue.conference.id));
}

StockLevels stock_for_everybody(db::Tx& tx, const Catalogue& catalogue, StockLevels levels) {
  if (!has_waiting_list(catalogue)) return levels;
  const auto lines = store::waiting_lines(tx, catalogue.conference.id);
  keep_back(levels, kept_for_waiting(levels, catalogue, lines, tx.now()));
  return levels;
}

}  // namespace plenary::registration
