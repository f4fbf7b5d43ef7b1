// A shop and a cart built up by hand for a worked example.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/discounts.hpp"
#include "domain/registration/pricing.hpp"

namespace plenary::registration::testing {

struct Example {
  Catalogue shop;
  std::vector<CartItem> items;
  std::optional<AppliedVoucher> voucher;
  TaxParty party;
  Person person;
  Instant now{1'000};

  Id ticket(std::int64_t price, std::int64_t quantity = 1, std::optional<Id> tax = {}) {
    return add(shop.ticket_types, ProductKind::ticket_type, "ticket ", price, quantity, tax);
  }
  Id addon(std::int64_t price, std::int64_t quantity = 1, std::optional<Id> tax = {}) {
    return add(shop.addons, ProductKind::addon, "addon ", price, quantity, tax);
  }
  template <class Sold>
  Id add(std::vector<Sold>& list, ProductKind kind, const char* word, std::int64_t price,
         std::int64_t quantity, std::optional<Id> tax) {
    Sold sold;
    sold.id = static_cast<Id>(list.size()) + 1;
    sold.name = word + std::to_string(sold.id);
    sold.price = price;
    sold.tax_rule_id = tax;
    list.push_back(sold);
    return put(kind, sold.id, quantity);
  }
  Id put(ProductKind kind, Id product, std::int64_t quantity) {
    CartItem item;
    item.id = static_cast<Id>(items.size()) + 1;
    item.kind = kind;
    item.product_id = product;
    item.quantity = quantity;
    items.push_back(item);
    return product;
  }
  Voucher& code(VoucherType type, std::string_view percent, std::int64_t amount = 0) {
    voucher.emplace();
    voucher->voucher.type = type;
    voucher->voucher.percent = Decimal::parse(percent).value();
    voucher->voucher.amount = amount;
    voucher->voucher.max_units.reset();
    voucher->basis_points = basis_points(voucher->voucher.percent);
    voucher->uses_left = 1;
    return voucher->voucher;
  }
  DiscountRule& discount(ConditionKind kind, std::string_view percent, std::int64_t amount = 0) {
    DiscountRule rule;
    rule.condition.id = static_cast<Id>(shop.discounts.size()) + 1;
    rule.condition.kind = kind;
    rule.condition.name = "discount " + std::to_string(rule.condition.id);
    rule.condition.discount_type = amount > 0 ? DiscountType::fixed_amount : DiscountType::percentage;
    rule.condition.percent = Decimal::parse(percent).value();
    rule.condition.amount = amount;
    rule.basis_points = basis_points(rule.condition.percent);
    shop.discounts.push_back(rule);
    return shop.discounts.back();
  }
  Id tax(std::int64_t millionths, bool inclusive = true) {
    ReckonedRule rule;
    rule.rule.id = static_cast<Id>(shop.tax_rules.size()) + 1;
    rule.rule.includes_tax = inclusive;
    rule.rate = millionths;
    shop.tax_rules.push_back(rule);
    return rule.rule.id;
  }
  Quote quote() {
    PricingInput input;
    input.items = items;
    input.person = &person;
    input.voucher = voucher ? &*voucher : nullptr;
    input.party = party;
    input.now = now;
    input.explains = true;
    return registration::quote(shop, input);
  }
};

inline std::vector<std::int64_t> of_each_line(const Quote& quote, std::int64_t QuoteLine::*amount) {
  std::vector<std::int64_t> all;
  for (const QuoteLine& line : quote.lines) all.push_back(line.*amount);
  return all;
}
inline std::vector<std::int64_t> totals(const Quote& quote) {
  return of_each_line(quote, &QuoteLine::line_total);
}
inline std::vector<std::int64_t> taxes(const Quote& quote) {
  return of_each_line(quote, &QuoteLine::tax);
}
using Amounts = std::vector<std::int64_t>;

}  // namespace plenary::registration::testing
