#include "domain/registration/cart.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/registration/limits.hpp"
#include "domain/registration/open_cart.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

constexpr Duration about_to_lapse = Duration::minutes(5);

void check_quantity(std::int64_t quantity) {
  if (quantity < 1) throw Refused("quantity", "Choose a quantity of at least 1.", {}, "quantity");
  if (quantity > 1000) throw Refused("quantity", "Choose a smaller quantity.", {}, "quantity");
}

// source: 20, 4: active AND inside the window AND (unlimited OR remaining > 0).
void check_available(const std::string& name, bool is_active, const std::optional<Instant>& from,
                     const std::optional<Instant>& until, const StockLevel& level, Instant now) {
  if (!is_active) throw Refused("unavailable", "{name} is not available.", {{"name", name}});
  if (from && now < *from) throw Refused("unavailable", "{name} is not on sale yet.", {{"name", name}});
  if (until && now > *until) throw Refused("unavailable", "The sale of {name} has ended.", {{"name", name}});
  if (const auto left = level.remaining(); left && *left <= 0)
    throw Refused("sold_out", "{name} is sold out.", {{"name", name}});
}

void check_room(const std::string& name, const StockLevel& level, std::int64_t more) {
  const auto left = level.remaining();
  if (left && *left < more)
    throw Refused("sold_out", "Only {remaining} of {name} left.",
                  {{"remaining", std::to_string(std::max<std::int64_t>(*left, 0))}, {"name", name}},
                  "quantity");
}

// source: 20, 9.
void check_places(const StockLevel& conference, std::int64_t more) {
  const auto left = conference.remaining();
  if (!left || *left >= more) return;
  const std::string capacity = std::to_string(*conference.capacity);
  if (*left <= 0)
    throw Refused("sold_out", "The conference is sold out: all {capacity} places are taken.",
                  {{"capacity", capacity}});
  throw Refused("sold_out", "Only {remaining} of {capacity} places at the conference are left.",
                {{"remaining", std::to_string(*left)}, {"capacity", capacity}}, "quantity");
}

void check_person(const OpenCart& open, const TicketType& type, std::int64_t in_cart_after,
                  std::int64_t tickets_after, std::int64_t bought) {
  if (in_cart_after + bought > type.limit_per_user)
    throw Refused("limit", "At most {limit} of {name} for each person; you asked for {requested}.",
                  {{"limit", std::to_string(type.limit_per_user)},
                   {"name", type.name},
                   {"requested", std::to_string(in_cart_after + bought)}},
                  "quantity");
  const std::int64_t per_cart = open.catalogue->conference.max_tickets_per_cart;
  if (tickets_after > per_cart)
    throw Refused("limit", "At most {limit} tickets in one order.", {{"limit", std::to_string(per_cart)}},
                  "quantity");
}

// The cart for a change: the current one taken up again, or a new one. Called when every check has passed.
Id cart_for_change(db::Tx& tx, const Shop& shop, const Visitor& visitor, OpenCart& open) {
  const Instant now = tx.now();
  if (!open.cart) {
    const bool limited = shop.limits.enabled && !visitor.network.empty();
    Cart cart;
    cart.conference_id = visitor.conference_id;
    cart.expires_at = now + Duration::minutes(shop.program.cart_expiry_minutes);
    cart.hold_cap_at = now + Duration::minutes(2 * shop.program.cart_expiry_minutes);
    cart.id = store::insert_cart(tx, visitor, cart.expires_at, cart.hold_cap_at, limited);
    open.cart = cart;
    return cart.id;
  }
  if (open.items.empty()) {  // its first item starts the time anew
    open.cart->expires_at = now + Duration::minutes(shop.program.cart_expiry_minutes);
    open.cart->hold_cap_at = now + Duration::minutes(2 * shop.program.cart_expiry_minutes);
    store::reopen_cart(tx, open.cart->id, open.cart->expires_at, open.cart->hold_cap_at);
    return open.cart->id;
  }
  open.cart->expires_at = next_expiry(shop, *open.cart, now);
  store::set_cart_expiry(tx, open.cart->id, open.cart->expires_at);
  return open.cart->id;
}

