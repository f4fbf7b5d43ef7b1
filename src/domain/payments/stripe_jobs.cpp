#include "domain/payments/stripe_jobs.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "domain/conference/conferences.hpp"
#include "domain/payments/intents.hpp"
#include "domain/payments/reconciliation.hpp"
#include "domain/payments/stripe_amounts.hpp"
#include "domain/payments/stripe_events.hpp"
#include "domain/registration/provider_payments.hpp"

namespace plenary::payments {
namespace {

namespace reg = registration;

constexpr Duration watched_at_most = Duration::days(40);
constexpr Duration key_is_kept = Duration::hours(20);  // Stripe forgets keys after a day
constexpr Duration refund_looked_at = Duration::hours(6);
constexpr int daily = 86'400, hourly = 3'600;

void done(db::Tx& tx, const jobs::Delivery& delivery) {
  if (!jobs::complete(tx, delivery)) throw std::runtime_error("the lease was lost to another worker");
}

reg::Payment payment_of(const Provider& provider, const jobs::Delivery& delivery) {
  auto find = [&](db::Tx& tx) { return reg::find_payment(tx, delivery.integer("payment")); };
  auto payment = provider.db.read_now(find);
  if (!payment) throw jobs::Undeliverable("there is no such payment");
  return std::move(*payment);
}

Stripe account_of(const Provider& provider, Id conference_id) {
  try {
    return provider.stripe_of(conference_id);
  } catch (const conference::CredentialFault& fault) {
    throw std::runtime_error(fault.what());  // somebody may put the key back
  }
}

bool is_settled(const reg::Payment& payment) {
  return payment.status == reg::PaymentStatus::succeeded || payment.status == reg::PaymentStatus::refunded;
}

bool is_closed(const reg::Payment& payment) {
  return is_settled(payment) || payment.failure == reg::closed_intent;
}

// Asks about the intent and settles what it says; `after` runs in the same write.
template <class After>
void ask_and_settle(const Provider& provider, const jobs::Delivery& delivery, const reg::Payment& payment,
                    After after) {
  Stripe stripe = account_of(provider, payment.conference_id);
  StripeIntent intent;
  try {
    intent = stripe.find_intent(payment.intent_id);
  } catch (const ProviderRefused& refused) {
    if (refused.status() != 404) throw;
    throw jobs::Undeliverable(
        fmt::format("Stripe's account does not know {}: {}", payment.intent_id, refused.what()));
  }
  auto settle = [&](db::Tx& tx) {
    take_intent(tx, provider.shop, payment.id, intent, {"job", "Stripe", intent.id});
    after(tx, intent);
    done(tx, delivery);
  };
  provider.db.write_now(payment.conference_id, "settle intent", settle);
}

bool is_payable(const reg::Order& order, Instant now) {
  return order.hold_is_live(now) || order.status == reg::OrderStatus::paid ||
         order.status == reg::OrderStatus::partially_refunded;
}

void watch(const Provider& provider, const jobs::Delivery& delivery) {
  const reg::Payment payment = payment_of(provider, delivery);
  if (is_closed(payment) || payment.intent_id.empty()) return;
  const int round = static_cast<int>(delivery.integer("round"));
  ask_and_settle(provider, delivery, payment, [&](db::Tx& tx, const StripeIntent& intent) {
    const auto now = reg::find_payment(tx, payment.id);
    if (!now || is_closed(*now)) return;
    const auto order = reg::find_order(tx, payment.order_id);
    // Nobody can pay it for anything any more.
    const bool waits = intent.waits_for_payer();
    const bool needed = order && is_payable(*order, tx.now()) &&
                        (order->status == reg::OrderStatus::pending || reg::money_of(tx, *order).due() > 0 ||
                         reg::change_of(tx, payment.id));
    if (waits && !needed) {
      jobs::enqueue(tx, cancel_kind, payment.conference_id, jobs::payload({{"payment", payment.id}}),
                    fmt::format("cancel-{}", payment.id));
      return;
    }
    if (tx.now() - payment.created_at > watched_at_most) return;
    watch_later(tx, payment.conference_id, payment.id, round + 1);
  });
}

void look(const Provider& provider, const jobs::Delivery& delivery) {
  const reg::Payment payment = payment_of(provider, delivery);
  if (is_closed(payment) || payment.intent_id.empty()) return;
  ask_and_settle(provider, delivery, payment, [](db::Tx&, const StripeIntent&) {});
}

void cancel(const Provider& provider, const jobs::Delivery& delivery) {
  const reg::Payment payment = payment_of(provider, delivery);
  // One that is closed here may have got its intent after that: Stripe is told all the same.
  if (is_settled(payment) || payment.intent_id.empty()) return;
  Stripe stripe = account_of(provider, payment.conference_id);
  StripeIntent intent;
  try {
    intent = stripe.cancel_intent(payment.intent_id, fmt::format("cancel-{}", payment.intent_id));
  } catch (const ProviderRefused& refused) {
    if (refused.status() == 404) throw jobs::Undeliverable(refused.what());
    // It has succeeded meanwhile, or is being processed: the rule for late payments. source: 21, 7.
    intent = stripe.find_intent(payment.intent_id);
  }
  auto settle = [&](db::Tx& tx) {
    take_intent(tx, provider.shop, payment.id, intent, {"job", "Stripe", intent.id});
    done(tx, delivery);
  };
  provider.db.write_now(payment.conference_id, "cancel intent", settle);
}

void details(const Provider& provider, const jobs::Delivery& delivery) {
  const reg::Payment payment = payment_of(provider, delivery);
  Stripe stripe = account_of(provider, payment.conference_id);
  std::optional<StripeCharge> charge;
  if (!payment.charge_id.empty()) {
    charge = stripe.find_charge(payment.charge_id);
  } else {
    charge = stripe.find_intent(payment.intent_id).charge;
  }
  if (!charge) throw std::runtime_error("Stripe does not tell the charge yet");
  auto take = [&](db::Tx& tx) {
    take_charge(tx, payment.id, *charge);
    if (!charge->fee) return false;  // a debit's fee is known later
    done(tx, delivery);
    return true;
  };
  if (!provider.db.write_now(payment.conference_id, "details of payment", take))
    throw std::runtime_error("Stripe does not tell the fee yet");
}

// All pages of an intent's refunds.
std::vector<StripeRefund> all_refunds(Stripe& stripe, const std::string& intent_id) {
  std::vector<StripeRefund> all;
  StripePage<StripeRefund> page;
  do {
    page = stripe.refunds_of_intent(intent_id, page.last_id);
    all.insert(all.end(), page.rows.begin(), page.rows.end());
  } while (page.has_more);
  return all;
}

void take_refunds(const Provider& provider, const jobs::Delivery& delivery) {
  const reg::Payment payment = payment_of(provider, delivery);
  if (payment.intent_id.empty()) return;
  Stripe stripe = account_of(provider, payment.conference_id);
  const StripeIntent intent = stripe.find_intent(payment.intent_id);
  const std::vector<StripeRefund> refunds = all_refunds(stripe, payment.intent_id);
  const reg::Cause cause{"job", "Stripe", intent.id};
  auto take = [&](db::Tx& tx) {
    take_intent(tx, provider.shop, payment.id, intent, cause);
    const reg::Payment now = reg::find_payment(tx, payment.id).value();
    if (is_settled(now)) {
      for (auto refund = refunds.rbegin(); refund != refunds.rend(); ++refund)
        reg::take_refund(tx, provider.shop, now, refund_of_ours(*refund), cause);
    }
    done(tx, delivery);
  };
  provider.db.write_now(payment.conference_id, "refunds of intent", take);
}

// What Stripe made of it, if it was asked before: by our number in its metadata.
std::optional<StripeRefund> made_before(Stripe& stripe, const std::string& intent_id, Id refund_id) {
  for (const StripeRefund& refund : all_refunds(stripe, intent_id))
    if (refund.refund_id == std::to_string(refund_id)) return refund;
  return std::nullopt;
}

void refund(const Provider& provider, const jobs::Delivery& delivery) {
  const Id id = delivery.integer("refund");
  struct Asked {
    std::optional<reg::Refund> refund;
    std::optional<reg::Payment> payment;
  };
  auto find = [&](db::Tx& tx) {
    Asked asked{reg::find_refund(tx, id), std::nullopt};
    if (asked.refund) asked.payment = reg::find_payment(tx, asked.refund->payment_id);
    return asked;
  };
  const Asked asked = provider.db.read_now(find);
  if (!asked.refund || !asked.payment) throw jobs::Undeliverable("there is no such refund");
  if (asked.refund->status != reg::RefundStatus::requested) return;
  if (asked.payment->method != reg::PaymentMethod::stripe || asked.payment->intent_id.empty())
    throw jobs::Undeliverable("this payment was not made with Stripe");
  const reg::Cause cause{"job", "Stripe", asked.refund->idempotency_key};
  Stripe stripe = account_of(provider, delivery.conference_id);
  std::optional<StripeRefund> made;
  std::string refused_because;
  try {
    if (!asked.refund->provider_id.empty()) {
      made = stripe.find_refund(asked.refund->provider_id);
    } else {
      const bool may_be_there = delivery.attempt > 1 || delivery.now - asked.refund->created_at > key_is_kept;
      if (may_be_there) made = made_before(stripe, asked.payment->intent_id, id);
      if (!made) {
        NewRefund wanted;
        wanted.intent_id = asked.payment->intent_id;
        wanted.amount = to_stripe(Money(asked.refund->amount, Currency::of(asked.refund->currency)));
        wanted.reason = to_text(asked.refund->reason_code);
        wanted.refund_id = id;
        wanted.idempotency_key = asked.refund->idempotency_key;
        made = stripe.create_refund(wanted);
      }
    }
  } catch (const ProviderRefused& refused) {
    if (refused.status() == 401 || refused.status() == 403) throw;  // the key is at fault, not the refund
    refused_because = refused.message().empty() ? refused.code() : refused.message();
  }
  bool is_pending = false;
  auto settle = [&](db::Tx& tx) {
    is_pending = false;
    const auto now = reg::find_refund(tx, id);
    if (now && now->status == reg::RefundStatus::requested) {
      if (made) {
        reg::take_refund(
            tx, provider.shop, *asked.payment,
            [&] {
              reg::ProviderRefund told = refund_of_ours(*made);
              told.refund_id = id;
              return told;
            }(),
            cause);
        const auto after = reg::find_refund(tx, id);
        is_pending = after && after->status == reg::RefundStatus::requested;
        // A webhook tells; if that is lost, this does.
        if (is_pending)
          jobs::enqueue(tx, reg::refund_kind, delivery.conference_id, jobs::payload({{"refund", id}}),
                        fmt::format("refund-{}-at-{}", id, tx.now().micros / 1'000'000),
                        tx.now() + refund_looked_at);
      } else {
        reg::settle_refund(tx, provider.shop, id, {reg::RefundOutcome::failed, {}, refused_because}, cause);
      }
    }
    done(tx, delivery);
  };
  provider.db.write_now(delivery.conference_id, "refund", settle);
}

std::vector<Id> all_conferences(const Provider& provider) {
  auto find = [](db::Tx& tx) {
    std::vector<Id> ids;
    for (const auto& one : conference::list_keys(tx)) ids.push_back(one.id);
    return ids;
  };
  return provider.db.read_now(find);
}

void replay_all(const Provider& provider) {
  for (const Id id : all_conferences(provider)) replay_open(provider, id);
}

void redact(const Provider& provider) {
  auto redact = [](db::Tx& tx) { return redact_payloads(tx, tx.now() - payload_kept); };
  while (provider.db.write_now(db::global_lane, "redact stripe events", redact) > 0) {
  }
}

void reconcile_all(const Provider& provider) {
  std::string problems;
  for (const Id id : all_conferences(provider)) {
    try {
      reconcile(provider, id);
    } catch (const std::exception& error) {
      problems += fmt::format("{}conference {}: {}", problems.empty() ? "" : "; ", id, error.what());
    }
  }
  if (!problems.empty()) throw std::runtime_error(problems);
}

}  // namespace

void register_stripe_kinds(jobs::Worker& worker, const Provider& provider) {
  const auto on = [&](std::string_view kind, void (*handler)(const Provider&, const jobs::Delivery&)) {
    worker.on(kind, [provider, handler](const jobs::Delivery& delivery) { handler(provider, delivery); });
  };
  on(watch_kind, watch);
  on(look_kind, look);
  on(cancel_kind, cancel);
  on(details_kind, details);
  on(refunds_kind, take_refunds);
  on(reg::refund_kind, refund);
}

void register_stripe_jobs(jobs::Worker& worker, const Provider& provider) {
  register_stripe_kinds(worker, provider);
  worker.every("reconcile_stripe", daily, [provider] { reconcile_all(provider); });
  worker.every("replay_stripe_events", hourly, [provider] { replay_all(provider); });
  worker.every("redact_stripe_events", daily, [provider] { redact(provider); });
}

jobs::WorkerOptions stripe_worker_options() {
  jobs::WorkerOptions options;
  options.threads = 2;
  options.batch = 4;  // each may wait for Stripe
  options.lease = Duration::minutes(5);
  return options;
}

}  // namespace plenary::payments
