// Whose a guest's order becomes, and who may correct its address. An order joins an account only after its
// address was proven by a mailed link; by itself only when the address had no account with a password before.
// Functions of a transaction. source: registration 20, D29 and D34; ground rules 15, 6.3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/signing.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// All guests' orders of this normalised address, in every conference; how many. Only right after the account
// of the address came to be.
std::int64_t attach_orders(db::Tx& tx, Id user_id, std::string_view email_normalized);
// One order, for an account whose proven address is the order's. False: it belongs to somebody already, or
// its address is another by now.
bool attach_order(db::Tx& tx, const Order& order, Id user_id, std::string_view email_normalized);

inline constexpr Duration correction_time = Duration::minutes(30);
// The browser that ordered, or the order's signed-in owner, for half an hour.
bool may_correct_email(const Order& order, const Visitor& visitor, Instant now);
// The old link is void, a new mail goes out, the order carries its new address and link_version. Refused:
// too_late, invalid_email, same_email, too_many_tries.
void correct_email(db::Tx& tx, const Shop& shop, const SigningKey& key, const Visitor& visitor, Order& order,
                   std::string_view email);

}  // namespace plenary::registration
