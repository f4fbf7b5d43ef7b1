// Stock: one row for everything that can run out: the conference as a whole, each ticket type, add-on,
// variation and shared quota, the uses and the budget of a voucher, the units of a limited discount; one hold
// row for each owner and stock. sold + held <= capacity after every commit. Every write first takes back
// elapsed holds, then updates conditionally; no row changed means sold out. Pages show capacity - sold - held
// + elapsed holds not yet taken back, so expiry is exact at any instant without a job. A voucher that
// reserves has a hold of its own, from which its carts take and to which they give back. source:
// docs/transactions.md, section 4; registration 20, 4, 9, D38.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

enum class StockKind {
  conference,
  ticket_type,
  addon,
  variation,
  quota,
  voucher,         // uses: orders
  voucher_budget,  // minor units taken off
  condition        // discounted units
};

struct StockLevel {
  Id stock_id = 0;
  StockKind kind = StockKind::conference;
  Id product_id = 0;                     // 0 for the conference
  std::optional<std::int64_t> capacity;  // none: unlimited
  std::int64_t sold = 0, held = 0;
  std::int64_t elapsed = 0;  // part of held whose time is over and that is for everybody again
  bool has_elapsed = false;  // a hold whose time is over is still there, a reserved one perhaps
  std::int64_t kept = 0;     // not for everybody: for those on a waiting list (waiting_stock.hpp)

  // None: unlimited. May be negative after the capacity was lowered.
  std::optional<std::int64_t> remaining() const {
    if (!capacity) return std::nullopt;
    return *capacity - sold - held + elapsed - kept;
  }
  std::int64_t used() const { return sold + held - elapsed; }
};

// The stock of a conference at tx.now(), that of vouchers left out; one query.
class StockLevels {
 public:
  explicit StockLevels(std::vector<StockLevel> levels) : levels_(std::move(levels)) {}
  const StockLevel& conference() const;
  // std::logic_error when the product has no stock row: each product gets one with its insert.
  const StockLevel& of(ProductKind kind, Id product_id) const;
  const StockLevel* find(StockKind kind, Id id) const;       // null: it has none
  std::optional<std::int64_t> remaining(Id stock_id) const;  // none: unlimited, or no such row
  bool any_elapsed() const;
  // Counts units as kept for a waiting list.
  void keep_back(Id stock_id, std::int64_t units);
  const std::vector<StockLevel>& all() const { return levels_; }

 private:
  std::vector<StockLevel> levels_;
};

StockLevels stock_levels(db::Tx& tx, Id conference_id);
// The uses and the budget of one voucher; rows that are not there yet were never used.
StockLevels voucher_levels(db::Tx& tx, Id conference_id, Id voucher_id);

// A change of what an owner holds of one stock row; negative gives back.
struct HoldChange {
  Id stock_id = 0;
  std::int64_t quantity = 0;
};
enum class HoldOwner { cart, order, offer, voucher, change };

// What a voucher keeps back for its carts at this moment.
struct Reserve {
  Id voucher_id = 0;
  std::vector<HoldChange> left;  // units of each stock row
  std::int64_t of(Id stock_id) const;
};
Reserve reserve_of(db::Tx& tx, Id voucher_id);

// The stock rows that a unit of a product takes, each once: `variation_id` of products that have some. The
// conference's own is among them for tickets.
struct Catalogue;
std::vector<Id> stock_rows(const Catalogue& catalogue, const StockLevels& levels, ProductKind kind,
                           Id product_id, std::optional<Id> variation_id);
// Units that could be had of it: the least of its rows; none: unlimited.
std::optional<std::int64_t> remaining_of(const Catalogue& catalogue, const StockLevels& levels,
                                         ProductKind kind, Id product_id, std::optional<Id> variation_id,
                                         const Reserve* reserve = nullptr);

// Takes back this conference's elapsed holds; the number of rows. Cheap when there are none.
std::int64_t take_back_elapsed(db::Tx& tx, Id conference_id);

// Changes what a cart holds and sets the expiry of all its holds; with a reserve, that is used first. False:
// a row had no room; the caller must throw (the savepoint undoes what was written).
bool change_holds(db::Tx& tx, Id conference_id, Id cart_id, std::span<const HoldChange> changes,
                  Instant expires_at, const Reserve* reserve = nullptr);

