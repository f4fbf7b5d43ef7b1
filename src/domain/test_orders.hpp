// Orders of the test mode: counted, and removed all together when a conference goes live, with everything
// that belongs to them; and the rule that keys of the other mode are refused while orders are open. Deleting
// blocks and goes in pieces, each a write of the conference's lane: what was deleted by then stays deleted,
// and doing it again goes on. The other functions are functions of a transaction. source: payments 21, P33.
#pragma once

#include <cstdint>

#include "base/secret.hpp"
#include "db/database.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/cart.hpp"

namespace plenary::domain {

struct TestOrders {
  std::int64_t orders = 0, open = 0;  // open: pending with a live hold
  std::int64_t documents = 0;         // invoices and credit notes of a series of their own
};
TestOrders count_test_orders(db::Tx& tx, std::int64_t conference_id);
// Of the real mode that are not paid yet.
std::int64_t count_open_live_orders(db::Tx& tx, std::int64_t conference_id);

// A secret key is about to replace another. Refused("open_orders", …, field) when it is of the other mode and
// orders of the mode before can still be paid. `before`, `after` empty: there is none.
void check_key_change(db::Tx& tx, std::int64_t conference_id, const Secret& before, const Secret& after,
                      const char* field);

// Gives their stock back and removes them; noted in the record of changes at the end, with their number.
TestOrders delete_test_orders(db::Database& database, const registration::Shop& shop,
                              std::int64_t conference_id, const conference::Actor& actor);

}  // namespace plenary::domain
