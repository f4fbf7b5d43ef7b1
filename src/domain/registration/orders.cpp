#include "domain/registration/orders.hpp"

#include <algorithm>

#include "base/codes.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/open_cart.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

// What an order wants of each stock row.
std::vector<HoldChange> wanted_stock(db::Tx& tx, const Order& order) {
  const StockLevels levels = stock_levels(tx, order.conference_id);
  std::vector<HoldChange> wanted;
  std::int64_t tickets = 0;
  for (const OrderLine& line : order.lines) {
    if (line.ticket_type_id) {
      wanted.push_back({levels.of(ProductKind::ticket_type, *line.ticket_type_id).stock_id, line.quantity});
      tickets += line.quantity;
    } else if (line.addon_id) {
      wanted.push_back({levels.of(ProductKind::addon, *line.addon_id).stock_id, line.quantity});
    }
  }
  if (tickets > 0) wanted.push_back({levels.conference().stock_id, tickets});
  return wanted;
}

// Access codes for the order's seats, drawn before anything is written. source: 20, 3.6.
std::vector<std::string> draw_access_codes(db::Tx& tx, const Shop& shop, const Order& order) {
  std::int64_t units = 0;
  for (const OrderLine& line : order.lines)
    if (line.ticket_type_id) units += line.quantity;
  std::vector<std::string> codes;
  while (static_cast<std::int64_t>(codes.size()) < units) codes.push_back(random_code(shop.random, 8));
  tx.ask_ahead([&] {
    for (const auto& code : codes) store::is_access_code_taken(tx, code);
  });
  return codes;
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
    if (!line.ticket_type_id) continue;
    for (std::int64_t unit = 0; unit < line.quantity; ++unit, ++position)
      store::insert_seat(tx, order, line, static_cast<std::int64_t>(position) + 1, codes[position]);
  }
  store::set_order_paid(tx, order.id);
  publish_order_paid(tx, order);
}

}  // namespace

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
std::vector<Seat> seats_of(db::Tx& tx, Id order_id) {
  return store::seats_of(tx, order_id);
}
std::int64_t amount_paid(db::Tx& tx, Id order_id) {
  return store::paid_so_far(tx, order_id).amount;
}

void apply(db::Tx& tx, const Shop& shop, Order& order, Transition transition, const Cause& cause) {
  const OrderStatus from = order.status;
  const auto illegal = [&] {
    throw Refused("illegal_transition", "This order is {status}; that can no longer be changed.",
                  {{"status", std::string(to_text(from))}});
  };
  OrderStatus to = from;
  switch (transition) {
    case Transition::paid: {
      if (from != OrderStatus::pending) illegal();
      auto codes = draw_access_codes(tx, shop, order);
      if (!sell_held(tx, order.id)) {
        // The hold elapsed: only with room, as checkout does. source: 21, 10.2.
        take_back_elapsed(tx, order.conference_id);
        if (!sell_unheld(tx, wanted_stock(tx, order)))
          throw Refused("hold_elapsed",
                        "The time to pay this order is over and its tickets were sold to others.");
      }
      become_paid(tx, shop, order, std::move(codes));
      to = OrderStatus::paid;
      break;
    }
    case Transition::revived: {
      if (from != OrderStatus::cancelled) illegal();
      auto codes = draw_access_codes(tx, shop, order);
      take_back_elapsed(tx, order.conference_id);
      if (!sell_unheld(tx, wanted_stock(tx, order)))
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
      store::set_order_cancelled(tx, order.id);
      to = OrderStatus::cancelled;
      break;
  }
  store::insert_event(tx, order.id, to_text(from), to_text(to), cause);
  order.status = to;
  order.hold_expires_at.reset();
  if (to == OrderStatus::paid) order.paid_at = tx.now();
  if (to == OrderStatus::cancelled) order.cancelled_at = tx.now();
}

void cancel(db::Tx& tx, const Shop& shop, Order& order, const Cause& cause) {
  if (order.status != OrderStatus::pending)
    throw Refused("not_pending", "This order is {status}; only an unpaid order can be cancelled.",
                  {{"status", std::string(to_text(order.status))}});
  if (store::paid_so_far(tx, order.id).processing)
    throw Refused("payment_running",
                  "A payment for this order is being processed. Please wait for its answer.");
  apply(tx, shop, order, Transition::cancelled_by_buyer, cause);
}

std::vector<Id> conferences_to_sweep(db::Tx& tx) {
  return store::conferences_with_elapsed(tx);
}

std::int64_t sweep_expired(db::Tx& tx, const Shop& shop, Id conference_id, int limit) {
  std::int64_t changed = take_back_elapsed(tx, conference_id);
  for (const Id id : store::elapsed_orders(tx, conference_id, limit)) {
    auto order = store::order_by_id(tx, id);
    if (!order || order->status != OrderStatus::pending || order->hold_is_live(tx.now())) continue;
    apply(tx, shop, *order, Transition::expired, {"sweep", "system", "hold elapsed"});
    ++changed;
  }
  return changed + store::expire_carts(tx, conference_id, limit);
}

}  // namespace plenary::registration
