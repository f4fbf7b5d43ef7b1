#include "domain/registration/provider_payments.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/beginning.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_changes.hpp"

namespace plenary::registration {
namespace {

// A bank's answer to a debit takes days; the seats are kept that long. source: 21, 8 and P30.
constexpr Duration longest_processing = Duration::days(14);
// After a no that took so long nobody sits in front of the page any more: there is a day to pay another way.
constexpr Duration late_answer = Duration::hours(1), second_try = Duration::days(1);

bool is_settled(PaymentStatus status) {
  return status == PaymentStatus::succeeded || status == PaymentStatus::refunded;
}

}  // namespace

bool extend_hold_once(db::Tx& tx, const Order& order, Instant until) {
  if (!order.hold_is_live(tx.now()) || *order.hold_expires_at >= until) return false;
  if (tx.exec("UPDATE orders SET hold_extended_at = $1 WHERE id = $2 AND hold_extended_at IS NULL", tx.now(),
              order.id) == 0)
    return false;
  Order extended = order;
  extend_hold(tx, extended, until);
  return true;
}

Id note_intention(db::Tx& tx, const Order& order, const Payable& payable) {
  const Id id = store::insert_payment(tx, {.order_id = order.id,
                                           .conference_id = order.conference_id,
                                           .method = PaymentMethod::stripe,
                                           .status = PaymentStatus::pending,
                                           .amount = payable.amount,
                                           .currency = order.currency,
                                           .gateway_reference = {},
                                           .failure = {},
                                           .is_test = order.is_sandbox});
  if (payable.change_id) store::set_payment_change(tx, id, *payable.change_id);
  return id;
}

Id adopt_intent(db::Tx& tx, const Order& order, std::string_view intent_id, std::int64_t amount) {
  return store::insert_payment(tx, {.order_id = order.id,
                                    .conference_id = order.conference_id,
                                    .method = PaymentMethod::stripe,
                                    .status = PaymentStatus::pending,
                                    .amount = amount,
                                    .currency = order.currency,
                                    .gateway_reference = {},
                                    .failure = {},
                                    .is_test = order.is_sandbox,
                                    .intent_id = intent_id});
}

void set_intent(db::Tx& tx, Id payment_id, std::string_view intent_id) {
  tx.exec("UPDATE payment SET intent_id = $1, updated_at = $2 WHERE id = $3", intent_id, tx.now(),
          payment_id);
}

std::optional<Payment> find_payment(db::Tx& tx, Id payment_id) {
  return store::payment_by_id(tx, payment_id);
}

std::optional<Payment> payment_of_intent(db::Tx& tx, Id conference_id, std::string_view intent_id) {
  return store::payment_by_intent(tx, conference_id, intent_id);
}

std::optional<Payment> payment_of_charge(db::Tx& tx, Id conference_id, std::string_view charge_id) {
  if (charge_id.empty()) return std::nullopt;
  const auto ids = tx.query<Id>(
      "SELECT id FROM payment WHERE charge_id = $1 AND charge_id <> '' AND conference_id + 0 = $2", charge_id,
      conference_id);
  return ids.empty() ? std::nullopt : store::payment_by_id(tx, ids.front());
}

std::vector<Payment> open_intents(db::Tx& tx, Id order_id) {
  std::vector<Payment> open = store::payments_of(tx, order_id);
  std::erase_if(open, [](const Payment& payment) {
    return payment.method != PaymentMethod::stripe || is_settled(payment.status) ||
           payment.failure == closed_intent;
  });
  return open;
}

int attempt_of(const std::vector<Payment>& payments, Id payment_id) {
  int attempt = 0;
  bool is_there = false;
  for (const Payment& payment : payments) {
    if (payment.method != PaymentMethod::stripe) continue;
    if (payment.id <= payment_id) ++attempt;
    is_there = is_there || payment.id == payment_id;
  }
  return is_there ? attempt : 0;
}

std::optional<Id> change_of(db::Tx& tx, Id payment_id) {
  return store::change_of_payment(tx, payment_id);
}

bool set_processing(db::Tx& tx, Id payment_id) {
  const std::optional<Payment> payment = store::payment_by_id(tx, payment_id);
  if (!payment || is_settled(payment->status)) return false;
  std::optional<Order> order = store::order_by_id(tx, payment->order_id);
  if (payment->status != PaymentStatus::processing)
    store::set_payment_status(tx, payment_id, PaymentStatus::processing, "");
  if (order && order->hold_is_live(tx.now())) extend_hold(tx, *order, tx.now() + longest_processing);
  // What a change needs is kept likewise.
  const auto change = order ? waiting_change(tx, order->id) : std::nullopt;
  if (change && store::change_of_payment(tx, payment_id) == std::optional(change->id))
    keep_change(tx, *change, tx.now() + longest_processing);
  return true;
}

namespace {

bool mark_failed(db::Tx& tx, const Payment& payment, std::string_view why) {
  const bool is_new = payment.status != PaymentStatus::failed;
  if (is_new) store::set_payment_status(tx, payment.id, PaymentStatus::failed, "");
  if (payment.failure == why || payment.failure == closed_intent) return is_new;
  tx.exec("UPDATE payment SET failure = $1, updated_at = $2 WHERE id = $3", why, tx.now(), payment.id);
  return true;
}

// What was kept for a debit is held as an order is that waits for its payment, or until its transfer's term
// ends: the seats of a failed one are not kept from everybody for what is left of the two weeks.
void hold_no_longer(db::Tx& tx, const Payment& failed, Duration normal_hold) {
  const std::optional<Order> order = store::order_by_id(tx, failed.order_id);
  if (!order || store::paid_so_far(tx, order->id).processing) return;
  const bool is_late = tx.now() - failed.created_at > late_answer;
  Instant until = tx.now() + (is_late ? std::max(normal_hold, second_try) : normal_hold);
  if (const auto term = payment_term_of(tx, *order)) until = std::max(until, term->ends_at);
  if (order->hold_is_live(tx.now()) && *order->hold_expires_at > until) {
    keep_holds(tx, HoldOwner::order, order->id, until);
    store::set_order_hold(tx, order->id, until);
  }
  const auto change = waiting_change(tx, order->id);
  if (!change || change->expires_at <= until ||
      store::change_of_payment(tx, failed.id) != std::optional(change->id))
    return;
  keep_holds(tx, HoldOwner::change, change->id, until);
  tx.exec("UPDATE order_change SET expires_at = $1 WHERE id = $2", until, change->id);
}

// What a person has to look at. The provider says it every day: staff who have dealt with it, and taken the
// note away, are not told again. False: it was said before.
bool tell_once(db::Tx& tx, const Payment& payment, std::string_view why) {
  if (payment.failure == why) return false;
  if (payment.status != PaymentStatus::failed)
    store::set_payment_status(tx, payment.id, PaymentStatus::failed, "");
  tx.exec("UPDATE payment SET failure = $1, updated_at = $2 WHERE id = $3", why, tx.now(), payment.id);
  store::set_attention(tx, payment.order_id, why);
  return true;
}

}  // namespace

bool set_failed(db::Tx& tx, Id payment_id, std::string_view why, Duration normal_hold) {
  const std::optional<Payment> payment = store::payment_by_id(tx, payment_id);
  if (!payment || is_settled(payment->status)) return false;
  if (payment->status != PaymentStatus::failed && why != closed_intent)
    mail_payment_failed(tx, store::order_by_id(tx, payment->order_id).value(), payment_id,
                        payment->status == PaymentStatus::processing);
  const bool is_new = mark_failed(tx, *payment, why);
  if (payment->status == PaymentStatus::processing) hold_no_longer(tx, *payment, normal_hold);
  return is_new;
}

void set_card(db::Tx& tx, Id payment_id, std::string_view charge_id, std::string_view brand,
              std::string_view last4) {
  tx.exec(
      "UPDATE payment SET charge_id = CASE WHEN $1 = '' THEN charge_id ELSE $1 END, card_brand = CASE WHEN "
      "$2 = '' THEN card_brand ELSE $2 END, card_last4 = CASE WHEN $3 = '' THEN card_last4 ELSE $3 END, "
      "updated_at = $4 WHERE id = $5",
      charge_id, beginning(brand, 50), beginning(last4, 4), tx.now(), payment_id);
}

Settled settle_received(db::Tx& tx, const Shop& shop, Id payment_id, const Received& received,
                        const Cause& cause) {
  const std::optional<Payment> payment = store::payment_by_id(tx, payment_id);
  if (!payment) throw NotFound("no such payment");
  if (is_settled(payment->status)) {
    if (payment->charge_id.empty() || payment->card_last4.empty())
      set_card(tx, payment_id, received.charge_id, received.card_brand, received.card_last4);
    return Settled::already_settled;
  }
  if (received.currency != payment->currency) {
    const std::string why =
        fmt::format("money came in another currency than the order's: {}", received.currency);
    if (tell_once(tx, *payment, why))
      set_card(tx, payment_id, received.charge_id, received.card_brand, received.card_last4);
    return Settled::wrong_currency;
  }
  if (received.amount < 1) {
    tell_once(tx, *payment, "the provider says that nothing was received");
    return Settled::failed;
  }
  set_card(tx, payment_id, received.charge_id, received.card_brand, received.card_last4);
  // A change that waits for more than came in is not made.
  const auto change = store::change_of_payment(tx, payment_id);
  const bool is_short = received.amount < payment->amount;
  if (received.amount != payment->amount)
    tx.exec("UPDATE payment SET amount = $1, updated_at = $2 WHERE id = $3", received.amount, tx.now(),
            payment_id);
  if (change && is_short) {
    store::set_payment_status(tx, payment_id, PaymentStatus::succeeded, "short payment");
    store::set_attention(tx, payment->order_id, "short payment");
    mail_payment_received(tx, store::order_by_id(tx, payment->order_id).value(), payment_id);
    return Settled::short_payment;
  }
  return settle(tx, shop, payment_id, true, cause);
}

void set_fee(db::Tx& tx, Id payment_id, std::int64_t fee, std::string_view currency,
             std::string_view reference) {
  const std::optional<Payment> payment = store::payment_by_id(tx, payment_id);
  if (!payment) return;
  const bool is_same = payment->fee_in() == currency;
  if (is_same && payment->fee_amount == fee) return;
  const std::optional<Order> order = store::order_by_id(tx, payment->order_id);
  const std::int64_t before = payment->fee_amount.value_or(0);
  if (!is_same) post_provider_fee(tx, *order, payment_id, -before, payment->fee_in(), reference);
  post_provider_fee(tx, *order, payment_id, is_same ? fee - before : fee, currency, reference);
  tx.exec("UPDATE payment SET fee_amount = $1, fee_currency = $2, updated_at = $3 WHERE id = $4", fee,
          currency == payment->currency ? std::string_view() : currency, tx.now(), payment_id);
}

void note_refund_number(db::Tx& tx, Id refund_id, std::string_view provider_id) {
  tx.exec("UPDATE refund SET provider_id = $1, updated_at = $2 WHERE id = $3 AND provider_id = ''",
          provider_id, tx.now(), refund_id);
}

std::vector<Refund> waiting_refunds(db::Tx& tx, Id conference_id, Instant before, int limit) {
  return refund_table().select(
      tx,
      "WHERE conference_id = $1 AND status = 'requested' AND destination = 'card' AND "
      "created_at < $2 ORDER BY id LIMIT $3",
      conference_id, before, limit);
}

void set_disputed(db::Tx& tx, Id payment_id, std::int64_t amount) {
  tx.exec("UPDATE payment SET disputed = $1, updated_at = $2 WHERE id = $3", amount, tx.now(), payment_id);
}

void flag_order(db::Tx& tx, Id order_id, std::string_view why) {
  store::set_attention(tx, order_id, why);
}

void note_in_history(db::Tx& tx, const Order& order, const Cause& cause) {
  store::insert_event(tx, order.id, to_text(order.status), to_text(order.status), cause);
}

}  // namespace plenary::registration
