// Store credit of one person in one conference: money owed, spent on later orders, given back when such an
// order is not kept. Functions of a transaction, in the conference's lane: one thread at a time; Refused
// before anything is written. source: payments 21, 2.2, 5.4, 7 and P15, P16.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/entity.hpp"
#include "domain/registration/discounts.hpp"
#include "domain/registration/orders.hpp"

namespace plenary::registration {

enum class CreditStatus { available, applied, expired };

struct Credit {
  Id id = 0, conference_id = 0, user_id = 0;
  std::int64_t amount = 0, remaining = 0;  // minor units; 0 <= remaining <= amount
  std::string currency;
  CreditStatus status = CreditStatus::available;  // applied: nothing remains
  std::optional<Id> source_order_id;              // the refunded order that it stems from
  std::optional<Instant> expires_at;
  std::string note;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

const db::Entity<Credit>& credit_table();

// A new credit, all of it left, in the conference's currency. `credit` says whose it is, where, how much, and
// why; the rest is set here. Refused: no amount, with its field; "no_such" for a person or conference that is
// not there. As stored.
Credit give_credit(db::Tx& tx, const Credit& credit);
// The same for money that goes back as a credit: the refund accounts for it.
Credit credit_for_refund(db::Tx& tx, const Credit& credit);

// What an order can be paid with: its buyer's own credits that are to be spent, those that expire first in
// front. None where the conference offers no credits or nothing is due.
std::vector<Credit> spendable_credits(db::Tx& tx, const Catalogue& catalogue, const Order& order);
// How much of the order a credit pays, 0 for nothing: what is due without the fee of another way, where it
// pays all of that. A change that waits for its payment is no part of it.
std::int64_t payable_by_credit(db::Tx& tx, const Order& order);

struct AppliedCredit {
  Id payment_id = 0;
  std::int64_t amount = 0;     // of this payment: the least of what is left and what is due
  std::int64_t remaining = 0;  // of the credit, afterwards
  std::int64_t due = 0;        // of the order, afterwards
  bool became_paid = false;
};
// The order is paid with it, wholly or in part; what is left of the credit stays. An order that is sold and
// became dearer has what is due of it paid. A credit costs no fee: one that pays all that is left takes the
// fee of another way out of an unpaid order, one that pays a part leaves what was announced of a transfer.
// Refused: not_payable (its status, or nothing is due), hold_elapsed, payment_running (a card payment is
// being processed), no_credit (none of this buyer in this conference, spent, expired, of a test order),
// no_credits (the conference takes none).
AppliedCredit apply_credit(db::Tx& tx, const Shop& shop, Order& order, Id credit_id, const Cause& cause);

// Whether it stands in the real books although it can be tried out: staff gave it, for no order.
bool is_gift(const Credit& credit);
// Some of it comes back, never above its original amount: how much did. It can be spent again; one whose date
// is over meanwhile gets `restored_for` more.
std::int64_t restore_credit(db::Tx& tx, Id credit_id, std::int64_t amount);
inline constexpr Duration restored_for = Duration::days(30);

// A test order is about to be deleted: what gifts paid of it and still do, comes back to them.
void give_back_gifts(db::Tx& tx, Id order_id);

// A person's own, with the orders that they stem from and were spent on, by reference.
struct CreditStatement {
  Credit credit;
  std::string source_reference;       // empty: no order
  std::vector<std::string> spent_on;  // oldest first
};
std::vector<CreditStatement> credit_statements(db::Tx& tx, Id conference_id, Id user_id);  // newest first

std::vector<Credit> credits_of_user(db::Tx& tx, Id conference_id, Id user_id);  // newest first
std::vector<Credit> credits_of(db::Tx& tx, Id conference_id);                   // newest first

}  // namespace plenary::registration
