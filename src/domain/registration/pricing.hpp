// The one pricing engine: list page, cart, checkout, order, mail and reports all ask it. Pure.
// Vouchers, conditions and tax rules join it here; its lines carry their columns already. source: 20, 8;
// 25, 1.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/registration/catalogue.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

struct QuoteLine {
  Id item_id = 0;
  ProductKind kind = ProductKind::ticket_type;
  Id product_id = 0;
  std::string description;
  std::int64_t quantity = 0, unit_price = 0;
  std::int64_t condition_discount = 0, voucher_discount = 0;
  std::string condition_name;
  std::int64_t line_total = 0;  // unit_price * quantity - discounts, within 0..unit_price * quantity
  std::int64_t gross = 0, net = 0, tax = 0;
};

struct Quote {
  std::vector<QuoteLine> lines;
  std::int64_t subtotal = 0, discount = 0, tax = 0,
               total = 0;    // subtotal - discount = total = sum of line totals
  std::int64_t tickets = 0;  // units, add-ons not counted
};

// Items in id order. An item whose product is gone from the catalogue is left out. std::overflow_error out of
// range.
Quote quote(const Catalogue& catalogue, std::span<const CartItem> items);

}  // namespace plenary::registration
