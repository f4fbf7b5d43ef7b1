// Stripe's interface, as far as it is used: customers, payment intents, refunds, charges with their fees,
// disputes, events. Blocking: for provider pools, workers and commands, never for an I/O thread or inside a
// transaction; any thread. Each call has a time limit and at most two repeats, always with the same key; an
// account that does not answer is not asked for a while (circuit_breaker.hpp). Errors: ProviderDown when no
// answer can be had now, ProviderRefused when Stripe says no. No key, secret or body is ever in an error or
// a log. source: payments 21, 4 and P3, P31; https://docs.stripe.com/api.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "domain/conference/credentials.hpp"
#include "domain/payments/circuit_breaker.hpp"
#include "net/http_client.hpp"

namespace plenary::payments {

// Nobody answers, or not with sense, or it is too busy: later. `what` is for staff.
class ProviderDown : public std::runtime_error {
 public:
  ProviderDown(const std::string& text, bool may_have_arrived)
      : std::runtime_error(text), may_have_arrived_(may_have_arrived) {}
  bool may_have_arrived() const { return may_have_arrived_; }

 private:
  bool may_have_arrived_;
};

// It answered, and no repeat will change the answer.
class ProviderRefused : public std::runtime_error {
 public:
  ProviderRefused(int status, std::string type, std::string code, std::string param, std::string message,
                  std::string request_id);
  int status() const { return status_; }
  const std::string& type() const { return type_; }    // "card_error", "idempotency_error"
  const std::string& code() const { return code_; }    // "resource_missing"
  const std::string& param() const { return param_; }  // "customer"
  const std::string& message() const { return message_; }
  const std::string& request_id() const { return request_id_; }

 private:
  int status_;
  std::string type_, code_, param_, message_, request_id_;
};

// Amounts in these shapes are Stripe's (stripe_amounts.hpp); currencies in capital letters.
struct StripeFee {
  std::string id;  // of the balance transaction
  std::int64_t amount = 0, fee = 0, net = 0;
  std::string currency;  // of the account's balance, which may be another than the charge's
};

struct StripeCharge {
  std::string id, intent_id, customer_id;
  std::int64_t amount = 0, amount_refunded = 0;
  std::string currency, card_brand, card_last4, method;  // method: "card", "sepa_debit"
  bool disputed = false, livemode = false;
  std::optional<StripeFee> fee;  // known once it is settled
};

struct StripeIntent {
  std::string id;
  Secret client_secret;
  std::string status;  // requires_payment_method … succeeded, canceled
  std::int64_t amount = 0, amount_received = 0;
  std::string currency, customer_id;
  // Of the metadata; empty: not there.
  std::string order_reference, order_id, conference_id, payment_id;
  std::string last_error;  // what the payer was told
  bool livemode = false;
  Instant created_at;
  std::string charge_id;  // the latest one
  std::optional<StripeCharge> charge;
  bool waits_for_payer() const { return status.starts_with("requires_"); }
};

struct StripeRefund {
  std::string id, intent_id, charge_id;
  std::int64_t amount = 0;
  std::string currency, status;  // pending, requires_action, succeeded, failed, canceled
  std::string failure_reason, reason;
  std::string refund_id;  // of the metadata: the row of ours
  Instant created_at;
};

struct StripeDispute {
  std::string id, charge_id, intent_id;
  std::int64_t amount = 0;
  std::string currency, reason, status;  // warning_needs_response … won, lost
  std::optional<Instant> evidence_due_at;
  // What the balance transactions say: money taken away less money that came back, and the fees.
  std::int64_t withdrawn = 0, fee = 0;
  std::string balance_currency;
  bool livemode = false;
  Instant created_at;
};

struct StripePayout {
  std::string id, currency, status;  // paid, pending, in_transit, canceled, failed
  std::int64_t amount = 0;           // below zero: taken from the bank
  bool is_automatic = false;         // only then Stripe says what it consists of
  bool livemode = false;
  Instant created_at;
};

// A balance transaction: what moved on the account, and because of what.
struct StripeMovement {
  std::string id, type, source, currency;  // type: "charge", "refund", "payout"; source: "ch_…", "re_…"
  std::int64_t amount = 0, fee = 0, net = 0;
};

struct StripeEvent {
  std::string id, kind, api_version, payload;  // payload: the whole event as it came
  bool livemode = false;
  Instant created_at;
};

template <class T>
struct StripePage {
  std::vector<T> rows;  // newest first
  bool has_more = false;
  std::string last_id;  // of the last one that was listed, whether it could be read or not: the next page's
};

struct NewIntent {
  std::int64_t amount = 0;  // Stripe's
  std::string currency, customer_id, order_reference, description, receipt_email;
  std::int64_t order_id = 0, conference_id = 0, payment_id = 0;
  std::string idempotency_key;
};
struct NewCustomer {
  std::string email, name, conference_slug;
  std::int64_t user_id = 0;
  std::string idempotency_key;
};
struct NewRefund {
  std::string intent_id, reason;
  std::int64_t amount = 0;  // Stripe's
  std::int64_t refund_id = 0;
  std::string idempotency_key;
};
struct WebhookEndpoint {
  std::string url, status, api_version;  // status: enabled, disabled
  std::vector<std::string> events;       // "*": all
};

struct StripeOptions {
  StripeOptions() {
    http.connect_timeout = Duration::seconds(5);
    http.timeout = Duration::seconds(20);
  }
  net::HttpOptions http;
  int attempts = 3;
  Duration first_wait = Duration::milliseconds(500), longest_wait = Duration::seconds(5);
  CircuitOptions circuit = {};
  // While a buyer waits: in all, from when they asked, and of one attempt. A stalled provider is told of in
  // time for them to pay another way.
  Duration patience = Duration::seconds(9), attempt_of_patience = Duration::milliseconds(4'400);
};

// What all accounts of a process share: connections that are kept, and which account does not answer.
class StripeLines {
 public:
  explicit StripeLines(StripeOptions options = {});
  ~StripeLines();
  StripeLines(const StripeLines&) = delete;
  StripeLines& operator=(const StripeLines&) = delete;

