// The one pricing engine: list page, cart, checkout, order, mail, invoice, API and reports all ask it.
// Automatic discounts come first, the voucher after them, taxes last; each line says which rule gave or
// refused what. Pure; any thread. A quote refers to its catalogue, which must outlive it. std::overflow_error
// out of range. source: registration 20, 6 and 8 with D6, D9-D15, D27; taxes 25, 1 and 2.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/registration/catalogue.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/taxes.hpp"
#include "domain/registration/types.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration {

// What the rules ask about whoever buys; nobody known: a guest.
struct Person {
  std::optional<Id> user_id;
  bool presents = false, co_presents = false;  // a speaker of this conference; on a talk of two or more
  std::vector<Id> groups;                      // they belong to
  std::vector<Id> bought;                      // ticket types of sold orders
};

// The voucher of a cart, with everything that decides about it.
struct AppliedVoucher {
  Voucher voucher;
  ScopedProducts products;
  std::int64_t basis_points = 0;
  std::int64_t uses_left = 0;               // before this cart's own
  std::optional<std::int64_t> budget_left;  // minor units; none: no budget
  Reserve reserve;                          // what it keeps back for its carts
  bool valid_at(Instant now) const;
  bool covers(ProductKind kind, Id product_id) const;
  bool unlocks(ProductKind kind, Id product_id) const;  // hidden tickets, and only while valid
};

// A line beside the products: a payment fee. Never discounted.
struct Fee {
  std::string description;
  std::int64_t amount = 0;
  std::optional<Id> tax_rule_id;
};

struct PricingInput {
  std::span<const CartItem> items;
  const Person* person = nullptr;
  const AppliedVoucher* voucher = nullptr;
  const StockLevels* levels = nullptr;  // what is left of limited discounts; null: all of it
  TaxParty party = {};
  Instant now;
  std::span<const Fee> fees = {};
  bool explains = false;  // also what was refused, and why
};

// Who decided about a line, and what came of it.
enum class Decider : unsigned char { discount, voucher, tax };
enum class Verdict : unsigned char {
  granted,          // amount, units
  partly,           // granted, for fewer units than there are: a limit was reached
  other_product,    // it is not for this product
  not_now,          // outside of its window
  used_up,          // its limit is reached
  another_applies,  // the line has an automatic discount already
  needs_sign_in,    // it asks who buys
  not_a_speaker,
  not_in_group,
  not_bought,       // none of the tickets it asks for
  nothing_to_take,  // nothing is left to pay
  not_valid,        // a voucher that can no longer be used
  included,         // tax that the price contains: amount
  added,            // tax on top
  owed_by_buyer,    // reverse charge
  exempt,
  not_confirmed,  // a business of another country whose VAT number is not confirmed: taxed
};
struct Reason {
  Decider decider = Decider::discount;
  Verdict verdict = Verdict::granted;
  Id rule_id = 0;
  std::int64_t amount = 0, units = 0;
};

struct QuoteLine {
  Id item_id = 0;
  LineKind line_kind = LineKind::ticket;
  ProductKind kind = ProductKind::ticket_type;  // of products
  Id product_id = 0;
  std::optional<Id> variation_id;
  std::string description;  // "T-shirt, M"
  std::int64_t quantity = 0, unit_price = 0;
  std::optional<Id> condition_id;
  std::string condition_name;
  std::int64_t condition_discount = 0, condition_units = 0;
  std::int64_t voucher_discount = 0, voucher_units = 0;
  std::int64_t line_total = 0;  // unit_price * quantity - discounts, within 0..unit_price * quantity
  std::int64_t gross = 0, net = 0, tax = 0;  // gross is what is paid for it
  AppliedTax applied_tax;
  bool needs_voucher = false;  // a hidden ticket that no valid voucher unlocks: it cannot be ordered
  std::vector<Reason> reasons;
};

struct Quote {
  std::vector<QuoteLine> lines;  // in the order of the items' ids, fees last
  // subtotal - discount = sum of line totals; total = sum of gross: what is due.
  std::int64_t subtotal = 0, discount = 0, tax = 0, total = 0;
  std::int64_t condition_discount = 0, voucher_discount = 0;
  std::int64_t tickets = 0;      // units, add-ons not counted
  bool voucher_is_valid = true;  // false: there is one that can no longer be used; it took nothing off
  bool voucher_covers_some = true;
};

// An item whose product or variation is gone from the catalogue is left out.
Quote quote(const Catalogue& catalogue, const PricingInput& input);
// As a stranger sees it: no voucher, no person, nothing used yet.
Quote quote(const Catalogue& catalogue, std::span<const CartItem> items, Instant now);

// The automatic discounts that the input's person qualifies for at its moment, in the order of their
// priority: used-up ones are left out, and whether one takes something off a line is the quote's to say.
// Items and voucher do not count. source: 20, 6, "also offered".
std::vector<const DiscountRule*> discounts_for(const Catalogue& catalogue, const PricingInput& input);

// What is shown as sold: whatever is switched on, also before and after its time, and sold out; tickets that
// need a voucher only to whoever has one that unlocks them. source: 20, 6, "also offered", with D3.
bool is_visible(const TicketType& type, const AppliedVoucher* voucher);
// Ticket types before add-ons, each in the catalogue's order.
std::vector<Product> visible_products(const Catalogue& catalogue, const AppliedVoucher* voucher);

// Whether a discount is limited, so that prices need the stock of this moment.
bool has_limited_discount(const Catalogue& catalogue);

// What an item costs before discounts: its variation's price, the named one, else the product's.
std::int64_t unit_price_of(const Product& product, const Variation* variation, const CartItem& item);

// A decision in words, for buyers and accountants: English, with {name} places; translated when shown.
struct Explanation {
  std::string text;
  Refused::Arguments arguments;
  bool grants = false;  // it changed the price or says what tax is in it
  std::string message() const { return fill(text, arguments); }
};
std::vector<Explanation> explain(const Catalogue& catalogue, const Quote& quote, const QuoteLine& line,
                                 const AppliedVoucher* voucher);

}  // namespace plenary::registration
