#include "domain/registration/preview.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

#include "domain/registration/buyer.hpp"
#include "domain/registration/pricing.hpp"
#include "domain/registration/records.hpp"

namespace plenary::registration {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
// Of a rule that is not stored yet: no other has it.
constexpr Id unsaved = -1;

// An order as it could be put into a cart.
struct Bought {
  OrderRow order;
  std::vector<CartItem> items;
  std::vector<Fee> fees;
  std::int64_t then = 0;
  bool incomplete = false;
};

void add_line(const Catalogue& catalogue, Bought& bought, const OrderLineRow& line) {
  if (line.kind == LineKind::fee) {
    bought.fees.push_back({line.description, line.line_total, line.tax_rule_id});
    return;
  }
  const ProductKind kind = line.kind == LineKind::ticket ? ProductKind::ticket_type : ProductKind::addon;
  const std::optional<Id>& product_id = line.ticket_type_id ? line.ticket_type_id : line.addon_id;
  const auto product = product_id ? catalogue.product(kind, *product_id) : std::nullopt;
  const bool is_there = product && (!line.variation_id || catalogue.variation(*line.variation_id));
  if (!is_there) {
    bought.incomplete = true;
    return;
  }
  CartItem item;
  item.kind = kind;
  item.product_id = *product_id;
  item.quantity = line.quantity;
  item.variation_id = line.variation_id;
  if (product->free_price) item.chosen_price = line.unit_price;
  for (CartItem& known : bought.items) {
    if (known.kind != item.kind || known.product_id != item.product_id ||
        known.variation_id != item.variation_id || known.chosen_price != item.chosen_price)
      continue;
    known.quantity += item.quantity;
    return;
  }
  item.id = static_cast<Id>(bought.items.size()) + 1;
  bought.items.push_back(item);
}

// Newest first. Lines that take others back lower what there is of an item.
std::vector<Bought> last_orders(db::Tx& tx, const Catalogue& catalogue, int limit) {
  std::vector<Bought> all;
  std::map<Id, std::size_t> places;
  for (OrderRow& order : order_table().select(tx,
                                              "WHERE conference_id = $1 AND status IN ('pending', 'paid', "
                                              "'partially_refunded') ORDER BY id DESC "
                                              "LIMIT $2",
                                              catalogue.conference.id, limit)) {
    places[order.id] = all.size();
    all.push_back({std::move(order), {}, {}, 0, false});
  }
  if (all.empty()) return all;
  for (const OrderLineRow& line : order_line_table().select(
           tx, "WHERE order_id IN (SELECT id FROM orders WHERE conference_id = $1 AND id >= $2) ORDER BY id",
           catalogue.conference.id, all.back().order.id)) {
    const auto found = places.find(line.order_id);
    if (found == places.end()) continue;
    Bought& bought = all[found->second];
    bought.then += line.gross;
    add_line(catalogue, bought, line);
  }
  for (Bought& bought : all)
    std::erase_if(bought.items, [](const CartItem& item) { return item.quantity <= 0; });
  return all;
}

// As the rules would have seen whoever ordered, as far as that is stored: what the order itself brought does
// not count as bought before.
Person person_of(db::Tx& tx, const Catalogue& catalogue, const OrderRow& order) {
  Person person = load_person(tx, catalogue, order.user_id);
  if (person.bought.empty()) return person;
  person.bought = tx.query<Id>(
      "SELECT l.ticket_type_id FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.user_id = $1 AND "
      "o.conference_id + 0 = $2 AND o.id <> $3 AND o.created_at <= $4 AND o.status IN ('paid', "
      "'partially_refunded') AND l.ticket_type_id IS NOT NULL GROUP BY l.ticket_type_id HAVING "
      "SUM(l.quantity) > 0",
      *order.user_id, catalogue.conference.id, order.id, order.created_at);
  return person;
}

class Run {
 public:
  Run(db::Tx& tx, const Catalogue& without, const Catalogue& with, int orders)
      : tx_(tx), without_(without), with_(with), bought_(last_orders(tx, without, orders)) {}