// Counted here, where nothing else can refuse any more. source: 20, D30.
void count_new_cart(db::Tx& tx, const Shop& shop, const Visitor& visitor, const OpenCart& open) {
  if (open.cart) return;
  if (const auto again = accounts::count_rate(tx, cart_rate, cart_rates(shop, visitor)))
    throw too_many("too_many_carts", tx.now(), *again);
}

// Nobody keeps everything from everybody else. source: 20, D30.
void check_held(db::Tx& tx, const Shop& shop, const Visitor& visitor, const OpenCart& open,
                std::int64_t more) {
  const HoldLimits& limits = shop.limits;
  if (!limits.enabled) return;
  std::int64_t wanted = more;
  for (const CartItem& item : open.items) wanted += item.quantity;
  bool over = wanted + store::held_by_orders_of_session(tx, visitor) > limits.per_session;
  if (visitor.user_id)
    over = over || wanted + store::held_by_orders_of_user(tx, visitor.conference_id, *visitor.user_id) >
                       limits.per_account;
  if (!visitor.network.empty()) {
    const Instant since = tx.now() - Duration::minutes(3 * shop.program.cart_expiry_minutes);
    over = over || more + store::held_by_carts_of_network(tx, visitor.network, since) > limits.per_network;
  }
  if (over)
    throw Refused("too_many_held",
                  "Too many tickets are held for you at the moment. Pay or cancel an open order first, or "
                  "try again later.");
}

void hold(db::Tx& tx, const Visitor& visitor, const OpenCart& open, std::span<const HoldChange> changes) {
  if (open.levels.any_elapsed()) take_back_elapsed(tx, visitor.conference_id);
  if (!change_holds(tx, visitor.conference_id, open.cart->id, changes, open.cart->expires_at))
    throw Refused("sold_out", "Somebody else was faster: this is no longer available in that quantity.");
}

// Takes an item out of the cart, with the add-ons that lose their last ticket (20, 7.4).
void take_out(db::Tx& tx, const Visitor& visitor, OpenCart& open, const CartItem removed,
              CartChange& change) {
  std::vector<CartItem> out{removed};
  std::erase_if(open.items, [&](const CartItem& i) { return i.id == removed.id; });
  if (removed.kind == ProductKind::ticket_type) {
    const auto bought = store::bought_units(tx, visitor, {});
    for (const CartItem& i : open.items) {
      if (i.kind != ProductKind::addon) continue;
      const AddOn* addon = open.catalogue->addon(i.product_id);
      if (!addon || prerequisites_met(*addon, open.items, bought)) continue;
      out.push_back(i);
      change.also_removed.push_back(addon->name);
    }
    std::erase_if(open.items, [&](const CartItem& i) {
      return std::any_of(out.begin(), out.end(), [&](const CartItem& o) { return o.id == i.id; });
    });
  }
  std::vector<HoldChange> changes;
  std::int64_t tickets = 0;
  for (const CartItem& i : out) {
    changes.push_back({open.levels.of(i.kind, i.product_id).stock_id, -i.quantity});
    if (i.kind == ProductKind::ticket_type) tickets += i.quantity;
    store::delete_item(tx, i.id);
  }
  if (tickets > 0) changes.push_back({open.levels.conference().stock_id, -tickets});
  hold(tx, visitor, open, changes);
}

}  // namespace

