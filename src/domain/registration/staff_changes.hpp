// What staff correct in an order for its buyer, whatever time has passed: the address of mail, the billing
// details, the secret link. What documents say already changes by a correction of the documents alone.
// Functions of a transaction: one thread at a time, in the conference's lane; Refused before anything is
// written. Each leaves an event in the order's history. source: registration 20, D29; staff pages 70, 14.39.
#pragma once

#include <string_view>

#include "base/signing.hpp"
#include "domain/registration/billing_change.hpp"
#include "domain/registration/orders.hpp"

namespace plenary::registration {

// The link so far is void and the new one goes to the new address. `version` as the page showed the order.
// Refused: invalid_email, same_email, changed_meanwhile.
void correct_email_by_staff(db::Tx& tx, const SigningKey& key, Order& order, std::string_view email,
                            std::int64_t version, const Cause& cause);

// Whoever has the link so far sees nothing any more; the new one is mailed to the order's address, if it has
// one. Refused: changed_meanwhile.
void replace_link(db::Tx& tx, const SigningKey& key, Order& order, std::int64_t version, const Cause& cause);

}  // namespace plenary::registration
