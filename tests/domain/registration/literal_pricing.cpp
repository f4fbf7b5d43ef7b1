#include "domain/registration/literal_pricing.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace plenary::registration::testing {
namespace {

using Big = __int128;

// p / q of non-negative numbers, half up.
std::int64_t rounded(Big p, Big q) {
  const Big whole = p / q, rest = p % q;
  return static_cast<std::int64_t>(rest * 2 >= q ? whole + 1 : whole);
}

// D15: floors first, then one unit each to the largest remainders, the later of equal ones first.
std::vector<std::int64_t> spread(std::int64_t amount, const std::vector<std::int64_t>& weights) {
  Big sum = 0;
  for (auto w : weights) sum += w;
  std::vector<std::int64_t> parts(weights.size(), 0);
  if (sum == 0) return parts;
  std::int64_t left = amount;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    parts[i] = static_cast<std::int64_t>(Big(amount) * weights[i] / sum);
    left -= parts[i];
  }
  std::set<std::size_t> served;
  while (left > 0) {
    std::size_t best = weights.size();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (served.contains(i)) continue;
      if (best == weights.size() || Big(amount) * weights[i] % sum >= Big(amount) * weights[best] % sum)
        best = i;
    }
    ++parts[best];
    served.insert(best);
    --left;
  }
  return parts;
}

bool contains(const std::vector<Id>& ids, Id id) {
  for (Id one : ids)
    if (one == id) return true;
  return false;
}

bool reaches_line(Scope tickets, Scope addons, const ScopedProducts& products, const CartItem& item) {
  const bool ticket = item.kind == ProductKind::ticket_type;
  const Scope scope = ticket ? tickets : addons;
  if (scope == Scope::none) return false;
  if (scope == Scope::all) return true;
  return contains(ticket ? products.ticket_types : products.addons, item.product_id);
}

bool open_at(const std::optional<Instant>& from, const std::optional<Instant>& until, Instant now) {
  if (from && now.micros < from->micros) return false;
  if (until && now.micros > until->micros) return false;
  return true;
}

bool is_for(const DiscountRule& rule, const PricingInput& input) {
  const Condition& c = rule.condition;
  const bool known = input.person && input.person->user_id;
  if (c.kind == ConditionKind::speaker)
    return known &&
           ((c.is_presenter && input.person->presents) || (c.is_copresenter && input.person->co_presents));
  if (c.kind == ConditionKind::group_member) {
    if (!known) return false;
    for (Id group : input.person->groups)
      if (contains(rule.links.groups, group)) return true;
    return false;
  }
  if (c.kind == ConditionKind::included_product) {
    if (!known) return false;
    for (Id type : input.person->bought)
      if (contains(rule.links.enabling_ticket_types, type)) return true;
    return false;
  }
  return open_at(c.start_time, c.end_time, input.now);
}

std::int64_t price_of(const Catalogue& catalogue, const CartItem& item) {
  std::int64_t price = 0, least = 0;
  bool free_price = false;
  for (const TicketType& t : catalogue.ticket_types)
    if (item.kind == ProductKind::ticket_type && t.id == item.product_id) {
      price = t.price, least = t.minimum_price, free_price = t.free_price;
    }
  for (const AddOn& a : catalogue.addons)
    if (item.kind == ProductKind::addon && a.id == item.product_id) {
      price = a.price, least = a.minimum_price, free_price = a.free_price;
    }
  for (const Variation& v : catalogue.variations)
    if (item.variation_id == v.id && v.price) price = *v.price;
  if (free_price && item.chosen_price) price = std::max(*item.chosen_price, least);
  return price;
}

const ReckonedRule* tax_of(const Catalogue& catalogue, const CartItem& item) {
  std::optional<Id> id;
  for (const TicketType& t : catalogue.ticket_types)
    if (item.kind == ProductKind::ticket_type && t.id == item.product_id) id = t.tax_rule_id;
  for (const AddOn& a : catalogue.addons)
    if (item.kind == ProductKind::addon && a.id == item.product_id) id = a.tax_rule_id;
  for (const ReckonedRule& rule : catalogue.tax_rules)
    if (id == rule.rule.id) return &rule;
  return nullptr;
}

struct Rate {
  std::int64_t millionths = 0;
  bool inclusive = true, owed_by_buyer = false;
  std::string country;  // another one's rate is another rate
  TaxCategory category = TaxCategory::outside;
  auto operator<=>(const Rate&) const = default;
};

