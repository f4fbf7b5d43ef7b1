#include "domain/registration/money_in.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_changes.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t longest_reference = 200, longest_note = 2000;
constexpr std::array<std::string_view, 4> channels{"transfer", "cash", "cheque", "card"};

bool is_sold(OrderStatus status) {
  return status == OrderStatus::paid || status == OrderStatus::partially_refunded;
}

std::string shown(const Order& order, std::int64_t amount) {
  return marked(Money(amount, Currency::of(order.currency)));
}

void check_texts(std::string_view reference, std::string_view note) {
  if (character_count(reference) > longest_reference)
    throw Refused("reference", "The reference has at most {limit} characters.",
                  {{"limit", std::to_string(longest_reference)}}, "reference");
  if (character_count(note) > longest_note)
    throw Refused("note", "The note has at most {limit} characters.",
                  {{"limit", std::to_string(longest_note)}}, "note");
}

Date today_of(db::Tx& tx, Id conference_id) {
  const auto conference = conference::load(tx, conference_id);
  const auto zone = TimeZone::find(conference->timezone);
  return zone.value_or(TimeZone::utc()).local(tx.now()).date;
}

// What the first submit of this form led to; nothing: it is the first.
std::optional<Id> done_before(db::Tx& tx, const std::string& token) {
  if (token.empty()) return std::nullopt;
  const auto first = accounts::first_result(tx, token);
  if (!first) return std::nullopt;
  return static_cast<Id>(std::stoll(*first));
}

void note_done(db::Tx& tx, const std::string& token, Id conference_id, Id result) {
  if (token.empty()) return;
  accounts::record_result(tx, token, conference_id, "money in", std::to_string(result),
                          tx.now() + accounts::submission_life);
}

MoneyIn as_before(db::Tx& tx, const Order& order, Id payment_id) {
  MoneyIn in;
  in.payment_id = payment_id;
  in.due = money_of(tx, order).due();
  in.is_repeat = true;
  return in;
}

[[noreturn]] void refuse_status(const Order& order) {
  if (order.status == OrderStatus::pending || is_sold(order.status))
    throw Refused("not_payable", "Nothing is due of this order.");
  throw Refused("not_payable", "This order is {status}; there is nothing to pay.",
                {{"status", std::string(to_text(order.status))}});
}

void require_nothing_running(const OrderMoney& money) {
  if (money.is_processing)
    throw Refused("payment_running",
                  "A card payment for this order is being processed. Please wait for its answer.");
}

// What is paid by hand, ready to be kept.
struct Taken {
  PaymentMethod method = PaymentMethod::manual;
  const ManualPayment& payment;
  std::int64_t due = 0;  // of the order, before
};

Id keep(db::Tx& tx, const Order& order, const Taken& taken) {
  const ManualPayment& payment = taken.payment;
  const bool is_manual = taken.method == PaymentMethod::manual;
  const Id id = store::insert_payment(tx, {.order_id = order.id,
                                           .conference_id = order.conference_id,
                                           .method = taken.method,
                                           .status = PaymentStatus::succeeded,
                                           .amount = payment.amount,
                                           .currency = order.currency,
                                           .gateway_reference = {},
                                           .failure = {},
                                           .is_test = order.is_sandbox,
                                           .channel = is_manual ? to_text(payment.channel) : "",
                                           .reference = payment.reference,
                                           .note = payment.note,
                                           .created_by = payment.created_by});
  if (is_manual) {
    const Date day = payment.received_on ? *payment.received_on : today_of(tx, order.conference_id);
    store::set_payment_origin(tx, id, day, payment.payer_name, payment.payer_iban);
  }
  return id;
}

void tell(db::Tx& tx, const Order& order, const Cause& cause, std::string_view what) {
  store::insert_event(tx, order.id, to_text(order.status), to_text(order.status),
                      {cause.source, cause.actor, std::string(what)});
}

