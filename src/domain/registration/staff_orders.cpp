#include "domain/registration/staff_orders.hpp"

#include <map>
#include <stdexcept>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/accounts/guests.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/records.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t reference_length = 8;
constexpr int reference_draws = 10;

std::vector<CartItem> as_items(std::span<const StaffItem> items) {
  std::vector<CartItem> result;
  for (const StaffItem& item : items)
    result.push_back({static_cast<Id>(result.size()) + 1, item.kind, item.product_id, item.quantity,
                      item.variation_id, std::nullopt});
  return result;
}

const std::string& name_of(const Catalogue& catalogue, ProductKind kind, Id id) {
  if (kind == ProductKind::ticket_type) {
    if (const TicketType* type = catalogue.ticket_type(id)) return type->name;
  } else if (const AddOn* addon = catalogue.addon(id)) {
    return addon->name;
  }
  throw NotFound("no such product in this conference");
}

// What the items take of each stock row, one entry a row; refused while nothing is written.
std::vector<HoldChange> room_for(db::Tx& tx, const Catalogue& catalogue, std::span<const StaffItem> items) {
  const Id conference_id = catalogue.conference.id;
  StockLevels levels = stock_levels(tx, conference_id);
  if (levels.any_elapsed()) {
    take_back_elapsed(tx, conference_id);
    levels = stock_levels(tx, conference_id);
  }
  std::map<Id, std::int64_t> wanted;
  const auto want = [&](Id row, std::int64_t quantity, const std::string& name) {
    const std::int64_t all = wanted[row] += quantity;
    if (const auto left = levels.remaining(row); left && *left < all)
      throw Refused("sold_out", "Only {remaining} of {name} left.",
                    {{"remaining", std::to_string(std::max<std::int64_t>(*left, 0))}, {"name", name}});
  };
  for (const StaffItem& item : items) {
    if (item.quantity < 1) throw Refused("quantity", "Choose a quantity of at least 1.", {}, "quantity");
    const std::string& name = name_of(catalogue, item.kind, item.product_id);
    for (const Id row : stock_rows(catalogue, levels, item.kind, item.product_id, item.variation_id))
      want(row, item.quantity, row == levels.conference().stock_id ? catalogue.conference.name : name);
  }
  std::vector<HoldChange> changes;
  for (const auto& [stock, quantity] : wanted) changes.push_back({stock, quantity});
  return changes;
}

// The discounted units, one entry a discount.
void add_uses(db::Tx& tx, const Catalogue& catalogue, const Quote& quote, std::vector<HoldChange>& changes) {
  std::map<Id, std::int64_t> units;
  for (const QuoteLine& line : quote.lines)
    if (line.condition_id) units[*line.condition_id] += line.condition_units;
  const StockLevels levels = stock_levels(tx, catalogue.conference.id);
  for (const auto& [condition, quantity] : units)
    if (const StockLevel* level = levels.find(StockKind::condition, condition); level && quantity > 0)
      changes.push_back({level->stock_id, quantity});
}

// Somebody else's write of this very moment took the last one; by then something was written.
[[noreturn]] void outrun() {
  throw Refused("sold_out_meanwhile",
                "Somebody else was faster: this is no longer available in that quantity.");
}

}  // namespace

Quote staff_quote(db::Tx& tx, const Catalogue& catalogue, std::span<const StaffItem> items) {
  const std::vector<CartItem> cart = as_items(items);
  std::optional<StockLevels> levels;
  if (has_limited_discount(catalogue)) levels = stock_levels(tx, catalogue.conference.id);
  PricingInput input;
  input.items = cart;
  input.levels = levels ? &*levels : nullptr;
  input.now = tx.now();
  return quote(catalogue, input);
}

