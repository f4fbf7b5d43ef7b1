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
// already, or of a change of one; the term of before is over then.
struct PaymentTerm {
  Id id = 0, order_id = 0, conference_id = 0;
  Instant chosen_at, ends_at;
  std::optional<Instant> remind_at, reminded_at;  // remind_at: nothing to remind of (any more)
  bool is_balance = false;
};
const db::Entity<PaymentTerm>& payment_term_table();
// The one that runs for the order as it is now.
std::optional<PaymentTerm> payment_term_of(db::Tx& tx, const Order& order);

// When the money would have to be there if transfer were chosen now: the end of a day in the conference's
// zone. Nothing: transfer is not offered, or its whole term no longer fits before the conference.
std::optional<Instant> transfer_term(const Catalogue& catalogue, Instant now);

// What is due of an order now, minor units, without the fee of any way to pay: a waiting change of a sold one
// included. 0: nothing.
std::int64_t balance_without_fee(db::Tx& tx, const Order& order);
// The same as a transfer pays it: with the fee of transfers where one was chosen. A card form that was opened
// since and left changes nothing.
std::int64_t balance_of(db::Tx& tx, const Catalogue& catalogue, const Order& order);

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
