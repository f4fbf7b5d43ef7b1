#include "domain/registration/open_cart.hpp"

#include <algorithm>

#include "domain/conference/conferences.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/waiting_stock.hpp"

namespace plenary::registration {

std::int64_t OpenCart::units(ProductKind kind, Id product_id) const {
  std::int64_t units = 0;
  for (const auto& i : items)
    if (i.kind == kind && i.product_id == product_id) units += i.quantity;
  return units;
}

const AppliedVoucher* OpenCart::valid_voucher(Instant now) const {
  return voucher && voucher->valid_at(now) ? &*voucher : nullptr;
}

const Reserve* OpenCart::reserve(Instant now) const {
  const AppliedVoucher* valid = valid_voucher(now);
  return valid && valid->voucher.reserves ? &valid->reserve : nullptr;
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
  store::cart_and_items(tx, visitor);
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
  auto [cart, items, voucher] = store::cart_and_items(tx, visitor);
  open.cart = std::move(cart);
  open.items = std::move(items);
  if (voucher) {
    open.voucher_levels = voucher->levels;
    open.any_elapsed = voucher->any_elapsed;
    open.voucher = with_products(tx, std::move(*voucher));
  }
  if (with_stock) open.levels = stock_for_everybody(tx, *open.catalogue);
  return open;
}

Instant next_expiry(const Shop& shop, const Cart& cart, Instant now) {
  const Instant wanted = now + Duration::minutes(shop.program.cart_expiry_minutes);
  // The hold of a cart that is at its cap is never cut short by activity.
  return std::max(std::min(wanted, cart.hold_cap_at), cart.expires_at > now ? cart.expires_at : now);
}

bool prerequisites_met(const AddOn& addon, const std::vector<CartItem>& items) {
  if (addon.requires_ticket_types.empty()) return true;
  for (const Id required : addon.requires_ticket_types)
    for (const auto& i : items)
      if (i.kind == ProductKind::ticket_type && i.product_id == required) return true;
  return false;
}

bool Prerequisites::are_met(const AddOn& addon, const std::vector<CartItem>& items) {
  if (prerequisites_met(addon, items)) return true;
  const auto& needed = addon.requires_ticket_types;
  if (!held_) held_ = store::held_ticket_types(tx_, visitor_, email_, except_order_);
  return std::any_of(held_->begin(), held_->end(),
                     [&](Id type) { return std::find(needed.begin(), needed.end(), type) != needed.end(); });
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

Bought bought_by(db::Tx& tx, const Catalogue& catalogue, const Visitor& visitor,
                 std::string_view email_normalized, std::optional<Id> except_order) {
  Bought bought;
  bought.ticket_types = store::bought_units(tx, visitor, email_normalized, except_order);
  const bool limits = std::any_of(catalogue.addons.begin(), catalogue.addons.end(), [](const AddOn& addon) {
    return addon.limit_per_user || addon.max_per_ticket || addon.min_per_ticket > 0;
  });
  if (!limits) return bought;
  Id last = 0;
  for (const store::BoughtUnits& one :
       store::bought_with_addons(tx, visitor, email_normalized, except_order)) {
    if (one.order_id != last) bought.orders.push_back({one.is_sold, {}, {}});
    last = one.order_id;
    Bought::Order& order = bought.orders.back();
    if (one.addon_id && one.is_theirs) bought.addons[*one.addon_id] += one.units;
    if (one.addon_id)
      order.addons[*one.addon_id] += one.units;
    else if (one.ticket_type_id)
      order.ticket_types[*one.ticket_type_id] += one.units;
  }
  return bought;
}

std::vector<HoldChange> changes_for(const OpenCart& open, const CartItem& item, std::int64_t quantity) {
  std::vector<HoldChange> changes;
  for (const Id row : stock_rows(*open.catalogue, open.levels, item.kind, item.product_id, item.variation_id))
    changes.push_back({row, quantity});
  return changes;
}

namespace {

void add_change(std::vector<HoldChange>& changes, Id stock, std::int64_t quantity) {
  for (HoldChange& change : changes)
    if (change.stock_id == stock) {
      change.quantity += quantity;
      return;
    }
  changes.push_back({stock, quantity});
}

std::int64_t changed(const std::vector<HoldChange>& changes, Id stock) {
  for (const HoldChange& change : changes)
    if (change.stock_id == stock) return change.quantity;
  return 0;
}

// Takes for every item what it can, tickets first: an add-on needs to know which of them could be kept.
std::vector<Gone> take_all(db::Tx& tx, const Visitor& visitor, OpenCart& open, Instant expires_at,
                           const std::vector<HoldChange>& kept_back) {
  std::vector<Gone> gone;
  const Instant now = tx.now();
  open.levels = stock_levels(tx, visitor.conference_id);
  keep_back(open.levels, kept_back);
  if (open.cart->voucher_id) open.voucher = load_voucher(tx, visitor.conference_id, *open.cart->voucher_id);
  const Bought bought = bought_by(tx, *open.catalogue, visitor, {});
  const AppliedVoucher* voucher = open.valid_voucher(now);
  const Reserve* reserve = open.reserve(now);

  std::vector<HoldChange> changes;
  std::vector<CartItem> kept;
  std::stable_sort(open.items.begin(), open.items.end(),
                   [](const CartItem& a, const CartItem& b) { return a.kind < b.kind; });
  Prerequisites prerequisites(tx, visitor, {});
  for (CartItem item : open.items) {
    const auto product = open.catalogue->product(item.kind, item.product_id);
    const Variation* variation = item.variation_id ? open.catalogue->variation(*item.variation_id) : nullptr;
    std::int64_t possible = 0;
    if (product && product->is_active && in_window(product->available_from, product->available_until, now) &&
        (!item.variation_id || (variation && variation->is_active))) {
      possible = item.quantity;
      std::int64_t units = 0;
      for (const CartItem& other : kept)
        if (other.kind == item.kind && other.product_id == item.product_id) units += other.quantity;
      if (product->limit_per_user)
        possible =
            std::min(possible, *product->limit_per_user - bought.of(item.kind, item.product_id) - units);
      if (product->max_per_order) possible = std::min(possible, *product->max_per_order - units);
      if (product->requires_voucher && !(voucher && voucher->unlocks(item.kind, item.product_id)))
        possible = 0;
      if (item.kind == ProductKind::addon) {
        const AddOn* addon = open.catalogue->addon(item.product_id);
        if (!prerequisites.are_met(*addon, kept)) possible = 0;
      }
      for (const Id row :
           stock_rows(*open.catalogue, open.levels, item.kind, item.product_id, item.variation_id))
        if (const auto left = open.levels.remaining(row))
          possible = std::min(possible, *left + (reserve ? reserve->of(row) : 0) - changed(changes, row));
    }
    possible = std::max<std::int64_t>(possible, 0);
    if (possible < item.quantity)
      gone.push_back({product ? *product->name : std::string(), item.quantity, possible});
    if (possible == 0) {
      store::delete_item(tx, item.id);
      continue;
    }
    if (possible != item.quantity) store::set_item_quantity(tx, item.id, possible);
    item.quantity = possible;
    for (const HoldChange& change : changes_for(open, item, possible))
      add_change(changes, change.stock_id, change.quantity);
    kept.push_back(item);
  }
  std::sort(kept.begin(), kept.end(), [](const CartItem& a, const CartItem& b) { return a.id < b.id; });
  open.items = std::move(kept);
  if (!change_holds(tx, visitor.conference_id, open.cart->id, changes, expires_at, reserve))
    throw std::logic_error("stock changed inside of its own write");
  open.levels = stock_for_everybody(tx, *open.catalogue);
  return gone;
}

}  // namespace

std::vector<Gone> retake(db::Tx& tx, const Shop& shop, const Visitor& visitor, OpenCart& open) {
  if (!open.cart) return {};
  if (open.cart->lapsed(tx.now())) return take_again(tx, shop, visitor, open);
  take_back_elapsed(tx, visitor.conference_id);
  const auto kept = kept_for_waiting(tx, *open.catalogue);
  release_holds(tx, HoldOwner::cart, open.cart->id);
  return take_all(tx, visitor, open, open.cart->expires_at, kept);
}

std::vector<Gone> take_again(db::Tx& tx, const Shop& shop, const Visitor& visitor, OpenCart& open,
                             const std::vector<HoldChange>* kept) {
  const Instant now = tx.now();
  if (!open.cart || !open.cart->lapsed(now)) return {};
  // Our own elapsed holds count as given back from here on.
  take_back_elapsed(tx, visitor.conference_id);
  Cart& cart = *open.cart;
  cart.status = CartStatus::open;
  cart.hold_cap_at = now + Duration::minutes(2 * shop.program.cart_expiry_minutes);
  cart.expires_at = now + Duration::minutes(shop.program.cart_expiry_minutes);
  store::reopen_cart(tx, cart.id, cart.expires_at, cart.hold_cap_at);
  return take_all(tx, visitor, open, cart.expires_at, kept ? *kept : kept_for_waiting(tx, *open.catalogue));
}

}  // namespace plenary::registration
