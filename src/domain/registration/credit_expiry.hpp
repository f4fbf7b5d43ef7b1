// Credits whose time is over, and what is owed to people as credit. Functions of a transaction: in the
// conference's lane. source: payments 21, 2.2 and P23.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// Available credits whose end has passed expire, with what remains of them; at most `limit`. How many.
std::int64_t expire_credits(db::Tx& tx, Id conference_id, int limit = 500);
std::vector<Id> conferences_with_expired_credits(db::Tx& tx);

// The outstanding liability: what people can still spend.
struct OutstandingCredit {
  std::string currency;
  std::int64_t credits = 0, people = 0, amount = 0;
  std::int64_t ending = 0;  // of the amount: with an end
};
std::vector<OutstandingCredit> outstanding_credit(db::Tx& tx, Id conference_id);  // by currency; usually one

}  // namespace plenary::registration
