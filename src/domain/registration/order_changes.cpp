// Planning: what a change of an order costs and needs. Writing: order_changes_write.cpp. One subject, a
// little over 500 lines: every kind of change is planned upon the same lines that are left.
#include "domain/registration/order_changes.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "domain/conference/conferences.hpp"
#include "domain/registration/shares.hpp"
#include "domain/registration/store_changes.hpp"

namespace plenary::registration {
namespace {

constexpr std::int64_t most_units = 10'000, highest_price = 9'999'999'999;

[[noreturn]] void no_line() {
  throw Refused("no_line",
                "This line of the order is not there any more. Look at the order again, as it is now.");
}

std::optional<std::pair<ProductKind, Id>> product_of(const OrderLine& line) {
  if (line.ticket_type_id) return std::pair(ProductKind::ticket_type, *line.ticket_type_id);
  if (line.addon_id) return std::pair(ProductKind::addon, *line.addon_id);
  return std::nullopt;
}

std::int64_t quantity_in(const std::vector<HoldChange>& holds, Id stock_id) {
  for (const HoldChange& hold : holds)
    if (hold.stock_id == stock_id) return hold.quantity;
  return 0;
}

class Planning {
 public:
  Planning(const ChangeBasis& basis, const Order& order, Instant now)
      : basis_(basis), order_(order), now_(now), left_(lines_left(order.lines)) {}

  void take_back(const TakenBack& taken) {
    const OrderLine& left = line(taken.line_id, taken.quantity);
    plan_.reversals.push_back(reversal_of(left, taken.quantity));
    if (left.kind == LineKind::ticket) plan_.voided.push_back(taken);
    reduce();
  }

  void swap(const SwappedUnits& swapped) {
    const OrderLine& left = line(swapped.line_id, swapped.quantity);
    const auto kind_and_id = product_of(left);
    const auto product =
        kind_and_id ? catalogue().product(kind_and_id->first, kind_and_id->second) : std::optional<Product>();
    const Variation* to = catalogue().variation(swapped.variation_id);
    const bool fits = product && to && to->is_active &&
                      (product->kind == ProductKind::ticket_type ? to->ticket_type_id : to->addon_id) ==
                          std::optional<Id>(product->id);
    if (!fits)
      throw Refused("unavailable", "{name} is no longer available in this kind.",
                    {{"name", left.description}});
    if (left.variation_id == std::optional<Id>(to->id)) return;
    const OrderLine bought = bought_as(left);
    const Variation* from = bought.variation_id ? catalogue().variation(*bought.variation_id) : nullptr;
    const CartItem item{0, product->kind, product->id, 1};
    const bool is_known = from || !bought.variation_id;
    const SwapPrices prices{bought.unit_price,
                            is_known ? unit_price_of(*product, from, item) : bought.unit_price,
                            unit_price_of(*product, to, item)};
    const std::int64_t more = bought.unit_price + swap_difference(prices) - left.unit_price;

    const OrderLine reversal = reversal_of(left, swapped.quantity);
    OrderLine line = mirrored(reversal);
    line.description = *product->name + ", " + to->name;
    line.variation_id = to->id;
    if (more != 0) {
      // Discounts stay as they were, as far as the lower price still bears them.
      line.unit_price = std::max<std::int64_t>(line.unit_price + more, 0);
      const std::int64_t price = line.unit_price * line.quantity;
      // What a lower price could not bear comes back with the price.
      if (line.line_total == 0) {
        const auto share = [&](std::int64_t whole) {
          return part_of(whole, bought.quantity, 0, line.quantity);
        };
        line.condition_discount = std::max(line.condition_discount, share(bought.condition_discount));
        line.voucher_discount = std::max(line.voucher_discount, share(bought.voucher_discount));
      }
      line.condition_discount = std::min(line.condition_discount, price);
      line.voucher_discount = std::min(line.voucher_discount, price - line.condition_discount);
      line.line_total = price - line.condition_discount - line.voucher_discount;
      tax_line(line, contained_rate(line));
    }
    plan_.reversals.push_back(reversal);
    plan_.additions.push_back({std::move(line), swapped.line_id, prices, swapped.line_id});
    reduce();
  }

