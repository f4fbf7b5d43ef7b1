// Changes of an order: units taken back, products added, a variation in place of another, lines repriced.
// Planning is pure and says what it costs, which stock it needs and frees; writing does all of it in the
// caller's transaction, with stock, uses of vouchers and discounts, seats and the order's sums. Ordered lines
// stay: a change adds lines. Refused before anything is written, but for "sold_out_meanwhile" and "used_up",
// which undo the transaction. Functions of a transaction: one thread at a time, in the conference's lane.
// source: registration 20, 11, D17, D18, D33; docs/orders.md.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/buyer.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/order_lines.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/pricing.hpp"

namespace plenary::registration {

struct TakenBack {
  Id line_id = 0;
  std::int64_t quantity = 0;
  std::vector<std::int64_t> positions = {};  // of the seats that go; those left out are chosen (void_first)
};
struct AddedItem {
  ProductKind kind = ProductKind::ticket_type;
  Id product_id = 0;
  std::optional<Id> variation_id = {};
  std::int64_t quantity = 1;
  std::optional<std::int64_t> chosen_price = {};  // of a product whose price the buyer names
};
// Units of a line become another variation of the same product. Seats and discounts stay; the price is that
// of swap_difference.
struct SwappedUnits {
  Id line_id = 0;
  std::int64_t quantity = 0;
  Id variation_id = 0;
};
// All units that are left of a line cost this much each, without discounts. By staff.
struct RepricedLine {
  Id line_id = 0;
  std::int64_t unit_price = 0;
};
struct WantedChange {
  std::vector<TakenBack> taken_back = {};
  std::vector<AddedItem> added = {};
  std::vector<SwappedUnits> swapped = {};
  std::vector<RepricedLine> repriced = {};
  // What a business owes the tax of itself, once its number is confirmed, is said anew without tax: the net
  // amounts stay. By staff (tax_corrections.hpp).
  bool takes_tax_off = false;
  bool is_empty() const {
    return taken_back.empty() && added.empty() && swapped.empty() && repriced.empty() && !takes_tax_off;
  }
};
// As it is kept while its payment is awaited.
std::string to_json(const WantedChange& wanted);
WantedChange wanted_from_json(std::string_view json);

// What planning asks of the database, read once in the transaction.
struct ChangeBasis {
  std::shared_ptr<const Catalogue> catalogue;
  StockLevels levels{{}};
  StockLevels voucher_levels{{}};
  Person person;
  std::optional<AppliedVoucher> voucher;  // the order's
  // What a change of this order holds while it waits: in levels and budget it counts as free.
  std::vector<HoldChange> own = {};
  std::map<Id, Id> replaced = {};  // lines that stand for units of an earlier one
};
ChangeBasis load_change_basis(db::Tx& tx, const Shop& shop, const Order& order);

// The levels as they are for whoever holds these units.
StockLevels with_own(const StockLevels& levels, const std::vector<HoldChange>& own);
// For a change that waited: of limited discounts and of the voucher's budget exactly what it holds is left.
ChangeBasis as_promised(ChangeBasis basis);

// What a unit costs more (or less) in another variation than what it was bought as: the difference between
// today's prices of the two, but no more than the new one costs today above what it was bought for (below it,
// when it costs less). So a price that rose or fell since is neither charged nor given back; and as what was
// bought counts, not what it was changed to since, changing back undoes a change, whatever the prices did.
struct SwapPrices {
  std::int64_t bought_for = 0;         // list price then, of the line that was bought
  std::int64_t before = 0, after = 0;  // today's, of the two; one that is gone counts as it was bought
};
std::int64_t swap_difference(const SwapPrices& prices);

struct PlannedLine {
  OrderLine line;
  Id seats_from = 0;                    // its seats move here from that line; 0: a ticket's seats are new
  std::optional<SwapPrices> swap = {};  // of units in another variation
  Id replaces = 0;                      // the line whose units it stands for, bought as that was
};
// Why it costs what it costs; nothing where there is nothing to tell.
std::optional<Explanation> explain(const Catalogue& catalogue, const PlannedLine& planned);
struct ChangePlan {
  std::vector<OrderLine> reversals;
  std::vector<PlannedLine> additions;
  std::vector<TakenBack> voided;  // tickets whose seats go
  std::vector<HoldChange> stock;  // each row once: above zero is needed, below is freed
  std::vector<HoldChange> uses;   // likewise, of the voucher's budget and limited discounts
  OrderSums before, after;
  std::int64_t units_after = 0;  // tickets and add-ons
  std::int64_t difference() const { return after.total - before.total; }
  bool is_empty() const { return reversals.empty() && additions.empty(); }
};
// Added products cost what a new order would pay today, with the order's voucher as far as it still reaches:
// its own use counts for this order, its units and amount only once. Refused: no_line, quantity, unavailable
// (a product or variation that is not there), price.
ChangePlan plan_change(const ChangeBasis& basis, const Order& order, const WantedChange& wanted, Instant now);
// A plan that adds lines made elsewhere (a fee), or takes back lines that were (a price reduction).
ChangePlan plan_lines(const ChangeBasis& basis, const Order& order, std::vector<OrderLine> reversals,
                      std::vector<PlannedLine> additions);
// A line as it was priced.
OrderLine line_of(const QuoteLine& quoted);
// Everything that is left of it.
WantedChange all_of(const Order& order);

// What the order would consist of, for rules about whole orders (purchase_rules.hpp).
std::vector<CartItem> items_after(const Order& order, const ChangePlan& plan);

struct WritingOfChange {
  Cause cause;
  std::optional<Id> held_by = {};  // the waiting change that holds its stock
  bool may_void_checked_in = false;
  std::optional<OrderEvent> event = OrderEvent::changed;  // what others are told; nothing: the caller tells
};
// Writes it. The order has its new lines, sums, version and status afterwards: `refunded` when no unit is
// left. An unpaid order that nothing is due for any more becomes paid. Refused: sold_out, hold_elapsed (an
// unpaid order whose time is over), not_changeable (its status), checked_in, no_seat.
void write_change(db::Tx& tx, const Shop& shop, const ChangeBasis& basis, Order& order,
                  const ChangePlan& plan, const WritingOfChange& writing);

// Staff's change, at once: plan, write, and the order's attention says what is due or owed. `version`: of the
// order as the form showed it; another one refuses ("changed_meanwhile").
ChangePlan change_by_staff(db::Tx& tx, const Shop& shop, Order& order, const WantedChange& wanted,
                           std::int64_t version, const Cause& cause);
// Staff's notes; empty: none.
void set_order_attention(db::Tx& tx, Id order_id, std::string_view why);
void set_order_comment(db::Tx& tx, Id order_id, std::string_view comment);
void require_version(const Order& order, std::int64_t version);

}  // namespace plenary::registration