CartChange add_ticket(db::Tx& tx, const Shop& shop, const Visitor& visitor, std::string_view slug,
                      std::int64_t quantity) {
  check_quantity(quantity);
  OpenCart open = load_open_cart(tx, shop, visitor);
  CartChange change;
  change.gone = take_again(tx, shop, visitor, open);
  const TicketType* type = open.catalogue->ticket_type(slug);
  if (!type) throw Refused("unknown_product", "There is no such ticket.");
  const StockLevel& level = open.levels.of(ProductKind::ticket_type, type->id);
  check_available(type->name, type->is_active, type->available_from, type->available_until, level, tx.now());
  check_room(type->name, level, quantity);
  const CartItem* existing = open.item(ProductKind::ticket_type, type->id);
  std::int64_t bought = 0;
  if (visitor.user_id) {
    const auto units = store::bought_units(tx, visitor, {});
    if (const auto found = units.find(type->id); found != units.end()) bought = found->second;
  }
  check_person(open, *type, (existing ? existing->quantity : 0) + quantity, open.tickets() + quantity,
               bought);
  check_places(open.levels.conference(), quantity);
  if (type->requires_voucher)
    throw Refused("voucher_required", "{name} needs a voucher that unlocks it.", {{"name", type->name}});
  check_held(tx, shop, visitor, open, quantity);
  count_new_cart(tx, shop, visitor, open);

  change.cart_id = cart_for_change(tx, shop, visitor, open);
  store::add_to_item(tx, change.cart_id, ProductKind::ticket_type, type->id, quantity);
  const HoldChange changes[] = {{level.stock_id, quantity}, {open.levels.conference().stock_id, quantity}};
  hold(tx, visitor, open, changes);
  return change;
}

CartChange add_addon(db::Tx& tx, const Shop& shop, const Visitor& visitor, std::string_view slug,
                     std::int64_t quantity) {
  check_quantity(quantity);
  OpenCart open = load_open_cart(tx, shop, visitor);
  CartChange change;
  change.gone = take_again(tx, shop, visitor, open);
  const AddOn* addon = open.catalogue->addon(slug);
  if (!addon) throw Refused("unknown_product", "There is no such add-on.");
  const StockLevel& level = open.levels.of(ProductKind::addon, addon->id);
  check_available(addon->name, addon->is_active, addon->available_from, addon->available_until, level,
                  tx.now());
  if (!prerequisites_met(*addon, open.items, store::bought_units(tx, visitor, {})))
    throw Refused("requires_ticket", "{name} needs one of these tickets in the cart: {tickets}.",
                  {{"name", addon->name}, {"tickets", names_of_required(*open.catalogue, *addon)}});
  check_room(addon->name, level, quantity);
  check_held(tx, shop, visitor, open, quantity);
  count_new_cart(tx, shop, visitor, open);

  change.cart_id = cart_for_change(tx, shop, visitor, open);
  store::add_to_item(tx, change.cart_id, ProductKind::addon, addon->id, quantity);
  const HoldChange changes[] = {{level.stock_id, quantity}};
  hold(tx, visitor, open, changes);
  return change;
}