// 25, 1.
Rate rate_for(const Catalogue& catalogue, const CartItem& item, const TaxParty& buyer) {
  const ReckonedRule* rule = tax_of(catalogue, item);
  if (!rule) return {};
  const std::string home = catalogue.seller ? catalogue.seller->country : "";
  const std::string& event = catalogue.conference.event_country;
  const PlaceOfSupply place = rule->rule.place_of_supply;
  Rate rate{rule->rate, rule->rule.includes_tax, false, event.empty() ? home : event, rule->rule.category};
  if (place == PlaceOfSupply::exempt) rate.millionths = 0, rate.category = TaxCategory::exempt;
  if (place != PlaceOfSupply::customer) return rate;
  rate.country = home;
  if (buyer.country.empty() || buyer.country == home) return rate;
  if (buyer.is_business) {
    rate.owed_by_buyer = rule->rule.reverse_charge && buyer.vat_confirmed && !home.empty();
    if (rate.owed_by_buyer) rate.country.clear();
    return rate;
  }
  for (const auto& [country, own] : rule->countries) {
    if (country != buyer.country) continue;
    rate.millionths = own;
    rate.country = country;
    const bool says_a_rate = rate.category == TaxCategory::standard || rate.category == TaxCategory::reduced;
    if (own == 0) rate.category = TaxCategory::zero;
    if (own > 0 && !says_a_rate) rate.category = TaxCategory::standard;
  }
  return rate;
}

}  // namespace

