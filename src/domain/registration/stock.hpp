// Stock: one row for each ticket type, add-on and the conference as a whole, one hold row for each owner and
// stock. sold + held <= capacity after every commit. Every write first takes back elapsed holds, then updates
// conditionally; no row changed means sold out. Pages show capacity - sold - held + elapsed holds not yet
// taken back, so expiry is exact at any instant without a job. source: docs/transactions.md, section 4;
// registration 20, 4, 9, D38.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

enum class StockKind { conference, ticket_type, addon };

struct StockLevel {
  Id stock_id = 0;
  StockKind kind = StockKind::conference;
  Id product_id = 0;                     // 0 for the conference
  std::optional<std::int64_t> capacity;  // none: unlimited
  std::int64_t sold = 0, held = 0;
  std::int64_t elapsed = 0;  // part of held whose time is over

  // None: unlimited. May be negative after the capacity was lowered.
  std::optional<std::int64_t> remaining() const {
    if (!capacity) return std::nullopt;
    return *capacity - sold - held + elapsed;
  }
};

// All stock of a conference at tx.now(), one query.
class StockLevels {
 public:
  explicit StockLevels(std::vector<StockLevel> levels) : levels_(std::move(levels)) {}
  const StockLevel& conference() const;
  // std::logic_error when the product has no stock row: each product gets one with its insert.
  const StockLevel& of(ProductKind kind, Id product_id) const;
  bool any_elapsed() const;

 private:
  std::vector<StockLevel> levels_;
};

StockLevels stock_levels(db::Tx& tx, Id conference_id);

// A change of what an owner holds of one stock row; negative gives back.
struct HoldChange {
  Id stock_id = 0;
  std::int64_t quantity = 0;
};
enum class HoldOwner { cart, order };

// Takes back this conference's elapsed holds; the number of rows. Cheap when there are none.
std::int64_t take_back_elapsed(db::Tx& tx, Id conference_id);

// Changes what a cart holds and sets the expiry of all its holds. False: a row had no room; the caller must
// throw (the savepoint undoes what was written).
bool change_holds(db::Tx& tx, Id conference_id, Id cart_id, std::span<const HoldChange> changes,
                  Instant expires_at);

// Holds for an order that came from no cart; one change for each stock row. False as above.
bool hold_for_order(db::Tx& tx, Id conference_id, Id order_id, std::span<const HoldChange> changes,
                    Instant expires_at);

// The live cart's holds become the order's, without a gap.
void move_holds(db::Tx& tx, Id cart_id, Id order_id, Instant expires_at);

// The order's holds become sold. False: they had elapsed meanwhile (nothing written).
bool sell_held(db::Tx& tx, Id order_id);

// Sells without a hold, when there is room for all of it. False: no room; nothing is sold.
bool sell_unheld(db::Tx& tx, std::span<const HoldChange> quantities);

// Gives back whatever an owner holds (cancelling, emptying a cart).
void release_holds(db::Tx& tx, HoldOwner owner, Id owner_id);

// Creates or changes the stock row of a product; capacity 0 = unlimited. source: 20, 3.1.
void set_capacity(db::Tx& tx, Id conference_id, StockKind kind, Id product_id, std::int64_t capacity);

// Recounts every stock row of the conference from orders, carts and holds. Empty: all agree.
struct StockFault {
  std::string what;  // "ticket type individual: sold 12, orders say 11"
};
std::vector<StockFault> verify_stock(db::Tx& tx, Id conference_id);

}  // namespace plenary::registration
