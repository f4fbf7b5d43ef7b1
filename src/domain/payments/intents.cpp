#include "domain/payments/intents.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/beginning.hpp"
#include "domain/payments/disputes.hpp"
#include "domain/payments/stripe_amounts.hpp"
#include "jobs/outbox.hpp"

namespace plenary::payments {
namespace {

namespace reg = registration;

std::optional<Id> number_of(std::string_view text) {
  Id value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

// The order that the metadata name. source: 21, P7: conference and reference must both be right.
std::optional<reg::Order> order_of(db::Tx& tx, Id conference_id, const StripeIntent& intent) {
  const auto id = number_of(intent.order_id);
  if (!id || intent.order_reference.empty()) return std::nullopt;
  if (!intent.conference_id.empty() && number_of(intent.conference_id) != conference_id) return std::nullopt;
  std::optional<reg::Order> order = reg::find_order(tx, *id);
  if (!order || order->conference_id != conference_id || order->reference != intent.order_reference)
    return std::nullopt;
  return order;
}

// In our minor units; Stripe's number itself where the currency is none of ours.
std::int64_t minor_of(std::int64_t amount, const std::string& currency) {
  const auto known = Currency::find(currency);
  return known ? from_stripe(amount, *known).minor() : amount;
}

std::string text_of(reg::Settled settled) {
  switch (settled) {
    case reg::Settled::paid:
      return "the order is paid";
    case reg::Settled::revived:
      return "the order, whose time was over, is paid after all";
    case reg::Settled::balance_paid:
      return "what was due of the order is paid";
    case reg::Settled::changed:
      return "the order's change is paid and made";
    case reg::Settled::short_payment:
      return "less came in than is due";
    case reg::Settled::refunded_no_room:
      return "the tickets were gone; the money goes back";
    case reg::Settled::refunded_not_needed:
      return "the order did not need it; the money goes back";
    case reg::Settled::already_settled:
      return "known already";
    case reg::Settled::wrong_currency:
      return "another currency than the order's; for staff to look at";
    case reg::Settled::failed:
      return "failed";
  }
  return {};
}

}  // namespace

IntentOwner owner_of(db::Tx& tx, Id conference_id, const StripeIntent& intent) {
  if (reg::payment_of_intent(tx, conference_id, intent.id) || order_of(tx, conference_id, intent))
    return IntentOwner::ours;
  return intent.conference_id.empty() ? IntentOwner::nobody : IntentOwner::other_conference;
}

std::optional<reg::Payment> payment_of(db::Tx& tx, Id conference_id, const StripeIntent& intent) {
  if (auto known = reg::payment_of_intent(tx, conference_id, intent.id)) return known;
  const std::optional<reg::Order> order = order_of(tx, conference_id, intent);
  if (!order) return std::nullopt;
  // The process ended between Stripe's answer and the note of it.
  if (const auto id = number_of(intent.payment_id)) {
    auto intended = reg::find_payment(tx, *id);
    if (intended && intended->order_id == order->id && intended->method == reg::PaymentMethod::stripe &&
        intended->intent_id.empty()) {
      reg::set_intent(tx, *id, intent.id);
      intended->intent_id = intent.id;
      return intended;
    }
  }
  return reg::find_payment(
      tx, reg::adopt_intent(tx, *order, intent.id, minor_of(intent.amount, intent.currency)));
}

std::string take_intent(db::Tx& tx, const reg::Shop& shop, Id payment_id, const StripeIntent& intent,
                        const reg::Cause& cause) {
  const std::optional<reg::Payment> payment = reg::find_payment(tx, payment_id);
  if (!payment) throw NotFound("no such payment");
  if (intent.status == "succeeded") {
    reg::Received received;
    received.amount = minor_of(intent.amount_received, intent.currency);
    received.currency = intent.currency;
    received.charge_id = intent.charge_id;
    if (intent.charge) {
      received.card_brand = intent.charge->card_brand;
      received.card_last4 = intent.charge->card_last4;
    }
    const reg::Settled settled = reg::settle_received(tx, shop, payment_id, received, cause);
    const bool knows_fee = intent.charge && intent.charge->fee;
    if (knows_fee) {
      take_charge(tx, payment_id, *intent.charge);
    } else if (settled != reg::Settled::already_settled || !payment->fee_amount) {
      jobs::enqueue(tx, details_kind, payment->conference_id, jobs::payload({{"payment", payment_id}}),
                    fmt::format("details-{}", payment_id));
    }
    return text_of(settled);
  }
  if (intent.status == "processing")
    return reg::set_processing(tx, payment_id) ? "the provider works on it"
                                               : text_of(reg::Settled::already_settled);
  const auto normal_hold = Duration::minutes(shop.program.pending_order_expiry_minutes);
  if (intent.status == "canceled")
    return reg::set_failed(tx, payment_id, reg::closed_intent, normal_hold) ? "cancelled" : "known already";
  if (!intent.last_error.empty()) {
    return reg::set_failed(tx, payment_id, beginning(intent.last_error, 500), normal_hold)
               ? "failed: " + intent.last_error
               : "known already";
  }
  return "waits for the payer";
}

void take_charge(db::Tx& tx, Id payment_id, const StripeCharge& charge) {
  const std::optional<reg::Payment> payment = reg::find_payment(tx, payment_id);
  if (!payment) return;
  if (payment->charge_id != charge.id || payment->card_last4 != charge.card_last4)
    reg::set_card(tx, payment_id, charge.id, charge.card_brand, charge.card_last4);
  // The balance may be kept in another currency than the charge: the fee is posted in it.
  if (!charge.fee || !Currency::find(charge.fee->currency)) return;
  const std::string& currency = charge.fee->currency;
  reg::set_fee(tx, payment_id,
               minor_of(charge.fee->fee, currency) + dispute_fees_of(tx, payment_id, currency), currency,
               charge.fee->id);
}

reg::ProviderRefund refund_of_ours(const StripeRefund& refund) {
  reg::ProviderRefund ours;
  ours.provider_id = refund.id;
  ours.refund_id = number_of(refund.refund_id);
  ours.amount = minor_of(refund.amount, refund.currency);
  ours.outcome = refund.status == "succeeded"                               ? reg::RefundOutcome::succeeded
                 : refund.status == "failed" || refund.status == "canceled" ? reg::RefundOutcome::failed
                                                                            : reg::RefundOutcome::pending;
  if (ours.outcome == reg::RefundOutcome::failed)
    ours.failure = refund.failure_reason.empty() ? refund.status : refund.failure_reason;
  return ours;
}

Duration watch_delay(int round) {
  static constexpr std::array<int, 9> seconds{5, 10, 20, 40, 80, 160, 300, 600, 1800};
  const std::size_t at = round < 0 ? 0 : static_cast<std::size_t>(round);
  return at < seconds.size() ? Duration::seconds(seconds[at]) : Duration::hours(2);
}

void watch_later(db::Tx& tx, Id conference_id, Id payment_id, int round) {
  jobs::enqueue(tx, watch_kind, conference_id, jobs::payload({{"payment", payment_id}, {"round", round}}),
                fmt::format("watch-{}-{}", payment_id, round), tx.now() + watch_delay(round));
}

}  // namespace plenary::payments
