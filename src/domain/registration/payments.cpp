#include "domain/registration/payments.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "domain/conference/conferences.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/provider_payments.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_changes.hpp"
#include "jobs/outbox.hpp"

namespace plenary::registration {
namespace {

// The address may have bought elsewhere since the order was made. source: 20, D34.
void check_limit_again(db::Tx& tx, const Shop& shop, const Order& order) {
  const Visitor visitor{order.conference_id, order.user_id, order.session_hash, {}};
  const bool by_address = !order.user_id && tx.engine() == db::Engine::postgresql;
  const auto bought = by_address ? store::bought_beside(tx, order.conference_id, order.reference)
                                 : store::bought_units(tx, visitor, order.email_normalized, order.id);
  if (bought.empty()) return;
  const auto state = conference::find_state(tx, order.conference_id);
  const auto catalogue = shop.catalogues.at(tx, order.conference_id, state->catalogue_version);
  std::map<Id, std::int64_t> units;  // several kinds of one ticket, less what a later line took back
  for (const OrderLine& line : order.lines)
    if (line.ticket_type_id) units[*line.ticket_type_id] += line.quantity;
  for (const auto& [type_id, quantity] : units) {
    const TicketType* type = catalogue->ticket_type(type_id);
    const auto already = bought.find(type_id);
    if (type && quantity > 0 && already != bought.end() && already->second > 0 &&
        already->second + quantity > type->limit_per_user)
      throw Refused("limit",
                    "At most {limit} of {name} for each person: this address has bought {bought} already.",
                    {{"limit", std::to_string(type->limit_per_user)},
                     {"name", type->name},
                     {"bought", std::to_string(already->second)}});
  }
}

// A payment that the gateway took: recorded, or its answer awaited.
Id record_payment(db::Tx& tx, const PaymentGateway& gateway, const Order& order, std::int64_t amount,
                  const ChargeAnswer& answer) {
  store::NewPayment payment{.order_id = order.id,
                            .conference_id = order.conference_id,
                            .method = gateway.method(),
                            .status = PaymentStatus::succeeded,
                            .amount = amount,
                            .currency = order.currency,
                            .gateway_reference = answer.provider_reference,
                            .failure = answer.message,
                            .is_test = order.is_sandbox};
  if (answer.outcome == ChargeOutcome::declined) payment.status = PaymentStatus::failed;
  if (answer.outcome == ChargeOutcome::processing) payment.status = PaymentStatus::processing;
  const Id id = store::insert_payment(tx, payment);
  if (answer.outcome == ChargeOutcome::processing)
    jobs::enqueue(tx, late_answer_kind, order.conference_id,
                  jobs::payload({{"payment", id}, {"success", answer.later_success}}),
                  fmt::format("payment-{}", id), tx.now() + answer.answer_after);
  return id;
}

// source: 21, 10.2: what came in beyond what is owed goes back by itself.
void send_excess_back(db::Tx& tx, const Shop& shop, Id order_id, Id payment_id) {
  Order order = store::order_by_id(tx, order_id).value();
  const std::int64_t excess = money_of(tx, order).to_refund();
  if (excess > 0)
    send_back(tx, shop, order, payment_id, "more came in than was due; the rest goes back", excess);
}

void note_balance_paid(db::Tx& tx, Order& order, const Cause& cause) {
  store::insert_event(tx, order.id, to_text(order.status), to_text(order.status),
                      {cause.source, cause.actor, "balance paid"});
  note_balance(tx, order);
  publish(OrderEvent::changed, tx, order);
}

// What is due of an order that was paid before, and a change that waits for its payment.
Payable payable_balance(db::Tx& tx, const Order& order) {
  const OrderMoney money = money_of(tx, order);
  const auto change = waiting_change(tx, order.id);
  const std::int64_t balance = change ? order.total + change->difference - money.kept : money.due();
  if (balance <= 0) throw Refused("not_payable", "This order is paid already.");
  if (money.is_processing)
    throw Refused("payment_running", "A payment for this order is being processed already.");
  return {balance, change ? std::optional(change->id) : std::nullopt};
}

PayResult pay_balance(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                      const ChargeRequest& asked) {
  const std::int64_t balance = payable_balance(tx, order).amount;
  const auto change = waiting_change(tx, order.id);
  const auto catalogue = catalogue_now(tx, shop, order.conference_id);
  ChargeRequest request = asked;
  request.order_reference = order.reference;
  request.amount = balance + payment_fee(*catalogue, order, PayWay::card, balance);
  request.currency = order.currency;
  const ChargeAnswer answer = gateway.charge(request);
  PayResult result{answer.outcome, answer.message, 0};
  if (answer.outcome == ChargeOutcome::needs_authentication) return result;
  const Cause cause{"sandbox", "buyer", answer.provider_reference};
  // Refusals come before the payment is recorded.
  if (answer.outcome == ChargeOutcome::succeeded) {
    if (change) finish_change(tx, shop, order, *change, cause);
    add_balance_fee(tx, shop, *catalogue, order, PayWay::card, balance, cause);
  }
  result.payment_id = record_payment(tx, gateway, order, request.amount, answer);
  if (change) store::set_payment_change(tx, result.payment_id, change->id);
  if (answer.outcome == ChargeOutcome::succeeded) {
    note_balance_paid(tx, order, cause);
    if (!change) mail_payment_received(tx, order, result.payment_id);
  }
  return result;
}

// The fee that the payer was asked for with the balance. What does not hold it was asked without one, and
// pays the balance alone.
void add_fee_that_came(db::Tx& tx, const Shop& shop, Order& order, const Payment& payment,
                       const Cause& cause) {
  if (payment.method != PaymentMethod::stripe && payment.method != PaymentMethod::sandbox) return;
  const std::int64_t balance = money_of(tx, order).due();
  if (balance <= 0 || payment.amount <= balance) return;
  const auto catalogue = catalogue_now(tx, shop, order.conference_id);
  if (payment.amount >= balance + payment_fee(*catalogue, order, PayWay::card, balance))
    add_balance_fee(tx, shop, *catalogue, order, PayWay::card, balance, cause);
}

// Whoever paid by card was told its fee; another way may have been chosen since, with its own in the order.
// What came pays what the order costs, and as much of the card's fee as it holds.
void settle_card_fee(db::Tx& tx, const Shop& shop, Order& order, const Payment& payment,
                     std::int64_t paid_before, const Cause& cause) {
  if (payment.method != PaymentMethod::stripe && payment.method != PaymentMethod::sandbox) return;
  if (paid_before + payment.amount == order.total) return;  // as it was asked
  const std::int64_t due = due_without_fee(order, paid_before);
  if (due <= 0 || payment.amount < due) return;
  const auto catalogue = catalogue_now(tx, shop, order.conference_id);
  const std::int64_t fee = payment_fee(*catalogue, order, PayWay::card, due);
  set_known_fee(tx, *catalogue, order, PayWay::card, std::min(payment.amount - due, fee), cause);
}

// The late answer for such a payment.
Settled settle_balance(db::Tx& tx, const Shop& shop, Order& order, const Payment& payment,
                       const Cause& cause) {
  const auto change_id = store::change_of_payment(tx, payment.id);
  const auto change = change_id ? store::change_by_id(tx, *change_id) : std::nullopt;
  if (change) {
    try {
      finish_change(tx, shop, order, *change, cause);
    } catch (const Refused& refused) {
      if (refused.code() == "sold_out_meanwhile" || refused.code() == "used_up") throw;
      store::set_payment_status(tx, payment.id, PaymentStatus::succeeded, "");
      store::set_attention(tx, order.id, "money came in for a change that was no longer possible; refunded");
      send_back(tx, shop, order, payment.id, "the change was no longer possible");
      mail_late_payment_refunded(tx, order, payment.id, LatePayment::change_gone);
      return Settled::refunded_not_needed;
    }
  }
  add_fee_that_came(tx, shop, order, payment, cause);
  store::set_payment_status(tx, payment.id, PaymentStatus::succeeded, "");
  send_excess_back(tx, shop, order.id, payment.id);
  note_balance_paid(tx, order, cause);
  if (!change) mail_payment_received(tx, order, payment.id);
  return change ? Settled::changed : Settled::balance_paid;
}

}  // namespace

void look_at_payment(db::Tx& tx, Id conference_id, std::string_view reference,
                     std::span<const std::string> codes) {
  store::paid_so_far(tx, 0, reference);
  store::bought_beside(tx, conference_id, reference);
  look_at_held(tx, reference);
  store::next_payment_id(tx);
  for (const std::string& code : codes) store::is_access_code_taken(tx, code);
}

Payable payable_now(db::Tx& tx, const Shop& shop, const Order& order) {
  if (order.status == OrderStatus::paid || order.status == OrderStatus::partially_refunded)
    return payable_balance(tx, order);
  if (order.status != OrderStatus::pending)
    throw Refused("not_payable", "This order is {status}; there is nothing to pay.",
                  {{"status", std::string(to_text(order.status))}});
  if (!order.hold_is_live(tx.now()))
    throw Refused("hold_elapsed",
                  "The time to pay this order is over. Your tickets are free again: please order anew.");
  tx.ask_ahead([&] {
    store::paid_so_far(tx, order.id, order.reference);
    check_limit_again(tx, shop, order);
    store::next_payment_id(tx);
  });
  const auto so_far = store::paid_so_far(tx, order.id, order.reference);
  if (so_far.processing)
    throw Refused("payment_running", "A payment for this order is being processed already.");
  const std::int64_t balance = order.total - so_far.amount;  // nothing goes back of unpaid orders
  if (balance <= 0) throw Refused("not_payable", "This order is paid already.");
  check_limit_again(tx, shop, order);
  return {balance, std::nullopt};
}

PayResult pay(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
              const ChargeRequest& asked, std::vector<std::string> codes) {
  if (order.status == OrderStatus::paid || order.status == OrderStatus::partially_refunded)
    return pay_balance(tx, shop, gateway, order, asked);
  const std::int64_t balance = payable_now(tx, shop, order).amount;
  ChargeRequest request = asked;
  request.order_reference = order.reference;
  request.amount = balance;
  request.currency = order.currency;
  const ChargeAnswer answer = gateway.charge(request);
  PayResult result;
  result.outcome = answer.outcome;
  result.message = answer.message;
  if (answer.outcome == ChargeOutcome::needs_authentication) return result;  // nothing to record yet

  result.payment_id = record_payment(tx, gateway, order, balance, answer);
  if (answer.outcome == ChargeOutcome::succeeded)
    apply(tx, shop, order, Transition::paid, {"sandbox", "buyer", answer.provider_reference},
          std::move(codes));
  return result;
}

Settled settle(db::Tx& tx, const Shop& shop, Id payment_id, bool succeeded, const Cause& cause) {
  const auto payment = store::payment_by_id(tx, payment_id);
  if (!payment) throw NotFound("no such payment");
  if (payment->status == PaymentStatus::succeeded || payment->status == PaymentStatus::refunded)
    return Settled::already_settled;
  if (!succeeded) {
    if (payment->status == PaymentStatus::failed) return Settled::already_settled;
    store::set_payment_status(tx, payment_id, PaymentStatus::failed, "refused by the provider");
    mail_payment_failed(tx, store::order_by_id(tx, payment->order_id).value(), payment_id,
                        payment->status == PaymentStatus::processing);
    return Settled::failed;
  }
  auto order = store::order_by_id(tx, payment->order_id);
  const std::int64_t paid_before = store::paid_so_far(tx, order->id).amount;
  const auto refund = [&](Settled why, std::string_view note) {
    store::set_payment_status(tx, payment_id, PaymentStatus::succeeded, note);
    store::set_attention(tx, order->id, note);
    send_back(tx, shop, *order, payment_id, note);
    mail_late_payment_refunded(
        tx, *order, payment_id,
        why == Settled::refunded_no_room ? LatePayment::no_room : LatePayment::not_needed);
    return why;
  };
  if ((order->status == OrderStatus::paid || order->status == OrderStatus::partially_refunded) &&
      (store::change_of_payment(tx, payment_id) || money_of(tx, *order).due() > 0))
    return settle_balance(tx, shop, *order, *payment, cause);
  const bool expired = order->status == OrderStatus::cancelled && store::expired_by_sweep(tx, order->id);
  if (order->status != OrderStatus::pending && !expired)
    return refund(Settled::refunded_not_needed, "money came in for an order that did not need it; refunded");
  settle_card_fee(tx, shop, *order, *payment, paid_before, cause);
  const bool covers = paid_before + payment->amount >= order->total;
  if (!covers && expired)
    return refund(Settled::refunded_not_needed, "money came in late and was not enough; refunded");
  if (!covers) {
    store::set_payment_status(tx, payment_id, PaymentStatus::succeeded, "short payment");
    store::set_attention(tx, order->id, "short payment");
    mail_payment_received(tx, *order, payment_id);
    return Settled::short_payment;
  }
  try {
    // Refused is thrown before anything is written by the transition, but for elapsed holds taken back.
    apply(tx, shop, *order, expired ? Transition::revived : Transition::paid, cause);
  } catch (const Refused& refused) {
    if (refused.code() != "hold_elapsed") throw;
    return refund(Settled::refunded_no_room, "money came in when the tickets were gone; refunded");
  }
  store::set_payment_status(tx, payment_id, PaymentStatus::succeeded, "");
  if (paid_before + payment->amount > order->total) send_excess_back(tx, shop, order->id, payment_id);
  return expired ? Settled::revived : Settled::paid;
}

}  // namespace plenary::registration
