// Shops and carts drawn at random, with everything that decides about a price, for tests that compare.
#pragma once

#include <random>
#include <vector>

#include "domain/registration/pricing.hpp"

namespace plenary::registration::testing {

using Draw = std::mt19937_64;

// Ids count from 1 in each list; nothing is stored.
Catalogue random_catalogue(Draw& draw);

// What somebody is about to buy there; refers to nothing but itself.
struct RandomCart {
  std::vector<CartItem> items;
  Person person;
  std::optional<AppliedVoucher> voucher;
  StockLevels levels{{}};
  std::string country;
  bool is_business = false, vat_confirmed = false;
  Instant now;
  PricingInput input() const;
};
RandomCart random_cart(const Catalogue& catalogue, Draw& draw);

}  // namespace plenary::registration::testing