  void reprice(const RepricedLine& repriced) {
    const OrderLine* left = find_line(left_, repriced.line_id);
    if (!left) no_line();
    if (repriced.unit_price < 0 || repriced.unit_price > highest_price)
      throw Refused("price", "Enter a price from 0 on.", {}, "price");
    const OrderLine reversal = reversal_of(*left, left->quantity);
    OrderLine line = mirrored(reversal);
    line.unit_price = repriced.unit_price;
    line.condition_discount = line.condition_units = line.voucher_discount = 0;
    line.condition_id.reset();
    line.condition_name.clear();
    line.line_total = line.unit_price * line.quantity;
    tax_line(line, contained_rate(line));
    plan_.reversals.push_back(reversal);
    plan_.additions.push_back({std::move(line), repriced.line_id});
    reduce();
  }

  void take_tax_off() {
    const TaxParty confirmed{true, order_.billing.country, true};
    const std::vector<OrderLine> all = left_;
    for (const OrderLine& left : all) {
      const AppliedTax applied =
          applied_tax(catalogue().tax_rule(left.tax_rule_id), confirmed, catalogue().seller_country(),
                      catalogue().conference.event_country);
      if (left.tax == 0 || !applied.reverse_charge) continue;
      const OrderLine reversal = reversal_of(left, left.quantity);
      OrderLine line = mirrored(reversal);
      line.gross = line.net;
      line.tax = 0;
      line.tax_rate.assign(1, '0');
      line.tax_category = applied.category;
      line.reverse_charge = true;
      line.tax_rule_version = applied.rule->rule.version;
      line.tax_country.clear();
      line.tax_text = std::string(applied.text);
      plan_.reversals.push_back(reversal);
      plan_.additions.push_back({std::move(line), left.id, {}, left.id});
    }
    reduce();
  }

  // Priced together, after everything else is known.
  void add(const std::vector<AddedItem>& added) {
    if (added.empty()) return;
    std::vector<CartItem> items;
    for (const AddedItem& item : added) {
      const auto product = catalogue().product(item.kind, item.product_id);
      const Variation* variation = item.variation_id ? catalogue().variation(*item.variation_id) : nullptr;
      const bool is_of = !variation || (item.kind == ProductKind::ticket_type
                                            ? variation->ticket_type_id
                                            : variation->addon_id) == std::optional<Id>(item.product_id);
      if (!product || (item.variation_id && !variation) || !is_of)
        throw Refused("unavailable", "{name} is no longer available.",
                      {{"name", product ? *product->name : std::string("This")}});
      if (item.quantity < 1 || item.quantity > most_units)
        throw Refused("quantity", "Choose a quantity of at least 1.", {}, "quantity");
      if (!variation && !catalogue().variations_of(item.kind, item.product_id).empty())
        throw Refused("variation", "Choose which kind of {name}.", {{"name", *product->name}}, "variation");
      items.push_back({static_cast<Id>(items.size()) + 1, item.kind, item.product_id, item.quantity,
                       item.variation_id, item.chosen_price});
    }
    const std::optional<AppliedVoucher> voucher = voucher_left();
    PricingInput input;
    input.items = items;
    input.person = &basis_.person;
    input.voucher = voucher ? &*voucher : nullptr;
    const StockLevels levels = levels_left();
    input.levels = &levels;
    input.party = {order_.billing.is_business, order_.billing.country, order_.vat_confirmed};
    input.now = now_;
    const Quote quoted = quote(catalogue(), input);
    for (const QuoteLine& line : quoted.lines) plan_.additions.push_back({line_of(line), 0});
  }

  ChangePlan finish() {
    plan_.before = sums_of(order_.lines);
    std::vector<OrderLine> all = order_.lines;
    all.insert(all.end(), plan_.reversals.begin(), plan_.reversals.end());
    for (const PlannedLine& planned : plan_.additions) all.push_back(planned.line);
    plan_.after = sums_of(all);
    plan_.units_after = product_units(all);
    count_stock();
    count_uses();
    return std::move(plan_);
  }

  ChangePlan plan_;

 private:
  const Catalogue& catalogue() const { return *basis_.catalogue; }

  const OrderLine& line(Id id, std::int64_t quantity) const {
    const OrderLine* left = find_line(left_, id);
    if (!left) no_line();
    if (quantity < 1 || quantity > left->quantity)
      throw Refused("quantity", "There are {left} of {name} in the order.",
                    {{"left", std::to_string(left->quantity)}, {"name", left->description}}, "quantity");
    return *left;
  }

  // As what the units of a line were bought: the first of those that stand for each other.
  const OrderLine& bought_as(const OrderLine& line) const {
    const OrderLine* first = &line;
    for (auto earlier = basis_.replaced.find(line.id); earlier != basis_.replaced.end();
         earlier = basis_.replaced.find(earlier->second)) {
      const OrderLine* found = find_line(order_.lines, earlier->second);
      if (!found || product_of(*found) != product_of(line)) break;
      first = found;
    }
    return *first;
  }