// New holds of an owner that has none of these rows; one change for each stock row. False as above.
bool hold_for(db::Tx& tx, Id conference_id, HoldOwner owner, Id owner_id, std::span<const HoldChange> changes,
              Instant expires_at);

// The live cart's holds become the order's, without a gap.
void move_holds(db::Tx& tx, Id cart_id, Id order_id, Instant expires_at);
// The live holds of an offer or a change become another owner's, added to what that holds. False: they had
// elapsed.
bool hand_over_holds(db::Tx& tx, HoldOwner from, Id from_id, HoldOwner to, Id to_id, Instant expires_at);

// What an owner holds at this moment is held until then.
void keep_holds(db::Tx& tx, HoldOwner owner, Id owner_id, Instant expires_at);

// The order's holds become sold, and what it uses of vouchers and discounts is noted. False: they had elapsed
// meanwhile (nothing written). look_at_held asks for them ahead.
bool sell_held(db::Tx& tx, Id order_id, std::string_view reference);
void look_at_held(db::Tx& tx, std::string_view reference);
// The live holds of a change become sold. False as above.
bool sell_held_by_change(db::Tx& tx, Id change_id);

// Sells without a hold, when there is room for all of it. False: no room; nothing is sold.
bool sell_unheld(db::Tx& tx, std::span<const HoldChange> quantities);
// A sold order uses a voucher or a discount that it holds nothing of, as far as there is room. False: it is
// used up, and nothing is written.
bool use_unheld(db::Tx& tx, Id order_id, const HoldChange& use);

// Sold units come back; at most what was sold.
void unsell(db::Tx& tx, std::span<const HoldChange> quantities);
// What a sold order used of vouchers and discounts comes back: all of it, or units of one row.
void give_back_uses(db::Tx& tx, Id order_id);
void give_back_use(db::Tx& tx, Id order_id, Id stock_id, std::int64_t quantity);

// Gives some of what an owner holds back: units of each row, at most what it holds.
void give_back_held(db::Tx& tx, Id conference_id, HoldOwner owner, Id owner_id,
                    std::span<const HoldChange> quantities);
// Gives back whatever an owner holds (cancelling, emptying a cart).
void release_holds(db::Tx& tx, HoldOwner owner, Id owner_id);

// Creates or changes the stock row of a product; capacity 0 = unlimited. source: 20, 3.1.
void set_capacity(db::Tx& tx, Id conference_id, StockKind kind, Id product_id, std::int64_t capacity);
// The same for what need not have a row yet: only one that is there.
void change_capacity(db::Tx& tx, Id conference_id, StockKind kind, Id product_id,
                     std::optional<std::int64_t> capacity);
// The row of a voucher's uses or budget, made where it is missing.
Id ensure_stock(db::Tx& tx, Id conference_id, StockKind kind, Id product_id,
                std::optional<std::int64_t> capacity);

// Counts a quota anew after its products have changed: what was sold, and what is held at this moment.
void recount_quota(db::Tx& tx, Id conference_id, Id quota_id);

// A voucher that reserves holds as many units as its uses that are left can take, as far as there is room;
// any other holds nothing. The units it could not get.
std::int64_t keep_reserve(db::Tx& tx, Id conference_id, Id voucher_id, std::int64_t units,
                          std::span<const Id> stock_rows, Instant until);

inline constexpr Instant never{9'000'000'000'000'000};  // of holds without an end

// The row of a voucher's budget, made where the budget is new or another by now: what orders before took off
// counts, as sold or as held.
void set_budget(db::Tx& tx, Id conference_id, Id voucher_id, std::int64_t budget);

// Recounts every stock row of the conference from orders, carts and holds. Empty: all agree.
struct StockFault {
  std::string what;  // "ticket type individual: sold 12, orders say 11"
  // No fault: a limit was set below what is in use (stock.over_limit), so that nothing more is sold. In use
  // over the limit without that is a fault.
  bool is_remark = false;
};
std::vector<StockFault> verify_stock(db::Tx& tx, Id conference_id);

}  // namespace plenary::registration
