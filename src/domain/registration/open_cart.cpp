#include "domain/registration/open_cart.hpp"

#include <algorithm>

#include "domain/conference/conferences.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {

CartItem* OpenCart::item(ProductKind kind, Id product_id) {
  for (auto& i : items)
    if (i.kind == kind && i.product_id == product_id) return &i;
  return nullptr;
}

CartItem* OpenCart::item(Id item_id) {
  for (auto& i : items)
    if (i.id == item_id) return &i;
  return nullptr;
}

std::int64_t OpenCart::tickets() const {
  std::int64_t units = 0;
  for (const auto& i : items)
    if (i.kind == ProductKind::ticket_type) units += i.quantity;
  return units;
}

void look_at_cart(db::Tx& tx, const Visitor& visitor) {
  conference::find_state(tx, visitor.conference_id);
  store::find_cart(tx, visitor);
  store::items_of(tx, visitor);
}

void look_at_cart_and_stock(db::Tx& tx, const Shop& shop, const Visitor& visitor) {
  look_at_cart(tx, visitor);
  stock_levels(tx, visitor.conference_id);
  store::next_cart_id(tx);
  accounts::look_at_rates(tx, cart_rate, cart_rates(shop, visitor));
}

OpenCart load_open_cart(db::Tx& tx, const Shop& shop, const Visitor& visitor, bool with_stock) {
  tx.ask_ahead([&] {
    look_at_cart(tx, visitor);
    if (with_stock) stock_levels(tx, visitor.conference_id);
  });
  const auto state = conference::find_state(tx, visitor.conference_id);
  if (!state) throw NotFound("no such conference");
  if (!state->sells()) throw Refused("sales_closed", "Ticket sales for this conference are closed.");
  OpenCart open;
  open.catalogue = shop.catalogues.at(tx, state->id, state->catalogue_version);
  open.cart = store::find_cart(tx, visitor);
  if (open.cart) open.items = store::items_of(tx, visitor);
  if (with_stock) open.levels = stock_levels(tx, visitor.conference_id);
  return open;
}

Instant next_expiry(const Shop& shop, const Cart& cart, Instant now) {
  const Instant wanted = now + Duration::minutes(shop.program.cart_expiry_minutes);
  // The hold of a cart that is at its cap is never cut short by activity.
  return std::max(std::min(wanted, cart.hold_cap_at), cart.expires_at > now ? cart.expires_at : now);
}

bool prerequisites_met(const AddOn& addon, const std::vector<CartItem>& items,
                       const std::map<Id, std::int64_t>& bought) {
  if (addon.requires_ticket_types.empty()) return true;
  for (const Id required : addon.requires_ticket_types) {
    if (const auto found = bought.find(required); found != bought.end() && found->second > 0) return true;
    for (const auto& i : items)
      if (i.kind == ProductKind::ticket_type && i.product_id == required) return true;
  }
  return false;
}

std::string names_of_required(const Catalogue& catalogue, const AddOn& addon) {
  std::string names;
  for (const Id required : addon.requires_ticket_types)
    if (const TicketType* type = catalogue.ticket_type(required)) {
      if (!names.empty()) names += ", ";
      names += type->name;
    }
  return names;
}

std::vector<Gone> take_again(db::Tx& tx, const Shop& shop, const Visitor& visitor, OpenCart& open) {
  std::vector<Gone> gone;
  const Instant now = tx.now();
  if (!open.cart || !open.cart->lapsed(now)) return gone;

  // Our own elapsed holds count as given back from here on.
  take_back_elapsed(tx, visitor.conference_id);
  open.levels = stock_levels(tx, visitor.conference_id);
  const auto bought = store::bought_units(tx, visitor, {});
  std::optional<std::int64_t> places = open.levels.conference().remaining();

  std::vector<HoldChange> changes;
  std::int64_t tickets = 0;
  std::vector<CartItem> kept_items;
  // Tickets first: an add-on needs to know which of them could be kept.
  std::stable_sort(open.items.begin(), open.items.end(),
                   [](const CartItem& a, const CartItem& b) { return a.kind < b.kind; });
  for (CartItem item : open.items) {
    std::string name;
    std::int64_t possible = 0;
    if (item.kind == ProductKind::ticket_type) {
      const TicketType* type = open.catalogue->ticket_type(item.product_id);
      if (type) name = type->name;
      if (type && type->is_active && !type->requires_voucher &&
          in_window(type->available_from, type->available_until, now)) {
        possible = item.quantity;
        const auto already = bought.find(type->id);
        possible = std::min(possible, type->limit_per_user - (already == bought.end() ? 0 : already->second));
      }
      if (places) possible = std::min(possible, *places);
    } else {
      const AddOn* addon = open.catalogue->addon(item.product_id);
      if (addon) name = addon->name;
      if (addon && addon->is_active && in_window(addon->available_from, addon->available_until, now) &&
          prerequisites_met(*addon, kept_items, bought))
        possible = item.quantity;
    }
    const StockLevel* level = name.empty() ? nullptr : &open.levels.of(item.kind, item.product_id);
    if (level && level->remaining()) possible = std::min(possible, *level->remaining());
    possible = std::max<std::int64_t>(possible, 0);
    if (possible < item.quantity) gone.push_back({name, item.quantity, possible});
    if (possible == 0) {
      store::delete_item(tx, item.id);
      continue;
    }
    if (possible != item.quantity) store::set_item_quantity(tx, item.id, possible);
    item.quantity = possible;
    changes.push_back({level->stock_id, possible});
    if (item.kind == ProductKind::ticket_type) {
      tickets += possible;
      if (places) *places -= possible;
    }
    kept_items.push_back(item);
  }
  std::sort(kept_items.begin(), kept_items.end(),
            [](const CartItem& a, const CartItem& b) { return a.id < b.id; });
  open.items = std::move(kept_items);
  if (tickets > 0) changes.push_back({open.levels.conference().stock_id, tickets});

  Cart& cart = *open.cart;
  cart.status = CartStatus::open;
  cart.hold_cap_at = now + Duration::minutes(2 * shop.program.cart_expiry_minutes);
  cart.expires_at = now + Duration::minutes(shop.program.cart_expiry_minutes);
  store::reopen_cart(tx, cart.id, cart.expires_at, cart.hold_cap_at);
  if (!change_holds(tx, visitor.conference_id, cart.id, changes, cart.expires_at))
    throw std::logic_error("stock changed inside of its own write");
  open.levels = stock_levels(tx, visitor.conference_id);
  return gone;
}

}  // namespace plenary::registration
