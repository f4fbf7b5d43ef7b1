// Takes a person's values out of the record of changes: their name and address where they acted, the texts of
// entries about them, and values of personal columns in rows that are theirs. The entries, their digests and
// so the chains stay. What was erased is recorded in each chain. Function of a transaction: one thread at a
// time. source: docs/audit.md; ground rules 15, 8.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "db/tx.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::conference {

// What a column of a table says about people. The rooms that know all tables answer (admin/erasure.hpp).
enum class PersonalColumn : unsigned char {
  none,
  personal,  // about whoever the row belongs to
  owner,     // holds the account that the row belongs to
  person,    // holds some account: whoever made the row, say
};
using PersonalColumns = std::function<PersonalColumn(std::string_view entity, std::string_view column)>;

struct Erased {
  std::int64_t texts = 0, entries = 0;
};
Erased erase_personal_values(db::Tx& tx, std::int64_t user_id, const Actor& actor,
                             const PersonalColumns& columns);

}  // namespace plenary::conference
