// The SQL of carts, orders, payments and seats. Nothing here decides anything; stock rows have their own file
// (stock.hpp). Private to the room.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/consents.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/pricing.hpp"
#include "domain/registration/seats.hpp"

namespace plenary::registration::store {

// Carts.
std::optional<Cart> find_cart(db::Tx& tx, const Visitor& visitor);  // the current one, lapsed or not
// A voucher as prices need it (note, sponsor, batch, version and times are left out), with its stock. With
// `any_elapsed` the levels count holds that are over: ask voucher_levels.
struct FoundVoucher {
  Voucher voucher;
  StockLevels levels{{}};
  bool any_elapsed = false;
};
std::optional<FoundVoucher> voucher_by_code(db::Tx& tx, Id conference_id, std::string_view normal_code);
std::optional<FoundVoucher> voucher_by_id(db::Tx& tx, Id conference_id, Id id);
struct CartAndItems {
  std::optional<Cart> cart;
  std::vector<CartItem> items;  // by id
  std::optional<FoundVoucher> voucher;
};
CartAndItems cart_and_items(db::Tx& tx, const Visitor& visitor);  // of the current one; one query
Id insert_cart(db::Tx& tx, const Visitor& visitor, std::optional<Id> voucher_id, Instant expires_at,
               Instant hold_cap_at, bool keep_network);
void reopen_cart(db::Tx& tx, Id cart_id, Instant expires_at, Instant hold_cap_at);
void set_cart_expiry(db::Tx& tx, Id cart_id, Instant expires_at);
void mark_renewed(db::Tx& tx, Id cart_id);
bool was_renewed(db::Tx& tx, Id cart_id);
void set_cart_status(db::Tx& tx, Id cart_id, CartStatus status);
void add_to_item(db::Tx& tx, Id cart_id, const CartItem& item);  // its id does not count
void set_cart_voucher(db::Tx& tx, Id cart_id, std::optional<Id> voucher_id);
void set_item_quantity(db::Tx& tx, Id item_id, std::int64_t quantity);
void delete_item(db::Tx& tx, Id item_id);
// For moving a cart to its owner's account.
std::vector<CartItem> items_of_cart(db::Tx& tx, Id cart_id);  // by id, as they are now
void set_cart_draft(db::Tx& tx, Id cart_id, std::string_view draft);
void give_cart(db::Tx& tx, Id cart_id, Id user_id);
void delete_cart(db::Tx& tx, Id cart_id);  // with its items; its holds must be released
void set_hold_cap(db::Tx& tx, Id cart_id, Instant expires_at, Instant hold_cap_at);
std::vector<Id> conferences_of_guest(db::Tx& tx, std::string_view session_hash);

// Units of each ticket type a person has bought: sold-like orders, and pending ones with a live hold; those
// of a guest count only within the session that made them. source: 20, D7 and D34.
std::map<Id, std::int64_t> bought_units(db::Tx& tx, const Visitor& visitor, std::string_view email_normalized,
                                        std::optional<Id> except_order = {});
// Ticket types with units in sold-like orders of the account; of a guest in those of the address or the
// browser. source: 20, D20.
std::vector<Id> held_ticket_types(db::Tx& tx, const Visitor& visitor, std::string_view email_normalized,
                                  std::optional<Id> except_order = {});
// The units of tickets and add-ons in such orders, by order; of a guest also of those that the browser made
// for another address. Only for catalogues that limit an add-on.
struct BoughtUnits {
  Id order_id = 0;
  bool is_sold = false;    // sold-like; else unpaid
  bool is_theirs = false;  // of the account or the address
  std::optional<Id> ticket_type_id, addon_id;
  std::int64_t units = 0;
};
std::vector<BoughtUnits> bought_with_addons(db::Tx& tx, const Visitor& visitor,
                                            std::string_view email_normalized,
                                            std::optional<Id> except_order = {});
// Whether a service confirmed this VAT id by that check.
bool is_vat_confirmed(db::Tx& tx, Id conference_id, Id vat_check_id, std::string_view vat_id);
// Units held at this moment, for the limits of 20, D30.
std::int64_t held_by_orders_of_session(db::Tx& tx, const Visitor& visitor);
std::int64_t held_by_orders_of_user(db::Tx& tx, Id conference_id, Id user_id);
std::int64_t held_by_orders_of_email(db::Tx& tx, Id conference_id, std::string_view email_normalized);
std::int64_t held_by_carts_of_network(db::Tx& tx, std::string_view network, Instant since);

// Orders.
struct NewOrder {
  const Visitor& visitor;
  const CheckoutForm& form;
  const Quote& quote;
  Id cart_id = 0;
  const Voucher* voucher = nullptr;
  std::string_view voucher_details;
  bool vat_confirmed = false;
  std::string_view currency, reference;
  std::string secret_hash;
  std::string_view email_normalized;
  OrderStatus status = OrderStatus::pending;
  std::optional<Instant> hold_expires_at, paid_at;
};
// Nothing: the reference is taken. On PostgreSQL an `id` drawn before saves a trip.
std::optional<Id> insert_order(db::Tx& tx, const NewOrder& order, std::optional<Id> id);
std::optional<Id> next_order_id(db::Tx& tx);  // on SQLite none
void insert_lines(db::Tx& tx, Id order_id, const Quote& quote);
std::optional<Order> order_by_id(db::Tx& tx, Id order_id);
std::vector<OrderLine> lines_of(db::Tx& tx, std::string_view reference);
std::optional<LatestOrder> latest_order_of_session(db::Tx& tx, Id conference_id,
                                                   std::string_view session_hash);
// The next id of a table on PostgreSQL, so that its INSERT needs no answer; nothing on SQLite, where asking
// is free.
std::optional<Id> next_cart_id(db::Tx& tx);
std::optional<Id> next_payment_id(db::Tx& tx);
std::optional<Order> order_by_secret(db::Tx& tx, Id conference_id, std::string_view reference,
                                     std::string_view hash);
std::optional<Order> order_of_user(db::Tx& tx, Id conference_id, std::string_view reference, Id user_id);
void set_order_paid(db::Tx& tx, Id order_id);
void set_order_cancelled(db::Tx& tx, Id order_id);
void set_order_hold(db::Tx& tx, Id order_id, Instant until);
void set_attention(db::Tx& tx, Id order_id, std::string_view why);
bool expired_by_sweep(db::Tx& tx, Id order_id);  // cancelled because its hold elapsed
void insert_event(db::Tx& tx, Id order_id, std::string_view from, std::string_view to, const Cause& cause);
std::vector<Id> elapsed_orders(db::Tx& tx, Id conference_id, int limit);
std::int64_t expire_carts(db::Tx& tx, Id conference_id, int limit);
std::vector<Id> conferences_with_elapsed(db::Tx& tx);

// Orders of guests, and whose they become.
std::vector<Id> guest_orders_of_email(db::Tx& tx, std::string_view email_normalized);
void set_orders_session(db::Tx& tx, Id conference_id, std::string_view session_hash,
                        std::string_view new_hash);
void set_order_user(db::Tx& tx, Id order_id, Id user_id);
void set_first_seat_user(db::Tx& tx, Id order_id, Id user_id);
void set_order_email(db::Tx& tx, Id order_id, std::string_view email, std::string_view email_normalized,
                     std::int64_t link_version, std::string_view secret_hash);
void set_order_billing(db::Tx& tx, Id order_id, const Billing& billing);  // all but the address of mail
void set_first_seat_email(db::Tx& tx, Id order_id, std::string_view old_email, std::string_view email);

// Payments.
struct NewPayment {
  Id order_id = 0, conference_id = 0;
  PaymentMethod method = PaymentMethod::sandbox;
  PaymentStatus status = PaymentStatus::pending;
  std::int64_t amount = 0;
  std::string_view currency, gateway_reference, failure;
  bool is_test = false;  // its order is a test order
  std::string_view intent_id = {}, charge_id = {}, channel = {}, reference = {}, note = {};
  std::optional<Id> credit_id = {}, created_by = {};
};
// A payment that has succeeded is posted to the ledger here and in set_payment_status, and nowhere else.
Id insert_payment(db::Tx& tx, const NewPayment& payment);
void set_payment_status(db::Tx& tx, Id payment_id, PaymentStatus status, std::string_view note);
// Of a manual payment: when it came, and from whom.
void set_payment_origin(db::Tx& tx, Id payment_id, Date received_on, std::string_view payer_name,
                        std::string_view payer_iban);
std::optional<Payment> payment_by_id(db::Tx& tx, Id payment_id);
// Nothing for an empty number, or one of another conference. source: payments 21, P7 and P10.
std::optional<Payment> payment_by_intent(db::Tx& tx, Id conference_id, std::string_view intent_id);
std::vector<Payment> payments_of(db::Tx& tx, Id order_id);
struct PaidSoFar {
  std::int64_t amount = 0;  // of succeeded payments
  bool processing = false;  // a gateway still owes an answer
};
PaidSoFar paid_so_far(db::Tx& tx, Id order_id);
// By the reference on PostgreSQL, where they may be asked ahead while the id is not known yet (any will do
// then).
std::vector<Payment> payments_of(db::Tx& tx, Id order_id, std::string_view reference);
PaidSoFar paid_so_far(db::Tx& tx, Id order_id, std::string_view reference);
// Units of each ticket type that the address of this order has bought beside it, as bought_units counts them.
std::map<Id, std::int64_t> bought_beside(db::Tx& tx, Id conference_id, std::string_view reference);

// Seats.
bool is_access_code_taken(db::Tx& tx, std::string_view access_code);
void insert_seat(db::Tx& tx, const Order& order, const OrderLine& line, std::int64_t position,
                 std::string_view access_code);
std::vector<Seat> seats_of(db::Tx& tx, Id order_id);  // active ones, by position
std::optional<HeldSeat> seat_by_id(db::Tx& tx, Id seat_id);
// In orders of others.
std::vector<HeldSeat> seats_of_user(db::Tx& tx, Id conference_id, Id user_id, int limit);
std::vector<HeldSeat> seats_of_email(db::Tx& tx, Id conference_id, std::string_view email_normalized,
                                     Id user_id, int limit);
std::vector<HeldSeat> unnamed_seats(db::Tx& tx, Id conference_id, Id after_id, int limit);
// What may change of a seat, when it is still as it was read: the same link, active, not checked in. False
// otherwise.
bool update_seat(db::Tx& tx, const Seat& seat, std::int64_t link_version_before);
void insert_seat_event(db::Tx& tx, Id seat_id, std::string_view kind, std::string_view actor,
                       std::string_view detail);
std::vector<SeatEvent> events_of_seat(db::Tx& tx, Id seat_id);
std::int64_t seat_mails_since(db::Tx& tx, Id order_id, Instant since);
std::vector<ListedOrder> orders_of_user(db::Tx& tx, Id conference_id, Id user_id, int limit);

// Consents.
void insert_consent(db::Tx& tx, Id order_id, const KeptConsent& consent);
std::vector<KeptConsent> consents_of(db::Tx& tx, Id order_id);

}  // namespace plenary::registration::store
