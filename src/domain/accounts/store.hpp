// All SQL of the accounts room. Only this room calls it; the rules are in the files beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "db/tx.hpp"
#include "domain/accounts/sessions.hpp"

namespace plenary::accounts::store {

std::optional<FoundSession> session(db::Tx& tx, std::string_view token_hash);
void insert_session(db::Tx& tx, const NewSession& session, Instant expires_at);
std::int64_t delete_session(db::Tx& tx, std::string_view token_hash);
std::int64_t delete_sessions_of(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash);
void set_last_seen(db::Tx& tx, std::string_view token_hash, Instant seen_at);
std::int64_t delete_elapsed_sessions(db::Tx& tx, std::int64_t limit);

std::optional<std::string> submission_result(db::Tx& tx, std::string_view token_hash);
void insert_submission(db::Tx& tx, std::string_view token_hash, std::int64_t conference_id,
                       std::string_view kind, std::string_view result, Instant expires_at);
std::int64_t delete_elapsed_submissions(db::Tx& tx, std::int64_t limit);

void insert_guest_if_absent(db::Tx& tx, std::string_view email, std::string_view normalized_email,
                            std::string_view name);

}  // namespace plenary::accounts::store
