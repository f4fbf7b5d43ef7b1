// A voucher that is deleted, in the conference's lane.
#pragma once

#include "db/tx.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration {

// With what it keeps back and its stock rows. Whoever deletes sees before that no order and no cart has it.
void remove(db::Tx& tx, const Voucher& voucher);

}  // namespace plenary::registration
