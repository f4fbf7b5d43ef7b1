#include "domain/registration/cart.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/beginning.hpp"
#include "base/text.hpp"
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
                     const std::optional<Instant>& until, std::optional<std::int64_t> left, Instant now) {
  if (!is_active) throw Refused("unavailable", "{name} is not available.", {{"name", name}});
  if (from && now < *from) throw Refused("unavailable", "{name} is not on sale yet.", {{"name", name}});
  if (until && now > *until) throw Refused("unavailable", "The sale of {name} has ended.", {{"name", name}});
  if (left && *left <= 0) throw Refused("sold_out", "{name} is sold out.", {{"name", name}});
}

void check_room(const std::string& name, std::optional<std::int64_t> left, std::int64_t more) {
  if (left && *left < more)
    throw Refused("sold_out", "Only {remaining} of {name} left.",
                  {{"remaining", std::to_string(std::max<std::int64_t>(*left, 0))}, {"name", name}},
                  "quantity");
}

// source: 20, 9.
void check_places(const StockLevel& conference, std::int64_t reserved, std::int64_t more) {
  std::optional<std::int64_t> left = conference.remaining();
  if (left) *left += reserved;
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

// A voucher that can no longer be used leaves the cart with the next change. source: 20, D12.
void detach_stale_voucher(db::Tx& tx, OpenCart& open) {
  if (!open.cart->voucher_id || open.valid_voucher(tx.now())) return;
  store::set_cart_voucher(tx, open.cart->id, std::nullopt);
  open.cart->voucher_id.reset();
  open.voucher.reset();
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
    if (open.voucher) cart.voucher_id = open.voucher->voucher.id;
    cart.id = store::insert_cart(tx, visitor, cart.voucher_id, cart.expires_at, cart.hold_cap_at, limited);
    open.cart = cart;
    return cart.id;
  }
  if (open.items.empty()) {  // its first item starts the time anew
    open.cart->expires_at = now + Duration::minutes(shop.program.cart_expiry_minutes);
    open.cart->hold_cap_at = now + Duration::minutes(2 * shop.program.cart_expiry_minutes);
    detach_stale_voucher(tx, open);
    store::reopen_cart(tx, open.cart->id, open.cart->expires_at, open.cart->hold_cap_at);
    return open.cart->id;
  }
  detach_stale_voucher(tx, open);
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
  if (!change_holds(tx, visitor.conference_id, open.cart->id, changes, open.cart->expires_at,
                    open.reserve(tx.now())))
    throw Refused("sold_out", "Somebody else was faster: this is no longer available in that quantity.");
}

// Takes an item out of the cart, with the add-ons that lose their last ticket (20, 7.4).
void take_out(db::Tx& tx, const Visitor& visitor, OpenCart& open, const CartItem removed,
              CartChange& change) {
  std::vector<CartItem> out{removed};
  std::erase_if(open.items, [&](const CartItem& i) { return i.id == removed.id; });
  if (removed.kind == ProductKind::ticket_type) {
    Prerequisites prerequisites(tx, visitor, {});
    for (const CartItem& i : open.items) {
      if (i.kind != ProductKind::addon) continue;
      const AddOn* addon = open.catalogue->addon(i.product_id);
      if (!addon || prerequisites.are_met(*addon, open.items)) continue;
      out.push_back(i);
      change.also_removed.push_back(addon->name);
    }
    std::erase_if(open.items, [&](const CartItem& i) {
      return std::any_of(out.begin(), out.end(), [&](const CartItem& o) { return o.id == i.id; });
    });
  }
  std::vector<HoldChange> changes;
  for (const CartItem& i : out) {
    for (const HoldChange& one : changes_for(open, i, -i.quantity)) changes.push_back(one);
    store::delete_item(tx, i.id);
  }
  hold(tx, visitor, open, changes);
}

void check_unlocked(const OpenCart& open, const Product& product, Instant now) {
  if (!product.requires_voucher) return;
  const AppliedVoucher* voucher = open.valid_voucher(now);
  if (!voucher || !voucher->voucher.unlocks_hidden_tickets)
    throw Refused("voucher_required", "{name} needs a voucher that unlocks it.", {{"name", *product.name}});
  if (!voucher->covers(product.kind, product.id))
    throw Refused("voucher_required", "The voucher {code} is not for {name}.",
                  {{"code", voucher->voucher.code}, {"name", *product.name}});
}

