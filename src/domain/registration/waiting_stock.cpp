#include "domain/registration/waiting_stock.hpp"

#include <algorithm>
#include <utility>

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

std::int64_t most_of(const Catalogue& catalogue, const Product& product) {
  std::int64_t most = most_waited_for;
  if (product.limit_per_user) most = std::min(most, *product.limit_per_user);
  if (product.max_per_order) most = std::min(most, *product.max_per_order);
  if (product.kind == ProductKind::ticket_type)
    most = std::min(most, catalogue.conference.max_tickets_per_cart);
  return most;
}

std::optional<std::int64_t> capacity_of(const Catalogue& catalogue, const StockLevels& levels,
                                        const ProductChoice& choice) {
  std::optional<std::int64_t> least;
  const auto rows = stock_rows(catalogue, levels, choice.kind, choice.product_id, choice.variation_id);
  for (const StockLevel& level : levels.all())
    if (level.capacity && std::find(rows.begin(), rows.end(), level.stock_id) != rows.end())
      least = std::min(least.value_or(*level.capacity), *level.capacity);
  return least;
}

std::int64_t most_at_once(const Catalogue& catalogue, const StockLevels& levels,
                          const ProductChoice& choice) {
  const auto product = catalogue.product(choice.kind, choice.product_id);
  if (!product) return 0;
  const std::int64_t most = most_of(catalogue, *product);
  return std::min(most, capacity_of(catalogue, levels, choice).value_or(most));
}

std::vector<WaitingLine> lines_to_serve(db::Tx& tx, const Catalogue& catalogue, const StockLevels& levels,
                                        std::vector<WaitingLine> lines) {
  std::vector<std::int64_t> most;
  std::optional<std::int64_t> least;  // of lines in which a group is larger
  for (const WaitingLine& line : lines) {
    most.push_back(most_at_once(catalogue, levels, line.product()));
    if (line.largest > most.back()) least = std::min(least.value_or(most.back()), most.back());
  }
  if (!least) return lines;
  for (const auto& [line_id, needs, units] :
       store::groups_beyond(tx, catalogue.conference.id, std::max<std::int64_t>(*least, 1)))
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (lines[i].id == line_id && needs > most[i]) lines[i].units -= std::min(units, lines[i].units);
  return lines;
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
  auto lines = store::waiting_lines(tx, catalogue.conference.id);
  if (lines.empty()) return {};
  const StockLevels levels = stock_levels(tx, catalogue.conference.id);
  lines = lines_to_serve(tx, catalogue, levels, std::move(lines));
  return kept_for_waiting(levels, catalogue, lines, tx.now());
}

void keep_back(StockLevels& levels, std::span<const HoldChange> kept) {
  for (const HoldChange& change : kept) levels.keep_back(change.stock_id, change.quantity);
}

StockLevels stock_for_everybody(db::Tx& tx, const Catalogue& catalogue) {
  return stock_for_everybody(tx, catalogue, stock_levels(tx, catalogue.conference.id));
}

StockLevels stock_for_everybody(db::Tx& tx, const Catalogue& catalogue, StockLevels levels) {
  if (!has_waiting_list(catalogue)) return levels;
  const auto lines = lines_to_serve(tx, catalogue, levels, store::waiting_lines(tx, catalogue.conference.id));
  keep_back(levels, kept_for_waiting(levels, catalogue, lines, tx.now()));
  return levels;
}

}  // namespace plenary::registration
