#include "domain/registration/payments.hpp"

#include <fmt/format.h>

#include "domain/conference/conferences.hpp"
#include "domain/registration/store.hpp"
#include "jobs/outbox.hpp"

namespace plenary::registration {
namespace {

// The address may have bought elsewhere since the order was made. source: 20, D34.
void check_limit_again(db::Tx& tx, const Shop& shop, const Order& order) {
  const Visitor visitor{order.conference_id, order.user_id, order.session_hash, {}};
  const auto bought = store::bought_units(tx, visitor, order.email_normalized, order.id);
  if (bought.empty()) return;
  const auto state = conference::find_state(tx, order.conference_id);
  const auto catalogue = shop.catalogues.at(tx, order.conference_id, state->catalogue_version);
  for (const OrderLine& line : order.lines) {
    if (!line.ticket_type_id) continue;
    const TicketType* type = catalogue->ticket_type(*line.ticket_type_id);
    const auto already = bought.find(*line.ticket_type_id);
    if (type && already != bought.end() && already->second + line.quantity > type->limit_per_user)
      throw Refused("limit",
                    "At most {limit} of {name} for each person: this address has bought {bought} already.",
                    {{"limit", std::to_string(type->limit_per_user)},
                     {"name", type->name},
                     {"bought", std::to_string(already->second)}});
  }
}

}  // namespace

PayResult pay(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
              const ChargeRequest& asked) {
  if (order.status != OrderStatus::pending)
    throw Refused("not_payable", "This order is {status}; there is nothing to pay.",
                  {{"status", std::string(to_text(order.status))}});
  if (!order.hold_is_live(tx.now()))
    throw Refused("hold_elapsed",
                  "The time to pay this order is over. Your tickets are free again: please order anew.");
  tx.ask_ahead([&] {
    store::paid_so_far(tx, order.id);
    store::bought_units(tx, {order.conference_id, order.user_id, order.session_hash, {}},
                        order.email_normalized, order.id);
    store::next_payment_id(tx);
  });
  const auto so_far = store::paid_so_far(tx, order.id);
  if (so_far.processing)
    throw Refused("payment_running", "A payment for this order is being processed already.");
  const std::int64_t balance = order.total - so_far.amount;
  if (balance <= 0) throw Refused("not_payable", "This order is paid already.");
  check_limit_again(tx, shop, order);

  ChargeRequest request = asked;
  request.order_reference = order.reference;
  request.amount = balance;
  request.currency = order.currency;
  const ChargeAnswer answer = gateway.charge(request);
  PayResult result;
  result.outcome = answer.outcome;
  result.message = answer.message;
  if (answer.outcome == ChargeOutcome::needs_authentication) return result;  // nothing to record yet

  store::NewPayment payment{.order_id = order.id,
                            .conference_id = order.conference_id,
                            .method = gateway.method(),
                            .status = PaymentStatus::succeeded,
                            .amount = balance,
                            .currency = order.currency,
                            .gateway_reference = answer.provider_reference,
                            .failure = answer.message};
  const Cause cause{"sandbox", "buyer", answer.provider_reference};
  switch (answer.outcome) {
    case ChargeOutcome::declined:
      payment.status = PaymentStatus::failed;
      result.payment_id = store::insert_payment(tx, payment);
      break;
    case ChargeOutcome::processing:
      payment.status = PaymentStatus::processing;
      result.payment_id = store::insert_payment(tx, payment);
      jobs::enqueue(tx, late_answer_kind, order.conference_id,
                    jobs::payload({{"payment", result.payment_id}, {"success", answer.later_success}}),
                    fmt::format("payment-{}", result.payment_id), tx.now() + answer.answer_after);
      break;
    case ChargeOutcome::succeeded:
      result.payment_id = store::insert_payment(tx, payment);
      apply(tx, shop, order, Transition::paid, cause);
      break;
    case ChargeOutcome::needs_authentication:
      break;
  }
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
    return Settled::failed;
  }
  auto order = store::order_by_id(tx, payment->order_id);
  const std::int64_t paid_before = store::paid_so_far(tx, order->id).amount;
  const bool covers = paid_before + payment->amount >= order->total;
  const auto refund = [&](Settled why, std::string_view note) {
    store::set_payment_status(tx, payment_id, PaymentStatus::refunded, note);
    store::set_attention(tx, order->id, note);
    return why;
  };
  const bool expired = order->status == OrderStatus::cancelled && store::expired_by_sweep(tx, order->id);
  if (order->status != OrderStatus::pending && !expired)
    return refund(Settled::refunded_not_needed, "money came in for an order that did not need it; refunded");
  if (!covers) {
    store::set_payment_status(tx, payment_id, PaymentStatus::succeeded, "short payment");
    store::set_attention(tx, order->id, "short payment");
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
  return expired ? Settled::revived : Settled::paid;
}

}  // namespace plenary::registration
