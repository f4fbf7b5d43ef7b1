// Writing a planned change: stock, uses, lines, seats, sums, status. Planning: order_changes.cpp.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/codes.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/staff_changes.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_changes.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t access_code_length = 8;
constexpr int access_code_draws = 10;

[[noreturn]] void sold_out() {
  throw Refused("sold_out", "This is sold out, so the order cannot be changed like this.");
}

bool is_sold(OrderStatus status) {
  return status == OrderStatus::paid || status == OrderStatus::partially_refunded;
}

std::vector<HoldChange> above_zero(const std::vector<HoldChange>& changes) {
  std::vector<HoldChange> needed;
  for (const HoldChange& change : changes)
    if (change.quantity > 0) needed.push_back(change);
  return needed;
}
std::vector<HoldChange> below_zero(const std::vector<HoldChange>& changes) {
  std::vector<HoldChange> freed;
  for (const HoldChange& change : changes)
    if (change.quantity < 0) freed.push_back({change.stock_id, -change.quantity});
  return freed;
}

// Which seats go: those named first, then those that nobody is named for, the last ones first. Checked before
// anything is written.
std::vector<store::LineSeat> seats_to_void(const std::vector<store::LineSeat>& seats,
                                           const std::vector<TakenBack>& voided, bool may_void_checked_in) {
  std::vector<store::LineSeat> going;
  const auto goes = [&](const store::LineSeat& seat) {
    return std::any_of(going.begin(), going.end(), [&](const auto& other) { return other.id == seat.id; });
  };
  const auto take = [&](const store::LineSeat& seat) {
    if (seat.is_checked_in && !may_void_checked_in)
      throw Refused("checked_in", "Ticket {position} was used to check in already; it stays in the order.",
                    {{"position", std::to_string(seat.position)}});
    going.push_back(seat);
  };
  for (const TakenBack& taken : voided) {
    std::int64_t missing = taken.quantity;
    for (const std::int64_t position : taken.positions) {
      const auto seat = std::find_if(seats.begin(), seats.end(), [&](const store::LineSeat& one) {
        return one.position == position && one.line_id == taken.line_id && !goes(one);
      });
      if (seat == seats.end() || missing == 0)
        throw Refused("no_seat", "Ticket {position} is not one of those that are taken back.",
                      {{"position", std::to_string(position)}}, "positions");
      take(*seat);
      --missing;
    }
    for (const int rank : {0, 1, 2})  // open, named, checked in
      for (auto seat = seats.rbegin(); seat != seats.rend() && missing > 0; ++seat) {
        const int own = seat->is_checked_in ? 2 : seat->is_named ? 1 : 0;
        if (own != rank || seat->line_id != taken.line_id || goes(*seat)) continue;
        take(*seat);
        --missing;
      }
    // A seat may be missing where an order was paid before there were any.
  }
  return going;
}

std::vector<std::string> draw_codes(db::Tx& tx, const Shop& shop, std::int64_t count) {
  std::vector<std::string> codes;
  for (std::int64_t i = 0; i < count; ++i) {
    std::string code = random_code(shop.random, access_code_length);
    for (int draw = 0; store::is_access_code_taken(tx, code); ++draw) {
      if (draw == access_code_draws) throw std::runtime_error("no unused access code was drawn");
      code = random_code(shop.random, access_code_length);
    }
    codes.push_back(std::move(code));
  }
  return codes;
}

// A change that waited sells what it holds, and gives back what it does not need of that.
void write_sold(db::Tx& tx, const Order& order, const ChangePlan& plan, const WritingOfChange& writing) {
  std::vector<HoldChange> needed = above_zero(plan.stock), uses = above_zero(plan.uses), spare;
  if (writing.held_by) {
    for (HoldChange held : store::held_by_waiting_change(tx, order.id)) {
      for (std::vector<HoldChange>* wanted : {&needed, &uses})
        for (HoldChange& change : *wanted) {
          if (change.stock_id != held.stock_id) continue;
          const std::int64_t units = std::min(change.quantity, held.quantity);
          change.quantity -= units;
          held.quantity -= units;
        }
      if (held.quantity > 0) spare.push_back(held);
    }
    std::erase_if(needed, [](const HoldChange& change) { return change.quantity == 0; });
    std::erase_if(uses, [](const HoldChange& change) { return change.quantity == 0; });
  }
  if (!needed.empty() && !sell_unheld(tx, needed)) sold_out();
  if (writing.held_by) {
    give_back_held(tx, order.conference_id, HoldOwner::change, *writing.held_by, spare);
    sell_held_by_change(tx, *writing.held_by);
  }
  unsell(tx, below_zero(plan.stock));
  for (const HoldChange& freed : below_zero(plan.uses))
    give_back_use(tx, order.id, freed.stock_id, freed.quantity);
  for (const HoldChange& use : uses)
    // A price that was promised while its payment was awaited is kept.
    if (!use_unheld(tx, order.id, use) && !writing.held_by)
      throw Refused("used_up", "A discount of this change was used up by others. Please look at it again.");
}

