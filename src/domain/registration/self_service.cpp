#include "domain/registration/self_service.hpp"

#include <algorithm>
#include <array>

#include "domain/registration/events.hpp"
#include "domain/registration/fee_names.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/open_cart.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "domain/registration/shares.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_changes.hpp"
#include "domain/registration/waiting_list.hpp"
#include "domain/registration/waiting_stock.hpp"

namespace plenary::registration {
namespace {

bool is_sold(OrderStatus status) {
  return status == OrderStatus::paid || status == OrderStatus::partially_refunded;
}

bool is_before_end_of(const std::optional<Instant>& until, Instant now) {
  return until && now <= *until;
}

CancellationFee fee_of_buyers(const conference::Conference& conference) {
  return {conference.cancel_fee_percent, conference.cancel_fee_amount};
}

bool goes_to_credit(const conference::Conference& conference, const Order& order) {
  return conference.cancel_refund == conference::CancelRefund::credit && order.user_id;
}

// All lines back, a fee kept where there is one; the order is worth the fee.
void reverse_everything(db::Tx& tx, const Shop& shop, Order& order, std::int64_t fee, const Cause& cause,
                        bool may_void_checked_in) {
  const ChangeBasis basis = load_change_basis(tx, shop, order);
  const std::vector<OrderLine> left = lines_left(order.lines);
  std::vector<OrderLine> reversals;
  for (const OrderLine& line : left) reversals.push_back(reversal_of(line, line.quantity));
  std::vector<PlannedLine> additions;
  const OrderLine* dearest = dearest_ticket(left);
  if (fee > 0 && dearest) additions.push_back({fee_line(*dearest, cancellation_fee_name(), fee), 0});
  const ChangePlan plan = plan_lines(basis, order, std::move(reversals), std::move(additions));
  WritingOfChange writing{cause};
  writing.may_void_checked_in = may_void_checked_in;
  writing.event = OrderEvent::cancelled;
  write_change(tx, shop, basis, order, plan, writing);
}

}  // namespace

// ---- cancelling

CancellationMoney money_of_cancellation(const Order& order, const OrderMoney& money,
                                        const CancellationFee& fee) {
  CancellationMoney result;
  if (is_sold(order.status)) {
    result.most_fee = money.refundable - money.to_refund();
    const std::int64_t share = half_up(result.most_fee, millionths(fee.percent), 1'000'000);
    result.fee = std::min(std::max(share, fee.amount), result.most_fee);
  }
  result.comes_back = money.refundable - result.fee;
  return result;
}

CancelPreview preview_cancellation(db::Tx& tx, const Catalogue& catalogue, const Order& order) {
  const conference::Conference& conference = catalogue.conference;
  const OrderMoney money = money_of(tx, order);
  CancelPreview preview;
  const auto no = [&](const char* code, const char* text, Refused::Arguments arguments = {}) {
    preview.why_not.emplace(code, text, std::move(arguments));
    return preview;
  };
  if (order.status == OrderStatus::pending) {
    if (money.is_processing)
      return no("payment_running",
                message("A payment for this order is being processed. Please wait for its answer."));
    preview.is_possible = true;
    preview.comes_back = money.refundable;
    return preview;
  }
  if (!is_sold(order.status)) return no("not_cancellable", message("This order can no longer be cancelled."));
  preview.until = conference.self_cancel_until;
  if (!conference.self_cancel_until)
    return no("not_offered", message("Paid orders cannot be cancelled here. Please ask the organisers."));
  if (!is_before_end_of(conference.self_cancel_until, tx.now()))
    return no("too_late",
              message("The time to cancel this order yourself is over. Please ask the organisers."));
  for (const Seat& seat : seats_of(tx, order.id))
    if (seat.checked_in_at)
      return no("checked_in",
                message("A ticket of this order was used to check in already, so the order cannot be "
                        "cancelled here. Please ask the organisers."));
  if (money.is_processing)
    return no("payment_running",
              message("A payment for this order is being processed. Please wait for its answer."));
  preview.is_possible = true;
  const CancellationMoney decided = money_of_cancellation(order, money, fee_of_buyers(conference));
  preview.kept = decided.fee;
  preview.comes_back = decided.comes_back;
  preview.to_credit = goes_to_credit(conference, order) && preview.comes_back > 0;
  return preview;
}

void cancel_by_buyer(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                     std::int64_t version, std::int64_t comes_back, const Cause& cause) {
  if (order.status == OrderStatus::pending) {
    cancel(tx, shop, order, cause);
    return;
  }
  const ChangeBasis basis = load_change_basis(tx, shop, order);
  const CancelPreview preview = preview_cancellation(tx, *basis.catalogue, order);
  if (!preview.is_possible) throw *preview.why_not;
  require_version(order, version);
  if (preview.comes_back != comes_back)
    throw Refused("changed_meanwhile",
                  "What you get back has changed in the meantime. Please look at it again, as it is now.");
  reverse_everything(tx, shop, order, preview.kept, cause, false);
  if (preview.comes_back > 0) {
    RefundAsked asked;
    asked.amount = preview.comes_back;
    asked.way = preview.to_credit ? RefundWay::credit : RefundWay::original;
    asked.note = cause.reason;
    asked.tells_buyer = false;  // the letter about the cancellation does
    refund(tx, shop, gateway, order, asked, cause);
  }
  note_balance(tx, order);
  mail_order_cancelled(tx, order);
}

void cancel_by_staff(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                     const StaffCancellation& cancellation, std::int64_t version, const Cause& cause) {
  require_version(order, version);
  const OrderMoney money = money_of(tx, order);
  const CancellationMoney decided = money_of_cancellation(order, money, {Decimal(), cancellation.fee});
  if (order.status == OrderStatus::pending) {
    if (money.is_processing)
      throw Refused("payment_running",
                    "A payment for this order is being processed. Please wait for its answer.");
    apply(tx, shop, order, Transition::cancelled_by_staff, cause);
  } else if (is_sold(order.status)) {
    if (money.is_processing)
      throw Refused("payment_running",
                    "A payment for this order is being processed. Please wait for its answer.");
    if (cancellation.fee < 0 || cancellation.fee > decided.most_fee)
      throw Refused("fee", "The fee is at most what was paid.", {}, "fee");
    if (cancellation.money == StaffCancellation::Money::credit && !order.user_id)
      throw Refused(
          "no_account",
          "This order belongs to no account, so there is nobody to give a credit to. Choose the way "
          "it was paid.",
          {}, "money");
    reverse_everything(tx, shop, order, decided.fee, cause, true);
  } else {
    throw Refused("not_cancellable", "This order is {status}; it can no longer be cancelled.",
                  {{"status", std::string(to_text(order.status))}});
  }
  if (decided.comes_back > 0 && cancellation.money != StaffCancellation::Money::later) {
    RefundAsked asked;
    asked.amount = decided.comes_back;
    asked.way =
        cancellation.money == StaffCancellation::Money::credit ? RefundWay::credit : RefundWay::original;
    asked.note = cancellation.reason;
    asked.created_by = cancellation.created_by;
    asked.tells_buyer = false;
    refund(tx, shop, gateway, order, asked, cause);
  }
  note_balance(tx, order);
  if (cancellation.tells_buyer) mail_order_cancelled(tx, order);
}

// ---- changing

std::string_view to_text(ChangeStatus status) {
  static constexpr std::array<std::string_view, 3> texts{"waiting", "applied", "lapsed"};
  return texts[static_cast<std::size_t>(status)];
}

ChangeOffer change_offer(const Catalogue& catalogue, const Order& order, Instant now) {
  ChangeOffer offer;
  const auto& until = catalogue.conference.self_change_until;
  offer.until = until;
  if (!is_sold(order.status))
    offer.why_not.emplace("not_changeable", message("Only a paid order can be changed here."));
  else if (!until)
    offer.why_not.emplace("not_offered",
                          message("Orders cannot be changed here. Please ask the organisers."));
  else if (!is_before_end_of(until, now))
    offer.why_not.emplace(
        "too_late", message("The time to change this order yourself is over. Please ask the organisers."));
  offer.is_possible = !offer.why_not;
  return offer;
}

namespace {

// Says what there is not enough of, before anybody agrees to a price.
void require_room(const ChangeBasis& basis, const std::vector<OrderLine>& left, const WantedChange& wanted,
                  const ChangePlan& plan) {
  const Catalogue& catalogue = *basis.catalogue;
  std::vector<ProductChoice> wants;
  for (const AddedItem& item : wanted.added) wants.push_back({item.kind, item.product_id, item.variation_id});
  for (const SwappedUnits& swap : wanted.swapped)
    if (const OrderLine* line = find_line(left, swap.line_id))
      wants.push_back({line->ticket_type_id ? ProductKind::ticket_type : ProductKind::addon,
                       line->ticket_type_id.value_or(line->addon_id.value_or(0)), swap.variation_id});
  for (const HoldChange& change : plan.stock) {
    const auto room = change.quantity > 0 ? basis.levels.remaining(change.stock_id) : std::nullopt;
    if (!room || *room >= change.quantity) continue;
    for (const ProductChoice& product : wants) {
      if (!catalogue.product(product.kind, product.product_id)) continue;
      const auto rows =
          stock_rows(catalogue, basis.levels, product.kind, product.product_id, product.variation_id);
      if (std::find(rows.begin(), rows.end(), change.stock_id) == rows.end()) continue;
      const std::string name = name_of(catalogue, product);
      if (*room <= 0) throw Refused("sold_out", "{name} is sold out.", {{"name", name}});
      throw Refused("sold_out", "Only {remaining} of {name} left.",
                    {{"remaining", std::to_string(*room)}, {"name", name}});
    }
  }
}

// What buyers may want: kinds of what they have, and numbers of add-ons that are sold now.
ChangePlan planned_by_buyer(db::Tx& tx, const ChangeBasis& basis, const Order& order,
                            const WantedChange& wanted) {
  const Catalogue& catalogue = *basis.catalogue;
  const ChangeOffer offer = change_offer(catalogue, order, tx.now());
  if (!offer.is_possible) throw *offer.why_not;
  if (wanted.is_empty()) throw Refused("no_change", "Nothing would change.");
  const auto left = lines_left(order.lines);
  const auto not_here = [] {
    throw Refused("not_offered", "This cannot be changed here. Please ask the organisers.");
  };
  if (!wanted.repriced.empty()) not_here();
  for (const TakenBack& taken : wanted.taken_back) {
    const OrderLine* line = find_line(left, taken.line_id);
    if (line && line->kind != LineKind::addon) not_here();
  }
  for (const AddedItem& item : wanted.added) {
    if (item.kind != ProductKind::addon) not_here();
    const auto product = catalogue.product(item.kind, item.product_id);
    if (!product || !product->is_active ||
        !in_window(product->available_from, product->available_until, tx.now()))
      throw Refused("unavailable", "{name} is not available at the moment.",
                    {{"name", product ? *product->name : std::string("This")}});
    chosen_price(catalogue, *product, item.chosen_price);
  }
  ChangePlan plan = plan_change(basis, order, wanted, tx.now());
  if (plan.is_empty()) throw Refused("no_change", "Nothing would change.");
  // Cancelling has its own deadline and its fee.
  if (plan.units_after == 0)
    throw Refused("nothing_left", "Nothing would be left of this order. Cancel it instead.");
  const Visitor visitor{order.conference_id, order.user_id, order.session_hash, {}};
  const Bought bought = bought_by(tx, catalogue, visitor, order.email_normalized, order.id);
  Prerequisites prerequisites(tx, visitor, order.email_normalized, order.id);
  for (const AddedItem& item : wanted.added) {
    const AddOn* addon = catalogue.addon(item.product_id);
    if (addon && !prerequisites.are_met(*addon, items_after(order, plan)))
      throw Refused("requires_ticket", "{name} needs one of these tickets: {tickets}.",
                    {{"name", addon->name}, {"tickets", names_of_required(catalogue, *addon)}});
  }
  // Rules that the order breaks already, perhaps because they came later, do not stand in the way.
  const auto items_now = items_after(order, {});
  const auto broken_now = broken_rules(catalogue, items_now, bought, order.billing.email, Asked::ordering);
  for (const Refused& broken :
       broken_rules(catalogue, items_after(order, plan), bought, order.billing.email, Asked::ordering))
    if (std::none_of(broken_now.begin(), broken_now.end(),
                     [&](const Refused& other) { return other.message() == broken.message(); }))
      throw broken;
  require_room(basis, left, wanted, plan);
  return plan;
}

// Buyers take no units that are kept for those who wait.
ChangeBasis basis_for_buyer(db::Tx& tx, const Shop& shop, const Order& order) {
  ChangeBasis basis = load_change_basis(tx, shop, order);
  basis.levels = with_own(stock_for_everybody(tx, *basis.catalogue), basis.own);
  return basis;
}

}  // namespace

ChangePlan preview_change(db::Tx& tx, const Shop& shop, const Order& order, const WantedChange& wanted) {
  const ChangeBasis basis = basis_for_buyer(tx, shop, order);
  return planned_by_buyer(tx, basis, order, wanted);
}

StartedChange change_by_buyer(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                              const WantedChange& wanted, std::int64_t version, std::int64_t difference,
                              const Cause& cause) {
  require_version(order, version);
  const ChangeBasis basis = basis_for_buyer(tx, shop, order);
  const ChangePlan plan = planned_by_buyer(tx, basis, order, wanted);
  if (plan.difference() != difference)
    throw Refused("changed_meanwhile",
                  "The price of this change is another by now. Please look at it again.");
  const OrderMoney money = money_of(tx, order);
  if (money.is_processing)
    throw Refused("payment_running",
                  "A payment for this order is being processed. Please wait for its answer.");

  StartedChange started;
  if (difference <= 0) {
    write_change(tx, shop, basis, order, plan, {cause});
    const std::int64_t owed = money_of(tx, order).to_refund();
    if (owed > 0) {
      RefundAsked asked;
      asked.amount = owed;
      asked.way =
          goes_to_credit(basis.catalogue->conference, order) ? RefundWay::credit : RefundWay::original;
      asked.note = cause.reason;
      refund(tx, shop, gateway, order, asked, cause);
      started.comes_back = owed;
    }
    note_balance(tx, order);
    return started;
  }
  // What was paid too much before pays for it: there is nothing to wait for.
  if (order.total + difference <= money.kept) {
    write_change(tx, shop, basis, order, plan, {cause});
    note_balance(tx, order);
    return started;
  }

  for (const HoldChange& change : plan.stock)
    if (change.quantity > 0)
      for (const StockLevel& level : basis.levels.all())
        if (level.stock_id == change.stock_id &&
            level.remaining().value_or(change.quantity) < change.quantity)
          throw Refused("sold_out", "This is sold out, so the order cannot be changed like this.");
  if (const auto waiting = store::waiting_change(tx, order.id)) drop_change(tx, *waiting);
  if (basis.levels.any_elapsed()) take_back_elapsed(tx, order.conference_id);
  OrderChange change;
  change.order_id = order.id;
  change.conference_id = order.conference_id;
  change.wanted = to_json(wanted);
  change.difference = difference;
  change.order_version = order.version;
  change.expires_at = tx.now() + Duration::minutes(shop.program.pending_order_expiry_minutes);
  change.created_at = tx.now();
  change.id = store::insert_change(tx, change);
  std::vector<HoldChange> needed;
  for (const auto* rows : {&plan.stock, &plan.uses})
    for (const HoldChange& row : *rows)
      if (row.quantity > 0) needed.push_back(row);
  if (!hold_for(tx, order.conference_id, HoldOwner::change, change.id, needed, change.expires_at))
    throw Refused("sold_out_meanwhile", "Somebody else was faster: this is sold out by now.");
  started.change_id = change.id;
  started.to_pay = order.total + difference - money.kept;
  return started;
}

std::optional<OrderChange> waiting_change(db::Tx& tx, Id order_id) {
  auto change = store::waiting_change(tx, order_id);
  if (change && change->expires_at <= tx.now()) return std::nullopt;
  return change;
}

void drop_change(db::Tx& tx, const OrderChange& change) {
  release_holds(tx, HoldOwner::change, change.id);
  store::set_change_status(tx, change.id, ChangeStatus::lapsed);
}

void keep_change(db::Tx& tx, const OrderChange& change, Instant until) {
  if (change.expires_at >= until) return;
  keep_holds(tx, HoldOwner::change, change.id, until);
  tx.exec("UPDATE order_change SET expires_at = $1 WHERE id = $2", until, change.id);
}

void finish_change(db::Tx& tx, const Shop& shop, Order& order, const OrderChange& change,
                   const Cause& cause) {
  // Whoever changes lines drops what waits; a refund of before that is settled meanwhile does not.
  if (change.status != ChangeStatus::waiting)
    throw Refused("changed_meanwhile",
                  "This order was changed in the meantime. Please look at it again, as it is now.");
  const ChangeBasis basis = load_change_basis(tx, shop, order);
  // The price that was promised: discounts that ended while its payment was awaited count, and so do those
  // that it holds, whatever became of the others. Without its hold: as far as they are still there.
  const WantedChange wanted = wanted_from_json(change.wanted);
  ChangePlan plan = plan_change(as_promised(basis), order, wanted, change.created_at);
  if (plan.difference() != change.difference) plan = plan_change(basis, order, wanted, change.created_at);
  if (plan.difference() != change.difference)
    throw Refused("changed_meanwhile",
                  "The price of this change is another by now. Please look at it again.");
  WritingOfChange writing{cause};
  writing.held_by = change.id;
  if (change.expires_at <= tx.now()) {
    // Its hold is over: only with room.
    for (const HoldChange& row : plan.stock)
      for (const StockLevel& level : basis.levels.all())
        if (row.quantity > 0 && level.stock_id == row.stock_id &&
            level.remaining().value_or(row.quantity) < row.quantity)
          throw Refused("sold_out", "This is sold out, so the order cannot be changed like this.");
  }
  write_change(tx, shop, basis, order, plan, writing);
  store::set_change_status(tx, change.id, ChangeStatus::applied);
}

std::int64_t lapse_changes(db::Tx& tx, Id conference_id, int limit) {
  const auto elapsed = store::elapsed_changes(tx, conference_id, limit);
  for (const Id id : elapsed)
    if (const auto change = store::change_by_id(tx, id)) drop_change(tx, *change);
  return static_cast<std::int64_t>(elapsed.size());
}

}  // namespace plenary::registration
