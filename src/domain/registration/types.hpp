// Shapes of the registration room: what is sold, carts, orders, payments, seats. Plain structs; money is
// minor units of the order's currency. Enumerations are stored as the texts their to_text gives. source:
// registration 20, 3; payments 21, 2.1; taxes 25, 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace plenary::registration {

using Id = std::int64_t;

enum class ProductKind { ticket_type, addon };

// A kind of admission. source: 20, 3.1.
struct TicketType {
  Id id = 0, conference_id = 0;
  std::string name, slug, description;
  std::int64_t price = 0;                                  // minor units, >= 0
  std::optional<Instant> available_from, available_until;  // inclusive at both ends
  std::int64_t total_quantity = 0;                         // 0 = unlimited
  std::int64_t limit_per_user = 10;                        // 0 = nobody may buy
  bool requires_voucher = false, is_active = true, bulk_enabled = false;
  std::optional<Id> tax_rule_id;              // none: outside the scope of tax
  bool free_price = false;                    // the buyer names it; `price` is what is proposed
  std::int64_t minimum_price = 0;             // of a free price
  std::int64_t min_per_order = 0;             // of those who buy any; 0: none
  std::optional<std::int64_t> max_per_order;  // none: no limit of its own
  std::string email_domains;                  // "example.org uni.example"; empty: anybody
  bool waiting_list = false;                  // sold out, it takes names
  std::int64_t order = 0;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

// An optional extra. source: 20, 3.2.
struct AddOn {
  Id id = 0, conference_id = 0;
  std::string name, slug, description;
  std::int64_t price = 0;
  std::optional<Instant> available_from, available_until;
  std::int64_t total_quantity = 0;
  bool is_active = true, bulk_enabled = false;
  std::optional<Id> tax_rule_id;
  bool free_price = false;
  std::int64_t minimum_price = 0;
  std::int64_t min_per_order = 0;
  std::optional<std::int64_t> max_per_order;
  std::string email_domains;
  bool waiting_list = false;
  std::optional<std::int64_t> limit_per_user;  // none: no limit
  std::int64_t min_per_ticket = 0;             // for each ticket of the order that it goes with
  std::optional<std::int64_t> max_per_ticket;
  std::int64_t order = 0;
  std::int64_t version = 1;
  Instant created_at, updated_at;
  std::vector<Id> requires_ticket_types;  // empty: usable with any ticket or none
};

// A kind of one product ("S", "M", "L"). A product with an active one is bought as one of them. source: 20,
// D37.
struct Variation {
  Id id = 0, conference_id = 0;
  std::optional<Id> ticket_type_id, addon_id;  // exactly one
  std::string name, slug, description;
  std::optional<std::int64_t> price;  // none: the product's
  std::int64_t total_quantity = 0;    // 0 = unlimited
  bool is_active = true;
  std::int64_t order = 0;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

// A number of places that several products share.
struct Quota {
  Id id = 0, conference_id = 0;
  std::string name;
  std::int64_t size = 0;  // 0 = unlimited
  std::int64_t version = 1;
  Instant created_at, updated_at;
  std::vector<Id> ticket_types, addons, variations;
};

enum class CartStatus { open, checked_out, expired, abandoned };
enum class OrderStatus { pending, paid, refunded, partially_refunded, cancelled };
enum class PaymentStatus { pending, processing, succeeded, failed, refunded };
enum class PaymentMethod { stripe, terminal, comp, credit, manual, sandbox };

enum class LineKind { ticket, addon, fee };
enum class TaxCategory { standard, reduced, zero, exempt, outside };

std::string_view to_text(ProductKind);
std::string_view to_text(LineKind);
std::string_view to_text(TaxCategory);
std::string_view to_text(CartStatus);
std::string_view to_text(OrderStatus);
std::string_view to_text(PaymentStatus);
std::string_view to_text(PaymentMethod);
LineKind line_kind(std::string_view);
TaxCategory tax_category(std::string_view);
ProductKind product_kind(std::string_view);
CartStatus cart_status(std::string_view);
OrderStatus order_status(std::string_view);
PaymentStatus payment_status(std::string_view);
PaymentMethod payment_method(std::string_view);

struct Cart {
  Id id = 0, conference_id = 0;
  std::optional<Id> user_id;
  CartStatus status = CartStatus::open;
  std::optional<Id> voucher_id;
  Instant expires_at;
  Instant hold_cap_at;  // no activity renews the hold beyond this. source: 20, D30
  std::string draft;    // JSON of what was typed at checkout (draft.hpp); "{}": nothing
  // Elapsed means expires_at <= now, everywhere. source: 20, D38
  bool lapsed(Instant now) const { return status == CartStatus::expired || expires_at <= now; }
};

struct CartItem {
  Id id = 0;
  ProductKind kind = ProductKind::ticket_type;
  Id product_id = 0;
  std::int64_t quantity = 0;
  std::optional<Id> variation_id = {};
  std::optional<std::int64_t> chosen_price = {};  // of a product whose price the buyer names
};

// Immutable once ordered. A line that takes another one back, whole or in part, names it and has its
// quantity and amounts below zero: sums over an order's lines are what it is now.
struct OrderLine {
  Id id = 0;
  LineKind kind = LineKind::ticket;
  std::string description;
  std::int64_t quantity = 0;
  std::int64_t unit_price = 0;
  std::int64_t condition_discount = 0, voucher_discount = 0;
  std::optional<Id> condition_id;
  std::string condition_name;
  std::int64_t condition_units = 0;  // units that the discount reached, of its limit
  std::int64_t line_total = 0;       // after all discounts; the gross amount when tax is included in prices
  std::int64_t gross = 0, net = 0, tax = 0;
  std::string tax_rate = "0";  // percent
  TaxCategory tax_category = TaxCategory::outside;
  bool tax_inclusive = true, reverse_charge = false;
  std::optional<Id> tax_rule_id;
  std::int64_t tax_rule_version = 0;
  std::string tax_country, tax_text;
  std::optional<Id> ticket_type_id, addon_id, variation_id;
  std::optional<Id> reverses_line_id;
};

// source: 20, 3.5; taxes 25, 3.
struct Billing {
  std::string name, email, company;
  bool is_business = false;
  std::string street = {}, postcode = {}, city = {}, region = {};
  std::string country = {};  // ISO 3166-1 alpha-2
  std::string vat_id = {};
  std::string reference = {};  // the buyer's own
};

struct Order {
  Id id = 0, conference_id = 0;
  std::optional<Id> user_id;
  OrderStatus status = OrderStatus::pending;
  // Sums over the lines: before and after discounts; tax; what is due (exclusive tax is part of it).
  std::int64_t subtotal = 0, discount = 0, tax = 0, total = 0;
  std::string currency;
  std::optional<Id> voucher_id;
  std::string voucher_code;
  Billing billing;
  std::optional<Id> vat_check_id;  // what a service said about the VAT id
  bool vat_confirmed = false;
  std::string attention, comment;  // why staff should look at it; staff's own note
  std::int64_t version = 1;
  std::string reference;
  std::optional<Instant> hold_expires_at;
  Instant created_at;
  std::optional<Instant> paid_at, cancelled_at;
  bool is_sandbox = false;
  std::string email_normalized, session_hash;  // who limits count it for; the hash is empty outside a browser
  std::string language;                        // the buyer's, for mail and documents
  std::int64_t link_version = 1;               // of the secret link; source: links.hpp
  std::string mail_problem;                    // why mail did not arrive; empty: no problem known
  bool tells_buyer =
      true;  // not stored; false: its payment is not confirmed by mail (orders that were made up)
  std::vector<OrderLine> lines;

