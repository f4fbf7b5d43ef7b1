// One-use tokens of forms that add, order or pay: the result of the first submit is kept, and a repeat
// (double click, reload, back, retry on a bad line) is answered with it. The token is consumed in the same
// write as what it did, so a submit that was refused leaves its token unused. Functions of a transaction: one
// thread at a time. source: registration 20, D32; transactions, section 5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "db/tx.hpp"

namespace plenary::accounts {

inline constexpr Duration submission_life = Duration::days(2);

// What the first submit with this token led to; nothing when it was not used yet.
std::optional<std::string> first_result(db::Tx& tx, std::string_view token_hash);

// Call last in the write; conference 0: what was done belongs to none. A second use of the same token is a db
// unique error, here or at the end of the write, which undoes all of it; the writer of a lane never meets it
// when it asked first_result before.
void record_result(db::Tx& tx, std::string_view token_hash, std::optional<std::int64_t> conference_id,
                   std::string_view kind, std::string_view result, Instant expires_at);

// Deletes at most `limit` elapsed tokens; how many.
std::int64_t sweep_submissions(db::Tx& tx, std::int64_t limit = 500);

}  // namespace plenary::accounts