std::vector<LiteralLine> literal_prices(const Catalogue& catalogue, const PricingInput& input) {
  std::vector<CartItem> items(input.items.begin(), input.items.end());
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::vector<LiteralLine> lines(items.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    lines[i].full = lines[i].total = price_of(catalogue, items[i]) * items[i].quantity;

  // Conditions: 20, 6.
  std::vector<const DiscountRule*> rules;
  for (const DiscountRule& rule : catalogue.discounts) rules.push_back(&rule);
  std::stable_sort(rules.begin(), rules.end(), [](const auto* a, const auto* b) {
    return std::make_tuple(a->condition.priority, a->condition.name, static_cast<int>(a->condition.kind)) <
           std::make_tuple(b->condition.priority, b->condition.name, static_cast<int>(b->condition.kind));
  });
  std::map<Id, std::int64_t> left;
  const std::int64_t endless = 1'000'000'000;
  for (const auto* rule : rules) {
    const Condition& c = rule->condition;
    left[c.id] = endless;
    if (c.usage_limit > 0) {
      std::int64_t used = 0;
      if (input.levels)
        if (const StockLevel* level = input.levels->find(StockKind::condition, c.id))
          used = level->sold + level->held - level->elapsed;
      left[c.id] = std::max<std::int64_t>(c.usage_limit - used, 0);
    }
    if (!is_for(*rule, input)) left[c.id] = 0;
  }
  const auto offer = [&](const DiscountRule& rule, std::size_t i) -> std::pair<std::int64_t, std::int64_t> {
    const Condition& c = rule.condition;
    if (!reaches_line(c.ticket_scope, c.addon_scope, rule.links.products, items[i])) return {0, 0};
    std::int64_t q = std::min(items[i].quantity, left[c.id]);
    const bool category = c.kind == ConditionKind::category_discount;
    if (!category && c.max_quantity > 0) q = std::min(q, c.max_quantity);
    const std::int64_t base = price_of(catalogue, items[i]) * q;
    if (category || c.discount_type == DiscountType::percentage)
      return {rounded(Big(base) * basis_points(c.percent), 10'000), q};
    return {std::min(c.amount * q, base), q};
  };
  std::vector<std::int64_t> reached(items.size());  // units that the line's condition reached
  const auto give = [&](std::size_t i, const DiscountRule& rule, std::pair<std::int64_t, std::int64_t> what) {
    lines[i].condition = what.first;
    lines[i].condition_id = rule.condition.id;
    lines[i].total -= what.first;
    left[rule.condition.id] -= what.second;
    reached[i] = what.second;
  };
  if (catalogue.conference.discount_choice == conference::DiscountChoice::best_match) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const DiscountRule* best = nullptr;
      for (const auto* rule : rules)
        if (offer(*rule, i).first > (best ? offer(*best, i).first : 0)) best = rule;
      if (best) give(i, *best, offer(*best, i));
    }
  } else {
    for (const auto* rule : rules)
      for (std::size_t i = 0; i < items.size(); ++i)
        if (lines[i].condition_id == 0 && offer(*rule, i).first > 0) give(i, *rule, offer(*rule, i));
  }

  // The voucher: 20, 8.4.
  if (input.voucher && input.voucher->voucher.is_active && input.voucher->uses_left > 0 &&
      open_at(input.voucher->voucher.valid_from, input.voucher->voucher.valid_until, input.now)) {
    const Voucher& v = input.voucher->voucher;
    std::vector<std::size_t> covered;
    for (std::size_t i = 0; i < items.size(); ++i)
      if (lines[i].total > 0 &&
          reaches_line(v.ticket_scope, v.addon_scope, input.voucher->products, items[i]))
        covered.push_back(i);
    // D10, unit by unit: the dearest first, each for what it costs after the conditions (8, steps 3 and 4).
    // That of a unit which a condition reached is a fraction: the part's total by its units.
    struct Unit {
      std::size_t line;
      bool plain;  // no condition reached it
      Big total;
      std::int64_t of;
    };
    std::vector<Unit> every;
    for (std::size_t i : covered) {
      const std::int64_t full = items[i].quantity - reached[i];
      const Big plain = Big(price_of(catalogue, items[i])) * full;
      for (std::int64_t n = 0; n < full; ++n) every.push_back({i, true, plain, full});
      for (std::int64_t n = 0; n < reached[i]; ++n)
        every.push_back({i, false, lines[i].total - plain, reached[i]});
    }
    std::stable_sort(every.begin(), every.end(),
                     [](const Unit& a, const Unit& b) { return a.total * b.of > b.total * a.of; });
    if (v.max_units && static_cast<std::size_t>(*v.max_units) < every.size())
      every.resize(static_cast<std::size_t>(*v.max_units));
    std::vector<std::int64_t> bases, off;
    std::int64_t sum = 0;
    for (std::size_t i : covered) {
      std::int64_t base = 0;
      for (bool plain : {true, false}) {
        Big units = 0, total = 0, of = 1;
        for (const Unit& unit : every)
          if (unit.line == i && unit.plain == plain) ++units, total = unit.total, of = unit.of;
        base += rounded(total * units, of);
      }
      bases.push_back(base);
      sum += base;
    }
    off = bases;
    if (v.type == VoucherType::percentage)
      for (std::size_t k = 0; k < off.size(); ++k)
        off[k] = rounded(Big(bases[k]) * basis_points(v.percent), 10'000);
    if (v.type == VoucherType::fixed_amount) off = spread(std::min(v.amount, sum), bases);
    std::int64_t all = 0;
    for (auto one : off) all += one;
    if (input.voucher->budget_left && *input.voucher->budget_left < all)
      off = spread(*input.voucher->budget_left, off);
    for (std::size_t k = 0; k < covered.size(); ++k) {
      lines[covered[k]].voucher = off[k];
      lines[covered[k]].total -= off[k];
    }
  }

  // Taxes: 25, 2.
  std::map<Rate, std::vector<std::size_t>> groups;
  std::vector<TaxCategory> categories;
  for (std::size_t i = 0; i < items.size(); ++i) {
    Rate rate = rate_for(catalogue, items[i], input.party);
    categories.push_back(rate.category);
    rate.category = TaxCategory::outside;  // the amount of a tax does not depend on what it is called
    groups[rate].push_back(i);
  }
  const auto tax_of_amount = [](std::int64_t amount, const Rate& rate) {
    return rounded(Big(amount) * rate.millionths, 1'000'000 + (rate.inclusive ? rate.millionths : 0));
  };
  for (const auto& [rate, members] : groups) {
    std::vector<std::int64_t> weights, taxes;
    std::int64_t sum = 0;
    for (std::size_t i : members) {
      weights.push_back(lines[i].total);
      sum += lines[i].total;
    }
    if (catalogue.conference.tax_rounding == conference::TaxRounding::per_line)
      for (std::size_t i : members) taxes.push_back(tax_of_amount(lines[i].total, rate));
    else
      taxes = spread(tax_of_amount(sum, rate), weights);
    for (std::size_t k = 0; k < members.size(); ++k) {
      LiteralLine& line = lines[members[k]];
      line.net = rate.inclusive ? line.total - taxes[k] : line.total;
      line.tax = rate.owed_by_buyer ? 0 : taxes[k];
      line.gross = line.net + line.tax;
      line.tax_country = rate.country;
      line.category = categories[members[k]];
    }
  }
  return lines;
}

}  // namespace plenary::registration::testing