// The order takes the money: it becomes paid, or a part of what is due is paid.
MoneyIn take(db::Tx& tx, const Shop& shop, Order& order, const Taken& taken, Transition if_covered,
             const Cause& cause) {
  MoneyIn in;
  const bool covers = taken.payment.amount >= taken.due;
  const bool was_sold = is_sold(order.status);
  // Refused comes before the payment is kept.
  if (!was_sold && covers) {
    apply(tx, shop, order, if_covered, cause);
    in.became_paid = true;
  }
  in.payment_id = keep(tx, order, taken);
  if (!in.became_paid) {
    tell(tx, order, cause, covers ? "balance paid" : "part paid");
    if (taken.method == PaymentMethod::manual) mail_payment_received(tx, order, in.payment_id);
  }
  const std::int64_t excess = taken.payment.amount - taken.due;
  if (excess > 0 && taken.payment.excess_as_credit && order.user_id) {
    RefundAsked asked;
    asked.amount = excess;
    asked.way = RefundWay::credit;
    asked.reason = RefundReason::duplicate;
    asked.note = "paid above the balance";
    asked.created_by = taken.payment.created_by;
    refund(tx, shop, SandboxGateway(), order, asked, cause);
    in.credited = excess;
  } else if (excess > 0) {
    in.owed_back = excess;
  }
  note_balance(tx, order);
  if (was_sold) publish(OrderEvent::changed, tx, order);
  if (covers) publish_no_longer_due(tx, order.id);
  in.due = covers ? 0 : taken.due - taken.payment.amount;
  return in;
}

// The order does not need it: it is kept, and goes back.
MoneyIn take_for_nothing(db::Tx& tx, const Shop& shop, Order& order, const Taken& taken,
                         std::string_view note, LatePayment why, const Cause& cause) {
  MoneyIn in;
  in.payment_id = keep(tx, order, taken);
  // An order that is still pending owes its total: the money goes back by hand, not as what was paid too
  // much.
  if (taken.payment.excess_as_credit && order.user_id && order.status != OrderStatus::pending) {
    RefundAsked asked;
    asked.amount = taken.payment.amount;
    asked.way = RefundWay::credit;
    asked.reason = RefundReason::duplicate;
    asked.note = std::string(note);
    asked.created_by = taken.payment.created_by;
    refund(tx, shop, SandboxGateway(), order, asked, cause);
    in.credited = taken.payment.amount;
  } else {
    store::set_attention(tx, order.id, note);
    order.attention = std::string(note);
    send_back(tx, shop, order, in.payment_id, note);
    mail_late_payment_refunded(tx, order, in.payment_id, why);
    in.owed_back = taken.payment.amount;
  }
  in.due = money_of(tx, order).due();
  return in;
}

// A fee of a way to pay, in an order that is not sold.
bool has_fee(const Order& order) {
  return payment_fee_in(order) != 0;
}

// Whether so much pays an order that lapsed, with the fee of transfers where one was chosen.
bool would_cover(db::Tx& tx, const Catalogue& catalogue, const Order& order, const OrderMoney& money,
                 std::int64_t amount) {
  const auto term = payment_term_of(tx, order);
  return amount >= balance_of(catalogue, order, term ? &*term : nullptr, order.total, money.kept);
}

// The whole balance, a waiting change included: it is made. Less than that, or a change that is no longer
// possible: nothing, and the money is looked at as if there were none.
std::optional<MoneyIn> take_for_change(db::Tx& tx, const Shop& shop, Order& order,
                                       const ManualPayment& payment, const OrderChange& change,
                                       const Cause& cause) {
  const std::int64_t balance = order.total + change.difference - money_of(tx, order).kept;
  if (balance <= 0 || payment.amount < balance) return std::nullopt;
  try {
    finish_change(tx, shop, order, change, cause);
  } catch (const Refused& refused) {
    if (refused.code() == "sold_out_meanwhile" || refused.code() == "used_up") throw;
    return std::nullopt;
  }
  const std::int64_t fee = bring_announced_fee(tx, shop, order, payment.amount, cause);
  const Taken taken{PaymentMethod::manual, payment, balance + fee};
  MoneyIn in = take(tx, shop, order, taken, Transition::paid, cause);
  store::set_payment_change(tx, in.payment_id, change.id);
  return in;
}

std::vector<OnNoLongerDue>& no_longer_due() {
  static std::vector<OnNoLongerDue> subscribers;
  return subscribers;
}

}  // namespace

std::string_view to_text(ManualChannel channel) {
  return channels.at(static_cast<std::size_t>(channel));
}
std::optional<ManualChannel> manual_channel(std::string_view text) {
  for (std::size_t at = 0; at < channels.size(); ++at)
    if (channels[at] == text) return static_cast<ManualChannel>(at);
  return std::nullopt;
}

void subscribe_no_longer_due(OnNoLongerDue subscriber) {
  no_longer_due().push_back(std::move(subscriber));
}
void publish_no_longer_due(db::Tx& tx, Id order_id) {
  for (const auto& subscriber : no_longer_due()) subscriber(tx, order_id);
}

std::int64_t payable_by_hand(db::Tx& tx, const Catalogue& catalogue, const Order& order) {
  if (order.status == OrderStatus::pending) return balance_of(tx, catalogue, order);
  if (!is_sold(order.status)) return 0;
  // A transfer that was chosen for a change that waits was announced for more than this.
  const auto term = waiting_change(tx, order.id) ? std::nullopt : payment_term_of(tx, order);
  return balance_of(catalogue, order, term ? &*term : nullptr, order.total, money_of(tx, order).kept);
}