void write_held_stock(db::Tx& tx, const Order& order, const ChangePlan& plan) {
  std::vector<HoldChange> needed = above_zero(plan.stock), freed = below_zero(plan.stock);
  for (const HoldChange& use : above_zero(plan.uses)) needed.push_back(use);
  for (const HoldChange& use : below_zero(plan.uses)) freed.push_back(use);
  give_back_held(tx, order.conference_id, HoldOwner::order, order.id, freed);
  if (!hold_for(tx, order.conference_id, HoldOwner::order, order.id, needed, *order.hold_expires_at))
    throw Refused("sold_out_meanwhile",
                  "This is sold out or its discount used up, so the order cannot be changed like this.");
}

// Refused while nothing is written, where the counters say so already.
void require_room(const ChangeBasis& basis, const ChangePlan& plan, const WritingOfChange& writing) {
  if (writing.held_by) return;
  const auto level_of = [&](Id stock_id) -> const StockLevel* {
    for (const StockLevel& level : basis.levels.all())
      if (level.stock_id == stock_id) return &level;
    return nullptr;
  };
  for (const HoldChange& change : plan.stock) {
    if (change.quantity <= 0) continue;
    const StockLevel* level = level_of(change.stock_id);
    if (!level) continue;
    if (const auto left = level->remaining(); left && *left < change.quantity) sold_out();
  }
}

void require_changeable(const ChangeBasis& basis, const Order& order, const ChangePlan& plan,
                        const WritingOfChange& writing, Instant now) {
  if (!is_sold(order.status) && order.status != OrderStatus::pending)
    throw Refused("not_changeable", "This order is {status}; it can no longer be changed.",
                  {{"status", std::string(to_text(order.status))}});
  if (!is_sold(order.status) && !order.hold_is_live(now))
    throw Refused("hold_elapsed", "The time to pay this order is over, so it can no longer be changed.");
  if (plan.after.total < 0)
    throw Refused("price", "The order would be worth less than nothing.", {}, "price");
  require_room(basis, plan, writing);
}

// What staff alone can ask for and what would not be an order afterwards.
void require_sense(db::Tx& tx, const Order& order, const ChangePlan& plan) {
  if (order.status == OrderStatus::pending && plan.units_after == 0)
    throw Refused("nothing_left", "Nothing would be left of this unpaid order. Cancel it instead.");
  if (store::paid_so_far(tx, order.id).processing)
    throw Refused("payment_running",
                  "A payment for this order is being processed. Please wait for its answer.");
}

std::string name_of(const Catalogue& catalogue, const StockLevel& level) {
  switch (level.kind) {
    case StockKind::ticket_type:
      if (const TicketType* type = catalogue.ticket_type(level.product_id)) return type->name;
      break;
    case StockKind::addon:
      if (const AddOn* addon = catalogue.addon(level.product_id)) return addon->name;
      break;
    case StockKind::variation:
      if (const Variation* variation = catalogue.variation(level.product_id)) {
        const auto product = variation->ticket_type_id
                                 ? catalogue.product(ProductKind::ticket_type, *variation->ticket_type_id)
                                 : catalogue.product(ProductKind::addon, variation->addon_id.value_or(0));
        return (product ? *product->name + ", " : std::string()) + variation->name;
      }
      break;
    case StockKind::quota:
      for (const Quota& quota : catalogue.quotas)
        if (quota.id == level.product_id) return quota.name;
      break;
    default:
      break;
  }
  return {};
}

std::vector<StockEffect> effects_of(const ChangeBasis& basis, const ChangePlan& plan) {
  std::vector<StockEffect> effects;
  for (const HoldChange& change : plan.stock)
    for (const StockLevel& level : basis.levels.all())
      if (level.stock_id == change.stock_id)
        effects.push_back({level.kind, name_of(*basis.catalogue, level), change.quantity, level.remaining()});
  return effects;
}

