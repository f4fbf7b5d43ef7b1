#include "domain/accounts/sessions.hpp"

#include "domain/accounts/store.hpp"

namespace plenary::accounts {

std::optional<FoundSession> find_session(db::Tx& tx, std::string_view token_hash, const SessionRules& rules) {
  std::optional<FoundSession> found = store::session(tx, token_hash);
  if (!found || found->expires_at <= tx.now()) return std::nullopt;
  if (!found->user_id) return found;
  if (!found->user_is_active) return std::nullopt;
  if (found->has_right() &&
      (tx.now() - found->last_seen_at >= rules.idle || tx.now() - found->created_at >= rules.absolute))
    return std::nullopt;
  return found;
}

void create_session(db::Tx& tx, const NewSession& session) {
  store::insert_session(tx, session, tx.now() + session.life);
}

bool end_session(db::Tx& tx, std::string_view token_hash) {
  return store::delete_session(tx, token_hash) > 0;
}

std::int64_t end_sessions(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash) {
  return store::delete_sessions_of(tx, user_id, except_token_hash);
}

std::vector<SessionSummary> list_sessions(db::Tx& tx, std::int64_t user_id,
                                          std::string_view current_token_hash) {
  return store::sessions_of(tx, user_id, current_token_hash);
}

bool end_session_of(db::Tx& tx, std::int64_t user_id, std::string_view id) {
  return store::delete_session_of(tx, user_id, id) > 0;
}

void touch_sessions(db::Tx& tx, std::span<const SessionVisit> visits) {
  for (const SessionVisit& visit : visits) store::set_last_seen(tx, visit.token_hash, visit.seen_at);
}

std::int64_t sweep_sessions(db::Tx& tx, std::int64_t limit) {
  return store::delete_elapsed_sessions(tx, limit);
}

}  // namespace plenary::accounts
