// The end of a waiting list when its conference does not take place: everybody who waits, or holds an offer, is
// told once by mail and leaves the list. Functions of a transaction, in the conference's lane: one thread at a
// time; called piece by piece until nobody is left. source: payments 21, P34.
#pragma once

#include <cstdint>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// How many were told; 0: nobody waits any more.
std::int64_t tell_waiting_of_cancellation(db::Tx& tx, Id conference_id, int limit = 200);

}  // namespace plenary::registration
