// Store credit of one person in one conference: money owed, spent on later orders. Functions of a
// transaction: one thread at a time; Refused before anything is written. source: payments 21, 2.2.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/entity.hpp"
#include "domain/registration/discounts.hpp"

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

std::vector<Credit> credits_of_user(db::Tx& tx, Id conference_id, Id user_id);  // newest first
std::vector<Credit> credits_of(db::Tx& tx, Id conference_id);                   // newest first

}  // namespace plenary::registration
