// Offers of the waiting list: who gets one, what it holds, how it becomes a part of a cart, how it ends.
#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>

#include "domain/conference/conferences.hpp"
#include "domain/registration/draft.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/open_cart.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_waiting.hpp"
#include "domain/registration/waiting_list.hpp"
#include "domain/registration/waiting_stock.hpp"

namespace plenary::registration {
namespace {

// What an offer to one entry takes.
struct Plan {
  std::int64_t rank = 1, quantity = 0;
  std::vector<std::pair<Id, std::int64_t>> extras;  // of waiting_addon
  std::map<Id, std::int64_t> units;                 // of each stock row
  Instant until;
};

std::int64_t room_for(const Catalogue& catalogue, const StockLevels& levels, const ProductChoice& product) {
  return remaining_of(catalogue, levels, product.kind, product.product_id, product.variation_id)
      .value_or(std::numeric_limits<std::int64_t>::max());
}

void take(Plan& plan, StockLevels& left, const Catalogue& catalogue, const ProductChoice& product,
          std::int64_t quantity) {
  for (const Id row : stock_rows(catalogue, left, product.kind, product.product_id, product.variation_id)) {
    plan.units[row] += quantity;
    left.keep_back(row, quantity);
  }
}

// The first of its choices that fits, with as many of its extras as nobody before it waits for. Nothing: none
// fits. source: docs/waiting-list.md.
std::optional<Plan> plan_offer(const Catalogue& catalogue, const StockLevels& levels,
                               std::span<const WaitingLine> lines, const WaitingPlace& place, Instant now) {
  const WaitingEntry& entry = place.entry;
  for (const auto& [product, rank, position] : place.choices) {
    if (!is_offered_to_waiting(catalogue, product, now)) continue;
    const auto sold = catalogue.product(product.kind, product.product_id);
    const std::int64_t needs =
        entry.all_or_nothing ? entry.quantity : std::max<std::int64_t>(sold->min_per_order, 1);
    // A limit may have been lowered since they joined: more than it nobody could order.
    const std::int64_t quantity = std::min(
        {room_for(catalogue, levels, product), entry.quantity, most_at_once(catalogue, levels, product)});
    if (quantity < needs) continue;
    Plan plan;
    plan.rank = rank;
    plan.quantity = quantity;
    plan.until = now + Duration::hours(catalogue.conference.offer_hours);
    // Until when it can be bought at all; that instant is included.
    if (sold->available_until)
      plan.until = std::min(plan.until, *sold->available_until + Duration::microseconds(1));
    StockLevels left = levels;
    take(plan, left, catalogue, product, quantity);
    keep_back(left, kept_for_waiting(left, catalogue, lines, now));
    for (const WaitingAddOn& extra : place.extras) {
      const ProductChoice addon{ProductKind::addon, extra.addon_id, extra.variation_id};
      const auto of = catalogue.product(addon.kind, addon.product_id);
      if (!of || !of->is_active || !in_window(of->available_from, of->available_until, now)) continue;
      // What does not go with the ticket that is offered would keep the whole offer out of a cart.
      if (!goes_with(catalogue, addon, product)) continue;
      const std::int64_t units = std::min(room_for(catalogue, left, addon), extra.quantity);
      if (units < std::max<std::int64_t>(of->min_per_order, 1)) continue;
      take(plan, left, catalogue, addon, units);
      plan.extras.emplace_back(extra.id, units);
    }
    return plan;
  }
  return std::nullopt;
}

void make_offer(db::Tx& tx, const WaitingEntry& entry, const Plan& plan) {
  std::vector<HoldChange> changes;
  for (const auto& [stock, units] : plan.units) changes.push_back({stock, units});
  store::leave_lines(tx, entry.id, entry.quantity);
  if (!hold_for(tx, entry.conference_id, HoldOwner::offer, entry.id, changes, plan.until))
    throw std::logic_error("stock changed inside of its own write");
  store::set_offered(tx, entry.id, plan.rank, plan.quantity, plan.until);
  for (const auto& [extra, units] : plan.extras) store::set_extra_offered(tx, extra, units);
  mail_waiting_offer(tx, *store::waiting_entry(tx, entry.id));
}

// Stock of this very moment with nothing elapsed in its counters: an offer takes of the rows themselves.
StockLevels swept_levels(db::Tx& tx, Id conference_id) {
  StockLevels levels = stock_levels(tx, conference_id);
  if (!levels.any_elapsed()) return levels;
  take_back_elapsed(tx, conference_id);
  return stock_levels(tx, conference_id);
}

// The next entry after that one for which one of the lines has room.
std::optional<Id> next_entry(db::Tx& tx, const Catalogue& catalogue, const StockLevels& levels,
                             std::span<const WaitingLine> lines, Id after) {
  std::optional<Id> next;
  for (const WaitingLine& line : lines) {
    const ProductChoice product = line.product();
    if (!is_offered_to_waiting(catalogue, product, tx.now())) continue;
    const std::int64_t room = room_for(catalogue, levels, product);
    if (room < 1) continue;
    const auto first = store::next_in_line(tx, line.id, after, room);
    if (first && (!next || *first < *next)) next = first;
  }
  return next;
}

std::vector<CartItem> offered_items(const Catalogue& catalogue, const WaitingPlace& place) {
  std::vector<CartItem> items;
  const ProductChoice* product = place.offered();
  if (!product) throw Refused("offer_over", "What was offered to you is no longer sold.");
  items.push_back(
      {0, product->kind, product->product_id, place.entry.offered_quantity, product->variation_id});
  for (const WaitingAddOn& extra : place.extras)
    if (extra.offered_quantity > 0)
      items.push_back({0, ProductKind::addon, extra.addon_id, extra.offered_quantity, extra.variation_id});
  for (CartItem& item : items)
    if (const auto sold = catalogue.product(item.kind, item.product_id))
      item.chosen_price = chosen_price(catalogue, *sold, std::nullopt);  // what is proposed
  return items;
}

// What the cart would be with it keeps the rules that a cart keeps.
void check_cart(db::Tx& tx, const Visitor& visitor, const WaitingEntry& entry, const OpenCart& open,
                const std::vector<CartItem>& offered) {
  const Catalogue& catalogue = *open.catalogue;
  std::vector<CartItem> items = open.items;
  items.insert(items.end(), offered.begin(), offered.end());
  const Bought bought = bought_by(tx, catalogue, visitor, entry.email_normalized);
  std::int64_t tickets = 0;
  std::map<Id, std::int64_t> of_type;
  for (const CartItem& item : items)
    if (item.kind == ProductKind::ticket_type) {
      tickets += item.quantity;
      of_type[item.product_id] += item.quantity;
    }
  for (const CartItem& item : offered) {
    if (item.kind != ProductKind::ticket_type) continue;
    const TicketType* type = catalogue.ticket_type(item.product_id);
    if (!type) throw Refused("offer_over", "What was offered to you is no longer sold.");
    const std::int64_t all = of_type[type->id] + bought.of(ProductKind::ticket_type, type->id);
    if (all > type->limit_per_user)
      throw Refused("limit",
                    "At most {limit} of {name} for each person; with this offer you would have {requested}.",
                    {{"limit", std::to_string(type->limit_per_user)},
                     {"name", type->name},
                     {"requested", std::to_string(all)}});
  }
  if (tickets > catalogue.conference.max_tickets_per_cart)
    throw Refused("limit", "At most {limit} tickets in one order. Order what is in your cart first.",
                  {{"limit", std::to_string(catalogue.conference.max_tickets_per_cart)}});
  Prerequisites prerequisites(tx, visitor, entry.email_normalized);
  for (const CartItem& item : offered)
    if (const AddOn* addon = item.kind == ProductKind::addon ? catalogue.addon(item.product_id) : nullptr;
        addon && !prerequisites.are_met(*addon, items))
      throw Refused("requires_ticket", "{name} needs one of these tickets in the cart: {tickets}.",
                    {{"name", addon->name}, {"tickets", names_of_required(catalogue, *addon)}});
  const auto broken = broken_rules(catalogue, items, bought, {}, Asked::adding);
  if (!broken.empty()) throw broken.front();
}

}  // namespace

std::int64_t offer_next(db::Tx& tx, const Shop& shop, Id conference_id, std::int64_t limit) {
  const auto state = conference::find_state(tx, conference_id);
  if (!state || !state->sells()) return 0;
  const auto catalogue = shop.catalogues.at(tx, conference_id, state->catalogue_version);
  std::int64_t made = 0;
  Id after = 0;
  std::vector<WaitingLine> lines = store::waiting_lines(tx, conference_id);
  if (lines.empty()) return 0;
  StockLevels levels = stock_levels(tx, conference_id);
  lines = lines_to_serve(tx, *catalogue, levels, std::move(lines));
  while (made < limit) {
    const auto next = next_entry(tx, *catalogue, levels, lines, after);
    if (!next) break;
    after = *next;
    levels = swept_levels(tx, conference_id);
    const auto place = find_place(tx, *next);
    const auto plan = plan_offer(*catalogue, levels, lines, *place, tx.now());
    if (!plan) continue;
    make_offer(tx, place->entry, *plan);
    ++made;
    levels = stock_levels(tx, conference_id);
    lines = lines_to_serve(tx, *catalogue, levels, store::waiting_lines(tx, conference_id));
  }
  return made;
}

void offer_now(db::Tx& tx, const Catalogue& catalogue, Id entry_id) {
  const auto place = find_place(tx, entry_id);
  if (!place || place->entry.status != WaitingStatus::waiting)
    throw Refused("not_waiting", "{name} does not wait any more.",
                  {{"name", place ? place->entry.name : std::string("#") + std::to_string(entry_id)}});
  const StockLevels levels = swept_levels(tx, place->entry.conference_id);
  const auto lines =
      lines_to_serve(tx, catalogue, levels, store::waiting_lines(tx, place->entry.conference_id));
  const auto plan = plan_offer(catalogue, levels, lines, *place, tx.now());
  if (!plan)
    throw Refused("sold_out", "There is not enough free of anything that {name} waits for.",
                  {{"name", place->entry.name}});
  make_offer(tx, place->entry, *plan);
}

std::int64_t lapse_offers(db::Tx& tx, Id conference_id, std::int64_t limit) {
  const auto over = store::elapsed_offers(tx, conference_id, limit);
  if (over.empty()) return 0;
  take_back_elapsed(tx, conference_id);
  for (const Id id : over) {
    store::set_waiting_status(tx, id, WaitingStatus::lapsed);
    mail_waiting_lapsed(tx, *store::waiting_entry(tx, id));
  }
  return static_cast<std::int64_t>(over.size());
}

CartChange accept(db::Tx& tx, const Shop& shop, const Visitor& visitor, Id entry_id) {
  const auto place = find_place(tx, entry_id);
  if (!place || place->entry.conference_id != visitor.conference_id) throw NotFound("no such entry");
  const WaitingEntry& entry = place->entry;
  if (entry.status == WaitingStatus::accepted)
    throw Refused("offer_over", "This offer was put into a cart already.");
  if (!entry.has_offer(tx.now())) throw Refused("offer_over", "The time of this offer is over.");
  OpenCart open = load_open_cart(tx, shop, visitor);
  CartChange change;
  change.gone = take_again(tx, shop, visitor, open);
  const std::vector<CartItem> items = offered_items(*open.catalogue, *place);
  check_cart(tx, visitor, entry, open, items);

  // Its time starts anew, whatever was in it: an offer is taken once.
  const Instant until = tx.now() + Duration::minutes(shop.program.cart_expiry_minutes);
  const Instant cap = tx.now() + Duration::minutes(2 * shop.program.cart_expiry_minutes);
  if (open.cart) {
    change.cart_id = open.cart->id;
    store::reopen_cart(tx, change.cart_id, until, cap);
  } else {
    change.cart_id =
        store::insert_cart(tx, visitor, {}, until, cap, shop.limits.enabled && !visitor.network.empty());
  }
  for (const CartItem& item : items) store::add_to_item(tx, change.cart_id, item);
  if (!hand_over_holds(tx, HoldOwner::offer, entry.id, HoldOwner::cart, change.cart_id, until))
    throw std::logic_error("a live offer holds nothing");
  store::set_accepted(tx, entry.id, change.cart_id);
  // Who joined said who they are: checkout asks no second time, unless somebody else was named there already.
  Billing known = open.cart ? draft_of(*open.cart) : Billing();
  if (known.name.empty() && known.email.empty()) {
    known.name = entry.name;
    known.email = entry.email;
    keep_draft(tx, visitor, known);
  }
  return change;
}

}  // namespace plenary::registration
