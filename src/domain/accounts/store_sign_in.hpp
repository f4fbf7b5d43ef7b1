// SQL of second factors, started sign-ins, the history of sign-ins and kept forms. Only this room calls it;
// the rules are in the files beside it. Functions of a transaction: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "db/tx.hpp"
#include "domain/accounts/sign_in_history.hpp"

namespace plenary::accounts::store {

// All of these say how many rows they changed, where they say anything.
std::int64_t prove_session(db::Tx& tx, std::string_view token_hash, std::string_view new_token_hash,
                           bool by_second_factor);
struct Wrong {
  std::int64_t wrong_answers = 0;
  bool is_locked = false;
};
std::optional<Wrong> add_wrong_answer(db::Tx& tx, std::string_view token_hash);
std::int64_t lock_session(db::Tx& tx, std::string_view token_hash);
void lock_other_sessions(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash);

void upsert_second_factor(db::Tx& tx, std::int64_t user_id, std::string_view secret, std::int64_t step);
std::int64_t advance_step(db::Tx& tx, std::int64_t user_id, std::string_view secret, std::int64_t step);
std::int64_t delete_second_factor(db::Tx& tx, std::int64_t user_id);

void insert_recovery_code(db::Tx& tx, std::int64_t user_id, std::string_view code_hash);
std::int64_t use_recovery_code(db::Tx& tx, std::int64_t user_id, std::string_view code_hash);
std::int64_t unused_recovery_codes(db::Tx& tx, std::int64_t user_id);
void delete_recovery_codes(db::Tx& tx, std::int64_t user_id);

std::int64_t add_challenge_try(db::Tx& tx, std::string_view token_hash, std::int64_t at_most);
std::int64_t delete_challenge(db::Tx& tx, std::string_view token_hash);
void delete_challenges_of(db::Tx& tx, std::int64_t user_id);
std::int64_t delete_elapsed_challenges(db::Tx& tx, std::int64_t limit);

void insert_sign_in_event(db::Tx& tx, const SignInEvent& event);
std::int64_t delete_old_sign_in_events(db::Tx& tx, Instant before, std::int64_t limit);

void upsert_sign_in_wait(db::Tx& tx, std::string_view counted_by, std::int64_t attempts, Instant open_at);
void delete_sign_in_wait(db::Tx& tx, std::string_view counted_by);
std::int64_t delete_old_sign_in_waits(db::Tx& tx, Instant before, std::int64_t limit);

void upsert_draft(db::Tx& tx, std::int64_t user_id, std::string_view path, std::string_view body,
                  Instant expires_at);
void delete_drafts_beyond(db::Tx& tx, std::int64_t user_id, std::int64_t at_most);
std::int64_t delete_draft(db::Tx& tx, std::int64_t user_id, std::int64_t id);
std::int64_t delete_elapsed_drafts(db::Tx& tx, std::int64_t limit);

}  // namespace plenary::accounts::store
