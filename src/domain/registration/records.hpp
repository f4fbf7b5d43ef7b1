// Orders, payments, carts, seats and stock row by row, with every column described: for the lists and pages
// of the data admin and for exports. They are read there; the functions of this room are what writes them.
// Immutable, any thread. source: registration 20, 3.4-3.6 and 13; payments 21, 2.1; taxes 25, 1.
#pragma once

#include <optional>
#include <string>

#include "base/decimal.hpp"
#include "db/entity.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

struct OrderRow {
  Id id = 0, conference_id = 0;
  std::optional<Id> user_id, cart_id;
  std::optional<std::string> session_hash, secret_token_hash;
  OrderStatus status = OrderStatus::pending;
  std::string reference, currency;
  std::int64_t subtotal = 0, discount_amount = 0, tax = 0, total = 0;
  std::optional<Id> voucher_id, vat_check_id;
  bool vat_confirmed = false;
  std::string voucher_code, voucher_details;
  std::string email_normalized, language;
  bool billing_is_business = false;
  std::string billing_name, billing_email, billing_company, billing_street, billing_postcode, billing_city,
      billing_region, billing_country, billing_vat_id, billing_reference;
  std::string utm_source, utm_medium, utm_campaign;
  bool is_sandbox = false;
  std::string attention, comment, mail_problem;
  std::optional<Instant> hold_expires_at, hold_extended_at, paid_at, cancelled_at;
  std::int64_t link_version = 1, version = 1;
  Instant created_at, updated_at;
};

struct OrderLineRow {
  Id id = 0, order_id = 0;
  std::optional<Id> ticket_type_id, addon_id, variation_id;
  LineKind kind = LineKind::ticket;
  std::string description;
  std::int64_t quantity = 1, unit_price = 0;
  std::optional<Id> condition_id;
  std::string condition_name;
  std::int64_t condition_discount = 0, condition_units = 0, voucher_discount = 0;
  std::int64_t line_total = 0, gross = 0, net = 0, tax = 0;
  Decimal tax_rate;
  TaxCategory tax_category = TaxCategory::outside;
  bool tax_inclusive = true;
  std::optional<Id> tax_rule_id;
  std::int64_t tax_rule_version = 0;
  std::string tax_country;
  bool reverse_charge = false;
  std::string tax_text;
  std::optional<Id> reverses_line_id;
  std::optional<Id> replaces_line_id;  // whose units it stands for, in another variation or without tax
  Instant created_at;
};

struct PaymentRow {
  Id id = 0, order_id = 0, conference_id = 0;
  PaymentMethod method = PaymentMethod::stripe;
  PaymentStatus status = PaymentStatus::pending;
  std::int64_t amount = 0;
  std::optional<Id> change_id;
  std::string currency, intent_id, charge_id, gateway_reference, reference, note, failure;
  std::optional<Id> created_by;
  std::string channel;  // of a manual one: transfer, cash, cheque or card
  std::optional<Id> credit_id;
  std::optional<std::int64_t> fee_amount;  // kept by the provider
  std::string fee_currency;                // empty: the payment's
  std::string card_brand, card_last4;
  std::int64_t disputed = 0;           // held back or lost in disputes
  std::optional<Date> received_on;     // of a manual one
  std::string payer_name, payer_iban;  // of a transfer
  Instant created_at, updated_at;
};

struct OrderEventRow {
  Id id = 0, order_id = 0;
  Instant created_at;
  std::string from_status, to_status, source, actor, reason;
};

struct CartRow {
  Id id = 0, conference_id = 0;
  std::optional<Id> user_id;
  std::optional<std::string> session_hash;
  std::string network;
  CartStatus status = CartStatus::open;
  std::optional<Id> voucher_id;
  std::optional<Instant> expires_at, hold_cap_at, hold_renewed_at;
  std::string draft = "{}";
  Instant created_at, updated_at;
};

struct CartItemRow {
  Id id = 0, cart_id = 0;
  std::optional<Id> ticket_type_id, addon_id, variation_id;
  std::int64_t quantity = 1;
  std::optional<std::int64_t> chosen_price;
  Instant created_at;
};

enum class SeatStatus { active, withdrawn };  // withdrawn: "void", it opens no door
struct SeatRow {
  Id id = 0, order_id = 0, order_line_id = 0, conference_id = 0;
  std::optional<Id> ticket_type_id;
  std::int64_t position = 1;
  std::string access_code, name, email, email_normalized;
  std::optional<Id> user_id;
  SeatStatus status = SeatStatus::active;
  std::int64_t link_version = 1;
  std::string language, mail_problem;
  std::optional<Instant> invited_at, confirmed_at, checked_in_at;
  Instant created_at, updated_at;
};

struct StockRow {
  Id id = 0, conference_id = 0;
  StockKind kind = StockKind::conference;
  Id product_id = 0;
  std::optional<std::int64_t> capacity;
  std::int64_t sold = 0, held = 0, over_limit = 0;
};

struct HoldRow {
  Id id = 0, conference_id = 0, stock_id = 0;
  HoldOwner owner_kind = HoldOwner::cart;
  Id owner_id = 0;
  std::int64_t quantity = 1;
  Instant expires_at;
  std::optional<Id> reserve_id;
  std::int64_t reserved = 0;
};

const db::Entity<OrderRow>& order_table();
const db::Entity<OrderLineRow>& order_line_table();
const db::Entity<PaymentRow>& payment_table();
const db::Entity<OrderEventRow>& order_event_table();
const db::Entity<CartRow>& cart_table();
const db::Entity<CartItemRow>& cart_item_table();
const db::Entity<SeatRow>& seat_table();
const db::Entity<StockRow>& stock_table();
const db::Entity<HoldRow>& hold_table();

}  // namespace plenary::registration
