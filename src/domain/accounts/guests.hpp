// Accounts of people who buy without signing up. Nothing here tells whether an address was known before: not
// the result, not the number of writing statements. source: registration 20, D29 and D34; ground rules
// 15, 5.4.
#pragma once

#include <string_view>

#include "db/tx.hpp"

namespace plenary::accounts {

// Makes an account without a password for the address, unless its normalised form has an account already.
void ensure_guest(db::Tx& tx, std::string_view email, std::string_view name);

}  // namespace plenary::accounts
