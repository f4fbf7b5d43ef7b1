// Payments: gateways, and what an answer of one does to an order. A gateway is asked outside of every
// transaction: the intention is recorded, the gateway asked, the answer settled in a second write; a gateway
// that answers without a network (sandbox) is asked inside one. source: 21, 2.1, 5, 6, 10.2.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/orders.hpp"

namespace plenary::registration {

struct ChargeRequest {
  std::string order_reference;
  std::int64_t amount = 0;
  std::string currency;
  std::string card_number, confirmation;  // what the card form sent; "confirmation" answers a challenge
};

enum class ChargeOutcome { succeeded, declined, needs_authentication, processing };
struct ChargeAnswer {
  ChargeOutcome outcome = ChargeOutcome::declined;
  std::string provider_reference;  // of the charge or intent
  std::string message;             // for the payer, when declined
  Duration answer_after;           // processing: when the gateway will know
  bool later_success = true;       // processing: what the late answer will be (sandbox only)
};

// Money going back of a charge. The key names the refund: a repeat with the same key does nothing more.
struct RefundRequest {
  std::string provider_reference;  // of the charge or intent
  std::int64_t amount = 0;
  std::string currency, idempotency_key, reason;
};
enum class RefundOutcome { succeeded, failed, pending };
struct RefundAnswer {
  RefundOutcome outcome = RefundOutcome::failed;
  std::string provider_id;  // of the refund
  std::string message;      // for staff, when it failed
};

class PaymentGateway {
 public:
  virtual ~PaymentGateway() = default;
  virtual PaymentMethod method() const = 0;
  // True: charge() and refund() are pure and quick and may be called inside a write.
  virtual bool answers_at_once() const = 0;
  virtual ChargeAnswer charge(const ChargeRequest& request) const = 0;  // any thread
  virtual RefundAnswer refund(const RefundRequest& request) const = 0;  // any thread
};

// The card form played by ourselves, for development and demonstrations. Test numbers, blanks ignored:
//   4242 4242 4242 4242 success · 4000 0000 0000 0002 declined · 4000 0000 0000 9995 declined (funds)
//   4000 0025 0000 3155 authentication required · 4000 0000 0000 0077 late success · 4000 0000 0000 0259 late
//   refusal
class SandboxGateway : public PaymentGateway {
 public:
  explicit SandboxGateway(Duration late_answer = Duration::seconds(20)) : late_answer_(late_answer) {}
  PaymentMethod method() const override { return PaymentMethod::sandbox; }
  bool answers_at_once() const override { return true; }
  ChargeAnswer charge(const ChargeRequest& request) const override;
  RefundAnswer refund(const RefundRequest& request) const override;  // succeeds

 private:
  Duration late_answer_;
};

struct PayResult {
  ChargeOutcome outcome = ChargeOutcome::declined;
  std::string message;
  Id payment_id = 0;
};

// The buyer pays what is due: of a pending order, which becomes paid; of one that was changed; or for a
// waiting change (self_service.hpp), which is applied then. Refused codes: not_payable (nothing is due),
// hold_elapsed (with what can be done), limit (the address has reached its number of tickets meanwhile),
// changed_meanwhile (the change was made for an order that is another by now). source: 21, 5.1 and P12.
// `codes`: access codes for the order's seats, drawn before; what is missing is drawn here.
PayResult pay(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
              const ChargeRequest& request, std::vector<std::string> codes = {});
// For Tx::ask_ahead, beside the order itself: what pay() asks when the order with this reference is pending
// and a guest's, with these codes.
void look_at_payment(db::Tx& tx, Id conference_id, std::string_view reference,
                     std::span<const std::string> codes);

// Money came in for a payment that was pending or processing, however late: the decision table of 21, 10.2.
// What is too much goes back.
// Repeats change nothing.
enum class Settled {
  paid,
  revived,
  balance_paid,  // of an order that was paid before
  changed,       // its change is applied
  short_payment,
  refunded_no_room,
  refunded_not_needed,
  already_settled,
  failed,
  wrong_currency  // noted for staff; it pays nothing
};
Settled settle(db::Tx& tx, const Shop& shop, Id payment_id, bool succeeded, const Cause& cause);

// Outbox kind of the sandbox's late answer; payload {"payment": id, "success": bool}.
inline constexpr std::string_view late_answer_kind = "sandbox_late_answer";

}  // namespace plenary::registration