  bool hold_is_live(Instant now) const {
    return status == OrderStatus::pending && hold_expires_at && *hold_expires_at > now;
  }
};

struct Payment {
  Id id = 0, order_id = 0;
  PaymentMethod method = PaymentMethod::sandbox;
  PaymentStatus status = PaymentStatus::pending;
  std::int64_t amount = 0;
  std::string reference, note;
  Instant created_at;
  Id conference_id = 0;
  std::string currency;
  std::string intent_id, charge_id;  // the provider's numbers
  std::string channel;               // of a manual one: transfer, cash, cheque or card; else empty
  std::string failure;               // why it failed
  std::string card_brand, card_last4;
  std::optional<Id> credit_id;              // of a payment by credit: which one
  std::optional<std::int64_t> fee_amount;   // kept by the provider; nothing: not known
  std::string fee_currency;                 // empty: the payment's
  std::optional<Id> created_by;             // staff who recorded it
  const std::string& fee_in() const { return fee_currency.empty() ? currency : fee_currency; }
};

// One per ticket unit of a paid order. source: 20, D33.
struct Seat {
  Id id = 0, order_id = 0, ticket_type_id = 0;  // the type 0: it is no longer there
  std::int64_t position = 0;
  std::string access_code, name, email;
  bool is_active = true;  // false: void, it opens no door
  std::optional<Id> user_id;
  std::int64_t link_version = 1;  // of the holder's link; source: links.hpp
  std::string language;           // the holder's, for mail; empty: the order's
  std::optional<Instant> invited_at, confirmed_at, checked_in_at;
  std::string mail_problem;  // why mail did not arrive; empty: no problem known
};

}  // namespace plenary::registration