// What the order consists of when the change is written, its new tickets behind the others.
OrderUnits units_after(const Order& order, const std::vector<Seat>& seats, const StaffPreview& preview,
                       std::int64_t last_position) {
  std::vector<OrderLine> lines = order.lines;
  lines.insert(lines.end(), preview.plan.reversals.begin(), preview.plan.reversals.end());
  for (const PlannedLine& planned : preview.plan.additions) lines.push_back(planned.line);
  if (!is_sold(order.status)) return units_of(lines, {});
  std::vector<Seat> staying;
  for (const Seat& seat : seats) {
    const bool goes = std::any_of(preview.going.begin(), preview.going.end(),
                                  [&](const GoingSeat& one) { return one.position == seat.position; });
    if (seat.is_active && !goes) staying.push_back(seat);
  }
  for (const PlannedLine& planned : preview.plan.additions) {
    if (planned.seats_from != 0 || !planned.line.ticket_type_id) continue;
    for (std::int64_t i = 0; i < planned.line.quantity; ++i) {
      Seat seat;
      seat.position = ++last_position;
      seat.ticket_type_id = *planned.line.ticket_type_id;
      staying.push_back(std::move(seat));
    }
  }
  return units_of(lines, staying);
}

// What nobody was asked before, and everything that is asked where that is.
void find_questions(StaffPreview& preview, const Order& order, const std::vector<Seat>& seats) {
  const auto before = asked_for(*preview.catalogue, units_of(order.lines, seats), false);
  preview.questions = asked_for(*preview.catalogue, preview.bought, false);
  std::vector<std::int64_t> positions;
  for (const QuestionPlace& place : preview.questions) {
    const bool was = std::any_of(before.begin(), before.end(), [&](const QuestionPlace& one) {
      return one.position == place.position && one.question == place.question;
    });
    if (was) continue;
    positions.push_back(place.position);
    const std::string& label = place.question->question.label;
    if (std::find(preview.asked.begin(), preview.asked.end(), label) == preview.asked.end())
      preview.asked.push_back(label);
  }
  std::erase_if(preview.questions, [&](const QuestionPlace& place) {
    return std::find(positions.begin(), positions.end(), place.position) == positions.end();
  });
}

}  // namespace

StaffPreview preview_by_staff(db::Tx& tx, const Shop& shop, const Order& order, const WantedChange& wanted) {
  if (wanted.is_empty()) throw Refused("no_change", "Nothing would change.");
  const ChangeBasis basis = load_change_basis(tx, shop, order);
  StaffPreview preview;
  preview.plan = plan_change(basis, order, wanted, tx.now());
  if (preview.plan.is_empty()) throw Refused("no_change", "Nothing would change.");
  WritingOfChange writing;
  writing.may_void_checked_in = true;
  if (is_sold(order.status))
    for (const store::LineSeat& seat :
         seats_to_void(store::line_seats(tx, order.id), preview.plan.voided, writing.may_void_checked_in))
      preview.going.push_back({seat.position, seat.name, seat.is_checked_in});
  Order changed = order;  // as far as its money goes
  changed.total = preview.plan.after.total;
  if (is_sold(order.status) && preview.plan.units_after == 0) changed.status = OrderStatus::refunded;
  preview.money = money_of(tx, changed);
  preview.stock = effects_of(basis, preview.plan);
  const std::vector<Seat> seats =
      order.status == OrderStatus::pending ? std::vector<Seat>() : store::seats_of(tx, order.id);
  preview.catalogue = basis.catalogue;
  preview.bought =
      units_after(order, seats, preview, is_sold(order.status) ? store::last_position(tx, order.id) : 0);
  find_questions(preview, order, seats);
  try {
    require_sense(tx, order, preview.plan);
    require_changeable(basis, order, preview.plan, writing, tx.now());
  } catch (const Refused& reason) {
    preview.why_not = reason;
  }
  return preview;
}

void set_order_attention(db::Tx& tx, Id order_id, std::string_view why) {
  store::set_attention(tx, order_id, why);
}

void set_order_comment(db::Tx& tx, Id order_id, std::string_view comment) {
  store::set_comment(tx, order_id, comment);
}

void require_version(const Order& order, std::int64_t version) {
  if (order.version != version)
    throw Refused("changed_meanwhile",
                  "This order was changed in the meantime. Please look at it again, as it is now.");
}

