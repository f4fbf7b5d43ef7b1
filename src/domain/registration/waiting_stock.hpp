// What is left for everybody while people wait: units that those on a waiting list could take are theirs, and
// only offers give them away. Pages, carts and the API ask here instead of stock_levels. Functions of a
// transaction: one thread at a time; they read. docs/waiting-list.md.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "domain/registration/catalogue.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/waiting_list.hpp"

namespace plenary::registration {

// The stock of the catalogue's conference without what is kept for its waiting lists. One query more than
// stock_levels, and only where a product has a waiting list.
StockLevels stock_for_everybody(db::Tx& tx, const Catalogue& catalogue);
// The same of what stock_levels has already said in this transaction.
StockLevels stock_for_everybody(db::Tx& tx, const Catalogue& catalogue, StockLevels levels);

// Whether offers of it can be made at all at this moment: on sale, with its waiting list switched on.
bool is_offered_to_waiting(const Catalogue& catalogue, const ProductChoice& product, Instant now);

// Most that one order, and one person, may have of it.
std::int64_t most_of(const Catalogue& catalogue, const Product& product);
// All that there is of it, sold or not: the least of what it takes. None: unlimited.
std::optional<std::int64_t> capacity_of(const Catalogue& catalogue, const StockLevels& levels,
                                        const ProductChoice& choice);
// Most that anybody could ever be offered of it at once, by both.
std::int64_t most_at_once(const Catalogue& catalogue, const StockLevels& levels, const ProductChoice& choice);

// The lines without the units of groups that want more than that, all or nothing: a limit was lowered after
// they joined. They can never be served, and nothing is kept for them. One query more, where there are some.
std::vector<WaitingLine> lines_to_serve(db::Tx& tx, const Catalogue& catalogue, const StockLevels& levels,
                                        std::vector<WaitingLine> lines);

// What is kept at this moment, of each stock row (a row may come twice): for each line as many units as are
// there and wanted; `lines` as lines_to_serve gives them. Whoever gives back what is theirs and takes it
// again in one write asks before, and keeps this back after.
std::vector<HoldChange> kept_for_waiting(db::Tx& tx, const Catalogue& catalogue);
std::vector<HoldChange> kept_for_waiting(const StockLevels& levels, const Catalogue& catalogue,
                                         std::span<const WaitingLine> lines, Instant now);
void keep_back(StockLevels& levels, std::span<const HoldChange> kept);

}  // namespace plenary::registration
