#include "domain/accounts/sessions.hpp"

#include "domain/accounts/store.hpp"
#include "domain/accounts/store_sign_in.hpp"

namespace plenary::accounts {

std::optional<KnownSession> look_up_session(db::Tx& tx, std::string_view token_hash,
                                            const SessionRules& rules) {
  std::optional<FoundSession> found = store::session(tx, token_hash);
  if (!found || (found->user_id && !found->user_is_active)) return std::nullopt;
  KnownSession known{std::move(*found), SessionState::open};
  const FoundSession& session = known.session;
  const bool has_elapsed =
      session.user_id && session.has_right() &&
      (tx.now() - session.last_seen_at >= rules.idle || tx.now() - session.created_at >= rules.absolute);
  if (session.expires_at <= tx.now() || has_elapsed) {
    known.state = SessionState::elapsed;
  } else if (session.locked_at || (session.has_factor && !session.second_factor_at)) {
    known.state = SessionState::locked;
  }
  return known;
}

std::optional<FoundSession> find_session(db::Tx& tx, std::string_view token_hash, const SessionRules& rules) {
  std::optional<KnownSession> known = look_up_session(tx, token_hash, rules);
  if (!known || known->state != SessionState::open) return std::nullopt;
  return std::move(known->session);
}

void create_session(db::Tx& tx, const NewSession& session) {
  store::insert_session(tx, session, tx.now() + session.life);
}

bool end_session(db::Tx& tx, std::string_view token_hash) {
  return store::delete_session(tx, token_hash) > 0;
}

std::int64_t end_sessions(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash) {
  store::delete_challenges_of(tx, user_id);
  return store::delete_sessions_of(tx, user_id, except_token_hash);
}

bool prove_session(db::Tx& tx, std::string_view token_hash, std::string_view new_token_hash,
                   bool by_second_factor) {
  return store::prove_session(tx, token_hash, new_token_hash, by_second_factor) > 0;
}

WrongAnswer count_wrong_answer(db::Tx& tx, std::string_view token_hash) {
  const auto session = store::add_wrong_answer(tx, token_hash);
  if (!session) return WrongAnswer::ended;
  if (session->wrong_answers < wrong_answers_at_most) return WrongAnswer::counted;
  if (session->is_locked) {
    store::delete_session(tx, token_hash);
    return WrongAnswer::ended;
  }
  store::lock_session(tx, token_hash);
  return WrongAnswer::locked;
}

bool lock_session(db::Tx& tx, std::string_view token_hash) {
  return store::lock_session(tx, token_hash) > 0;
}

void lock_other_sessions(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash) {
  store::lock_other_sessions(tx, user_id, except_token_hash);
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