// Everything that must hold for `more` units of an item; throws the first that does not. `item` as it will
// be asked for: its quantity does not count.
void check_more(db::Tx& tx, const Visitor& visitor, const OpenCart& open, const Product& product,
                const Variation* variation, const CartItem& item, const Bought& bought, std::int64_t more,
                bool says_sold_out) {
  const Instant now = tx.now();
  const std::string name = variation ? *product.name + ", " + variation->name : *product.name;
  const Reserve* reserve = open.reserve(now);
  const StockLevel& level = open.levels.of(item.kind, item.product_id);
  const auto own = [&](const StockLevel& l) { return reserve ? reserve->of(l.stock_id) : 0; };
  auto of_product = level.remaining();
  if (of_product) *of_product += own(level);
  check_available(*product.name, product.is_active, product.available_from, product.available_until,
                  says_sold_out ? of_product : std::nullopt, now);
  check_room(*product.name, of_product, more);
  if (variation)
    if (const StockLevel* kind = open.levels.find(StockKind::variation, variation->id)) {
      if (says_sold_out && kind->remaining() && *kind->remaining() <= 0)
        throw Refused("sold_out", "{name} is sold out.", {{"name", name}});
      check_room(name, kind->remaining(), more);
    }
  for (const Quota& quota : open.catalogue->quotas)
    if (counts(quota, item.kind, item.product_id, item.variation_id))
      if (const StockLevel* shared = open.levels.find(StockKind::quota, quota.id)) {
        auto left = shared->remaining();
        if (left) *left += own(*shared);
        if (says_sold_out && left && *left <= 0)
          throw Refused("sold_out", "{name} is sold out.", {{"name", *product.name}});
        check_room(*product.name, left, more);
      }
  if (item.kind == ProductKind::ticket_type) {
    const TicketType& type = *open.catalogue->ticket_type(item.product_id);
    check_person(open, type, open.units(item.kind, item.product_id) + more, open.tickets() + more,
                 bought.of(item.kind, item.product_id));
    check_places(open.levels.conference(), own(open.levels.conference()), more);
    check_unlocked(open, product, now);
  } else {
    const AddOn& addon = *open.catalogue->addon(item.product_id);
    if (!Prerequisites(tx, visitor, {}).are_met(addon, open.items))
      throw Refused("requires_ticket", "{name} needs one of these tickets in the cart: {tickets}.",
                    {{"name", addon.name}, {"tickets", names_of_required(*open.catalogue, addon)}});
  }
  // The numbers that the order as a whole must keep, with these units in it.
  std::vector<CartItem> with = open.items;
  CartItem added = item;
  added.quantity = more;
  with.push_back(added);
  for (const Refused& broken : broken_rules(*open.catalogue, with, bought, {}, Asked::adding))
    throw Refused(broken);
}

// Another voucher, or none: everything is taken anew, and what no longer may be there leaves.
void change_voucher(db::Tx& tx, const Shop& shop, const Visitor& visitor, OpenCart& open,
                    std::optional<Id> voucher_id, CartChange& change) {
  const bool had_reserve = open.reserve(tx.now()) != nullptr;
  store::set_cart_voucher(tx, open.cart->id, voucher_id);
  open.cart->voucher_id = voucher_id;
  open.voucher.reset();
  if (voucher_id) open.voucher = load_voucher(tx, visitor.conference_id, *voucher_id);
  const AppliedVoucher* voucher = open.valid_voucher(tx.now());
  const std::vector<CartItem> items = open.items;
  for (const CartItem& item : items) {
    const auto product = open.catalogue->product(item.kind, item.product_id);
    const bool is_there =
        std::any_of(open.items.begin(), open.items.end(), [&](const CartItem& i) { return i.id == item.id; });
    if (!product || !is_there || !product->requires_voucher ||
        (voucher && voucher->unlocks(item.kind, item.product_id)))
      continue;
    change.also_removed.push_back(*product->name);
    take_out(tx, visitor, open, item, change);
  }
  if (had_reserve || open.reserve(tx.now()) != nullptr)
    for (Gone& gone : retake(tx, shop, visitor, open)) change.gone.push_back(std::move(gone));
}

Refused unknown_code(std::string_view code) {
  return Refused("unknown_code", "The code {code} is unknown or can no longer be used.",
                 {{"code", std::string(beginning(trimmed(code), 100))}}, "voucher_code");
}

// The code of the link that led here, for a cart that has none that counts.
void take_linked_voucher(db::Tx& tx, const Shop& shop, const Visitor& visitor, OpenCart& open,
                         std::string_view code, CartChange& change) {
  if (trimmed(code).empty() || open.valid_voucher(tx.now())) return;
  auto voucher = find_applied_voucher(tx, visitor.conference_id, code);
  if (!voucher || !voucher->valid_at(tx.now())) {
    change.voucher_problem = unknown_code(code);
    return;
  }
  change.has_linked_voucher = true;
  if (open.cart) {
    change_voucher(tx, shop, visitor, open, voucher->voucher.id, change);
  } else {
    open.voucher = std::move(voucher);  // the cart begins with it
  }
}

