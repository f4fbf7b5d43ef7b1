// What the record says of a row that is there. SQLite gives the number of a deleted row out again: what was
// recorded of that one, up to its deletion, is not of this one. Functions of a transaction. source:
// docs/audit.md.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "domain/conference/audit.hpp"

namespace plenary::conference {

// Newest first, from before entry `before` on (0: from the newest).
std::vector<AuditEntry> history_of_row(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                       std::int64_t limit, std::int64_t before = 0);

// Anything recorded of a row of that number since the last deletion of one: then its own is to be recorded.
bool has_history(db::Tx& tx, std::string_view entity, std::string_view object_id);

}  // namespace plenary::conference