MoneyIn record_manual_payment(db::Tx& tx, const Shop& shop, Order& order, const ManualPayment& payment,
                              const Cause& cause) {
  if (const auto before = done_before(tx, payment.token)) return as_before(tx, order, *before);
  if (payment.amount < 1) throw Refused("amount", "Enter an amount above zero.", {}, "amount");
  check_texts(payment.reference, payment.note);
  if (payment.received_on && *payment.received_on > today_of(tx, order.conference_id))
    throw Refused("received_on", "The day on which it was received lies in the future.", {}, "received_on");
  const OrderMoney money = money_of(tx, order);
  const bool is_open = order.status == OrderStatus::pending || is_sold(order.status);
  std::int64_t due = money.due();
  if (!is_open || due <= 0) refuse_status(order);
  require_nothing_running(money);
  const auto catalogue = catalogue_now(tx, shop, order.conference_id);
  due = payable_by_hand(tx, *catalogue, order);
  if (payment.amount > due) {
    if (!payment.excess_as_credit)
      throw Refused("above_balance",
                    "{amount} is more than the balance of {balance}. Enter at most the balance, or book what "
                    "is above it as a store credit.",
                    {{"amount", shown(order, payment.amount)}, {"balance", shown(order, due)}}, "amount");
    if (!order.user_id)
      throw Refused("no_account",
                    "This order belongs to no account, so there is nobody to give a credit to. Enter at most "
                    "the balance of {balance}.",
                    {{"balance", shown(order, due)}}, "excess_as_credit");
  }
  if (order.status == OrderStatus::pending && payment.amount < due && !order.hold_is_live(tx.now()))
    throw Refused("hold_elapsed",
                  "The time to pay this order is over: only the whole balance of {balance} can be taken, as "
                  "long as its tickets are still there.",
                  {{"balance", shown(order, due)}}, "amount");
  settle_fee_by_hand(tx, *catalogue, order, money.kept, cause);
  if (is_sold(order.status)) due = money.due() + bring_announced_fee(tx, shop, order, payment.amount, cause);
  const MoneyIn in = take(tx, shop, order, {PaymentMethod::manual, payment, due}, Transition::paid, cause);
  note_done(tx, payment.token, order.conference_id, in.payment_id);
  return in;
}

MoneyIn take_transfer(db::Tx& tx, const Shop& shop, Order& order, const ManualPayment& payment,
                      const Cause& cause) {
  if (const auto before = done_before(tx, payment.token)) return as_before(tx, order, *before);
  if (payment.amount < 1) throw Refused("amount", "Enter an amount above zero.", {}, "amount");
  check_texts(payment.reference, payment.note);
  if (payment.excess_as_credit && !order.user_id)
    throw Refused("no_account", "This order belongs to no account, so there is nobody to give a credit to.",
                  {}, "excess_as_credit");
  const OrderMoney money = money_of(tx, order);
  const bool expired = order.status == OrderStatus::cancelled && store::expired_by_sweep(tx, order.id);
  if (const auto catalogue = catalogue_now(tx, shop, order.conference_id);
      order.status == OrderStatus::pending ||
      (expired && would_cover(tx, *catalogue, order, money, payment.amount)))
    settle_fee_by_hand(tx, *catalogue, order, money.kept, cause);
  const bool waits = order.status == OrderStatus::pending || expired;
  // What came in for an order whose time is over counts for it again. source: 21, 10.2.
  const auto change = is_sold(order.status) ? waiting_change(tx, order.id) : std::nullopt;
  if (change) {
    if (const auto in = take_for_change(tx, shop, order, payment, *change, cause)) {
      note_done(tx, payment.token, order.conference_id, in->payment_id);
      return *in;
    }
  }
  std::int64_t due = order.status == OrderStatus::cancelled && !expired
                         ? 0
                         : std::max<std::int64_t>(order.total - money.kept, 0);
  if (is_sold(order.status)) due += bring_announced_fee(tx, shop, order, payment.amount, cause);
  const Taken taken{PaymentMethod::manual, payment, due};
  const MoneyIn in = [&] {
    if (due <= 0 || (!waits && !is_sold(order.status)))
      return take_for_nothing(tx, shop, order, taken,
                              "money came in for an order that did not need it; to be paid back",
                              LatePayment::not_needed, cause);
    try {
      if (!expired || payment.amount >= due)
        return take(tx, shop, order, taken, expired ? Transition::revived : Transition::paid, cause);
    } catch (const Refused& refused) {
      if (refused.code() != "hold_elapsed") throw;
      return take_for_nothing(tx, shop, order, taken,
                              "money came in when the tickets were gone; to be paid back",
                              LatePayment::no_room, cause);
    }
    return take_for_nothing(tx, shop, order, taken, "money came in late and was not enough; to be paid back",
                            LatePayment::not_needed, cause);
  }();
  if (!in.became_paid && in.due > 0 && order.status == OrderStatus::pending)
    store::set_attention(tx, order.id, "short payment");
  note_done(tx, payment.token, order.conference_id, in.payment_id);
  return in;
}

