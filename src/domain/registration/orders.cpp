#include "domain/registration/orders.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "base/codes.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/open_cart.hpp"
#include "domain/registration/order_lines.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/stock_room.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_changes.hpp"

namespace plenary::registration {
namespace {

// The stock rows of what the order uses of its voucher and of discounts, less what later lines took back.
std::vector<HoldChange> rules_of(db::Tx& tx, const Order& order) {
  std::vector<HoldChange> uses;
  const StockLevels levels = stock_levels(tx, order.conference_id);
  if (order.voucher_id) {
    const StockLevels of_voucher = voucher_levels(tx, order.conference_id, *order.voucher_id);
    std::int64_t taken_off = 0;
    for (const OrderLine& line : order.lines) taken_off += line.voucher_discount;
    if (const StockLevel* level = of_voucher.find(StockKind::voucher, *order.voucher_id))
      uses.push_back({level->stock_id, 1});
    const StockLevel* budget = of_voucher.find(StockKind::voucher_budget, *order.voucher_id);
    if (budget && taken_off > 0) uses.push_back({budget->stock_id, taken_off});
  }
  std::map<Id, std::int64_t> discounted;
  for (const OrderLine& line : order.lines)
    if (line.condition_id) discounted[*line.condition_id] += line.condition_units;
  for (const auto& [condition, units] : discounted)
    if (const StockLevel* level = levels.find(StockKind::condition, condition); level && units > 0)
      uses.push_back({level->stock_id, units});
  return uses;
}

// What a late payment takes again of its voucher and its discounts, as far as they are not used up.
// source: 21, 10.2.
void use_rules_again(db::Tx& tx, const Order& order) {
  for (const HoldChange& use : rules_of(tx, order)) use_unheld(tx, order.id, use);
}

// The order's voucher, where it keeps units back for its uses.
std::optional<Voucher> reserving_voucher(db::Tx& tx, const Order& order) {
  if (!order.voucher_id) return std::nullopt;
  auto voucher = voucher_table().find(tx, *order.voucher_id);
  if (!voucher || !voucher->reserves || !voucher->is_active) return std::nullopt;
  return voucher;
}

// A use that came back is kept units for again, as far as there is room.
void reserve_again(db::Tx& tx, const Order& order) {
  if (const auto voucher = reserving_voucher(tx, order))
    reserve_for(tx, *voucher, products_of_voucher(tx, voucher->id));
}

// The hold elapsed: only with room, as checkout does, which what its voucher keeps back is for it.
// source: 21, 10.2. False: nothing is sold.
bool sell_late(db::Tx& tx, const Shop& shop, const Order& order) {
  take_back_elapsed(tx, order.conference_id);
  const auto voucher = reserving_voucher(tx, order);
  const bool has_use = voucher && times_used(tx, *voucher) < voucher->max_uses;
  if (has_use) release_holds(tx, HoldOwner::voucher, voucher->id);
  const bool is_sold = sell_unheld(tx, stock_of(tx, shop, order));
  if (is_sold) use_rules_again(tx, order);
  if (has_use) reserve_again(tx, order);
  return is_sold;
}

// Money that came in for an order keeps it for staff, also where its time ended while no job ran: it is held
// again, where there is room, with what is left of its voucher and its discounts. source: 21, 8 and P13.
bool keep_for_staff(db::Tx& tx, const Shop& shop, Order& order) {
  const OrderMoney money = money_of(tx, order);
  if (std::none_of(money.payments.begin(), money.payments.end(), [](const PaymentMoney& payment) {
        return payment.is_money() && payment.method != PaymentMethod::credit && payment.left() > 0;
      }))
    return false;
  const auto voucher = reserving_voucher(tx, order);
  const bool has_use = voucher && times_used(tx, *voucher) < voucher->max_uses;
  if (has_use) release_holds(tx, HoldOwner::voucher, voucher->id);
  std::vector<HoldChange> wanted = stock_of(tx, shop, order);
  const bool is_there =
      std::all_of(wanted.begin(), wanted.end(), [&](const HoldChange& one) { return has_room(tx, one); });
  if (is_there) {
    for (const HoldChange& use : rules_of(tx, order))
      if (has_room(tx, use)) wanted.push_back(use);
    const Instant until = tx.now() + kept_for_staff;
    if (!hold_for(tx, order.conference_id, HoldOwner::order, order.id, wanted, until))
      throw std::logic_error("stock changed inside of its own write");
    store::set_order_hold(tx, order.id, until);
    if (order.attention.empty()) store::set_attention(tx, order.id, attention_partly_paid);
    store::insert_event(tx, order.id, to_text(order.status), to_text(order.status),
                        {"sweep", "system", "paid in part"});
  }
  if (has_use) reserve_again(tx, order);
  return is_there;
}

// As many codes as the order has seats, with those that were drawn already.
void draw_the_rest(db::Tx& tx, const Shop& shop, const Order& order, std::vector<std::string>& codes) {
  std::int64_t units = 0;
  for (const OrderLine& line : order.lines)
    if (line.kind == LineKind::ticket) units += line.quantity;
  const auto drawn = static_cast<std::int64_t>(codes.size());
  if (units < drawn) codes.resize(static_cast<std::size_t>(units));
  if (units <= drawn) return;
  for (std::string& code : draw_access_codes(shop, units - drawn)) codes.push_back(std::move(code));
  tx.ask_ahead([&] {
    for (std::size_t i = static_cast<std::size_t>(drawn); i < codes.size(); ++i)
      store::is_access_code_taken(tx, codes[i]);
  });
}

// source: 21, 6: the effects of becoming paid, exactly once, in the transaction that changes the status.
void become_paid(db::Tx& tx, const Shop& shop, Order& order, std::vector<std::string> codes) {
  // Unique over all conferences: the unique index is the last word on what another lane draws at this very
  // moment.
  for (auto& code : codes)
    for (int draw = 0; store::is_access_code_taken(tx, code); ++draw) {
      if (draw == 10) throw std::runtime_error("no unused access code was drawn");
      code = random_code(shop.random, 8);
    }
  std::size_t position = 0;
  for (const OrderLine& line : order.lines) {
    if (line.kind != LineKind::ticket || line.quantity <= 0) continue;
    std::int64_t units = line.quantity;  // less those that a later line took back
    for (const OrderLine& later : order.lines)
      if (later.reverses_line_id == line.id) units += later.quantity;
    for (std::int64_t unit = 0; unit < units; ++unit, ++position)
      store::insert_seat(tx, order, line, static_cast<std::int64_t>(position) + 1, codes[position]);
  }
  store::set_order_paid(tx, order.id);
  post_lines(tx, order, order.lines, EntryKind::sale);
  publish_order_paid(tx, order);
}

// What was waived is void with what it was for: nobody has paid that ahead.
void void_waivers(db::Tx& tx, const Order& order) {
  for (const PaymentMoney& payment : money_of(tx, order).payments) {
    if (payment.is_money() || payment.left() <= 0) continue;
    LedgerEntry entry;
    entry.conference_id = order.conference_id;
    entry.debit = Account::receivable;
    entry.credit = Account::waived;
    entry.amount = payment.left();
    entry.currency = order.currency;
    entry.kind = EntryKind::correction;
    entry.is_test = order.is_sandbox;
    entry.order_id = order.id;
    entry.payment_id = payment.id;
    post(tx, entry);
  }
}

}  // namespace

std::vector<std::string> draw_access_codes(const Shop& shop, std::int64_t count) {
  std::vector<std::string> codes;
  while (static_cast<std::int64_t>(codes.size()) < count) codes.push_back(random_code(shop.random, 8));
  return codes;
}

std::vector<HoldChange> stock_of(db::Tx& tx, const Shop& shop, const Order& order) {
  const auto state = conference::find_state(tx, order.conference_id);
  const auto catalogue = shop.catalogues.at(tx, order.conference_id, state->catalogue_version);
  const StockLevels levels = stock_levels(tx, order.conference_id);
  std::map<Id, std::int64_t> units;
  for (const OrderLine& line : order.lines) {
    if (line.kind == LineKind::fee) continue;
    if (!line.ticket_type_id && !line.addon_id) {  // of a product that is gone: its place is left
      if (line.kind == LineKind::ticket) units[levels.conference().stock_id] += line.quantity;
      continue;
    }
    const ProductKind kind = line.ticket_type_id ? ProductKind::ticket_type : ProductKind::addon;
    const Id product = line.ticket_type_id ? *line.ticket_type_id : *line.addon_id;
    for (const Id row : stock_rows(*catalogue, levels, kind, product, line.variation_id))
      units[row] += line.quantity;
  }
  std::vector<HoldChange> changes;
  for (const auto& [row, quantity] : units)
    if (quantity != 0) changes.push_back({row, quantity});
  return changes;
}

std::optional<Order> find_by_secret(db::Tx& tx, Id conference_id, std::string_view reference,
                                    std::string_view secret_hash) {
  tx.ask_ahead([&] {
    store::order_by_secret(tx, conference_id, reference, secret_hash);
    store::lines_of(tx, reference);
  });
  return store::order_by_secret(tx, conference_id, reference, secret_hash);
}
std::optional<Order> find_of_user(db::Tx& tx, Id conference_id, std::string_view reference, Id user_id) {
  return store::order_of_user(tx, conference_id, reference, user_id);
}
std::optional<Order> find_order(db::Tx& tx, Id order_id) {
  return store::order_by_id(tx, order_id);
}
std::optional<LatestOrder> latest_order_of_session(db::Tx& tx, Id conference_id,
                                                   std::string_view session_hash) {
  return store::latest_order_of_session(tx, conference_id, session_hash);
}
std::vector<Payment> payments_of(db::Tx& tx, Id order_id) {
  return store::payments_of(tx, order_id);
}
std::vector<Payment> payments_of(db::Tx& tx, Id order_id, std::string_view reference) {
  return store::payments_of(tx, order_id, reference);
}
std::vector<Seat> seats_of(db::Tx& tx, Id order_id) {
  return store::seats_of(tx, order_id);
}
std::int64_t amount_paid(db::Tx& tx, Id order_id) {
  return store::paid_so_far(tx, order_id).amount;
}

void apply(db::Tx& tx, const Shop& shop, Order& order, Transition transition, const Cause& cause,
           std::vector<std::string> codes) {
  const OrderStatus from = order.status;
  const auto illegal = [&] {
    throw Refused("illegal_transition", "This order is {status}; that can no longer be changed.",
                  {{"status", std::string(to_text(from))}});
  };
  OrderStatus to = from;
  switch (transition) {
    case Transition::paid: {
      if (from != OrderStatus::pending) illegal();
      draw_the_rest(tx, shop, order, codes);
      if (!sell_held(tx, order.id, order.reference) && !sell_late(tx, shop, order))
        throw Refused("hold_elapsed",
                      "The time to pay this order is over and its tickets were sold to others.");
      become_paid(tx, shop, order, std::move(codes));
      to = OrderStatus::paid;
      break;
    }
    case Transition::revived: {
      if (from != OrderStatus::cancelled) illegal();
      draw_the_rest(tx, shop, order, codes);
      if (!sell_late(tx, shop, order))
        throw Refused("hold_elapsed", "The tickets of this order were sold to others.");
      become_paid(tx, shop, order, std::move(codes));
      to = OrderStatus::paid;
      break;
    }
    case Transition::cancelled_by_buyer:
    case Transition::cancelled_by_staff:
    case Transition::expired:
      if (from != OrderStatus::pending) illegal();
      release_holds(tx, HoldOwner::order, order.id);
      reserve_again(tx, order);
      store::set_order_cancelled(tx, order.id);
      to = OrderStatus::cancelled;
      break;
    case Transition::refunded:
      if (from != OrderStatus::paid && from != OrderStatus::partially_refunded) illegal();
      if (product_units(lines_left(order.lines)) > 0)
        throw std::logic_error("an order with units left is not refunded");
      give_back_uses(tx, order.id);
      reserve_again(tx, order);
      void_waivers(tx, order);
      to = OrderStatus::refunded;
      store::set_order_status(tx, order.id, to);
      break;
    case Transition::partially_refunded:
      if (from != OrderStatus::paid && from != OrderStatus::partially_refunded) illegal();
      to = OrderStatus::partially_refunded;
      store::set_order_status(tx, order.id, to);
      break;
    case Transition::refund_failed:
      if (from != OrderStatus::paid && from != OrderStatus::partially_refunded &&
          from != OrderStatus::refunded)
        illegal();
      // Refunded means that no unit is left: that stays so, whatever became of the money.
      if (from != OrderStatus::refunded)
        to = money_of(tx, order).refunded > 0 && has_lost_value(tx, order.id)
                 ? OrderStatus::partially_refunded
                 : OrderStatus::paid;
      store::set_order_status(tx, order.id, to);
      break;
  }
  store::insert_event(tx, order.id, to_text(from), to_text(to), cause);
  order.status = to;
  ++order.version;
  order.hold_expires_at.reset();
  if (transition == Transition::paid || transition == Transition::revived) order.paid_at = tx.now();
  if (to == OrderStatus::cancelled) {
    order.cancelled_at = tx.now();
    publish(OrderEvent::cancelled, tx, order);
  }
}

void cancel(db::Tx& tx, const Shop& shop, Order& order, const Cause& cause) {
  if (order.status != OrderStatus::pending)
    throw Refused("not_pending", "This order is {status}; only an unpaid order can be cancelled.",
                  {{"status", std::string(to_text(order.status))}});
  if (store::paid_so_far(tx, order.id).processing)
    throw Refused("payment_running",
                  "A payment for this order is being processed. Please wait for its answer.");
  apply(tx, shop, order, Transition::cancelled_by_buyer, cause);
  // What came in already goes back the way it came. source: 21, 7.
  const OrderMoney money = money_of(tx, order);
  for (const PaymentMoney& payment : money.payments)
    if (payment.is_money() && payment.left() > 0)
      send_back(tx, shop, order, payment.id, "the order was cancelled");
}

bool is_lapsed(db::Tx& tx, Id order_id) {
  return store::expired_by_sweep(tx, order_id);
}

void extend_hold(db::Tx& tx, Order& order, Instant until) {
  if (!order.hold_is_live(tx.now())) throw std::logic_error("only a live hold can be extended");
  if (*order.hold_expires_at >= until) return;
  keep_holds(tx, HoldOwner::order, order.id, until);
  store::set_order_hold(tx, order.id, until);
  order.hold_expires_at = until;
  ++order.version;
}

std::vector<Id> conferences_to_sweep(db::Tx& tx) {
  return store::conferences_with_elapsed(tx);
}

std::int64_t sweep_expired(db::Tx& tx, const Shop& shop, Id conference_id, int limit) {
  std::int64_t changed = take_back_elapsed(tx, conference_id);
  for (const Id id : store::elapsed_orders(tx, conference_id, limit)) {
    auto order = store::order_by_id(tx, id);
    if (!order || order->status != OrderStatus::pending || order->hold_is_live(tx.now())) continue;
    ++changed;
    if (keep_for_staff(tx, shop, *order)) continue;
    apply(tx, shop, *order, Transition::expired, {"sweep", "system", "hold elapsed"});
    mail_order_expired(tx, *order);
    const OrderMoney money = money_of(tx, *order);
    for (const PaymentMoney& payment : money.payments) {
      if (payment.left() <= 0 || !payment.is_money()) continue;
      // Credit goes back to its owner; whatever else came in is for staff to look at. source: 21, 8.
      if (payment.method == PaymentMethod::credit)
        send_back(tx, shop, *order, payment.id, "hold elapsed");
      else
        note_balance(tx, *order);
    }
  }
  changed += lapse_changes(tx, conference_id, limit);
  return changed + store::expire_carts(tx, conference_id, limit);
}

}  // namespace plenary::registration