Order make_order(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, const StaffOrder& order,
                 const Cause& cause) {
  std::vector<HoldChange> changes = room_for(tx, catalogue, order.items);
  Quote quote = staff_quote(tx, catalogue, order.items);
  if (quote.condition_discount > 0) add_uses(tx, catalogue, quote, changes);
  for (QuoteLine& line : quote.lines) {
    const StaffItem& item = order.items.at(static_cast<std::size_t>(line.item_id) - 1);
    if (!item.description.empty()) line.description = item.description;
  }
  if (!order.user_id && !order.billing.email.empty())
    accounts::ensure_guest(tx, order.billing.email, order.billing.name);

  const Instant hold_until = tx.now() + Duration::minutes(shop.program.pending_order_expiry_minutes);
  OrderRow row;
  row.conference_id = catalogue.conference.id;
  row.user_id = order.user_id;
  row.currency = catalogue.currency.code();
  row.subtotal = quote.subtotal;
  row.discount_amount = quote.discount;
  row.tax = quote.tax;
  row.total = quote.total;
  row.email_normalized = normalized_email(order.billing.email);
  row.language = order.language;
  row.billing_name = order.billing.name;
  row.billing_email = order.billing.email;
  row.billing_company = order.billing.company;
  row.billing_is_business = order.billing.is_business;
  row.billing_street = order.billing.street;
  row.billing_postcode = order.billing.postcode;
  row.billing_city = order.billing.city;
  row.billing_region = order.billing.region;
  row.billing_country = order.billing.country;
  row.billing_vat_id = order.billing.vat_id;
  row.billing_reference = order.billing.reference;
  row.is_sandbox = order.is_sandbox;
  row.hold_expires_at = hold_until;
  for (int draw = 0; row.id == 0; ++draw) {
    if (draw == reference_draws) throw std::runtime_error("no unused order reference was drawn");
    row.reference = shop.program.order_reference_prefix + "-" + random_code(shop.random, reference_length);
    row.secret_token_hash = order_link_hash(*order.link_key, row.reference, 1);
    tx.attempt([&] { row = order_table().insert(tx, row); });
  }
  store::insert_lines(tx, row.id, quote);
  if (!hold_for(tx, row.conference_id, HoldOwner::order, row.id, changes, hold_until)) outrun();
  store::insert_event(tx, row.id, "", to_text(OrderStatus::pending), cause);
  Order made = find_order(tx, row.id).value();
  publish(OrderEvent::placed, tx, made);
  return made;
}

Id pay_in_full(db::Tx& tx, const Shop& shop, Order& order, const StaffPayment& payment, const Cause& cause) {
  const store::NewPayment row{.order_id = order.id,
                              .conference_id = order.conference_id,
                              .method = payment.method,
                              .status = PaymentStatus::succeeded,
                              .amount = order.total - amount_paid(tx, order.id),
                              .currency = order.currency,
                              .gateway_reference = {},
                              .failure = {},
                              .is_test = order.is_sandbox,
                              .intent_id = payment.intent_id,
                              .charge_id = payment.charge_id,
                              .channel = payment.channel,
                              .reference = payment.reference,
                              .note = payment.note,
                              .credit_id = std::nullopt,
                              .created_by = payment.created_by};
  apply(tx, shop, order, Transition::paid, cause);
  return store::insert_payment(tx, row);
}

void confirm_seats(db::Tx& tx, Id order_id, std::string_view actor) {
  for (Seat& seat : store::seats_of(tx, order_id)) {
    if (seat.name.empty() || seat.confirmed_at) continue;
    seat.confirmed_at = tx.now();
    store::update_seat(tx, seat, seat.link_version);
    store::insert_seat_event(tx, seat.id, "confirmed", actor, "");
  }
}

Id fill_cart(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, const Visitor& visitor,
             std::span<const StaffItem> items) {
  if (store::find_cart(tx, visitor)) throw Refused("has_cart", "There is a cart already.");
  const auto changes = room_for(tx, catalogue, items);
  const Duration lasts = Duration::minutes(shop.program.cart_expiry_minutes);
  const Instant expires_at = tx.now() + lasts;
  const Id cart = store::insert_cart(tx, visitor, {}, expires_at, expires_at + lasts, false);
  for (const CartItem& item : as_items(items)) store::add_to_item(tx, cart, item);
  if (!change_holds(tx, visitor.conference_id, cart, changes, expires_at)) outrun();
  return cart;
}

}  // namespace plenary::registration
