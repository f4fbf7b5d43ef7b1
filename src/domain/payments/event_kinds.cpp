#include "domain/payments/event_kinds.hpp"

#include <fmt/format.h>

#include "domain/payments/disputes.hpp"
#include "domain/payments/intents.hpp"
#include "domain/payments/provider_payouts.hpp"
#include "domain/payments/stripe_amounts.hpp"
#include "domain/registration/ledger.hpp"
#include "jobs/outbox.hpp"

namespace plenary::payments {
namespace {

namespace reg = registration;

struct Subscriber {
  std::string prefix;
  OnEvent call;
};
std::vector<Subscriber>& subscribers() {
  static std::vector<Subscriber> all;
  return all;
}

HandledEvent ignored(std::string why) {
  return {false, std::move(why)};
}

reg::Cause cause_of(const StoredEvent& event) {
  return {"webhook", "Stripe", event.stripe_id};
}

// Of two states that are not final the one told later counts, whichever came first. Of one second: cancelled
// over failed over processing.
bool is_outdated(db::Tx& tx, const StoredEvent& event) {
  const auto rank = [](std::string_view kind) {
    return kind == "payment_intent.canceled" ? 3 : kind == "payment_intent.payment_failed" ? 2 : 1;
  };
  for (const auto& [kind, at] :
       tx.query<std::string, Instant>("SELECT kind, happened_at FROM stripe_event WHERE conference_id = $1 "
                                      "AND intent_id = $2 AND state = "
                                      "'processed' AND id <> $3 AND kind IN ('payment_intent.processing', "
                                      "'payment_intent.payment_failed', 'payment_intent.canceled')",
                                      event.conference_id, event.intent_id, event.id))
    if (at > event.happened_at || (at == event.happened_at && rank(kind) > rank(event.kind))) return true;
  return false;
}

HandledEvent intent_event(db::Tx& tx, const Provider& provider, const StoredEvent& event,
                          const Json& object) {
  if (text_at(object, "id").empty()) return ignored("no payment intent in it");
  StripeIntent intent = intent_of(object);
  // What happened, not what the intent may have become since.
  if (event.kind == "payment_intent.succeeded") intent.status = "succeeded";
  if (event.kind == "payment_intent.processing") intent.status = "processing";
  if (event.kind == "payment_intent.canceled") intent.status = "canceled";
  if (event.kind == "payment_intent.payment_failed") {
    intent.status = "requires_payment_method";
    if (intent.last_error.empty()) intent.last_error = "the payment did not succeed";
  }
  switch (owner_of(tx, event.conference_id, intent)) {
    case IntentOwner::other_conference:
      return ignored("of another conference");
    case IntentOwner::nobody:
      return ignored("of no order of this conference");
    case IntentOwner::ours:
      break;
  }
  if (event.kind != "payment_intent.succeeded" && is_outdated(tx, event))
    return {true, "older than what is known"};
  const auto payment = payment_of(tx, event.conference_id, intent);
  return {true, take_intent(tx, provider.shop, payment->id, intent, cause_of(event))};
}

void ask_for_refunds(db::Tx& tx, const reg::Payment& payment, const StoredEvent& event) {
  jobs::enqueue(tx, refunds_kind, payment.conference_id, jobs::payload({{"payment", payment.id}}),
                fmt::format("refunds-{}", event.id));
}

bool is_settled(const reg::Payment& payment) {
  return payment.status == reg::PaymentStatus::succeeded || payment.status == reg::PaymentStatus::refunded;
}

HandledEvent charge_refunded(db::Tx& tx, const Provider& provider, const StoredEvent& event,
                             const Json& object) {
  // A charge without an intent matches nothing. source: 21, P10.
  const auto payment = reg::payment_of_intent(tx, event.conference_id, id_at(object, "payment_intent"));
  if (!payment) return ignored("of no payment of this conference");
  const Json& refunds = object_at(object, "refunds");
  const auto data = refunds.find("data");
  const bool has_all =
      data != refunds.end() && data->is_array() && !data->empty() && !flag_at(refunds, "has_more");
  if (!has_all || !is_settled(*payment)) {
    ask_for_refunds(tx, *payment, event);
    return {true, "Stripe is asked for the refunds"};
  }
  int changed = 0;
  for (const Json& one : *data) {
    const StripeRefund refund = refund_of(one);
    changed += reg::take_refund(tx, provider.shop, reg::find_payment(tx, payment->id).value(),
                                refund_of_ours(refund), cause_of(event))
                   .changed;
  }
  return {true, changed ? fmt::format("refunds noted: {}", changed) : "known already"};
}

HandledEvent refund_event(db::Tx& tx, const Provider& provider, const StoredEvent& event,
                          const Json& object) {
  if (text_at(object, "id").empty()) return ignored("no refund in it");
  const StripeRefund refund = refund_of(object);
  auto payment = reg::payment_of_intent(tx, event.conference_id, refund.intent_id);
  if (!payment) payment = reg::payment_of_charge(tx, event.conference_id, refund.charge_id);
  if (!payment) return ignored("of no payment of this conference");
  if (!is_settled(*payment)) {  // its success is not known yet
    ask_for_refunds(tx, *payment, event);
    return {true, "Stripe is asked for the payment and its refunds"};
  }
  const reg::TakenRefund taken =
      reg::take_refund(tx, provider.shop, *payment, refund_of_ours(refund), cause_of(event));
  if (taken.is_new) return {true, "a refund made at Stripe was noted"};
  return {true, taken.changed ? "the refund is " + refund.status : "known already"};
}

HandledEvent dispute_event(db::Tx& tx, const Provider&, const StoredEvent& event, const Json& object) {
  if (text_at(object, "id").empty()) return ignored("no dispute in it");
  const auto outcome = take_dispute(tx, event.conference_id, dispute_of(object), event.happened_at);
  return outcome ? HandledEvent{true, *outcome} : ignored("of no payment of this conference");
}

// What an account pays out belongs to a conference only where the account is the conference's own.
HandledEvent payout_event(db::Tx& tx, const Provider& provider, const StoredEvent& event,
                          const Json& object) {
  if (text_at(object, "id").empty()) return ignored("no payout in it");
  const auto credentials = provider.find_credentials(tx, event.conference_id);
  if (!credentials || credentials->source != conference::CredentialSource::conference)
    return ignored("the account serves several conferences");
  StripePayout payout = payout_of(object);
  payout.status = event.kind == "payout.failed" ? "failed" : "paid";
  payout.livemode = event.livemode;
  if (!Currency::find(payout.currency) || payout.amount == 0) return ignored("no payout in it");
  const auto outcome = post_payout_of(tx, event.conference_id, payout);
  return outcome ? HandledEvent{true, *outcome} : ignored("it was never paid out");
}

HandledEvent for_others(db::Tx& tx, const StoredEvent& event, const Json& object) {
  EventFacts facts;
  facts.conference_id = event.conference_id;
  facts.event_id = event.id;
  facts.stripe_id = event.stripe_id;
  facts.kind = event.kind;
  facts.livemode = event.livemode;
  facts.object_json = object.dump();
  facts.happened_at = event.happened_at;
  for (const Subscriber& subscriber : subscribers()) {
    if (!event.kind.starts_with(subscriber.prefix)) continue;
    if (auto outcome = subscriber.call(tx, facts)) return {true, std::move(*outcome)};
  }
  return ignored("nobody here is concerned");
}

}  // namespace

void subscribe_events(std::string prefix, OnEvent subscriber) {
  subscribers().push_back({std::move(prefix), std::move(subscriber)});
}

const std::vector<std::string>& wanted_event_kinds() {
  static const std::vector<std::string> kinds{"payment_intent.succeeded",
                                              "payment_intent.processing",
                                              "payment_intent.payment_failed",
                                              "payment_intent.canceled",
                                              "charge.refunded",
                                              "refund.created",
                                              "refund.updated",
                                              "refund.failed",
                                              "charge.dispute.created",
                                              "charge.dispute.updated",
                                              "charge.dispute.closed",
                                              "charge.dispute.funds_withdrawn",
                                              "charge.dispute.funds_reinstated",
                                              "checkout.session.completed",
                                              "checkout.session.async_payment_succeeded",
                                              "checkout.session.async_payment_failed",
                                              "checkout.session.expired",
                                              "invoice.paid",
                                              "invoice.payment_failed",
                                              "invoice.voided",
                                              "payout.paid",
                                              "payout.failed"};
  return kinds;
}

HandledEvent handle_event(db::Tx& tx, const Provider& provider, const StoredEvent& event,
                          const Json& object) {
  const std::string_view kind = event.kind;
  if (kind == "payment_intent.succeeded" || kind == "payment_intent.processing" ||
      kind == "payment_intent.payment_failed" || kind == "payment_intent.canceled") {
    HandledEvent handled = intent_event(tx, provider, event, object);
    if (handled.concerns_us) return handled;
    // Intents without an order may be somebody else's: bulk purchases. source: 21, 10.2.
    const HandledEvent others = for_others(tx, event, object);
    return others.concerns_us ? others : handled;
  }
  if (kind == "charge.refunded") return charge_refunded(tx, provider, event, object);
  if (kind == "refund.created" || kind == "refund.updated" || kind == "refund.failed" ||
      kind == "charge.refund.updated")
    return refund_event(tx, provider, event, object);
  if (kind.starts_with("charge.dispute.")) return dispute_event(tx, provider, event, object);
  if (kind == "payout.paid" || kind == "payout.failed") return payout_event(tx, provider, event, object);
  if (kind.starts_with("checkout.session.") || kind.starts_with("invoice."))
    return for_others(tx, event, object);
  return ignored("a kind that changes nothing here");
}

}  // namespace plenary::payments
