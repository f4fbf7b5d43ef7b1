#include "domain/registration/taxes.hpp"

#include <array>
#include <tuple>

#include "domain/registration/shares.hpp"

namespace plenary::registration {
namespace {

constexpr std::int64_t whole = 1'000'000;

// Lines of one rate are reckoned together; the same percentage of another country is another rate.
std::tuple<std::int64_t, bool, bool, std::string_view> group_of(const TaxedAmount& line) {
  return {line.applied.rate, line.applied.inclusive, line.applied.reverse_charge, line.applied.country};
}

bool is_untaxed(TaxCategory category) {
  return category == TaxCategory::zero || category == TaxCategory::exempt || category == TaxCategory::outside;
}

std::int64_t tax_on(std::int64_t amount, const AppliedTax& applied) {
  return applied.inclusive ? half_up(amount, applied.rate, whole + applied.rate)
                           : half_up(amount, applied.rate, whole);
}

void settle(TaxedAmount& line, std::int64_t tax) {
  const AppliedTax& applied = line.applied;
  line.net = applied.inclusive ? line.amount - tax : line.amount;
  line.tax = applied.reverse_charge ? 0 : tax;
  line.gross = line.net + line.tax;
}

}  // namespace

std::int64_t millionths(const Decimal& percent) {
  const Decimal rounded = percent.rounded(4);
  __int128 value = rounded.coefficient();
  for (int scale = rounded.scale(); scale < 4; ++scale) value *= 10;
  return static_cast<std::int64_t>(value);
}

Decimal percent_of(std::int64_t millionths) {
  return Decimal::scaled(millionths, 4).normalized();
}

AppliedTax applied_tax(const ReckonedRule* rule, const TaxParty& buyer, std::string_view seller_country,
                       std::string_view event_country) {
  AppliedTax applied;
  if (!rule) return applied;
  applied.rule = rule;
  applied.rate = rule->rate;
  applied.category = rule->rule.category;
  applied.inclusive = rule->rule.includes_tax;
  applied.text = rule->rule.legal_text;
  applied.country = event_country.empty() ? seller_country : event_country;
  switch (rule->rule.place_of_supply) {
    case PlaceOfSupply::event:
      break;
    case PlaceOfSupply::exempt:
      applied.rate = 0;
      applied.category = TaxCategory::exempt;
      break;
    case PlaceOfSupply::customer: {
      applied.country = seller_country;
      if (buyer.country.empty() || buyer.country == seller_country) break;
      if (buyer.is_business) {
        if (rule->rule.reverse_charge && buyer.vat_confirmed && !seller_country.empty()) {
          applied.reverse_charge = true;
          applied.country = {};
          applied.text = rule->rule.reverse_charge_text;
        }
        break;  // a number that was not confirmed: tax as at home
      }
      for (const auto& [country, rate] : rule->countries)
        if (country == buyer.country) {
          applied.rate = rate;
          applied.country = country;
          if (rate == 0) {
            applied.category = TaxCategory::zero;
          } else if (is_untaxed(applied.category)) {  // at home; why it is, is not true of this country
            applied.category = TaxCategory::standard;
            applied.text = {};
          }
        }
      break;
    }
  }
  return applied;
}

void reckon(std::span<TaxedAmount> lines, TaxRounding rounding) {
  if (rounding == TaxRounding::per_line || lines.size() == 1) {
    for (TaxedAmount& line : lines) settle(line, tax_on(line.amount, line.applied));
    return;
  }
  std::array<std::int64_t, 16> few_weights, few_parts;
  std::vector<std::int64_t> many;
  for (std::size_t first = 0; first < lines.size(); ++first) {
    const auto group = group_of(lines[first]);
    bool is_first = true;
    for (std::size_t i = 0; i < first && is_first; ++i) is_first = group_of(lines[i]) != group;
    if (!is_first) continue;
    if (lines[first].applied.rate == 0) {
      for (std::size_t i = first; i < lines.size(); ++i)
        if (group_of(lines[i]) == group) settle(lines[i], 0);
      continue;
    }
    std::span<std::int64_t> weights = few_weights, parts = few_parts;
    if (lines.size() > few_weights.size()) {
      many.resize(2 * lines.size());
      weights = std::span(many).first(lines.size());
      parts = std::span(many).last(lines.size());
    }
    std::size_t count = 0;
    std::int64_t sum = 0;
    for (std::size_t i = first; i < lines.size(); ++i)
      if (group_of(lines[i]) == group) {
        weights[count++] = lines[i].amount;
        sum += lines[i].amount;
      }
    share(tax_on(sum, lines[first].applied), weights.first(count), parts.first(count));
    count = 0;
    for (std::size_t i = first; i < lines.size(); ++i)
      if (group_of(lines[i]) == group) settle(lines[i], parts[count++]);
  }
}

}  // namespace plenary::registration
