#include "domain/registration/random_shop.hpp"

#include <algorithm>

namespace plenary::registration::testing {
namespace {

std::int64_t between(Draw& draw, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(draw);
}
bool chance(Draw& draw, int percent) {
  return between(draw, 1, 100) <= percent;
}

std::int64_t price(Draw& draw) {
  switch (between(draw, 0, 5)) {
    case 0:
      return 0;
    case 1:
      return between(draw, 1, 9);
    case 2:
      return 100 * between(draw, 1, 900);
    case 3:
      return 100 * between(draw, 1, 900) - 1;
    default:
      return between(draw, 1, 100'000);
  }
}

Decimal percent(Draw& draw) {
  switch (between(draw, 0, 4)) {
    case 0:
      return Decimal(100);
    case 1:
      return Decimal(between(draw, 0, 100));
    default:
      return Decimal::scaled(between(draw, 0, 10'000), 2);
  }
}

Scope scope(Draw& draw) {
  return static_cast<Scope>(between(draw, 0, 2));
}

std::vector<Id> some(Draw& draw, std::size_t count) {
  std::vector<Id> ids;
  for (std::size_t i = 1; i <= count; ++i)
    if (chance(draw, 50)) ids.push_back(static_cast<Id>(i));
  return ids;
}

std::optional<Instant> moment(Draw& draw) {
  if (chance(draw, 50)) return std::nullopt;
  return Instant{between(draw, 0, 20)};
}

}  // namespace

Catalogue random_catalogue(Draw& draw) {
  Catalogue c;
  c.conference.id = 1;
  c.conference.discount_choice =
      chance(draw, 50) ? conference::DiscountChoice::best_match : conference::DiscountChoice::first_match;
  c.conference.tax_rounding =
      chance(draw, 50) ? conference::TaxRounding::per_line : conference::TaxRounding::per_rate;
  if (chance(draw, 80)) {
    c.seller.emplace();
    c.seller->country = "DE";
  }
  if (chance(draw, 40)) c.conference.event_country = chance(draw, 50) ? "AT" : "FR";
  for (Id id = 1; id <= between(draw, 0, 4); ++id) {
    ReckonedRule rule;
    rule.rule.id = id;
    rule.rule.name = "Rule " + std::to_string(id);
    const std::int64_t rates[] = {0, 70'000, 190'000, 200'000, 88'750, 55'000, 270'000};
    rule.rate = rates[between(draw, 0, 6)];
    rule.rule.rate = percent_of(rule.rate);
    rule.rule.includes_tax = chance(draw, 60);
    rule.rule.place_of_supply = static_cast<PlaceOfSupply>(between(draw, 0, 2));
    rule.rule.reverse_charge = chance(draw, 70);
    rule.rule.category = static_cast<TaxCategory>(between(draw, 0, 4));
    if (chance(draw, 60)) rule.countries.emplace_back("FR", 200'000);
    if (chance(draw, 30)) rule.countries.emplace_back("US", 0);
    c.tax_rules.push_back(rule);
  }
  const auto tax = [&]() -> std::optional<Id> {
    if (c.tax_rules.empty() || chance(draw, 25)) return std::nullopt;
    return between(draw, 1, static_cast<std::int64_t>(c.tax_rules.size()));
  };
  const std::int64_t tickets = between(draw, 1, 4), addons = between(draw, 0, 4);
  for (Id id = 1; id <= tickets; ++id) {
    TicketType t;
    t.id = id;
    t.conference_id = 1;
    t.name = t.slug = "ticket-" + std::to_string(id);
    t.price = price(draw);
    t.tax_rule_id = tax();
    t.free_price = chance(draw, 15);
    if (t.free_price) t.minimum_price = between(draw, 0, t.price);
    t.requires_voucher = chance(draw, 15);
    c.ticket_types.push_back(t);
  }
  for (Id id = 1; id <= addons; ++id) {
    AddOn a;
    a.id = id;
    a.conference_id = 1;
    a.name = a.slug = "addon-" + std::to_string(id);
    a.price = price(draw);
    a.tax_rule_id = tax();
    a.free_price = chance(draw, 15);
    if (a.free_price) a.minimum_price = between(draw, 0, a.price);
    c.addons.push_back(a);
  }
  for (Id id = 1; id <= between(draw, 0, 3); ++id) {
    Variation v;
    v.id = id;
    v.conference_id = 1;
    if (addons > 0 && chance(draw, 60))
      v.addon_id = between(draw, 1, addons);
    else
      v.ticket_type_id = between(draw, 1, tickets);
    v.name = v.slug = "kind-" + std::to_string(id);
    if (chance(draw, 50)) v.price = price(draw);
    c.variations.push_back(v);
  }
  for (Id id = 1; id <= between(draw, 0, 6); ++id) {
    DiscountRule rule;
    Condition& d = rule.condition;
    d.id = id;
    d.conference_id = 1;
    d.kind = static_cast<ConditionKind>(between(draw, 0, 5));
    d.name = std::string(1, static_cast<char>('A' + between(draw, 0, 3)));
    d.priority = between(draw, 0, 2);
    d.discount_type = chance(draw, 60) ? DiscountType::percentage : DiscountType::fixed_amount;
    d.percent = percent(draw);
    d.amount = between(draw, 1, 20'000);
    d.max_quantity = chance(draw, 60) ? 0 : between(draw, 1, 4);
    d.ticket_scope = scope(draw);
    d.addon_scope = scope(draw);
    if (has_window(d.kind)) {
      d.start_time = moment(draw);
      d.end_time = moment(draw);
      d.usage_limit = chance(draw, 60) ? 0 : between(draw, 1, 6);
    }
    d.is_presenter = chance(draw, 50);
    d.is_copresenter = chance(draw, 50);
    rule.basis_points = basis_points(d.percent);
    rule.links.products = {some(draw, c.ticket_types.size()), some(draw, c.addons.size())};
    rule.links.enabling_ticket_types = some(draw, c.ticket_types.size());
    rule.links.groups = some(draw, 3);
    c.discounts.push_back(rule);
  }
  std::stable_sort(c.discounts.begin(), c.discounts.end(), [](const auto& a, const auto& b) {
    return std::tie(a.condition.priority, a.condition.name, a.condition.kind, a.condition.id) <
           std::tie(b.condition.priority, b.condition.name, b.condition.kind, b.condition.id);
  });
  return c;
}

RandomCart random_cart(const Catalogue& c, Draw& draw) {
  RandomCart cart;
  cart.now = Instant{between(draw, 0, 20)};
  for (Id id = 1; id <= between(draw, 0, 7); ++id) {
    CartItem item;
    item.id = id;
    const bool addon = !c.addons.empty() && chance(draw, 40);
    item.kind = addon ? ProductKind::addon : ProductKind::ticket_type;
    item.product_id =
        between(draw, 1, static_cast<std::int64_t>(addon ? c.addons.size() : c.ticket_types.size()));
    item.quantity = between(draw, 1, 5);
    for (const Variation& v : c.variations)
      if ((addon ? v.addon_id : v.ticket_type_id) == item.product_id && chance(draw, 70))
        item.variation_id = v.id;
    if (chance(draw, 60)) item.chosen_price = between(draw, 0, 50'000);
    cart.items.push_back(item);
  }
  std::shuffle(cart.items.begin(), cart.items.end(), draw);
  if (chance(draw, 60)) cart.person.user_id = 1;
  cart.person.presents = chance(draw, 40);
  cart.person.co_presents = cart.person.presents && chance(draw, 50);
  cart.person.groups = some(draw, 3);
  cart.person.bought = some(draw, c.ticket_types.size());
  if (chance(draw, 70)) {
    AppliedVoucher& applied = cart.voucher.emplace();
    Voucher& v = applied.voucher;
    v.id = 1;
    v.conference_id = 1;
    v.code = "CODE";
    v.type = static_cast<VoucherType>(between(draw, 0, 2));
    v.percent = percent(draw);
    v.amount = between(draw, 1, 60'000);
    v.ticket_scope = scope(draw);
    v.addon_scope = scope(draw);
    v.max_units = chance(draw, 50) ? std::nullopt : std::optional(between(draw, 1, 6));
    v.unlocks_hidden_tickets = chance(draw, 50);
    v.is_active = chance(draw, 90);
    v.valid_from = moment(draw);
    v.valid_until = moment(draw);
    applied.products = {some(draw, c.ticket_types.size()), some(draw, c.addons.size())};
    applied.basis_points = basis_points(v.percent);
    applied.uses_left = chance(draw, 10) ? 0 : between(draw, 1, 5);
    if (chance(draw, 25)) applied.budget_left = between(draw, 0, 20'000);
  }
  std::vector<StockLevel> levels;
  for (const DiscountRule& rule : c.discounts)
    if (chance(draw, 70)) {
      StockLevel level;
      level.stock_id = level.product_id = rule.condition.id;
      level.kind = StockKind::condition;
      level.sold = between(draw, 0, 4);
      level.held = between(draw, 0, 2);
      level.elapsed = between(draw, 0, level.held);
      levels.push_back(level);
    }
  cart.levels = StockLevels(std::move(levels));
  const char* countries[] = {"", "DE", "FR", "US", "AT"};
  cart.country = countries[between(draw, 0, 4)];
  cart.is_business = chance(draw, 50);
  cart.vat_confirmed = cart.is_business && chance(draw, 50);
  return cart;
}

PricingInput RandomCart::input() const {
  PricingInput input;
  input.items = items;
  input.person = &person;
  input.voucher = voucher ? &*voucher : nullptr;
  input.levels = &levels;
  input.party = {is_business, country, vat_confirmed};
  input.now = now;
  return input;
}

}  // namespace plenary::registration::testing
