// A slow, literal model of pricing, written from the chapters alone and sharing nothing with the engine but
// the shapes of its input: exact fractions everywhere, rounded once at the places where the chapters round.
// source: registration 20, 6 and 8 with D6, D10, D14, D15, D27; taxes 25, 1 and 2.
#pragma once

#include <string>
#include <vector>

#include "domain/registration/pricing.hpp"

namespace plenary::registration::testing {

struct LiteralLine {
  std::int64_t full = 0, condition = 0, voucher = 0, total = 0;
  std::int64_t net = 0, tax = 0, gross = 0;
  std::string tax_country;
  TaxCategory category = TaxCategory::outside;
  Id condition_id = 0;
};

// One entry for each item, in the order of their ids.
std::vector<LiteralLine> literal_prices(const Catalogue& catalogue, const PricingInput& input);

}  // namespace plenary::registration::testing
