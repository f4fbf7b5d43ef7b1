// What people set for themselves. Functions of a transaction. source: ground rules 15, 3.2.
#pragma once

#include <cstdint>
#include <string_view>

#include "db/tx.hpp"

namespace plenary::accounts {

// The language of a person's pages and mail: a code of the program's languages.
void set_language(db::Tx& tx, std::int64_t user_id, std::string_view language);

}  // namespace plenary::accounts
