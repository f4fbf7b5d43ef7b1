// Refunds: money going back, from which payment, where to, and what came of it. A refund goes to one
// destination, never to two, and never back twice: what is requested or done counts against its payment and
// its order. What an order is worth follows from its lines, so a refund beyond what was overpaid lowers the
// lines in the same write. A gateway that needs the network is asked after the commit, with the refund's key,
// as often as it takes. Functions of a transaction: one thread at a time, in the conference's lane. source:
// payments 21, 9.3 and 9.4; docs/orders.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/entity.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payments.hpp"

namespace plenary::registration {

enum class RefundDestination { card, credit, manual };
enum class RefundStatus { requested, succeeded, failed };
enum class RefundReason { requested_by_customer, duplicate, fraudulent };
std::string_view to_text(RefundDestination);
std::string_view to_text(RefundStatus);
std::string_view to_text(RefundReason);

struct Refund {
  Id id = 0, conference_id = 0, order_id = 0, payment_id = 0;
  RefundDestination destination = RefundDestination::card;
  std::int64_t amount = 0;
  std::string currency;
  RefundReason reason_code = RefundReason::requested_by_customer;
  std::string note;
  RefundStatus status = RefundStatus::requested;
  std::string provider_id, idempotency_key, failure;
  std::optional<Id> credit_id, created_by;
  std::optional<Instant> settled_at;
  // Of destination manual: when somebody made the transfer. source: money_in.hpp
  std::optional<Instant> paid_out_at;
  std::optional<Id> paid_out_by;
  std::string paid_out_reference;
  Instant created_at, updated_at;
};
const db::Entity<Refund>& refund_table();
std::vector<Refund> refunds_of(db::Tx& tx, Id order_id);  // oldest first
std::optional<Refund> find_refund(db::Tx& tx, Id refund_id);

// A payment with what went back of it.
struct PaymentMoney {
  Id id = 0;
  PaymentMethod method = PaymentMethod::sandbox;
  PaymentStatus status = PaymentStatus::succeeded;
  std::int64_t amount = 0, refunded = 0, requested = 0;
  std::int64_t disputed = 0;  // held back or lost: it cannot go back as well
  bool is_money() const { return method != PaymentMethod::comp; }
  std::int64_t left() const { return status == PaymentStatus::succeeded ? amount - refunded - requested : 0; }
  std::int64_t refundable() const {
    const std::int64_t free = is_money() ? left() - disputed : 0;
    return free > 0 ? free : 0;
  }
};
// What an order is worth and what of it is here. Requested refunds count as gone.
struct OrderMoney {
  std::vector<PaymentMoney> payments;
  std::int64_t owed = 0;        // by the buyer, altogether: the order's total; nothing of a cancelled one
  std::int64_t kept = 0;        // came in, or was waived, and did not go back
  std::int64_t refundable = 0;  // of it, what can go back: complimentary payments are no money
  std::int64_t refunded = 0, requested = 0;
  bool is_processing = false;  // a gateway still owes an answer
  // No unit is left: what was waived is void with what it was for, and a fee is kept of money that can go
  // back.
  bool is_over = false;
  std::int64_t due() const { return owed > kept ? owed - kept : 0; }
  std::int64_t overpaid() const { return kept > owed ? kept - owed : 0; }
  // Of what was overpaid, what can go back.
  std::int64_t to_refund() const {
    const std::int64_t free = !is_over ? refundable : refundable > owed ? refundable - owed : 0;
    return overpaid() < free ? overpaid() : free;
  }
};
OrderMoney money_of(db::Tx& tx, const Order& order);

// original: each payment the way it came. credit: a store credit of the buyer's account.
enum class RefundWay { original, credit };
struct RefundShare {
  Id payment_id = 0;
  RefundDestination destination = RefundDestination::card;
  std::int64_t amount = 0;
};
// Newest payments first. Refused: "amount" (nothing, or more than is refundable, with both figures).
std::vector<RefundShare> split_refund(const OrderMoney& money, std::int64_t amount, RefundWay way,
                                      const Currency& currency);

// The ways back of a payment, the usual one first: card only of a card payment, credit only for an account; a
// payment by credit becomes a credit again.
std::vector<RefundDestination> ways_back(PaymentMethod method, bool has_account);

struct RefundAsked {
  std::int64_t amount = 0;
  // Staff may say how much of which payment goes where; `amount` and `way` do not count then.
  std::vector<RefundShare> shares = {};
  RefundWay way = RefundWay::original;
  RefundReason reason = RefundReason::requested_by_customer;
  std::string note = {};
  std::optional<Id> created_by = {};  // staff
  bool tells_buyer = true;            // by mail
};
// What it comes to, for whoever looks before it is done: from which payments, and what becomes of the lines.
struct RefundPlan {
  std::vector<RefundShare> shares;
  std::int64_t amount = 0;
  std::int64_t lowers_by = 0;  // the order is worth so much less
  bool takes_all = false;      // all that is left of it: every unit is taken back
};
// Refused as refund().
RefundPlan plan_refund(const OrderMoney& money, const Order& order, const RefundAsked& asked);
// Beyond what was overpaid the order's lines are lowered: all that is left of it, all its units are taken
// back; less, a price reduction over its lines. Refused: amount; no_account (credit for a guest);
// not_refundable (unpaid). The refunds' ids; each has succeeded already where its gateway answers at once.
std::vector<Id> refund(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                       const RefundAsked& asked, const Cause& cause);

// Whether a line that was paid for is worth less now. Only then is an order partially refunded: what was paid
// too much may go back and the order stays paid.
bool has_lost_value(db::Tx& tx, Id order_id);
// In the history of an order that stays as it is.
inline constexpr std::string_view excess_gone_back = "what was too much went back";

// What came of a requested refund: marks it, its payment and its order, whose status follows from the sums.
// A repeat changes nothing; false then. A refund that had succeeded may still fail at the provider.
bool settle_refund(db::Tx& tx, const Shop& shop, Id refund_id, const RefundAnswer& answer,
                   const Cause& cause);

// Money that came in for nothing goes back the way it came: what is left of the payment, or at most so much
// of it. Where that asks the network it is requested.
void send_back(db::Tx& tx, const Shop& shop, Order& order, Id payment_id, std::string_view note,
               std::optional<std::int64_t> at_most = {});

// Outbox kind of a refund that asks the network; payload {"refund": id}.
inline constexpr std::string_view refund_kind = "refund";

// The order says to staff that something is due or owed, or no longer: another note stays.
inline constexpr std::string_view attention_due = "balance due", attention_owed = "refund due";
void note_balance(db::Tx& tx, Order& order);

}  // namespace plenary::registration
