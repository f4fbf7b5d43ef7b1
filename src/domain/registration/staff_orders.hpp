// Orders and carts that are made for somebody: by the staff, by the demo data. They take their stock, prices,
// seats and record like every order; the gates that keep buyers in line (vouchers, sale windows, limits for
// each person) do not apply. Functions of a transaction: one thread at a time; Refused("sold_out") before
// anything is written, "sold_out_meanwhile" when another process was faster (let it undo the transaction).
// source: configuration 10, 7; registration 20, 9 to 11; payments 21, 2.1.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/signing.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/orders.hpp"

namespace plenary::registration {

struct StaffItem {
  ProductKind kind = ProductKind::ticket_type;
  Id product_id = 0;  // of the catalogue, active or not
  std::int64_t quantity = 1;
  std::string description = {};  // of the order's line; empty: the product's name
  std::optional<Id> variation_id = {};
};

struct StaffOrder {
  std::optional<Id> user_id;  // nothing: the guest of the address
  Billing billing;
  std::vector<StaffItem> items;          // may be none
  const SigningKey* link_key = nullptr;  // derives the order's secret link; never null
  std::string language = "en";
  bool is_sandbox = false;
};

// What it would cost now: no voucher, nobody's own discounts; limited ones as far as they are left.
Quote staff_quote(db::Tx& tx, const Catalogue& catalogue, std::span<const StaffItem> items);
// An unpaid order that holds its items, and what it uses of discounts, as long as any other. `catalogue` was
// read in this transaction.
Order make_order(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, const StaffOrder& order,
                 const Cause& cause);

struct StaffPayment {
  PaymentMethod method = PaymentMethod::manual;
  std::string intent_id = {}, charge_id = {}, reference = {}, note = {};
  std::string channel = {};  // of a manual one: transfer, cash, cheque or card
  std::optional<Id> created_by = {};
};
// All of a pending order is paid by this payment: it is sold, and its seats are there. The payment's id.
Id pay_in_full(db::Tx& tx, const Shop& shop, Order& order, const StaffPayment& payment, const Cause& cause);

// The holders that an order's seats name have registered: nobody is asked to confirm anything any more.
void confirm_seats(db::Tx& tx, Id order_id, std::string_view actor);

// A new open cart with these items, which it holds for the usual time; its id. Refused("has_cart") when the
// visitor has a current one.
Id fill_cart(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, const Visitor& visitor,
             std::span<const StaffItem> items);

}  // namespace plenary::registration
