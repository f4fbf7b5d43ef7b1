// Stripe, played on a loopback port as its documentation describes it: customers, payment intents, charges,
// refunds, disputes, balance transactions, events; keys that make repeats harmless, and refuse other
// parameters; declined cards, 3-D Secure, methods that answer late. Whatever goes wrong outside is steered by
// the test: answers that never come or come too late, 429, 5xx; events are made and signed here and handed to
// the test, which delivers them late, twice, never, in any order, or with a wrong signature. Any thread. The
// program stripe_stand_in serves the same with a card form for browsers (stripe_stand_in_main.cpp).
// source: https://docs.stripe.com/api, /testing, /webhooks, /currencies.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_stand_in.hpp"

namespace plenary::test {

struct StripeAccountOptions {
  std::string secret_key = "sk_test_standin0001", publishable_key = "pk_test_standin0001";
  std::string webhook_secret = "whsec_standin0001";
  std::string api_version = "2024-12-18.acacia";
  bool livemode = false;
  std::uint16_t port = 0;             // 0: any
  bool many = false;                  // connections at a time; tests have one
  std::function<std::int64_t()> now;  // seconds since 1970; empty: the system's
};

struct MadeEvent {
  std::string id, kind, payload;
};

// What the next requests meet. `path`: part of the target; empty: any.
struct StripeFault {
  std::string path = {}, method = {};
  int times = 1;
  int status = 0;              // answers with this and nothing is done; 0: not
  bool is_done_first = false;  // the request is carried out, and then the fault hits
  bool silent = false, drops = false;
  std::string code = {};         // of the error
  std::string retry_after = {};  // header
};

class StripeStandIn {
 public:
  explicit StripeStandIn(StripeAccountOptions options = {});
  ~StripeStandIn();

  std::string url() const;
  std::uint16_t port() const;
  const StripeAccountOptions& options() const;
  std::vector<StandInRequest> requests() const;
  // Answers one request, as over the wire.
  StandInReply answer(const StandInRequest& request);

  // What the payer does. Cards by number, as Stripe's test cards: 4242… succeeds, 4000000000000002 and …9995
  // are declined, 4000002500003155 wants 3-D Secure, 4000000000000259 is disputed at once, …7726 has refunds
  // that are pending, …5126 refunds that fail later; an IBAN is a debit that answers late. What came of it:
  // the intent's status, or the code of the error.
  std::string pay(const std::string& intent_id, const std::string& number = "4242424242424242");
  std::string authenticate(const std::string& intent_id, bool approves);
  void finish(const std::string& intent_id, bool succeeds);  // of a late method
  // What happens at Stripe.
  std::string refund_in_dashboard(const std::string& intent_id, std::int64_t amount);  // its id
  void settle_refund(const std::string& refund_id, bool succeeds);
  std::string dispute(const std::string& intent_id, const std::string& reason = "fraudulent");  // its id
  void update_dispute(const std::string& dispute_id, const std::string& status);  // under_review, won, lost
  std::string pay_out(std::int64_t amount, const std::string& currency);
  // Somebody makes an intent by hand, with any metadata; its id.
  std::string make_intent(std::int64_t amount, const std::string& currency,
                          const std::vector<std::pair<std::string, std::string>>& metadata);
  void set_received(const std::string& intent_id, std::int64_t amount);  // other than asked, when it is paid
  // An event of any kind about an object given as JSON.
  MadeEvent make_event(const std::string& kind, const std::string& object_json);
  void forget_keys();  // as after 24 hours
  // Differences: another amount or currency than was told, something that is gone, a payout that does not add
  // up, lists of few at a time.
  void change_intent(const std::string& intent_id, std::int64_t received, const std::string& currency);
  void change_refund(const std::string& refund_id, std::int64_t amount);
  void change_dispute(const std::string& dispute_id, std::int64_t amount, const std::string& currency);
  void lose(const std::string& id);  // an intent or a refund
  void fail_payout(const std::string& payout_id);
  void move_in_payout(const std::string& payout_id, std::int64_t net);  // one more that it consists of
  void set_page_size(std::size_t most);                                 // 0: as asked
  // The account's balance is kept in another currency: so much of it for one of the charge's.
  void keep_balance_in(const std::string& currency, double rate);
  struct Endpoint {
    std::string url;
    std::vector<std::string> events;
    std::string status = "enabled";
  };
  void set_endpoints(std::vector<Endpoint> endpoints);

  // Events made since this was last called, oldest first.
  std::vector<MadeEvent> take_events();
  std::vector<MadeEvent> all_events() const;
  // The header Stripe-Signature of a payload sent at a time (seconds).
  static std::string signature(std::string_view payload, std::int64_t at, std::string_view secret);
  std::string signature(std::string_view payload) const;  // now, with the account's secret
  std::int64_t now() const;

  void add_fault(StripeFault fault);
  void set_delay(int milliseconds);  // before each answer; for programs alone
  void clear_faults();               // and no delay

  // What there is.
  std::string status_of(const std::string& intent_id) const;
  std::int64_t refunded_of(const std::string& intent_id) const;  // succeeded and pending refunds
  std::vector<std::string> intents() const;                      // ids, oldest first
  std::vector<std::string> refunds() const;
  std::int64_t taken() const;      // of all charges, less what went back
  std::string state_json() const;  // everything, for people and browser tests

  // For the program: pages of its own, asked before Stripe's; nothing: none of its own.
  void serve_also(std::function<bool(const StandInRequest&, StandInReply&)> pages);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Fields of a form or query, decoded; the first of each name.
std::string form_field(std::string_view form, std::string_view name);

}  // namespace plenary::test