  std::int64_t contained_rate(const OrderLine& line) const {
    const ReckonedRule* rule = catalogue().tax_rule(line.tax_rule_id);
    return rule ? rule->rate : 0;
  }

  // What the next part of the same change finds left of the line.
  void reduce() {
    std::vector<OrderLine> all = order_.lines;
    all.insert(all.end(), plan_.reversals.begin(), plan_.reversals.end());
    left_ = lines_left(all);
  }

  static OrderLine mirrored(const OrderLine& reversal) {
    OrderLine line = reversal;
    line.reverses_line_id.reset();
    line.quantity = -line.quantity;
    line.condition_discount = -line.condition_discount;
    line.condition_units = -line.condition_units;
    line.voucher_discount = -line.voucher_discount;
    line.line_total = -line.line_total;
    line.gross = -line.gross;
    line.net = -line.net;
    line.tax = -line.tax;
    return line;
  }

  // The order's voucher as far as what stays in the order leaves of it.
  std::optional<AppliedVoucher> voucher_left() const {
    if (!basis_.voucher) return std::nullopt;
    AppliedVoucher voucher = *basis_.voucher;
    std::vector<OrderLine> all = order_.lines;
    all.insert(all.end(), plan_.reversals.begin(), plan_.reversals.end());
    for (const PlannedLine& planned : plan_.additions) all.push_back(planned.line);
    std::int64_t kept = 0, units = 0, before = 0;
    for (const OrderLine& line : all) {
      kept += line.voucher_discount;
      if (line.voucher_discount != 0) units += line.quantity;
    }
    for (const OrderLine& line : order_.lines) before += line.voucher_discount;
    voucher.uses_left = std::max<std::int64_t>(voucher.uses_left, 0) + 1;  // its own
    if (voucher.voucher.max_units)
      voucher.voucher.max_units = std::max<std::int64_t>(*voucher.voucher.max_units - units, 0);
    if (voucher.voucher.type == VoucherType::fixed_amount)
      voucher.voucher.amount = std::max<std::int64_t>(voucher.voucher.amount - kept, 0);
    if (voucher.budget_left)
      voucher.budget_left = std::max<std::int64_t>(*voucher.budget_left + before - kept, 0);
    if (voucher.voucher.max_units == std::optional<std::int64_t>(0)) return std::nullopt;
    return voucher;
  }

  // What is left of limited discounts when this change has taken back what it does. Beyond a limit that was
  // lowered nothing is left but that.
  StockLevels levels_left() const {
    std::map<Id, std::int64_t> freed;
    const auto count = [&](const OrderLine& line) {
      if (line.condition_id) freed[*line.condition_id] -= line.condition_units;
    };
    for (const OrderLine& line : plan_.reversals) count(line);
    for (const PlannedLine& planned : plan_.additions) count(planned.line);
    std::vector<StockLevel> rows = basis_.levels.all();
    for (StockLevel& row : rows) {
      const auto units = row.kind == StockKind::condition ? freed.find(row.product_id) : freed.end();
      if (units == freed.end() || units->second <= 0 || !row.capacity) continue;
      row.held -= units->second + std::max<std::int64_t>(row.used() - *row.capacity, 0);
    }
    return StockLevels(std::move(rows));
  }

  void count_stock() {
    std::map<Id, std::int64_t> rows;
    const auto count = [&](const OrderLine& line) {
      if (line.quantity == 0) return;
      if (const auto product = product_of(line)) {
        for (const Id row :
             stock_rows(catalogue(), basis_.levels, product->first, product->second, line.variation_id))
          rows[row] += line.quantity;
      } else if (line.kind == LineKind::ticket) {  // its type is gone; it still takes a place
        rows[basis_.levels.conference().stock_id] += line.quantity;
      }
    };
    for (const OrderLine& line : plan_.reversals) count(line);
    for (const PlannedLine& planned : plan_.additions) count(planned.line);
    for (const auto& [row, quantity] : rows)
      if (quantity != 0) plan_.stock.push_back({row, quantity});
  }

  void count_uses() {
    std::map<Id, std::int64_t> rows;
    const StockLevel* budget = order_.voucher_id
                                   ? basis_.voucher_levels.find(StockKind::voucher_budget, *order_.voucher_id)
                                   : nullptr;
    const auto count = [&](const OrderLine& line) {
      if (line.condition_id && line.condition_units != 0)
        if (const StockLevel* level = basis_.levels.find(StockKind::condition, *line.condition_id))
          rows[level->stock_id] += line.condition_units;
      if (budget && line.voucher_discount != 0) rows[budget->stock_id] += line.voucher_discount;
    };
    for (const OrderLine& line : plan_.reversals) count(line);
    for (const PlannedLine& planned : plan_.additions) count(planned.line);
    for (const auto& [row, quantity] : rows)
      if (quantity != 0) plan_.uses.push_back({row, quantity});
  }

