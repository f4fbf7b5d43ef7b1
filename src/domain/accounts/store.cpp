#include "domain/accounts/store.hpp"

#include "db/gather.hpp"

namespace plenary::accounts::store {

std::optional<FoundSession> session(db::Tx& tx, std::string_view token_hash) {
  auto row = tx.maybe<std::optional<std::int64_t>, Instant, Instant, Instant, bool, bool, bool, bool,
                      std::string, std::string, std::string, std::optional<Instant>, std::optional<Instant>,
                      std::optional<Instant>, bool>(
      "SELECT s.user_id, s.created_at, s.last_seen_at, s.expires_at, u.is_active, u.is_staff, u.is_superuser,"
      " s.user_id IS NOT NULL AND EXISTS (SELECT 1 FROM role_assignment a WHERE a.user_id = s.user_id AND"
      " (a.ends_at IS NULL OR a.ends_at > $2)), u.name, u.email, u.language, s.proven_at,"
      " s.second_factor_at, s.locked_at, s.user_id IS NOT NULL AND EXISTS (SELECT 1 FROM second_factor f "
      "WHERE"
      " f.user_id = s.user_id"
      " AND f.confirmed_at IS NOT NULL)"
      " FROM session s LEFT JOIN user_account u ON u.id = s.user_id WHERE s.id_hash = $1",
      token_hash, tx.now());
  if (!row) return std::nullopt;
  auto& [user_id, created_at, last_seen_at, expires_at, is_active, is_staff, is_superuser, has_role, name,
         email, language, proven_at, second_factor_at, locked_at, has_factor] = *row;
  FoundSession found{user_id,         created_at,       last_seen_at,       expires_at,
                     is_active,       is_staff,         is_superuser,       has_role,
                     std::move(name), std::move(email), std::move(language)};
  found.proven_at = proven_at;
  found.second_factor_at = second_factor_at;
  found.locked_at = locked_at;
  found.has_factor = has_factor;
  return found;
}

void insert_session(db::Tx& tx, const NewSession& session, Instant expires_at) {
  std::optional<Instant> proven_at, second_factor_at;
  if (session.is_proven) proven_at = tx.now();
  if (session.by_second_factor) second_factor_at = tx.now();
  tx.exec_later(
      "INSERT INTO session (id_hash, user_id, conference_id, created_at, last_seen_at, expires_at, address,"
      " user_agent, proven_at, second_factor_at) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)"
      " ON CONFLICT (id_hash) DO NOTHING",
      session.token_hash, session.user_id, session.conference_id, tx.now(), expires_at, session.address,
      session.user_agent, proven_at, second_factor_at);
}

std::vector<SessionSummary> sessions_of(db::Tx& tx, std::int64_t user_id, std::string_view current_hash) {
  std::vector<SessionSummary> sessions;
  for (auto& [hash, address, agent, created_at, last_seen_at] :
       tx.query<std::string, std::string, std::string, Instant, Instant>(
           "SELECT id_hash, address, user_agent, created_at, last_seen_at FROM session"
           " WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id_hash LIMIT 100",
           user_id, tx.now())) {
    const bool is_current = hash == current_hash;
    sessions.push_back(
        {hash.substr(0, 16), std::move(address), std::move(agent), created_at, last_seen_at, is_current});
  }
  return sessions;
}

std::int64_t delete_session_of(db::Tx& tx, std::int64_t user_id, std::string_view summary_id) {
  return tx.exec("DELETE FROM session WHERE user_id = $1 AND substr(id_hash, 1, 16) = $2", user_id,
                 summary_id);
}

std::int64_t delete_session(db::Tx& tx, std::string_view token_hash) {
  return tx.exec("DELETE FROM session WHERE id_hash = $1", token_hash);
}

std::int64_t delete_sessions_of(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash) {
  return tx.exec("DELETE FROM session WHERE user_id = $1 AND id_hash <> $2", user_id, except_token_hash);
}

void set_last_seen(db::Tx& tx, std::string_view token_hash, Instant seen_at) {
  // It lives from the last visit on.
  tx.exec_later(
      "UPDATE session SET expires_at = expires_at + ($2 - last_seen_at), last_seen_at = $2"
      " WHERE id_hash = $1 AND last_seen_at < $2",
      token_hash, seen_at);
}

std::int64_t delete_elapsed_sessions(db::Tx& tx, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM session WHERE id_hash IN"
      " (SELECT id_hash FROM session WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
      tx.now(), limit);
}

std::optional<std::string> submission_result(db::Tx& tx, std::string_view token_hash) {
  auto row = tx.maybe<std::optional<std::string>>("SELECT result FROM one_use_token WHERE token_hash = $1",
                                                  token_hash);
  if (!row) return std::nullopt;
  return row->value_or("");
}

void insert_submission(db::Tx& tx, std::string_view token_hash, std::optional<std::int64_t> conference_id,
                       std::string_view kind, std::string_view result, Instant expires_at) {
  db::write_later(
      tx,
      "INSERT INTO one_use_token (token_hash, conference_id, kind, result, created_at, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      token_hash, conference_id == 0 ? std::optional<std::int64_t>() : conference_id, kind, result, tx.now(),
      expires_at);
}

std::int64_t delete_elapsed_submissions(db::Tx& tx, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM one_use_token WHERE token_hash IN"
      " (SELECT token_hash FROM one_use_token WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
      tx.now(), limit);
}

void insert_guest_if_absent(db::Tx& tx, std::string_view email, std::string_view normalized_email,
                            std::string_view name) {
  // On SQLite asked first: an INSERT that selects keeps a copy of what it changes (db/many_rows.hpp).
  if (tx.engine() == db::Engine::sqlite) {
    if (!tx.maybe<std::int64_t>("SELECT id FROM user_account WHERE email_normalized = $1 LIMIT 1",
                                normalized_email))
      tx.exec(
          "INSERT INTO user_account (email, email_normalized, name, created_at, updated_at) VALUES ($1, $2, "
          "$3, "
          "$4, $4)",
          email, normalized_email, name, tx.now());
    return;
  }
  db::write_later(tx,
                  "INSERT INTO user_account (email, email_normalized, name, created_at, updated_at)"
                  " SELECT $1, $2, $3, $4, $4 WHERE NOT EXISTS (SELECT 1 FROM user_account WHERE "
                  "email_normalized = $2 LIMIT 1 OFFSET 0)",
                  email, normalized_email, name, tx.now());
}

}  // namespace plenary::accounts::store
