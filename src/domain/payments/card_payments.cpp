#include "domain/payments/card_payments.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/beginning.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/payments/customers.hpp"
#include "domain/payments/intents.hpp"
#include "domain/payments/stripe_amounts.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/provider_payments.hpp"
#include "jobs/outbox.hpp"

namespace plenary::payments {
namespace {

namespace reg = registration;

constexpr const char* stripe_js = "https://js.stripe.com/v3/";
constexpr int looks_apart_seconds = 5;

// What was decided in the first write, and what Stripe is asked with.
struct Intention {
  conference::StripeCredentials credentials;
  Id payment_id = 0;
  std::string intent_id;  // of an open intent that is taken up again; empty: to be made
  int attempt = 1;
  Money amount{0, Currency::of("USD")};
  reg::Order order;
  std::string conference_slug, conference_name;
};

Refused not_offered() {
  return Refused("not_offered", "Card payments are not set up for this conference.");
}

// The order of the conference, and keys that may be used for it.
Intention looked_up(db::Tx& tx, const Provider& provider, Id conference_id, Id order_id) {
  Intention found;
  auto order = reg::find_order(tx, order_id);
  if (!order || order->conference_id != conference_id) throw NotFound("no such order");
  auto credentials = provider.find_credentials(tx, conference_id);
  if (!credentials || !credentials->publishable_key) throw not_offered();
  if (is_test_key(credentials->secret_key) != order->is_sandbox)
    throw Refused("wrong_mode",
                  order->is_sandbox
                      ? "This is a test order: it cannot be paid with a real card any more. Please "
                        "order anew."
                      : "This order cannot be paid by card while the shop is being tested. Please "
                        "try again later.");
  const auto conference = conference::load(tx, conference_id);
  found.conference_slug = conference->slug;
  found.conference_name = conference->name;
  found.credentials = std::move(*credentials);
  found.order = std::move(*order);
  return found;
}

void cancel_at_stripe(db::Tx& tx, const reg::Payment& payment) {
  jobs::enqueue(tx, cancel_kind, payment.conference_id, jobs::payload({{"payment", payment.id}}),
                fmt::format("cancel-{}", payment.id));
}

void cancel_stale(db::Tx& tx, const reg::Payment& payment) {
  if (!payment.intent_id.empty()) cancel_at_stripe(tx, payment);
}

Intention intend(db::Tx& tx, const Provider& provider, Id conference_id, Id order_id) {
  Intention found = looked_up(tx, provider, conference_id, order_id);
  const auto catalogue = reg::catalogue_now(tx, provider.shop, conference_id);
  const bool is_first = found.order.status == reg::OrderStatus::pending;
  if (is_first)
    reg::set_payment_fee(tx, *catalogue, found.order, reg::PayWay::card, {"pay page", "buyer", ""});
  reg::Payable payable = reg::payable_now(tx, provider.shop, found.order);
  // Of an order that is sold the fee becomes a line with the money.
  if (!is_first)
    payable.amount += reg::payment_fee(*catalogue, found.order, reg::PayWay::card, payable.amount);
  found.amount = Money(payable.amount, Currency::of(found.order.currency));
  check_chargeable(found.amount);
  const std::vector<reg::Payment> payments = reg::payments_of(tx, order_id);
  found.attempt = 1 + static_cast<int>(std::count_if(payments.begin(), payments.end(), [](const auto& one) {
                    return one.method == reg::PaymentMethod::stripe;
                  }));
  for (const reg::Payment& open : reg::open_intents(tx, order_id)) {
    // Stripe did not take it, and says the same to its key for a day: it is asked anew, with another.
    if (open.intent_id.empty() && open.status == reg::PaymentStatus::failed) continue;
    const bool fits = open.amount == payable.amount && open.currency == found.order.currency &&
                      reg::change_of(tx, open.id) == payable.change_id;
    if (fits && found.payment_id == 0) {
      found.payment_id = open.id;
      found.intent_id = open.intent_id;
      found.attempt = reg::attempt_of(payments, open.id);
      continue;
    }
    cancel_stale(tx, open);
    if (open.intent_id.empty()) reg::set_failed(tx, open.id, reg::closed_intent);
  }
  if (found.payment_id == 0) found.payment_id = reg::note_intention(tx, found.order, payable);
  reg::extend_hold_once(tx, found.order, tx.now() + Duration::minutes(card_form_minutes));
  return found;
}

StripeIntent asked_for(const Provider& provider, Stripe& stripe, const Intention& intention) {
  const reg::Order& order = intention.order;
  NewIntent wanted;
  wanted.amount = to_stripe(intention.amount);
  wanted.currency = order.currency;
  wanted.order_reference = order.reference;
  wanted.description = fmt::format("{} · {}", order.reference, intention.conference_name);
  wanted.order_id = order.id;
  wanted.conference_id = order.conference_id;
  wanted.payment_id = intention.payment_id;
  CustomerAsked customer{order.conference_id, order.user_id.value_or(0), intention.conference_slug,
                         order.billing.email, order.billing.name};
  const auto ask = [&](bool again) {
    if (order.user_id) wanted.customer_id = find_or_make_customer(provider, stripe, customer);
    // Names the intention: the same order, attempt and amount are the same intent, and nothing else is. The
    // reference keeps databases apart that share an account of the test mode.
    wanted.idempotency_key = fmt::format("intent-{}-{}-{}-{}{}", order.reference, order.id, intention.attempt,
                                         wanted.amount, again ? "-again" : "");
    return stripe.create_intent(wanted);
  };
  try {
    return ask(false);
  } catch (const ProviderRefused& refused) {
    if (refused.param() != "customer" || wanted.customer_id.empty()) throw;
    forget_customer(provider, order.conference_id, wanted.customer_id);
  }
  return ask(true);
}

Refused told(const ProviderRefused& refused) {
  return Refused(
      "refused_by_provider",
      "The payment provider does not take this payment: {reason} Please pay another way, or write to "
      "the organisers.",
      {{"reason", refused.message().empty() ? refused.code() + "." : refused.message()}});
}

Refused running() {
  return Refused("payment_running", "A payment for this order is being processed already.");
}

}  // namespace

bool CardPayments::is_offered(db::Tx& tx, Id conference_id) const {
  const auto found = provider_.find_credentials(tx, conference_id);
  return found && !found->secret_key.empty() && found->publishable_key && !found->publishable_key->empty() &&
         is_test_key(found->secret_key) == is_test_key(*found->publishable_key);
}

bool CardPayments::is_test(db::Tx& tx, Id conference_id) const {
  const auto found = provider_.find_credentials(tx, conference_id);
  return found && is_test_key(found->secret_key);
}

std::string CardPayments::js_url() const {
  const std::string& base = provider_.settings().stripe.api_base;
  return base == config::StripeSettings().api_base ? stripe_js : base + "/v3/stripe.js";
}

Duration CardPayments::now() const {
  return provider_.lines.now();
}

CardForm CardPayments::begin(Id conference_id, Id order_id, const std::string&,
                             std::optional<Duration> since) {
  const Duration asked_at = since.value_or(now());
  // Twice at most: an intent that was cancelled at Stripe makes way for a new one.
  for (int turn = 0;; ++turn) {
    auto note = [&](db::Tx& tx) { return intend(tx, provider_, conference_id, order_id); };
    const Intention intention = provider_.db.write_now(conference_id, "intend payment", note);
    Stripe stripe = provider_.stripe(intention.credentials);
    stripe.hurry(asked_at);
    StripeIntent intent;
    try {
      intent = intention.intent_id.empty() ? asked_for(provider_, stripe, intention)
                                           : stripe.find_intent(intention.intent_id);
    } catch (const ProviderRefused& refused) {
      // The row is of no use any more: its intent is of another account, as the keys were changed; or its key
      // was used with other words, when an answer was lost and the order's account or the conference's name
      // changed since. Nobody was ever told the secret of an intent that was made then.
      const bool unknown =
          intention.intent_id.empty() ? refused.type() == "idempotency_error" : refused.status() == 404;
      auto close = [&](db::Tx& tx) {
        reg::set_failed(tx, intention.payment_id,
                        unknown ? reg::closed_intent : beginning(refused.message(), 500));
      };
      provider_.db.write_now(conference_id, "payment refused", close);
      if (unknown && turn == 0) continue;
      throw told(refused);
    }
    const bool is_new = intention.intent_id.empty();
    bool goes_on = true, is_superseded = false;
    auto settle = [&](db::Tx& tx) {
      // Somebody else asked for another amount while Stripe was asked for this one.
      const auto payment = reg::find_payment(tx, intention.payment_id);
      is_superseded = is_new && intent.waits_for_payer() && payment && payment->failure == reg::closed_intent;
      if (is_superseded) {
        reg::set_intent(tx, intention.payment_id, intent.id);
        cancel_at_stripe(tx, *payment);
        return true;
      }
      if (is_new) {
        reg::set_intent(tx, intention.payment_id, intent.id);
        watch_later(tx, conference_id, intention.payment_id, 0);
      }
      if (!intent.waits_for_payer())
        take_intent(tx, provider_.shop, intention.payment_id, intent, {"pay page", "Stripe", intent.id});
      // What happened while Stripe was asked counts.
      const auto order = reg::find_order(tx, order_id);
      const bool still =
          order && (order->status != reg::OrderStatus::pending || order->hold_is_live(tx.now())) &&
          order->status != reg::OrderStatus::cancelled && order->status != reg::OrderStatus::refunded;
      if (!still) cancel_intents_later(tx, order_id);
      return still;
    };
    goes_on = provider_.db.write_now(conference_id, "payment intended", settle);
    if ((intent.status == "canceled" || is_superseded) && turn == 0) continue;
    if (!intent.waits_for_payer() || is_superseded) throw running();
    if (!goes_on)
      throw Refused("hold_elapsed",
                    "The time to pay this order is over. Your tickets are free again: please order anew.");
    CardForm form;
    form.publishable_key = intention.credentials.publishable().reveal();
    form.client_secret = intent.client_secret.reveal();
    form.intent_id = intent.id;
    form.js_url = js_url();
    form.amount = intention.amount.minor();
    form.currency = std::string(intention.amount.currency().code());
    form.is_test = stripe.is_test();
    return form;
  }
}

void CardPayments::look_now(Id conference_id, std::string_view intent_id) {
  if (intent_id.empty() || intent_id.size() > 200) return;
  auto look = [this, conference_id, intent = std::string(intent_id)] {
    try {
      auto find = [&](db::Tx& tx) { return reg::payment_of_intent(tx, conference_id, intent); };
      const auto payment = provider_.db.read_now(find);
      if (!payment || payment->status == reg::PaymentStatus::succeeded ||
          payment->status == reg::PaymentStatus::refunded)
        return;
      auto wake = [&](db::Tx& tx) {
        jobs::enqueue(
            tx, look_kind, conference_id, jobs::payload({{"payment", payment->id}}),
            fmt::format("look-{}-{}", payment->id, tx.now().micros / (looks_apart_seconds * 1'000'000)));
      };
      provider_.db.write_now(conference_id, "look at intent", wake);
    } catch (const std::exception&) {
      return;  // the job that watches the intent looks by itself
    }
  };
  try {
    pool_.submit(look);
  } catch (const Overloaded&) {
    return;
  }
}

void CardPayments::cancel_intents_later(db::Tx& tx, Id order_id) {
  for (const reg::Payment& open : reg::open_intents(tx, order_id)) cancel_stale(tx, open);
}

}  // namespace plenary::payments
