// Bank transfers: an order whose buyer chose one keeps its places for a term of days instead of minutes, is
// reminded of before the end, and lapses with it like any other; money that comes later follows the rule for
// late payments (payments.hpp, settle). Functions of a transaction, in the conference's lane; Refused before
// anything is written. source: payments 21, P30.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/entity.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/orders.hpp"

namespace plenary::registration {

// One an order, from when transfer was chosen. is_balance: what it is for was due of an order that was sold
// already, or of a change of one; the term of before is over then. What the transfer costs is fixed with it:
// parts that come in, and later changes of the set-up, leave what was announced as it is. Minor units.
struct PaymentTerm {
  Id id = 0, order_id = 0, conference_id = 0;
  Instant chosen_at, ends_at;
  std::optional<Instant> remind_at, reminded_at;  // remind_at: nothing to remind of (any more)
  bool is_balance = false;
  std::optional<std::int64_t> fee;  // gross; nothing: of a term of before fees were fixed
  // Of a sold order: what was due without the fee (nothing: as above), what had come in by then, and whether
  // the fee is a line of the order, which the first money makes it.
  std::optional<std::int64_t> balance;
  std::int64_t paid_before = 0;
  bool has_fee_line = false;
};
const db::Entity<PaymentTerm>& payment_term_table();
// The one that runs for the order as it is now. A sold order's ends with its day, and when another balance is
// due than it was chosen for: its lines were changed, or the change that it was for is no more.
std::optional<PaymentTerm> payment_term_of(db::Tx& tx, const Order& order);

// When the money would have to be there if transfer were chosen now: the end of a day in the conference's
// zone. Nothing: transfer is not offered, or its whole term no longer fits before the conference.
std::optional<Instant> transfer_term(const Catalogue& catalogue, Instant now);

// What the transfer of this term costs, gross, as it was announced.
std::int64_t announced_fee(const Catalogue& catalogue, const Order& order, const PaymentTerm& term);
// What is due of an order as a transfer pays it, minor units: a waiting change of a sold one included, with
// the announced fee where a transfer was chosen. Without one a fee of a card form that was opened and left is
// no part of it. 0: nothing.
std::int64_t balance_of(db::Tx& tx, const Catalogue& catalogue, const Order& order);
// The same of what is known already. `term`: payment_term_of, null for none; `owed`: the order's total, with
// the change that waits; `kept`: what came in and did not go back.
std::int64_t balance_of(const Catalogue& catalogue, const Order& order, const PaymentTerm* term,
                        std::int64_t owed, std::int64_t kept);
// How much of what staff take of an order that waits for its first payment is due, `kept` of it being here:
// its lines have the announced fee of transfers then, and no other.
void settle_fee_by_hand(db::Tx& tx, const Catalogue& catalogue, Order& order, std::int64_t kept,
                        const Cause& cause);
// Money came in for what is due of a sold order: the fee that its buyer was told becomes a line of it. How
// much more is due by that, gross. After the term that is so when all that was announced came.
std::int64_t bring_announced_fee(db::Tx& tx, const Shop& shop, Order& order, std::int64_t came,
                                 const Cause& cause);

struct TransferChosen {
  PaymentTerm term;
  bool is_new = false;  // false: it had been chosen before; nothing was written
};
// The order's places are kept until the term ends, or what its waiting change needs, and the account is
// mailed; what is due of an order that is sold can be paid so too. The fee of this way is in the order.
// Refused: not_payable (nothing is due), hold_elapsed, payment_running (a card payment is being processed),
// limit, no_transfer (not offered, or no longer).
TransferChosen choose_transfer(db::Tx& tx, const Shop& shop, Order& order, const Cause& cause);

// What the payer needs. Amounts in minor units.
struct TransferDetails {
  std::string account_holder, iban, bic, bank_name, instructions;  // iban and bic without blanks
  std::string reference;                                           // of the order: the purpose
  std::int64_t amount = 0;
  std::string currency;
};
// The account of the conference's set-up.
TransferDetails transfer_details(const Catalogue& catalogue, const Order& order, std::int64_t amount);
// The text of the QR code that banking apps read (EPC069-12, "GiroCode"). Empty: it is for euros and an IBAN
// alone.
std::string epc_text(const TransferDetails& details);

// Mails the buyers whose reminder is due, once each; at most `limit` orders, and how many it looked at: 0 at
// the end. Orders that need none any more are passed over.
std::int64_t remind_of_transfers(db::Tx& tx, Id conference_id, int limit = 500);
std::vector<Id> conferences_to_remind(db::Tx& tx);

// Unpaid orders that money came in for, not credit, do not lapse: shortly before their time is over they are
// kept for `kept_for_staff` more, and staff are told. How many; at most `limit`. To be called more often than
// `kept_ahead`. source: payments 21, 8.
std::int64_t keep_partly_paid(db::Tx& tx, Id conference_id, int limit = 500);
std::vector<Id> conferences_with_partly_paid(db::Tx& tx);
inline constexpr Duration kept_ahead = Duration::minutes(2), kept_for_staff = Duration::days(7);
inline constexpr std::string_view attention_partly_paid = "paid in part, and its time is over";

}  // namespace plenary::registration
