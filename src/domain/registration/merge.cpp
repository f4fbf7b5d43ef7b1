#include "domain/registration/merge.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "domain/conference/conferences.hpp"
#include "domain/registration/open_cart.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_waiting.hpp"
#include "domain/registration/waiting_stock.hpp"

namespace plenary::registration {
namespace {

using Units = std::map<std::pair<ProductKind, Id>, std::int64_t>;

Units units_of(const std::vector<CartItem>& items) {
  Units units;
  for (const CartItem& item : items) units[{item.kind, item.product_id}] += item.quantity;
  return units;
}

// Cuts from the end, tickets or everything, until no more than `most` units are left.
void cut(db::Tx& tx, std::vector<CartItem>& items, std::int64_t most, bool tickets_only) {
  std::int64_t units = 0;
  const auto counts = [&](const CartItem& item) {
    return !tickets_only || item.kind == ProductKind::ticket_type;
  };
  for (const CartItem& item : items) units += counts(item) ? item.quantity : 0;
  for (auto item = items.rbegin(); item != items.rend() && units > most; ++item) {
    if (!counts(*item)) continue;
    const std::int64_t less = std::min(item->quantity, units - std::max<std::int64_t>(most, 0));
    item->quantity -= less;
    units -= less;
    if (item->quantity == 0) {
      store::delete_item(tx, item->id);
    } else {
      store::set_item_quantity(tx, item->id, item->quantity);
    }
  }
  std::erase_if(items, [](const CartItem& item) { return item.quantity == 0; });
}

std::string name_of(const Catalogue& catalogue, const std::pair<ProductKind, Id>& product) {
  if (product.first == ProductKind::ticket_type) {
    const TicketType* type = catalogue.ticket_type(product.second);
    return type ? type->name : std::string();
  }
  const AddOn* addon = catalogue.addon(product.second);
  return addon ? addon->name : std::string();
}

}  // namespace

std::vector<Id> conferences_of_guest(db::Tx& tx, std::string_view session_hash) {
  return store::conferences_of_guest(tx, session_hash);
}

void move_orders(db::Tx& tx, const Visitor& guest, const Visitor& owner) {
  store::set_orders_session(tx, guest.conference_id, guest.session_hash, owner.session_hash);
}

MergedCart merge_carts(db::Tx& tx, const Shop& shop, const Visitor& guest, const Visitor& owner) {
  MergedCart merged;
  const auto state = conference::find_state(tx, owner.conference_id);
  if (!state || !state->sells() || !owner.user_id || guest.session_hash.empty()) return merged;
  Visitor browser = guest;
  browser.user_id.reset();
  const OpenCart from = load_open_cart(tx, shop, browser, false);
  if (!from.cart || from.items.empty()) return merged;
  OpenCart to = load_open_cart(tx, shop, owner, false);
  merged.moved = true;

  const Instant now = tx.now();
  std::optional<Instant> live_until, cap;
  for (const OpenCart* one : {&from, static_cast<const OpenCart*>(&to)}) {
    if (!one->cart || one->cart->lapsed(now) || one->items.empty()) continue;
    live_until = std::max(live_until.value_or(one->cart->expires_at), one->cart->expires_at);
    cap = std::max(cap.value_or(one->cart->hold_cap_at), one->cart->hold_cap_at);
  }
  const bool was_adopted = !to.cart;

  // Everything is given back and taken again below, inside of this write: nobody sees it in between.
  take_back_elapsed(tx, owner.conference_id);
  const auto kept_back = kept_for_waiting(tx, *to.catalogue);
  release_holds(tx, HoldOwner::cart, from.cart->id);
  if (to.cart) release_holds(tx, HoldOwner::cart, to.cart->id);
  if (was_adopted) {
    store::give_cart(tx, from.cart->id, *owner.user_id);
    to.cart = from.cart;
  } else {
    for (const CartItem& item : from.items) store::add_to_item(tx, to.cart->id, item);
    if (!to.cart->voucher_id && from.cart->voucher_id) {
      store::set_cart_voucher(tx, to.cart->id, from.cart->voucher_id);
      to.cart->voucher_id = from.cart->voucher_id;
    }
    store::move_taken_offers(tx, from.cart->id, to.cart->id);
    store::delete_cart(tx, from.cart->id);
  }
  to.cart->user_id = owner.user_id;
  to.items = store::items_of_cart(tx, to.cart->id);
  const Units wanted = units_of(to.items);

  cut(tx, to.items, to.catalogue->conference.max_tickets_per_cart, true);
  if (shop.limits.enabled)
    cut(tx, to.items,
        shop.limits.per_account - store::held_by_orders_of_user(tx, owner.conference_id, *owner.user_id),
        false);
  to.cart->expires_at = now;  // holds nothing at this moment
  take_again(tx, shop, owner, to, &kept_back);
  if (live_until) {
    store::set_hold_cap(tx, to.cart->id, *live_until, *cap);
    if (!change_holds(tx, owner.conference_id, to.cart->id, {}, *live_until))
      throw std::logic_error("a hold without a change found no room");
  }

  const Units kept = units_of(to.items);
  for (const auto& [product, units] : wanted) {
    const auto left = kept.find(product);
    const std::int64_t now_held = left == kept.end() ? 0 : left->second;
    if (now_held < units) merged.gone.push_back({name_of(*to.catalogue, product), units, now_held});
  }
  return merged;
}

}  // namespace plenary::registration
