// Payments that a provider takes: the intention is written before anybody is asked, then its number (the
// intent), then what came of it. Whoever speaks with the provider (domain/payments) calls these; what they do
// to an order is decided here. Functions of a transaction, in the conference's lane: one thread at a time.
// Refused before anything is written. source: payments 21, 5.1, 10.2, P8, P12.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/payments.hpp"
#include "domain/registration/refunds.hpp"

namespace plenary::registration {

// What the buyer may pay at this moment.
struct Payable {
  std::int64_t amount = 0;      // minor units, above zero
  std::optional<Id> change_id;  // it is for this waiting change (self_service.hpp)
};
// Refused: not_payable, hold_elapsed, payment_running, limit, changed_meanwhile; as pay().
Payable payable_now(db::Tx& tx, const Shop& shop, const Order& order);

// The payer is at the card form: a live hold lasts until then, once in an order's life. False: not extended.
bool extend_hold_once(db::Tx& tx, const Order& order, Instant until);

// A payment by Stripe that is about to be asked for; pending, without its intent. Its id.
Id note_intention(db::Tx& tx, const Order& order, const Payable& payable);
void set_intent(db::Tx& tx, Id payment_id, std::string_view intent_id);

std::optional<Payment> find_payment(db::Tx& tx, Id payment_id);
// Nothing for an empty number, or one of another conference.
std::optional<Payment> payment_of_intent(db::Tx& tx, Id conference_id, std::string_view intent_id);
std::optional<Payment> payment_of_charge(db::Tx& tx, Id conference_id, std::string_view charge_id);
// Payments by Stripe of an order that may still succeed: pending, processing, failed with an intent that the
// payer may try again. Newest first.
std::vector<Payment> open_intents(db::Tx& tx, Id order_id);

// Which of the order's payments by Stripe it is, counted from 1 by age; 0: none of them.
int attempt_of(const std::vector<Payment>& payments, Id payment_id);
std::optional<Id> change_of(db::Tx& tx, Id payment_id);

// The provider works on it: the order keeps its seats until it answers. False: it is settled already.
bool set_processing(db::Tx& tx, Id payment_id);
// Nothing came of it; the payer may try again. False: it is settled, or had failed before. One that was
// processed: its order is held for `normal_hold` from now on (a day after an answer that took over an hour),
// or until the term of its transfer ends, and no longer for the provider's sake.
bool set_failed(db::Tx& tx, Id payment_id, std::string_view why, Duration normal_hold = {});
// Why of an intent that can never be paid any more.
inline constexpr std::string_view closed_intent = "cancelled";

// Money that the provider has.
struct Received {
  std::int64_t amount = 0;  // minor units
  std::string currency;     // "EUR"
  std::string charge_id = {}, card_brand = {}, card_last4 = {};
};
// The decision table of 21, 10.2, with what really came: the payment is as large as that. Another currency is
// noted for staff and pays nothing; less than is due is short; what is too much goes back by itself. Repeats
// change nothing.
Settled settle_received(db::Tx& tx, const Shop& shop, Id payment_id, const Received& received,
                        const Cause& cause);
// An intent of the order that no row knows: made by the provider for this order (its metadata name it). Its
// row, pending; settle it then.
Id adopt_intent(db::Tx& tx, const Order& order, std::string_view intent_id, std::int64_t amount);

// What the provider kept of it, in minor units of the currency in which it was kept ("EUR"), which may be
// another than the order's; posted to the ledger in it. A repeat posts the difference.
void set_fee(db::Tx& tx, Id payment_id, std::int64_t fee, std::string_view currency,
             std::string_view reference);
void set_card(db::Tx& tx, Id payment_id, std::string_view charge_id, std::string_view brand,
              std::string_view last4);

// A refund as the provider tells it, whoever asked for it there.
struct ProviderRefund {
  std::string provider_id;           // "re_…"
  std::optional<Id> refund_id = {};  // the row of ours that asked for it, when it says so
  std::int64_t amount = 0;
  RefundOutcome outcome = RefundOutcome::succeeded;
  std::string failure = {};
};
// Its row is settled, or made: then the order's lines are lowered as for any refund beyond what was overpaid.
// The row; nothing changed when it was known already. source: 21, 10.4.
struct TakenRefund {
  Id refund_id = 0;
  bool is_new = false, changed = false;
};
TakenRefund take_refund(db::Tx& tx, const Shop& shop, const Payment& payment, const ProviderRefund& refund,
                        const Cause& cause);
// Notes the provider's number before the answer is final. source: 21, 9.3.
void note_refund_number(db::Tx& tx, Id refund_id, std::string_view provider_id);
// Refunds by Stripe that wait for it, made before; oldest first.
std::vector<Refund> waiting_refunds(db::Tx& tx, Id conference_id, Instant before, int limit);

// How much of a payment is held back by open or lost disputes: it cannot be refunded.
void set_disputed(db::Tx& tx, Id payment_id, std::int64_t amount);
// Why staff should look at the order; replaces another note.
void flag_order(db::Tx& tx, Id order_id, std::string_view why);
void note_in_history(db::Tx& tx, const Order& order, const Cause& cause);

}  // namespace plenary::registration
