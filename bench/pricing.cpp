// Pricing alone: a cart of ten lines under twenty discounts, a voucher and taxes. Budget: 20 us.
#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "domain/registration/pricing.hpp"

using namespace plenary;
using namespace plenary::registration;

int main() {
  Catalogue shop;
  shop.seller.emplace();
  shop.seller->country = "DE";
  ReckonedRule vat;
  vat.rule.id = 1;
  vat.rule.name = "VAT";
  vat.rate = 190'000;
  shop.tax_rules = {vat, vat};
  shop.tax_rules[1].rule.id = 2;
  shop.tax_rules[1].rate = 70'000;
  std::vector<CartItem> items;
  for (Id id = 1; id <= 10; ++id) {
    CartItem item;
    item.id = item.product_id = id;
    item.quantity = id % 3 + 1;
    item.kind = id <= 5 ? ProductKind::ticket_type : ProductKind::addon;
    items.push_back(item);
    if (id <= 5) {
      TicketType type;
      type.id = id;
      type.name = fmt::format("Ticket {}", id);
      type.price = 10'000 + 999 * id;
      type.tax_rule_id = id % 2 + 1;
      shop.ticket_types.push_back(type);
    } else {
      AddOn addon;
      addon.id = id;
      addon.name = fmt::format("Add-on {}", id);
      addon.price = 2'000 + 99 * id;
      addon.tax_rule_id = id % 2 + 1;
      shop.addons.push_back(addon);
    }
  }
  for (Id id = 1; id <= 20; ++id) {
    DiscountRule rule;
    Condition& c = rule.condition;
    c.id = id;
    c.name = fmt::format("Discount {}", id);
    c.kind = id % 5 == 0 ? ConditionKind::group_member : ConditionKind::product_discount;
    c.usage_limit = id % 4 == 0 ? 1'000 : 0;
    c.ticket_scope = c.addon_scope = Scope::selected;
    rule.basis_points = 100 * id;
    rule.links.products = {{id % 5 + 1}, {id % 5 + 6}};
    rule.links.groups = {1};
    shop.discounts.push_back(rule);
  }
  AppliedVoucher voucher;
  voucher.voucher.type = VoucherType::fixed_amount;
  voucher.voucher.amount = 5'000;
  voucher.voucher.max_units.reset();
  voucher.uses_left = 1;
  Person person;
  person.user_id = 1;
  person.groups = {1};
  PricingInput input;
  input.items = items;
  input.person = &person;
  input.voucher = &voucher;

  for (const auto choice : {conference::DiscountChoice::first_match, conference::DiscountChoice::best_match})
    for (const bool explains : {false, true}) {
      shop.conference.discount_choice = choice;
      input.explains = explains;
      constexpr int rounds = 100'000;
      std::int64_t sum = 0;
      for (int i = 0; i < rounds / 10; ++i) sum += quote(shop, input).total;
      const auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < rounds; ++i) sum += quote(shop, input).total;
      const double micros =
          std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() /
          rounds;
      fmt::print("  {:<11} {:<22} {:6.2f} us   budget 20 us {}\n",
                 choice == conference::DiscountChoice::first_match ? "first match" : "best match",
                 explains ? "with every explanation" : "", micros, micros <= 20 ? "ok" : "MISSED");
      if (sum == 0) return 1;
    }
}
