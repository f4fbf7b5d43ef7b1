// Answers of the API that are kept with the key that its caller gave them: the same call again gets the same
// answer and has no second effect. The key is used up in the same write as what was done, so a call that was
// refused leaves it unused. Answers hold no secrets. Functions of a transaction: one thread at a time.
// source: docs/api.md; registration 20, D32.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "db/entity.hpp"
#include "db/tx.hpp"

namespace plenary::accounts {

struct KeptAnswer {
  std::string caller;        // hash of who called, and at which conference
  std::string key;           // as the caller chose it
  std::string request_hash;  // of method, address and body
  std::int64_t status = 200;
  std::string body;
  Instant created_at;
};
const db::Entity<KeptAnswer>& kept_answer_table();

inline constexpr Duration kept_answer_life = Duration::hours(24);

std::optional<KeptAnswer> find_kept_answer(db::Tx& tx, std::string_view caller, std::string_view key);
// Call last in the write. The writer of a lane never meets a second use when it has asked before and `caller`
// belongs to that lane.
void keep_answer(db::Tx& tx, const KeptAnswer& answer);
// Deletes at most `limit` that are older than a day; how many.
std::int64_t sweep_kept_answers(db::Tx& tx, std::int64_t limit = 500);

}  // namespace plenary::accounts