  // Prices each order, oldest first. `voucher_for` gives the previewed voucher, or the order's own.
  template <class Voucher, class Levels, class Seen>
  Preview run(Voucher voucher_for, Levels levels_of, Seen seen) {
    Preview preview;
    for (auto bought = bought_.rbegin(); bought != bought_.rend(); ++bought) {
      const Person person = person_of(tx_, with_, bought->order);
      const AppliedVoucher* own = own_voucher(bought->order);
      PricingInput input;
      input.items = bought->items;
      input.fees = bought->fees;
      input.person = &person;
      input.voucher = own;
      input.now = tx_.now();
      input.party = {bought->order.billing_is_business, bought->order.billing_country,
                     bought->order.vat_confirmed};
      PreviewedOrder row;
      row.order_id = bought->order.id;
      row.reference = bought->order.reference;
      row.created_at = bought->order.created_at;
      row.then = bought->then;
      row.incomplete = bought->incomplete;
      row.without = quote(without_, input).total;
      input.voucher = voucher_for(own);
      const StockLevels levels = levels_of();
      input.levels = &levels;
      const Quote priced = quote(with_, input);
      row.with = priced.total;
      seen(priced);
      preview.then += row.then;
      preview.without += row.without;
      preview.with += row.with;
      preview.reached += row.with != row.without;
      preview.orders.push_back(std::move(row));
    }
    std::reverse(preview.orders.begin(), preview.orders.end());
    return preview;
  }

 private:
  // What the order has already, as if its own use were still to come.
  const AppliedVoucher* own_voucher(const OrderRow& order) {
    if (!order.voucher_id) return nullptr;
    auto found = vouchers_.find(*order.voucher_id);
    if (found == vouchers_.end()) {
      auto loaded = load_voucher(tx_, order.conference_id, *order.voucher_id);
      if (loaded) {
        loaded->uses_left = unlimited;
        loaded->budget_left.reset();
        loaded->voucher.is_active = true;
        loaded->voucher.valid_from.reset();
        loaded->voucher.valid_until.reset();
      }
      found = vouchers_.emplace(*order.voucher_id, std::move(loaded)).first;
    }
    return found->second ? &*found->second : nullptr;
  }

  db::Tx& tx_;
  const Catalogue &without_, &with_;
  std::vector<Bought> bought_;
  std::map<Id, std::optional<AppliedVoucher>> vouchers_;
};

StockLevels no_levels() {
  return StockLevels(std::vector<StockLevel>());
}

}  // namespace

Preview preview_voucher(db::Tx& tx, const Catalogue& catalogue, const Voucher& voucher,
                        const ScopedProducts& products, int orders) {
  AppliedVoucher applied;
  applied.voucher = voucher;
  if (applied.voucher.id == 0) applied.voucher.id = unsaved;
  applied.voucher.is_active = true;
  applied.voucher.valid_from.reset();
  applied.voucher.valid_until.reset();
  applied.products = products;
  applied.basis_points = basis_points(voucher.percent);
  applied.uses_left = voucher.max_uses;
  applied.budget_left = voucher.budget;
  // Nobody puts one that is used up in the place of their own.
  const auto is_left = [&] {
    return applied.uses_left > 0 && (!applied.budget_left || *applied.budget_left > 0);
  };
  return Run(tx, catalogue, catalogue, orders)
      .run([&](const AppliedVoucher* own) { return is_left() ? &applied : own; }, no_levels,
           [&](const Quote& priced) {
             if (priced.voucher_discount <= 0 || !is_left()) return;
             --applied.uses_left;
             if (applied.budget_left) *applied.budget_left -= priced.voucher_discount;
           });
}

Preview preview_condition(db::Tx& tx, const Catalogue& catalogue, const Condition& condition,
                          const ConditionLinks& links, int orders) {
  Catalogue without = catalogue;
  std::erase_if(without.discounts, [&](const DiscountRule& rule) {
    return condition.id != 0 && rule.condition.id == condition.id;
  });
  DiscountRule rule{condition, links, basis_points(condition.percent)};
  if (rule.condition.id == 0) rule.condition.id = unsaved;
  rule.condition.is_active = true;
  rule.condition.start_time.reset();
  rule.condition.end_time.reset();
  const Id id = rule.condition.id;
  Catalogue with = without;
  const auto later = [](const DiscountRule& a, const DiscountRule& b) {
    return std::tie(a.condition.priority, a.condition.name) <
           std::tie(b.condition.priority, b.condition.name);
  };
  with.discounts.insert(std::upper_bound(with.discounts.begin(), with.discounts.end(), rule, later), rule);
  StockLevel level;
  level.kind = StockKind::condition;
  level.product_id = id;
  if (condition.usage_limit > 0) level.capacity = condition.usage_limit;
  return Run(tx, without, with, orders)
      .run([](const AppliedVoucher* own) { return own; },
           [&] { return StockLevels(std::vector<StockLevel>{level}); },
           [&](const Quote& priced) {
             for (const QuoteLine& line : priced.lines) {
               if (line.condition_id == std::optional(id)) level.sold += line.condition_units;
             }
           });
}

}  // namespace plenary::registration
