// Whether stock has room, looked at before anything is written. A function of a transaction: one thread at a
// time; true as long as nobody else writes in the conference's lane. source: docs/transactions.md, 4.
#pragma once

#include "domain/registration/stock.hpp"

namespace plenary::registration {

bool has_room(db::Tx& tx, const HoldChange& wanted);

}  // namespace plenary::registration