void write_change(db::Tx& tx, const Shop& shop, const ChangeBasis& basis, Order& order,
                  const ChangePlan& plan, const WritingOfChange& writing) {
  if (plan.is_empty()) return;
  const bool sold = is_sold(order.status);
  require_changeable(basis, order, plan, writing, tx.now());

  std::vector<store::LineSeat> seats, going;
  std::int64_t new_seats = 0, position = 0;
  std::vector<std::string> codes;
  if (sold) {
    seats = store::line_seats(tx, order.id);
    going = seats_to_void(seats, plan.voided, writing.may_void_checked_in);
    for (const PlannedLine& planned : plan.additions)
      if (planned.line.kind == LineKind::ticket && planned.seats_from == 0)
        new_seats += planned.line.quantity;
    codes = draw_codes(tx, shop, new_seats);
    position = store::last_position(tx, order.id);
  }

  // Whatever else waited was made for the order as it was; what it held is free for this.
  if (const auto waiting = store::waiting_change(tx, order.id);
      waiting && writing.held_by != std::optional<Id>(waiting->id))
    drop_change(tx, *waiting);
  if (basis.levels.any_elapsed()) take_back_elapsed(tx, order.conference_id);
  if (sold)
    write_sold(tx, order, plan, writing);
  else
    write_held_stock(tx, order, plan);

  std::vector<OrderLine> added;  // with their ids, for the ledger
  for (const OrderLine& reversal : plan.reversals) {
    added.push_back(reversal);
    added.back().id = store::add_line(tx, order.id, reversal);
  }
  for (const store::LineSeat& seat : going) {
    store::void_seat(tx, seat.id);
    store::insert_seat_event(tx, seat.id, "withdrawn", writing.cause.actor, "taken out of the order");
    // The buyer hears of the order as a whole.
    if (seat.knows && order.tells_buyer && seat.email != order.billing.email)
      mail_seat_cancelled(tx, order.conference_id, seat.id, seat.email, seat.name,
                          seat.language.empty() ? order.language : seat.language);
    std::erase_if(seats, [&](const store::LineSeat& one) { return one.id == seat.id; });
  }
  std::size_t next_code = 0;
  for (const PlannedLine& planned : plan.additions) {
    OrderLine line = planned.line;
    line.id = store::add_line(tx, order.id, line, planned.replaces);
    added.push_back(line);
    if (!sold || line.kind != LineKind::ticket) continue;
    std::int64_t missing = line.quantity;
    for (auto seat = seats.begin(); seat != seats.end() && missing > 0 && planned.seats_from != 0; ++seat)
      if (seat->line_id == planned.seats_from) {
        store::move_seat(tx, seat->id, line.id);
        seat->line_id = line.id;
        --missing;
      }
    if (planned.seats_from != 0) continue;
    for (; missing > 0; --missing) store::insert_seat(tx, order, line, ++position, codes.at(next_code++));
  }
  if (sold) post_lines(tx, order, added, EntryKind::change);
  store::set_order_sums(tx, order.id, plan.after);
  const bool is_over = sold && plan.units_after == 0;
  if (!is_over)
    store::insert_event(tx, order.id, to_text(order.status), to_text(order.status), writing.cause);
  const bool tells_buyer = order.tells_buyer;
  order = find_order(tx, order.id).value();
  order.tells_buyer = tells_buyer;
  if (is_over) apply(tx, shop, order, Transition::refunded, writing.cause);
  if (writing.event) publish(*writing.event, tx, order);
}

ChangePlan change_by_staff(db::Tx& tx, const Shop& shop, Order& order, const WantedChange& wanted,
                           std::int64_t version, const Cause& cause) {
  require_version(order, version);
  if (wanted.is_empty()) throw Refused("no_change", "Nothing would change.");
  const ChangeBasis basis = load_change_basis(tx, shop, order);
  ChangePlan plan = plan_change(basis, order, wanted, tx.now());
  if (plan.is_empty()) throw Refused("no_change", "Nothing would change.");
  require_sense(tx, order, plan);
  WritingOfChange writing{cause};
  writing.may_void_checked_in = true;
  write_change(tx, shop, basis, order, plan, writing);
  if (order.status == OrderStatus::pending && money_of(tx, order).due() == 0)
    apply(tx, shop, order, Transition::paid, {cause.source, cause.actor, "nothing to pay any more"});
  note_balance(tx, order);
  return plan;
}

}  // namespace plenary::registration