CartChange add(db::Tx& tx, const Shop& shop, const Visitor& visitor, ProductKind kind, const AddItem& asked) {
  check_quantity(asked.quantity);
  OpenCart open = load_open_cart(tx, shop, visitor);
  CartChange change;
  change.gone = take_again(tx, shop, visitor, open);
  take_linked_voucher(tx, shop, visitor, open, asked.voucher_code, change);
  const auto product = open.catalogue->product(kind, asked.slug);
  if (!product)
    throw Refused("unknown_product", kind == ProductKind::ticket_type ? message("There is no such ticket.")
                                                                      : message("There is no such add-on."));
  const Variation* variation = chosen_variation(*open.catalogue, *product, asked.variation);
  CartItem item;
  item.kind = kind;
  item.product_id = product->id;
  item.quantity = asked.quantity;
  if (variation) item.variation_id = variation->id;
  item.chosen_price = chosen_price(*open.catalogue, *product, asked.chosen_price);
  const Bought bought =
      visitor.user_id || kind == ProductKind::addon ? bought_by(tx, *open.catalogue, visitor, {}) : Bought{};
  check_more(tx, visitor, open, *product, variation, item, bought, asked.quantity, true);
  check_held(tx, shop, visitor, open, asked.quantity);
  count_new_cart(tx, shop, visitor, open);

  change.cart_id = cart_for_change(tx, shop, visitor, open);
  store::add_to_item(tx, change.cart_id, item);
  hold(tx, visitor, open, changes_for(open, item, asked.quantity));
  return change;
}

}  // namespace

CartChange add_ticket(db::Tx& tx, const Shop& shop, const Visitor& visitor, const AddItem& item) {
  return add(tx, shop, visitor, ProductKind::ticket_type, item);
}

CartChange add_addon(db::Tx& tx, const Shop& shop, const Visitor& visitor, const AddItem& item) {
  return add(tx, shop, visitor, ProductKind::addon, item);
}

CartChange apply_voucher(db::Tx& tx, const Shop& shop, const Visitor& visitor, std::string_view code) {
  OpenCart open = load_open_cart(tx, shop, visitor);
  CartChange change;
  const auto voucher = find_applied_voucher(tx, visitor.conference_id, code);
  if (!voucher || !voucher->valid_at(tx.now())) throw unknown_code(code);
  count_new_cart(tx, shop, visitor, open);
  change.gone = take_again(tx, shop, visitor, open);
  // The time of a cart that has something in it is not extended. source: 20, 5.3.
  change.cart_id = open.cart ? open.cart->id : cart_for_change(tx, shop, visitor, open);
  change_voucher(tx, shop, visitor, open, voucher->voucher.id, change);
  return change;
}

CartChange remove_voucher(db::Tx& tx, const Shop& shop, const Visitor& visitor) {
  OpenCart open = load_open_cart(tx, shop, visitor);
  if (!open.cart || !open.cart->voucher_id) throw Refused("no_voucher", "There is no voucher in your cart.");
  CartChange change;
  change.cart_id = open.cart->id;
  change.gone = take_again(tx, shop, visitor, open);
  change_voucher(tx, shop, visitor, open, std::nullopt, change);
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
  const auto product = open.catalogue->product(item->kind, item->product_id);
  if (!product) throw NotFound("the product is gone");
  if (more > 0) {
    const Variation* variation =
        item->variation_id ? open.catalogue->variation(*item->variation_id) : nullptr;
    check_more(tx, visitor, open, *product, variation, *item, bought_by(tx, *open.catalogue, visitor, {}),
               more, false);
    check_held(tx, shop, visitor, open, more);
  }
  const auto changes = changes_for(open, *item, more);
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

void look_at_cart_page(db::Tx& tx, const Visitor& visitor) {
  store::cart_and_items(tx, visitor);
  stock_levels(tx, visitor.conference_id);
}

CartView view_cart(db::Tx& tx, const Catalogue& catalogue, const Visitor& visitor) {
  CartView view;
  const bool is_limited = has_limited_discount(catalogue);
  tx.ask_ahead([&] {
    store::cart_and_items(tx, visitor);
    if (is_limited) stock_levels(tx, visitor.conference_id);
  });
  auto [cart, items, voucher] = store::cart_and_items(tx, visitor);
  view.cart = std::move(cart);
  if (!view.cart) return view;
  view.lapsed = view.cart->lapsed(tx.now());
  view.items = std::move(items);
  if (voucher) view.voucher = with_products(tx, std::move(*voucher));
  view.person = load_person(tx, catalogue, visitor.user_id);
  if (is_limited) view.levels = stock_levels(tx, visitor.conference_id);
  view.quote = quote_for(catalogue, view, {}, tx.now());
  return view;
}

Quote quote_for(const Catalogue& catalogue, const CartView& view, const TaxParty& party, Instant now,
                bool explains) {
  PricingInput input;
  input.items = view.items;
  input.person = &view.person;
  input.voucher = view.voucher ? &*view.voucher : nullptr;
  input.levels = view.levels ? &*view.levels : nullptr;
  input.party = party;
  input.now = now;
  input.explains = explains;
  return quote(catalogue, input);
}

}  // namespace plenary::registration
