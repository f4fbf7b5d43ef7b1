#include "domain/registration/pricing.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "domain/registration/shares.hpp"

namespace plenary::registration {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

std::int64_t times(std::int64_t price, std::int64_t quantity) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(price, quantity, &product)) throw std::overflow_error("line total out of range");
  return product;
}

void add_to(std::int64_t& sum, std::int64_t amount) {
  if (__builtin_add_overflow(sum, amount, &sum)) throw std::overflow_error("total out of range");
}

bool has(const std::vector<Id>& ids, Id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool any_of(const std::vector<Id>& ids, const std::vector<Id>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](Id id) { return has(ids, id); });
}

bool in_scope(const DiscountRule& rule, ProductKind kind, Id product_id) {
  const bool ticket = kind == ProductKind::ticket_type;
  switch (ticket ? rule.condition.ticket_scope : rule.condition.addon_scope) {
    case Scope::all:
      return true;
    case Scope::none:
      return false;
    case Scope::selected:
      break;
  }
  return has(ticket ? rule.links.products.ticket_types : rule.links.products.addons, product_id);
}

// Whether the rule is for this person at this moment. source: 20, 3.7.
Verdict satisfied(const DiscountRule& rule, const PricingInput& input) {
  const Condition& condition = rule.condition;
  const Person* person = input.person;
  switch (condition.kind) {
    case ConditionKind::time_limit:
    case ConditionKind::product_discount:
    case ConditionKind::category_discount:
      return in_window(condition.start_time, condition.end_time, input.now) ? Verdict::granted
                                                                            : Verdict::not_now;
    case ConditionKind::speaker:
      if (!person || !person->user_id) return Verdict::needs_sign_in;
      if (condition.is_presenter && person->presents) return Verdict::granted;
      if (condition.is_copresenter && person->co_presents) return Verdict::granted;
      return Verdict::not_a_speaker;
    case ConditionKind::group_member:
      if (!person || !person->user_id) return Verdict::needs_sign_in;
      return any_of(person->groups, rule.links.groups) ? Verdict::granted : Verdict::not_in_group;
    case ConditionKind::included_product:
      if (!person || !person->user_id) return Verdict::needs_sign_in;
      return any_of(person->bought, rule.links.enabling_ticket_types) ? Verdict::granted
                                                                      : Verdict::not_bought;
  }
  return Verdict::not_now;
}

std::int64_t units_left(const DiscountRule& rule, const PricingInput& input) {
  if (rule.condition.usage_limit == 0) return unlimited;
  const StockLevel* level =
      input.levels ? input.levels->find(StockKind::condition, rule.condition.id) : nullptr;
  return std::max<std::int64_t>(rule.condition.usage_limit - (level ? level->used() : 0), 0);
}

