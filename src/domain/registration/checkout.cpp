#include "domain/registration/checkout.hpp"

#include <algorithm>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/accounts/guests.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/open_cart.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t reference_length = 8;
constexpr int reference_draws = 10;

// Everything in the cart could be bought now; what it holds is already its own. source: 20, 10.4 and D3.
void check_items(db::Tx& tx, const OpenCart& open, const std::map<Id, std::int64_t>& bought) {
  const Instant now = tx.now();
  for (const CartItem& item : open.items) {
    if (item.kind == ProductKind::ticket_type) {
      const TicketType* type = open.catalogue->ticket_type(item.product_id);
      if (!type || !type->is_active || !in_window(type->available_from, type->available_until, now))
        throw Refused("unavailable", "{name} is no longer available. Remove it from the cart to go on.",
                      {{"name", type ? type->name : "A ticket"}});
      if (type->requires_voucher)
        throw Refused("voucher_required", "{name} needs a voucher that unlocks it.", {{"name", type->name}});
      const auto already = bought.find(type->id);
      const std::int64_t units = item.quantity + (already == bought.end() ? 0 : already->second);
      if (units > type->limit_per_user)
        throw Refused(
            "limit",
            "At most {limit} of {name} for each person; with earlier orders this would be {requested}.",
            {{"limit", std::to_string(type->limit_per_user)},
             {"name", type->name},
             {"requested", std::to_string(units)}});
    } else {
      const AddOn* addon = open.catalogue->addon(item.product_id);
      if (!addon || !addon->is_active || !in_window(addon->available_from, addon->available_until, now))
        throw Refused("unavailable", "{name} is no longer available. Remove it from the cart to go on.",
                      {{"name", addon ? addon->name : "An add-on"}});
      if (!prerequisites_met(*addon, open.items, bought))
        throw Refused("requires_ticket", "{name} needs one of these tickets: {tickets}.",
                      {{"name", addon->name}, {"tickets", names_of_required(*open.catalogue, *addon)}});
    }
  }
}

void check_held_by_email(db::Tx& tx, const Shop& shop, const Visitor& visitor, const OpenCart& open,
                         std::string_view email) {
  if (!shop.limits.enabled) return;
  std::int64_t wanted = 0;
  for (const CartItem& item : open.items) wanted += item.quantity;
  if (wanted + store::held_by_orders_of_email(tx, visitor.conference_id, email) > shop.limits.per_email)
    throw Refused(
        "too_many_held",
        "Too many tickets are held for this address at the moment. Pay or cancel an open order first.");
}

}  // namespace

std::vector<FieldFault> check_billing(const Billing& billing) {
  std::vector<FieldFault> faults;
  const auto text = [&](const std::string& field, const std::string& value, bool required,
                        std::size_t longest) {
    if (required && is_blank(value))
      faults.push_back({field, message("Please fill in this field.")});
    else if (character_count(value) > longest)
      faults.push_back({field, message("Use at most {max} characters."), {{"max", std::to_string(longest)}}});
    else if (has_control_characters(value) || !is_valid_utf8(value))
      faults.push_back({field, message("Remove line breaks and other control characters.")});
  };
  text("billing_name", billing.name, true, 200);
  if (is_blank(billing.email))
    faults.push_back({"billing_email", message("Please fill in this field.")});
  else if (!is_email(trimmed(billing.email)))
    faults.push_back({"billing_email", message("Enter an e-mail address like name@example.com.")});
  text("billing_company", billing.company, false, 200);
  return faults;
}

void look_at_checkout(db::Tx& tx, const Shop& shop, const Visitor& visitor, std::string_view email) {
  look_at_cart(tx, visitor);
  const std::string normalized = normalized_email(email);
  store::bought_units(tx, visitor, normalized);
  if (shop.limits.enabled) store::held_by_orders_of_email(tx, visitor.conference_id, normalized);
  accounts::look_at_rates(tx, order_rate, order_rates(shop, visitor, normalized));
}

PlacedOrder place_order(db::Tx& tx, const Shop& shop, const Visitor& visitor, const CheckoutForm& form) {
  tx.ask_ahead([&] { look_at_checkout(tx, shop, visitor, form.billing.email); });
  OpenCart open = load_open_cart(tx, shop, visitor, false);
  if (!open.cart || open.items.empty()) throw Refused("empty_cart", "Your cart is empty.");

  require_consents(open.catalogue->consents, form.consents);

  PlacedOrder placed;
  if (open.cart->lapsed(tx.now())) {
    placed.gone = take_again(tx, shop, visitor, open);
    if (!placed.gone.empty()) return placed;  // said first; nothing is ordered behind the buyer's back
  }

  const std::string email = normalized_email(form.billing.email);
  const auto bought = store::bought_units(tx, visitor, email);
  check_items(tx, open, bought);
  check_held_by_email(tx, shop, visitor, open, email);
  const Quote quote = registration::quote(*open.catalogue, open.items);
  if (quote.lines.size() != open.items.size())
    throw Refused("unavailable", "Something in the cart is no longer sold. Remove it to go on.");
  if (quote.total != form.shown_total)
    throw Refused("price_changed", "The total is now {total}. Please look at it again before you order.",
                  {{"total", open.catalogue->display(quote.total)}});

  const bool is_free = quote.total == 0;
  const Instant now = tx.now();
  const Instant hold_until = now + Duration::minutes(shop.program.pending_order_expiry_minutes);
  if (const auto again = accounts::count_rate(tx, order_rate, order_rates(shop, visitor, email)))
    throw too_many("too_many_orders", now, *again);
  accounts::ensure_guest(tx, form.billing.email, form.billing.name);

  Id order_id = 0;
  std::string reference;
  for (int draw = 0; order_id == 0; ++draw) {
    if (draw == reference_draws) throw std::runtime_error("no unused order reference was drawn");
    reference = shop.program.order_reference_prefix + "-" + random_code(shop.random, reference_length);
    const store::NewOrder order{.visitor = visitor,
                                .form = form,
                                .quote = quote,
                                .cart_id = open.cart->id,
                                .currency = open.catalogue->currency.code(),
                                .reference = reference,
                                .secret_hash = order_link_hash(*form.link_key, reference, 1),
                                .email_normalized = email,
                                .status = OrderStatus::pending,
                                .hold_expires_at = hold_until,
                                .paid_at = std::nullopt};
    order_id = store::insert_order(tx, order).value_or(0);
  }
  store::insert_lines(tx, order_id, quote);
  record_consents(tx, order_id, open.catalogue->consents, form.consents);
  move_holds(tx, open.cart->id, order_id, hold_until);
  store::set_cart_status(tx, open.cart->id, CartStatus::checked_out);
  const Cause cause{"checkout", "buyer", ""};
  store::insert_event(tx, order_id, "", to_text(OrderStatus::pending), cause);

  placed.order_id = order_id;
  placed.reference = reference;
  if (is_free) {  // source: 20, D16; 21, 5.2
    auto order = store::order_by_id(tx, order_id);
    store::insert_payment(tx, {.order_id = order_id,
                               .conference_id = visitor.conference_id,
                               .method = PaymentMethod::comp,
                               .status = PaymentStatus::succeeded,
                               .amount = 0,
                               .currency = order->currency,
                               .gateway_reference = {},
                               .failure = {}});
    apply(tx, shop, *order, Transition::paid, {"checkout", "buyer", "nothing to pay"});
    placed.is_paid = true;
  }
  return placed;
}

}  // namespace plenary::registration