MoneyIn waive_balance(db::Tx& tx, const Shop& shop, Order& order, const Waiver& waiver, const Cause& cause) {
  if (const auto before = done_before(tx, waiver.token)) return as_before(tx, order, *before);
  if (is_blank(waiver.note)) throw Refused("note", "Say why nothing more has to be paid.", {}, "note");
  check_texts({}, waiver.note);
  const OrderMoney money = money_of(tx, order);
  std::int64_t due = money.due();
  const bool waits = order.status == OrderStatus::pending;
  if ((!waits && !is_sold(order.status)) || (due <= 0 && !(waits && order.total == 0))) refuse_status(order);
  require_nothing_running(money);
  // Nothing is paid, so no way to pay costs anything; what came in of a fee stays.
  if (waits && has_fee(order) && due_without_fee(order, money.kept) > 0) {
    set_known_fee(tx, *catalogue_now(tx, shop, order.conference_id), order, PayWay::transfer, 0, cause);
    due = std::max<std::int64_t>(order.total - money.kept, 0);
  }
  ManualPayment payment;
  payment.amount = due;
  payment.note = waiver.note;
  payment.created_by = waiver.created_by;
  const MoneyIn in = take(tx, shop, order, {PaymentMethod::comp, payment, due}, Transition::paid, cause);
  note_done(tx, waiver.token, order.conference_id, in.payment_id);
  return in;
}

DeskSold sell_at_desk(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, const DeskSale& sale,
                      const Cause& cause) {
  DeskSold sold;
  if (const auto before = done_before(tx, sale.token)) {
    const Order order = find_order(tx, *before).value();
    sold.order_id = order.id;
    sold.total = order.total;
    for (const Payment& payment : payments_of(tx, order.id)) sold.payment_id = payment.id;
    if (sale.received) sold.change = std::max<std::int64_t>(*sale.received - order.total, 0);
    sold.is_repeat = true;
    return sold;
  }
  if (sale.items.empty()) throw Refused("empty", "Choose what is sold.", {}, "items");
  if (is_blank(sale.buyer.name)) throw Refused("name", "Enter the buyer's name.", {}, "name");
  if (!sale.buyer.email.empty() && !is_email(sale.buyer.email))
    throw Refused("email", "Enter an e-mail address, or leave it empty.", {}, "email");
  check_texts(sale.reference, sale.note);
  // The price is known before anything is written: cash that does not reach is said first.
  const std::int64_t total = staff_quote(tx, catalogue, sale.items).total;
  if (sale.shown_total && *sale.shown_total != total)
    throw Refused("price_changed", "The price has changed in the meantime. Here is the new total.");
  if (sale.received && *sale.received < total)
    throw Refused("received", "{received} is less than the total of {total}.",
                  {{"received", marked(Money(*sale.received, catalogue.currency), catalogue.currency_symbol)},
                   {"total", marked(Money(total, catalogue.currency), catalogue.currency_symbol)}},
                  "received");

  StaffOrder wanted;
  wanted.user_id = sale.user_id;
  wanted.billing = sale.buyer;
  wanted.items = sale.items;
  wanted.link_key = sale.link_key;
  wanted.language = sale.language;
  wanted.is_sandbox = sale.is_sandbox;
  Order order = make_order(tx, shop, catalogue, wanted, cause);
  order.tells_buyer = !sale.buyer.email.empty();
  ManualPayment payment;
  payment.amount = order.total;
  payment.channel = sale.channel;
  payment.reference = sale.reference;
  payment.note = sale.note;
  payment.created_by = sale.created_by;
  const PaymentMethod method = order.total == 0 ? PaymentMethod::comp : PaymentMethod::manual;
  sold.payment_id = take(tx, shop, order, {method, payment, order.total}, Transition::paid, cause).payment_id;
  sold.order_id = order.id;
  sold.total = order.total;
  if (sale.received) sold.change = *sale.received - order.total;
  note_done(tx, sale.token, order.conference_id, order.id);
  return sold;
}

}  // namespace plenary::registration
