#include "domain/accounts/store_sign_in.hpp"

namespace plenary::accounts::store {

std::int64_t prove_session(db::Tx& tx, std::string_view token_hash, std::string_view new_token_hash,
                           bool by_second_factor) {
  if (by_second_factor) {
    return tx.exec(
        "UPDATE session SET id_hash = $2, proven_at = $3, second_factor_at = $3, locked_at = NULL,"
        " wrong_answers = 0 WHERE id_hash = $1",
        token_hash, new_token_hash, tx.now());
  }
  return tx.exec(
      "UPDATE session SET id_hash = $2, proven_at = $3, locked_at = NULL, wrong_answers = 0"
      " WHERE id_hash = $1",
      token_hash, new_token_hash, tx.now());
}

std::optional<Wrong> add_wrong_answer(db::Tx& tx, std::string_view token_hash) {
  tx.exec("UPDATE session SET wrong_answers = wrong_answers + 1 WHERE id_hash = $1", token_hash);
  const auto row = tx.maybe<std::int64_t, std::optional<Instant>>(
      "SELECT wrong_answers, locked_at FROM session WHERE id_hash = $1", token_hash);
  if (!row) return std::nullopt;
  return Wrong{std::get<0>(*row), std::get<1>(*row).has_value()};
}

std::int64_t lock_session(db::Tx& tx, std::string_view token_hash) {
  return tx.exec(
      "UPDATE session SET locked_at = $2, wrong_answers = 0 WHERE id_hash = $1 AND locked_at IS NULL",
      token_hash, tx.now());
}

void lock_other_sessions(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash) {
  tx.exec_later(
      "UPDATE session SET locked_at = COALESCE(locked_at, $3), second_factor_at = NULL"
      " WHERE user_id = $1 AND id_hash <> $2",
      user_id, except_token_hash, tx.now());
}

void upsert_second_factor(db::Tx& tx, std::int64_t user_id, std::string_view secret, std::int64_t step) {
  tx.exec_later(
      "INSERT INTO second_factor (user_id, secret, confirmed_at, last_step, created_at)"
      " VALUES ($1, $2, $3, $4, $3) ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret,"
      " confirmed_at = excluded.confirmed_at, last_step = excluded.last_step,"
      " created_at = excluded.created_at",
      user_id, secret, tx.now(), step);
}

std::int64_t advance_step(db::Tx& tx, std::int64_t user_id, std::string_view secret, std::int64_t step) {
  return tx.exec(
      "UPDATE second_factor SET last_step = $3 WHERE user_id = $1 AND secret = $2 AND last_step < $3"
      " AND confirmed_at IS NOT NULL",
      user_id, secret, step);
}

std::int64_t delete_second_factor(db::Tx& tx, std::int64_t user_id) {
  return tx.exec("DELETE FROM second_factor WHERE user_id = $1", user_id);
}

void insert_recovery_code(db::Tx& tx, std::int64_t user_id, std::string_view code_hash) {
  tx.exec_later("INSERT INTO recovery_code (user_id, code_hash, created_at) VALUES ($1, $2, $3)", user_id,
                code_hash, tx.now());
}

std::int64_t use_recovery_code(db::Tx& tx, std::int64_t user_id, std::string_view code_hash) {
  return tx.exec(
      "UPDATE recovery_code SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
      user_id, code_hash, tx.now());
}

std::int64_t unused_recovery_codes(db::Tx& tx, std::int64_t user_id) {
  return tx.one<std::int64_t>("SELECT COUNT(*) FROM recovery_code WHERE user_id = $1 AND used_at IS NULL",
                              user_id);
}

void delete_recovery_codes(db::Tx& tx, std::int64_t user_id) {
  tx.exec_later("DELETE FROM recovery_code WHERE user_id = $1", user_id);
}

std::int64_t add_challenge_try(db::Tx& tx, std::string_view token_hash, std::int64_t at_most) {
  return tx.exec(
      "UPDATE sign_in_challenge SET tries = tries + 1 WHERE token_hash = $1 AND tries < $2"
      " AND expires_at > $3",
      token_hash, at_most, tx.now());
}

std::int64_t delete_challenge(db::Tx& tx, std::string_view token_hash) {
  return tx.exec("DELETE FROM sign_in_challenge WHERE token_hash = $1", token_hash);
}

void delete_challenges_of(db::Tx& tx, std::int64_t user_id) {
  tx.exec_later("DELETE FROM sign_in_challenge WHERE user_id = $1", user_id);
}

std::int64_t delete_elapsed_challenges(db::Tx& tx, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM sign_in_challenge WHERE token_hash IN"
      " (SELECT token_hash FROM sign_in_challenge WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
      tx.now(), limit);
}

void insert_sign_in_event(db::Tx& tx, const SignInEvent& event) {
  tx.exec_later(
      "INSERT INTO sign_in_event (user_id, happened_at, what, way, address, user_agent, device)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      event.user_id, tx.now(), event.what, event.way, event.address, event.user_agent, event.device);
}

std::int64_t delete_old_sign_in_events(db::Tx& tx, Instant before, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM sign_in_event WHERE id IN"
      " (SELECT id FROM sign_in_event WHERE happened_at < $1 ORDER BY happened_at LIMIT $2)",
      before, limit);
}

void upsert_sign_in_wait(db::Tx& tx, std::string_view counted_by, std::int64_t attempts, Instant open_at) {
  tx.exec_later(
      "INSERT INTO sign_in_wait (counted_by, attempts, last_at, open_at) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (counted_by) DO UPDATE SET attempts = excluded.attempts, last_at = excluded.last_at,"
      " open_at = excluded.open_at",
      counted_by, attempts, tx.now(), open_at);
}

void delete_sign_in_wait(db::Tx& tx, std::string_view counted_by) {
  tx.exec_later("DELETE FROM sign_in_wait WHERE counted_by = $1", counted_by);
}

std::int64_t delete_old_sign_in_waits(db::Tx& tx, Instant before, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM sign_in_wait WHERE counted_by IN"
      " (SELECT counted_by FROM sign_in_wait WHERE last_at < $1 ORDER BY last_at LIMIT $2)",
      before, limit);
}

void upsert_draft(db::Tx& tx, std::int64_t user_id, std::string_view path, std::string_view body,
                  Instant expires_at) {
  tx.exec_later(
      "INSERT INTO form_draft (user_id, path, body, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)"
      " ON CONFLICT (user_id, path) DO UPDATE SET body = excluded.body, created_at = excluded.created_at,"
      " expires_at = excluded.expires_at",
      user_id, path, body, tx.now(), expires_at);
}

void delete_drafts_beyond(db::Tx& tx, std::int64_t user_id, std::int64_t at_most) {
  tx.exec_later(
      "DELETE FROM form_draft WHERE user_id = $1 AND id NOT IN (SELECT id FROM form_draft"
      " WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2)",
      user_id, at_most);
}

std::int64_t delete_draft(db::Tx& tx, std::int64_t user_id, std::int64_t id) {
  return tx.exec("DELETE FROM form_draft WHERE id = $1 AND user_id = $2", id, user_id);
}

std::int64_t delete_elapsed_drafts(db::Tx& tx, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM form_draft WHERE id IN"
      " (SELECT id FROM form_draft WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
      tx.now(), limit);
}

}  // namespace plenary::accounts::store