  struct Line;  // of one account
  std::shared_ptr<Line> line(const conference::StripeCredentials& credentials);
  const StripeOptions& options() const { return options_; }
  Duration now() const;  // steady

 private:
  StripeOptions options_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Line>> lines_;  // by a hash of address and key
};

// One account, asked with its key. Cheap to make.
class Stripe {
 public:
  Stripe(StripeLines& lines, conference::StripeCredentials credentials);

  // Somebody waits since then, for StripeOptions::patience: every call is given up in time, ProviderDown.
  void hurry(Duration since);

  bool is_test() const;
  std::string create_customer(const NewCustomer& customer);  // its id
  StripeIntent create_intent(const NewIntent& intent);
  StripeIntent find_intent(std::string_view id);  // with its charge and fee
  StripeIntent cancel_intent(std::string_view id, std::string_view idempotency_key);
  StripeCharge find_charge(std::string_view id);  // with its fee
  StripeRefund create_refund(const NewRefund& refund);
  StripeRefund find_refund(std::string_view id);
  StripeDispute find_dispute(std::string_view id);
  // Lists: made since, after the one with this id ("": from the newest); at most 100.
  StripePage<StripeIntent> intents_since(Instant since, std::string_view after);
  StripePage<StripeRefund> refunds_since(Instant since, std::string_view after);
  StripePage<StripeDispute> disputes_since(Instant since, std::string_view after);
  StripePage<StripePayout> payouts_since(Instant since, std::string_view after);
  StripePage<StripeMovement> movements_of_payout(std::string_view payout_id, std::string_view after);
  StripePage<StripeEvent> events_since(Instant since, std::string_view after);
  StripePage<StripeRefund> refunds_of_intent(std::string_view intent_id, std::string_view after);
  // For the check: which currencies the balance is in; the endpoints that events are sent to.
  std::vector<std::string> balance_currencies();
  std::vector<WebhookEndpoint> webhook_endpoints();

 private:
  struct Call;
  std::string ask(const Call& call);  // the body
  StripeLines& lines_;
  std::shared_ptr<StripeLines::Line> line_;
  conference::StripeCredentials credentials_;
  std::optional<Duration> deadline_;
};

bool is_test_key(const Secret& key);  // sk_test_…, rk_test_…, pk_test_…

// Read from JSON text as Stripe sends it; std::invalid_argument naming what is missing.
StripeIntent read_intent(std::string_view json);
StripeCharge read_charge(std::string_view json);
StripeRefund read_refund(std::string_view json);
StripeDispute read_dispute(std::string_view json);

}  // namespace plenary::payments
