// Taxes: what a product's rule means for a buyer, and the tax of the lines of a sale, to the cent. Pure; any
// thread. source: taxes and invoices 25, 1 and 2.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// event: admission is taxed where the event is, whoever buys. customer: attended from elsewhere; businesses
// of another country may owe the tax themselves, consumers pay their own country's rate.
enum class PlaceOfSupply { event, customer, exempt };

struct TaxRule {
  Id id = 0, conference_id = 0;
  std::string name, slug;
  Decimal rate;  // percent, up to 4 decimals
  bool includes_tax = true;
  PlaceOfSupply place_of_supply = PlaceOfSupply::event;
  TaxCategory category = TaxCategory::standard;
  bool reverse_charge = false;  // allowed, where the place of supply is the customer's
  std::string legal_text, reverse_charge_text;
  std::string account;  // of the bookkeeping, for exports
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

struct TaxRuleCountry {
  Id id = 0, tax_rule_id = 0;
  std::string country;  // ISO 3166-1 alpha-2
  Decimal rate;
  Instant created_at, updated_at;
};

// A rule ready for reckoning. Rates are in millionths: 19 % is 190,000.
struct ReckonedRule {
  TaxRule rule;
  std::int64_t rate = 0;
  std::vector<std::pair<std::string, std::int64_t>> countries;
};
std::int64_t millionths(const Decimal& percent);
Decimal percent_of(std::int64_t millionths);  // normalised

// Who buys, as far as taxes ask. An empty country: not known yet.
struct TaxParty {
  bool is_business = false;
  std::string_view country;
  bool vat_confirmed = false;
};

// What applies to a line.
struct AppliedTax {
  const ReckonedRule* rule = nullptr;  // null: outside the scope
  std::int64_t rate = 0;               // millionths, that the price contains or that is added
  TaxCategory category = TaxCategory::outside;
  bool inclusive = true;
  bool reverse_charge = false;  // the buyer owes it: price less the tax it contains, no tax
  std::string_view country;     // whose rate it is; empty: none
  std::string_view text;        // what must be printed
};
// `seller_country` and `event_country` may be empty: not said.
AppliedTax applied_tax(const ReckonedRule* rule, const TaxParty& buyer, std::string_view seller_country,
                       std::string_view event_country);

enum class TaxRounding { per_rate, per_line };

struct TaxedAmount {
  std::int64_t amount = 0;  // after discounts, as priced: >= 0
  AppliedTax applied;
  std::int64_t gross = 0, net = 0, tax = 0;  // set by reckon: gross is what is paid, gross = net + tax
};
// Tax of every line; per_rate: of each rate at once, spread by largest remainder.
void reckon(std::span<TaxedAmount> lines, TaxRounding rounding);

}  // namespace plenary::registration