CartChange set_quantity(db::Tx& tx, const Shop& shop, const Visitor& visitor, Id item_id,
                        std::int64_t quantity) {
  if (quantity <= 0) return remove_item(tx, shop, visitor, item_id);
  check_quantity(quantity);
  OpenCart open = load_open_cart(tx, shop, visitor);
  if (!open.item(item_id)) throw NotFound("no such item in this cart");
  CartChange change;
  change.cart_id = open.cart->id;
  change.gone = take_again(tx, shop, visitor, open);
  const CartItem* item = open.item(item_id);
  if (!item) return change;  // gone while the cart was lapsed
  const std::int64_t more = quantity - item->quantity;
  const StockLevel& level = open.levels.of(item->kind, item->product_id);
  std::vector<HoldChange> changes{{level.stock_id, more}};
  if (item->kind == ProductKind::ticket_type) {
    const TicketType* type = open.catalogue->ticket_type(item->product_id);
    if (!type) throw NotFound("the ticket type is gone");
    if (more > 0) {
      check_available(type->name, type->is_active, type->available_from, type->available_until, StockLevel{},
                      tx.now());
      if (type->requires_voucher)
        throw Refused("voucher_required", "{name} needs a voucher that unlocks it.", {{"name", type->name}});
      check_room(type->name, level, more);
      const auto units = store::bought_units(tx, visitor, {});
      const auto found = units.find(type->id);
      check_person(open, *type, quantity, open.tickets() + more, found == units.end() ? 0 : found->second);
      check_places(open.levels.conference(), more);
    }
    changes.push_back({open.levels.conference().stock_id, more});
  } else if (const AddOn* addon = open.catalogue->addon(item->product_id); addon && more > 0) {
    check_available(addon->name, addon->is_active, addon->available_from, addon->available_until,
                    StockLevel{}, tx.now());
    if (!prerequisites_met(*addon, open.items, store::bought_units(tx, visitor, {})))
      throw Refused("requires_ticket", "{name} needs one of these tickets in the cart: {tickets}.",
                    {{"name", addon->name}, {"tickets", names_of_required(*open.catalogue, *addon)}});
    check_room(addon->name, level, more);
  }
  if (more > 0) check_held(tx, shop, visitor, open, more);
  cart_for_change(tx, shop, visitor, open);
  store::set_item_quantity(tx, item_id, quantity);
  hold(tx, visitor, open, changes);
  return change;
}

CartChange remove_item(db::Tx& tx, const Shop& shop, const Visitor& visitor, Id item_id) {
  OpenCart open = load_open_cart(tx, shop, visitor);
  if (!open.item(item_id)) throw NotFound("no such item in this cart");
  CartChange change;
  change.cart_id = open.cart->id;
  change.gone = take_again(tx, shop, visitor, open);
  if (const CartItem* item = open.item(item_id)) take_out(tx, visitor, open, *item, change);
  return change;
}

CartChange renew(db::Tx& tx, const Shop& shop, const Visitor& visitor) {
  OpenCart open = load_open_cart(tx, shop, visitor);
  CartChange change;
  if (!open.cart || open.items.empty()) throw Refused("empty_cart", "Your cart is empty.");
  change.cart_id = open.cart->id;
  if (open.cart->lapsed(tx.now())) {
    change.gone = take_again(tx, shop, visitor, open);
    return change;
  }
  cart_for_change(tx, shop, visitor, open);
  hold(tx, visitor, open, {});
  return change;
}

bool is_about_to_lapse(const Cart& cart, Instant now) {
  return cart.expires_at - now < about_to_lapse;
}

void renew_if_about_to_lapse(db::Tx& tx, const Shop& shop, const Visitor& visitor) {
  OpenCart open = load_open_cart(tx, shop, visitor);
  if (!open.cart || open.items.empty() || !is_about_to_lapse(*open.cart, tx.now())) return;
  if (open.cart->lapsed(tx.now())) {
    take_again(tx, shop, visitor, open);
    return;
  }
  if (store::was_renewed(tx, open.cart->id)) return;
  // Checkout was reached: this one renewal may go beyond the cap. source: 20, D30.
  open.cart->expires_at = tx.now() + Duration::minutes(shop.program.cart_expiry_minutes);
  store::set_cart_expiry(tx, open.cart->id, open.cart->expires_at);
  store::mark_renewed(tx, open.cart->id);
  hold(tx, visitor, open, {});
}

CartView view_cart(db::Tx& tx, const Catalogue& catalogue, const Visitor& visitor) {
  CartView view;
  tx.ask_ahead([&] {
    store::find_cart(tx, visitor);
    store::items_of(tx, visitor);
  });
  view.cart = store::find_cart(tx, visitor);
  if (!view.cart) return view;
  view.lapsed = view.cart->lapsed(tx.now());
  view.items = store::items_of(tx, visitor);
  view.quote = quote(catalogue, view.items);
  return view;
}

}  // namespace plenary::registration