  const ChangeBasis& basis_;
  const Order& order_;
  Instant now_;
  std::vector<OrderLine> left_;
};

}  // namespace

OrderLine line_of(const QuoteLine& quoted) {
  OrderLine line;
  line.kind = quoted.line_kind;
  line.description = quoted.description;
  line.quantity = quoted.quantity;
  line.unit_price = quoted.unit_price;
  line.condition_discount = quoted.condition_discount;
  line.condition_id = quoted.condition_id;
  line.condition_name = quoted.condition_name;
  line.condition_units = quoted.condition_units;
  line.voucher_discount = quoted.voucher_discount;
  line.line_total = quoted.line_total;
  line.gross = quoted.gross;
  line.net = quoted.net;
  line.tax = quoted.tax;
  const AppliedTax& tax = quoted.applied_tax;
  line.tax_rate = percent_of(tax.reverse_charge ? 0 : tax.rate).to_string();  // the buyer owes it
  line.tax_category = tax.category;
  line.tax_inclusive = tax.inclusive;
  line.reverse_charge = tax.reverse_charge;
  if (tax.rule) {
    line.tax_rule_id = tax.rule->rule.id;
    line.tax_rule_version = tax.rule->rule.version;
  }
  line.tax_country = std::string(tax.country);
  line.tax_text = std::string(tax.text);
  if (quoted.line_kind == LineKind::ticket) line.ticket_type_id = quoted.product_id;
  if (quoted.line_kind == LineKind::addon) line.addon_id = quoted.product_id;
  line.variation_id = quoted.variation_id;
  return line;
}

std::string to_json(const WantedChange& wanted) {
  using nlohmann::json;
  json result = json::object();
  for (const TakenBack& taken : wanted.taken_back)
    result["taken_back"].push_back(
        {{"line", taken.line_id}, {"quantity", taken.quantity}, {"positions", taken.positions}});
  for (const AddedItem& item : wanted.added) {
    json one = {{"kind", to_text(item.kind)}, {"product", item.product_id}, {"quantity", item.quantity}};
    if (item.variation_id) one["variation"] = *item.variation_id;
    if (item.chosen_price) one["price"] = *item.chosen_price;
    result["added"].push_back(std::move(one));
  }
  for (const SwappedUnits& swapped : wanted.swapped)
    result["swapped"].push_back(
        {{"line", swapped.line_id}, {"quantity", swapped.quantity}, {"variation", swapped.variation_id}});
  for (const RepricedLine& repriced : wanted.repriced)
    result["repriced"].push_back({{"line", repriced.line_id}, {"price", repriced.unit_price}});
  return result.dump();
}

WantedChange wanted_from_json(std::string_view text) {
  using nlohmann::json;
  const json read = json::parse(text);
  WantedChange wanted;
  const auto each = [&](const char* name, auto&& take) {
    if (const auto found = read.find(name); found != read.end())
      for (const json& one : *found) take(one);
  };
  const auto id = [](const json& one, const char* name) { return one.at(name).get<std::int64_t>(); };
  each("taken_back", [&](const json& one) {
    wanted.taken_back.push_back(
        {id(one, "line"), id(one, "quantity"), one.at("positions").get<std::vector<std::int64_t>>()});
  });
  each("added", [&](const json& one) {
    AddedItem item{
        product_kind(one.at("kind").get<std::string>()), id(one, "product"), {}, id(one, "quantity"), {}};
    if (one.contains("variation")) item.variation_id = id(one, "variation");
    if (one.contains("price")) item.chosen_price = id(one, "price");
    wanted.added.push_back(item);
  });
  each("swapped", [&](const json& one) {
    wanted.swapped.push_back({id(one, "line"), id(one, "quantity"), id(one, "variation")});
  });
  each("repriced", [&](const json& one) { wanted.repriced.push_back({id(one, "line"), id(one, "price")}); });
  return wanted;
}

StockLevels with_own(const StockLevels& levels, const std::vector<HoldChange>& own) {
  std::vector<StockLevel> rows = levels.all();
  for (StockLevel& row : rows) row.held -= quantity_in(own, row.stock_id);
  return StockLevels(std::move(rows));
}

ChangeBasis as_promised(ChangeBasis basis) {
  std::vector<StockLevel> rows = basis.levels.all();
  for (StockLevel& row : rows)
    if (row.kind == StockKind::condition && row.capacity)
      row.held += *row.capacity - row.used() - quantity_in(basis.own, row.stock_id);
  basis.levels = StockLevels(std::move(rows));
  if (basis.voucher && basis.voucher->budget_left) {
    const StockLevel* budget =
        basis.voucher_levels.find(StockKind::voucher_budget, basis.voucher->voucher.id);
    basis.voucher->budget_left = budget ? quantity_in(basis.own, budget->stock_id) : 0;
  }
  return basis;
}

ChangeBasis load_change_basis(db::Tx& tx, const Shop& shop, const Order& order) {
  const Id conference = order.conference_id;
  const auto state = conference::find_state(tx, conference);
  if (!state) throw NotFound("the order's conference is gone");
  ChangeBasis basis;
  basis.catalogue = shop.catalogues.at(tx, conference, state->catalogue_version);
  basis.own = store::held_by_waiting_change(tx, order.id);
  basis.replaced = store::replaced_lines(tx, order.id);
  basis.levels = with_own(stock_levels(tx, conference), basis.own);
  basis.person = load_person(tx, *basis.catalogue, order.user_id);
  if (order.voucher_id) {
    basis.voucher = load_voucher(tx, conference, *order.voucher_id);
    basis.voucher_levels = with_own(voucher_levels(tx, conference, *order.voucher_id), basis.own);
    const StockLevel* budget = basis.voucher_levels.find(StockKind::voucher_budget, *order.voucher_id);
    if (basis.voucher && basis.voucher->budget_left && budget)
      basis.voucher->budget_left = std::max<std::int64_t>(*basis.voucher->voucher.budget - budget->used(), 0);
  }
  return basis;
}

std::int64_t swap_difference(const SwapPrices& prices) {
  const std::int64_t today = prices.after - prices.before, bought = prices.after - prices.bought_for;
  if (today > 0 && bought > 0) return std::min(today, bought);
  if (today < 0 && bought < 0) return std::max(today, bought);
  return 0;
}

ChangePlan plan_change(const ChangeBasis& basis, const Order& order, const WantedChange& wanted,
                       Instant now) {
  Planning planning(basis, order, now);
  for (const TakenBack& taken : wanted.taken_back) planning.take_back(taken);
  for (const SwappedUnits& swapped : wanted.swapped) planning.swap(swapped);
  for (const RepricedLine& repriced : wanted.repriced) planning.reprice(repriced);
  if (wanted.takes_tax_off) planning.take_tax_off();
  planning.add(wanted.added);
  return planning.finish();
}

ChangePlan plan_lines(const ChangeBasis& basis, const Order& order, std::vector<OrderLine> reversals,
                      std::vector<PlannedLine> additions) {
  Planning planning(basis, order, Instant{});
  for (const OrderLine& reversal : reversals) {
    if (reversal.kind == LineKind::ticket && reversal.quantity < 0)
      planning.plan_.voided.push_back({*reversal.reverses_line_id, -reversal.quantity, {}});
  }
  planning.plan_.reversals = std::move(reversals);
  planning.plan_.additions = std::move(additions);
  return planning.finish();
}

WantedChange all_of(const Order& order) {
  WantedChange wanted;
  for (const OrderLine& line : lines_left(order.lines))
    wanted.taken_back.push_back({line.id, line.quantity, {}});
  return wanted;
}

std::vector<CartItem> items_after(const Order& order, const ChangePlan& plan) {
  std::vector<OrderLine> all = order.lines;
  all.insert(all.end(), plan.reversals.begin(), plan.reversals.end());
  for (const PlannedLine& planned : plan.additions) all.push_back(planned.line);
  // Additions have no id yet: lines_left looks for reversals by id, and nothing takes them back.
  std::vector<CartItem> items;
  for (const OrderLine& line : lines_left(all)) {
    const auto product = product_of(line);
    if (!product) continue;
    const auto same = std::find_if(items.begin(), items.end(), [&](const CartItem& item) {
      return item.kind == product->first && item.product_id == product->second &&
             item.variation_id == line.variation_id;
    });
    if (same != items.end())
      same->quantity += line.quantity;
    else
      items.push_back({static_cast<Id>(items.size()) + 1,
                       product->first,
                       product->second,
                       line.quantity,
                       line.variation_id,
                       {}});
  }
  return items;
}

}  // namespace plenary::registration
