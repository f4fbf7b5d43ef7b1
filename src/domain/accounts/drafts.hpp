// Forms that arrived while their person was signed out or the session locked, kept for two hours, sealed by
// the caller. One for each person and path, the newest counts, at most twenty a person; nobody else reaches
// them. Functions of a transaction: one thread at a time. source: ground rules 15, 5.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "db/entity.hpp"
#include "db/tx.hpp"

namespace plenary::accounts {

struct FormDraft {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::string path;
  std::string body;  // sealed
  Instant created_at, expires_at;
};
const db::Entity<FormDraft>& form_draft_table();

inline constexpr Duration draft_life = Duration::hours(2);
inline constexpr std::size_t longest_draft = 256 * 1024;  // bytes, before it is sealed
inline constexpr std::int64_t drafts_at_most = 20;

// Where the sealed body belongs to: to this person and this path.
std::string draft_place(std::int64_t user_id, std::string_view path);

void keep_draft(db::Tx& tx, std::int64_t user_id, std::string_view path, std::string_view sealed_body);
std::optional<FormDraft> find_draft(db::Tx& tx, std::int64_t user_id, std::string_view path);
// False when it is gone, or somebody else's.
bool end_draft(db::Tx& tx, std::int64_t user_id, std::int64_t id);
std::int64_t sweep_drafts(db::Tx& tx, std::int64_t limit = 500);

}  // namespace plenary::accounts