// What a rule takes off a line, for at most `left` units. source: 20, 6.
struct Taken {
  std::int64_t amount = 0, units = 0;
};
Taken taken_off(const DiscountRule& rule, const QuoteLine& line, std::int64_t left) {
  const Condition& condition = rule.condition;
  std::int64_t units = std::min(line.quantity, left);
  if (condition.max_quantity > 0 && condition.kind != ConditionKind::category_discount)
    units = std::min(units, condition.max_quantity);
  if (units <= 0) return {};
  const std::int64_t base = times(line.unit_price, units);
  const bool percent = condition.kind == ConditionKind::category_discount ||
                       condition.discount_type == DiscountType::percentage;
  const std::int64_t amount =
      percent ? half_up(base, rule.basis_points, 10'000) : std::min(times(condition.amount, units), base);
  return {std::min(amount, base), units};
}

// Units of a covered line that cost alike: with its automatic discount, or without.
struct Alike {
  std::size_t line = 0;
  std::int64_t units = 0, total = 0;
};
bool dearer(const Alike& a, const Alike& b) {
  return static_cast<__int128>(a.total) * b.units > static_cast<__int128>(b.total) * a.units;
}

class Pricing {
 public:
  Pricing(const Catalogue& catalogue, const PricingInput& input) : catalogue_(catalogue), input_(input) {}

  Quote run() {
    add_lines();
    if (!catalogue_.discounts.empty()) discount();
    if (input_.voucher) apply_voucher();
    tax_and_total();
    return std::move(quote_);
  }

 private:
  void add_lines() {
    std::vector<const CartItem*> items;
    items.reserve(input_.items.size());
    for (const CartItem& item : input_.items) items.push_back(&item);
    if (!std::is_sorted(items.begin(), items.end(),
                        [](const CartItem* a, const CartItem* b) { return a->id < b->id; }))
      std::stable_sort(items.begin(), items.end(),
                       [](const CartItem* a, const CartItem* b) { return a->id < b->id; });
    quote_.lines.reserve(items.size() + input_.fees.size());
    taxed_.reserve(items.size() + input_.fees.size());
    for (const CartItem* item : items) add_line(*item);
  }

  void add_line(const CartItem& item) {
    const auto product = catalogue_.product(item.kind, item.product_id);
    if (!product) return;
    const Variation* variation = item.variation_id ? catalogue_.variation(*item.variation_id) : nullptr;
    if (item.variation_id && !variation) return;
    QuoteLine& line = quote_.lines.emplace_back();
    line.item_id = item.id;
    line.kind = item.kind;
    line.product_id = item.product_id;
    line.variation_id = item.variation_id;
    line.quantity = item.quantity;
    line.unit_price = unit_price_of(*product, variation, item);
    line.description = *product->name;
    if (variation) line.description += ", " + variation->name;
    if (item.kind == ProductKind::ticket_type) {
      quote_.tickets += item.quantity;
      line.needs_voucher =
          product->requires_voucher && !(input_.voucher && input_.voucher->valid_at(input_.now) &&
                                         input_.voucher->unlocks(item.kind, item.product_id));
    } else {
      line.line_kind = LineKind::addon;
    }
    line.line_total = times(line.unit_price, line.quantity);
    add_to(quote_.subtotal, line.line_total);
    TaxedAmount& taxed = taxed_.emplace_back();
    taxed.applied = applied_tax(catalogue_.tax_rule(product->tax_rule_id), input_.party,
                                catalogue_.seller_country(), catalogue_.conference.event_country);
  }

  void refuse(QuoteLine& line, Decider decider, Verdict verdict, Id rule) {
    if (input_.explains) line.reasons.push_back({decider, verdict, rule, 0, 0});
  }

  void discount() {
    struct Open {
      const DiscountRule* rule;
      std::int64_t left;
    };
    std::vector<Open> open;
    open.reserve(catalogue_.discounts.size());
    for (const DiscountRule& rule : catalogue_.discounts) {
      const Verdict verdict = satisfied(rule, input_);
      const std::int64_t left = verdict == Verdict::granted ? units_left(rule, input_) : 0;
      if (verdict == Verdict::granted && left > 0) {
        open.push_back({&rule, left});
        continue;
      }
      if (!input_.explains) continue;
      for (QuoteLine& line : quote_.lines)
        if (in_scope(rule, line.kind, line.product_id))
          refuse(line, Decider::discount, verdict == Verdict::granted ? Verdict::used_up : verdict,
                 rule.condition.id);
    }
    const bool best = catalogue_.conference.discount_choice == conference::DiscountChoice::best_match;
    if (best) {
      for (QuoteLine& line : quote_.lines) {
        Open* chosen = nullptr;
        Taken most;
        for (Open& one : open) {
          if (!in_scope(*one.rule, line.kind, line.product_id)) continue;
          const Taken taken = taken_off(*one.rule, line, one.left);
          if (taken.amount > most.amount) {
            most = taken;
            chosen = &one;
          }
        }
        if (chosen) grant(line, *chosen->rule, chosen->left, most);
        if (input_.explains)
          for (const Open& one : open)
            if (&one != chosen && in_scope(*one.rule, line.kind, line.product_id))
              refuse(line, Decider::discount,
                     one.left == 0 ? Verdict::used_up
                     : chosen      ? Verdict::another_applies
                                   : Verdict::nothing_to_take,
                     one.rule->condition.id);
      }
      return;
    }
    for (Open& one : open)
      for (QuoteLine& line : quote_.lines) {
        if (!in_scope(*one.rule, line.kind, line.product_id)) continue;
        if (line.condition_id) {
          refuse(line, Decider::discount, Verdict::another_applies, one.rule->condition.id);
          continue;
        }
        const Taken taken = taken_off(*one.rule, line, one.left);
        if (taken.amount > 0)
          grant(line, *one.rule, one.left, taken);
        else
          refuse(line, Decider::discount, one.left == 0 ? Verdict::used_up : Verdict::nothing_to_take,
                 one.rule->condition.id);
      }
  }

  void grant(QuoteLine& line, const DiscountRule& rule, std::int64_t& left, const Taken& taken) {
    line.condition_id = rule.condition.id;
    line.condition_name = rule.condition.name;
    line.condition_discount = taken.amount;
    line.condition_units = taken.units;
    line.line_total -= taken.amount;
    if (left != unlimited) left -= taken.units;
    line.reasons.push_back({Decider::discount,
                            taken.units < line.quantity ? Verdict::partly : Verdict::granted,
                            rule.condition.id, taken.amount, taken.units});
  }

  // source: 20, 8.4 with D10, D12, D14, D15.
  void apply_voucher() {
    const AppliedVoucher& applied = *input_.voucher;
    const Voucher& voucher = applied.voucher;
    if (!applied.valid_at(input_.now)) {
      quote_.voucher_is_valid = false;
      if (input_.explains)
        for (QuoteLine& line : quote_.lines) refuse(line, Decider::voucher, Verdict::not_valid, voucher.id);
      return;
    }
    std::vector<std::size_t> covered;
    bool covers_some = quote_.lines.empty();
    for (std::size_t i = 0; i < quote_.lines.size(); ++i) {
      QuoteLine& line = quote_.lines[i];
      if (!applied.covers(line.kind, line.product_id)) {
        refuse(line, Decider::voucher, Verdict::other_product, voucher.id);
        continue;
      }
      covers_some = true;
      if (line.line_total > 0)
        covered.push_back(i);
      else
        refuse(line, Decider::voucher, Verdict::nothing_to_take, voucher.id);
    }
    quote_.voucher_covers_some = covers_some;
    if (covered.empty()) return;

    // The dearest units first, where a use reaches only so many: by what each still costs after its automatic
    // discount, which may have reached some units of a line alone. source: D10, 8.3.
    std::vector<std::int64_t> units(covered.size()), bases(covered.size()), off(covered.size());
    std::vector<Alike> alike;
    alike.reserve(covered.size() * 2);
    for (std::size_t i = 0; i < covered.size(); ++i) {
      const QuoteLine& line = quote_.lines[covered[i]];
      const std::int64_t full = line.quantity - line.condition_units;
      const std::int64_t total = times(line.unit_price, full);
      if (full > 0) alike.push_back({i, full, total});
      if (line.condition_units > 0) alike.push_back({i, line.condition_units, line.line_total - total});
    }
    std::stable_sort(alike.begin(), alike.end(), dearer);
    std::int64_t left = voucher.max_units.value_or(unlimited), sum = 0;
    for (const Alike& some : alike) {
      const std::int64_t reached = std::min(some.units, left);
      left -= reached;
      units[some.line] += reached;
      const std::int64_t base = reached == some.units ? some.total : half_up(some.total, reached, some.units);
      bases[some.line] += base;
      add_to(sum, base);
    }
    switch (voucher.type) {
      case VoucherType::comp:
        off = bases;
        break;
      case VoucherType::percentage:
        for (std::size_t i = 0; i < covered.size(); ++i)
          off[i] = std::min(half_up(bases[i], applied.basis_points, 10'000), bases[i]);
        break;
      case VoucherType::fixed_amount:
        share(std::min(voucher.amount, sum), bases, off);
        break;
    }
    std::int64_t all = 0;
    for (const std::int64_t one : off) add_to(all, one);
    if (applied.budget_left && *applied.budget_left < all) {
      const std::vector<std::int64_t> wanted = off;
      share(std::max<std::int64_t>(*applied.budget_left, 0), wanted, off);
    }
    for (std::size_t i = 0; i < covered.size(); ++i) {
      QuoteLine& line = quote_.lines[covered[i]];
      line.voucher_discount = off[i];
      line.voucher_units = off[i] > 0 ? units[i] : 0;
      line.line_total -= off[i];
      if (off[i] > 0)
        line.reasons.push_back({Decider::voucher,
                                units[i] < line.quantity ? Verdict::partly : Verdict::granted, voucher.id,
                                off[i], units[i]});
      else
        refuse(line, Decider::voucher, Verdict::used_up, voucher.id);
    }
  }

  void tax_and_total() {
    for (const Fee& fee : input_.fees) {
      QuoteLine& line = quote_.lines.emplace_back();
      line.line_kind = LineKind::fee;
      line.description = fee.description;
      line.quantity = 1;
      line.unit_price = line.line_total = fee.amount;
      add_to(quote_.subtotal, fee.amount);
      TaxedAmount& taxed = taxed_.emplace_back();
      taxed.applied = applied_tax(catalogue_.tax_rule(fee.tax_rule_id), input_.party,
                                  catalogue_.seller_country(), catalogue_.conference.event_country);
    }
    for (std::size_t i = 0; i < quote_.lines.size(); ++i) taxed_[i].amount = quote_.lines[i].line_total;
    reckon(taxed_, catalogue_.conference.tax_rounding == conference::TaxRounding::per_line
                       ? TaxRounding::per_line
                       : TaxRounding::per_rate);
    for (std::size_t i = 0; i < quote_.lines.size(); ++i) {
      QuoteLine& line = quote_.lines[i];
      line.applied_tax = taxed_[i].applied;
      line.gross = taxed_[i].gross;
      line.net = taxed_[i].net;
      line.tax = taxed_[i].tax;
      add_to(quote_.condition_discount, line.condition_discount);
      add_to(quote_.voucher_discount, line.voucher_discount);
      add_to(quote_.tax, line.tax);
      add_to(quote_.total, line.gross);
      if (line.applied_tax.rule) explain_tax(line);
    }
    quote_.discount = quote_.condition_discount + quote_.voucher_discount;
  }

  void explain_tax(QuoteLine& line) {
    const AppliedTax& tax = line.applied_tax;
    const Id rule = tax.rule->rule.id;
    const bool foreign_business = tax.rule->rule.place_of_supply == PlaceOfSupply::customer &&
                                  tax.rule->rule.reverse_charge && input_.party.is_business &&
                                  !input_.party.country.empty() &&
                                  input_.party.country != catalogue_.seller_country();
    if (foreign_business && !tax.reverse_charge) refuse(line, Decider::tax, Verdict::not_confirmed, rule);
    if (tax.reverse_charge)
      line.reasons.push_back({Decider::tax, Verdict::owed_by_buyer, rule, 0, line.quantity});
    else if (tax.category == TaxCategory::exempt)
      line.reasons.push_back({Decider::tax, Verdict::exempt, rule, 0, line.quantity});
    else if (input_.explains)
      line.reasons.push_back(
          {Decider::tax, tax.inclusive ? Verdict::included : Verdict::added, rule, line.tax, line.quantity});
  }

  const Catalogue& catalogue_;
  const PricingInput& input_;
  Quote quote_;
  std::vector<TaxedAmount> taxed_;
};

}  // namespace

bool AppliedVoucher::valid_at(Instant now) const {
  return voucher.is_active && uses_left > 0 && in_window(voucher.valid_from, voucher.valid_until, now);
}
bool AppliedVoucher::covers(ProductKind kind, Id product_id) const {
  return reaches(voucher, products, kind, product_id);
}
bool AppliedVoucher::unlocks(ProductKind kind, Id product_id) const {
  return voucher.unlocks_hidden_tickets && covers(kind, product_id);
}

std::vector<const DiscountRule*> discounts_for(const Catalogue& catalogue, const PricingInput& input) {
  std::vector<const DiscountRule*> found;
  for (const DiscountRule& rule : catalogue.discounts)
    if (satisfied(rule, input) == Verdict::granted && units_left(rule, input) > 0) found.push_back(&rule);
  return found;
}

bool is_visible(const TicketType& type, const AppliedVoucher* voucher) {
  return type.is_active &&
         (!type.requires_voucher || (voucher && voucher->unlocks(ProductKind::ticket_type, type.id)));
}

std::vector<Product> visible_products(const Catalogue& catalogue, const AppliedVoucher* voucher) {
  std::vector<Product> found;
  for (const TicketType& type : catalogue.ticket_types)
    if (is_visible(type, voucher)) found.push_back(*catalogue.product(ProductKind::ticket_type, type.id));
  for (const AddOn& addon : catalogue.addons)
    if (addon.is_active) found.push_back(*catalogue.product(ProductKind::addon, addon.id));
  return found;
}

bool has_limited_discount(const Catalogue& catalogue) {
  return std::any_of(catalogue.discounts.begin(), catalogue.discounts.end(),
                     [](const DiscountRule& rule) { return rule.condition.usage_limit > 0; });
}

std::int64_t unit_price_of(const Product& product, const Variation* variation, const CartItem& item) {
  if (product.free_price && item.chosen_price) return std::max(*item.chosen_price, product.minimum_price);
  if (variation && variation->price) return *variation->price;
  return product.price;
}

Quote quote(const Catalogue& catalogue, const PricingInput& input) {
  return Pricing(catalogue, input).run();
}

Quote quote(const Catalogue& catalogue, std::span<const CartItem> items, Instant now) {
  PricingInput input;
  input.items = items;
  input.now = now;
  return quote(catalogue, input);
}

}  // namespace plenary::registration
