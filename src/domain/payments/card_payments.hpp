// Paying by card with Stripe's Payment Element: what the pay page needs. The intention is written and
// committed, Stripe is asked, its answer is written; a job watches the intent until it is settled, whatever
// the browser does. Made once by embed/program and handed to Site. Threads and errors: beside each function.
// The client secret goes to the buyer's page alone: it is never stored or logged. source: payments 21, 5.1,
// P3, P12, P32.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/pool.hpp"
#include "db/tx.hpp"
#include "domain/payments/provider.hpp"
#include "domain/registration/types.hpp"

namespace plenary::payments {

using registration::Id;

// What the browser's card form needs.
struct CardForm {
  std::string publishable_key, client_secret, intent_id, js_url;
  std::int64_t amount = 0;  // minor units
  std::string currency;
  bool is_test = false;  // keys of the test mode: no money moves
};

class CardPayments {
 public:
  // What `provider` refers to, and the pool, outlive this.
  CardPayments(Provider provider, Pool& pool) : provider_(std::move(provider)), pool_(pool) {}

  // The conference has its keys: secret, publishable. Any thread; quick.
  bool is_offered(db::Tx& tx, Id conference_id) const;
  // Keys of the test mode: orders made now are marked TEST. False without keys. Any thread; quick.
  bool is_test(db::Tx& tx, Id conference_id) const;
  // Where the browser loads Stripe's script from, for the page's content security policy.
  std::string js_url() const;

  // BLOCKING, for pool() alone. Reuses the order's open intent of the same amount, cancels one of another;
  // extends the order's hold once (orders.hold_extended_at) so that the payer has at least
  // card_form_minutes. Refused: not_payable, hold_elapsed, payment_running (Stripe has it already), limit,
  // changed_meanwhile, amount_too_small, amount_too_large, wrong_mode, not_offered. ProviderDown: show
  // the other ways to pay; within StripeOptions::patience of `since` (now(): when they asked,
  // before they waited for the pool), and at once while the provider is known not to answer. ProviderRefused
  // is told as Refused("refused_by_provider").
  CardForm begin(Id conference_id, Id order_id, const std::string& ip, std::optional<Duration> since = {});
  Duration now() const;  // steady; any thread
  // Where begin() runs: co_await cards.pool().run(fn). Overloaded when too many wait.
  Pool& pool() { return pool_; }

  // The buyer came back from the form: the job that asks Stripe about this intent runs now. Returns at once,
  // writes at most an outbox row, at most one in five seconds; an unknown intent, or one of another
  // conference, does nothing. Any thread, never inside a transaction.
  void look_now(Id conference_id, std::string_view intent_id);

  // Open intents of this order are cancelled at Stripe after the commit; done by itself for orders that
  // are cancelled, expire or are paid another way. Call it when what is due has changed.
  void cancel_later(db::Tx& tx, Id order_id) const { cancel_intents_later(tx, order_id); }
  static void cancel_intents_later(db::Tx& tx, Id order_id);

  const Provider& provider() const { return provider_; }

 private:
  Provider provider_;
  Pool& pool_;
};

inline constexpr int card_form_minutes = 15;
inline constexpr std::size_t provider_threads = 3, provider_queue = 48;

}  // namespace plenary::payments
