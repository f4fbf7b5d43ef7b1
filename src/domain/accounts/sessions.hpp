// Browser sessions. A row is born with the first cart line or the sign-in, never by looking at a page; its
// token is stored hashed (base token_hash) and read with each request, never cached, so that ending it works
// everywhere at once. Functions of a transaction: one thread at a time. source: transactions, section 5;
// ground rules 15, section 5.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/tx.hpp"
#include "domain/accounts/types.hpp"

namespace plenary::accounts {

// How long a guest's session lives after it was made, and how often last_seen is written at most.
inline constexpr Duration guest_session_life = Duration::days(14);
inline constexpr Duration last_seen_interval = Duration::minutes(5);

// What a request needs to know about its session: the session, and of its user what guards ask. Its key is
// the hash of the token that the request carries.
struct FoundSession {
  std::optional<std::int64_t> user_id;
  Instant created_at;
  Instant last_seen_at;
  Instant expires_at;
  bool user_is_active = false;  // false for a guest, too
  bool is_staff = false;
  bool is_superuser = false;
  bool has_role = false;                                   // one that has not ended, anywhere (roles.hpp)
  std::string user_name{}, user_email{}, user_language{};  // empty for a guest
  // When the password or a code of the second factor was last given; a code; the session was locked.
  std::optional<Instant> proven_at{}, second_factor_at{}, locked_at{};
  bool has_factor = false;  // a confirmed second factor (second_factor.hpp)
  bool has_right() const { return is_staff || is_superuser || has_role; }
  // True when touch_sessions should hear of this visit.
  bool wants_touch(Instant now) const { return now - last_seen_at >= last_seen_interval; }
};

// How long a session of a person with a right lives: since the last visit, and at all. source: ground rules
// 15, 5.2.
struct SessionRules {
  Duration idle = Duration::minutes(30);
  Duration absolute = Duration::hours(12);
};

// By the hash of its token; nothing when unknown, elapsed (expires_at <= now, or by the rules) or its user is
// not active.
std::optional<FoundSession> find_session(db::Tx& tx, std::string_view token_hash,
                                         const SessionRules& rules = {});

// The same query for a session that is there but does not count: locked until its person gives the password
// or a code again, or elapsed, which only a new sign-in mends. One in which no code was given yet of a second
// factor that its person has is locked. Nothing for a person who is not active.
enum class SessionState { open, locked, elapsed };
struct KnownSession {
  FoundSession session;
  SessionState state = SessionState::open;
};
std::optional<KnownSession> look_up_session(db::Tx& tx, std::string_view token_hash,
                                            const SessionRules& rules = {});

struct NewSession {
  std::string_view token_hash;
  std::optional<std::int64_t> user_id{};
  std::optional<std::int64_t> conference_id{};  // where it began
  Duration life = guest_session_life;
  // Where a person signed in, for their list of sessions; of a guest nothing is kept.
  std::string_view address{}, user_agent{};
  bool is_proven = false;         // a password or a code was given just now
  bool by_second_factor = false;  // a code was
};
// One that is there already (a repeated first write) is left as it is.
void create_session(db::Tx& tx, const NewSession& session);

// Sign-out. False when there was none.
bool end_session(db::Tx& tx, std::string_view token_hash);
// All sessions of a person, except the one with this token if given, and every sign-in that waits for its
// second factor. How many sessions were ended.
std::int64_t end_sessions(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash = {});

// ---- fresh proof and the lock. source: ground rules 15, 5.2.

// The person gave the password, or a code, again: the session opens, gets a new token and is proven as of
// now. False when it has ended meanwhile.
bool prove_session(db::Tx& tx, std::string_view token_hash, std::string_view new_token_hash,
                   bool by_second_factor);
// Five wrong answers lock an open session and end a locked one.
inline constexpr std::int64_t wrong_answers_at_most = 5;
enum class WrongAnswer { counted, locked, ended };
WrongAnswer count_wrong_answer(db::Tx& tx, std::string_view token_hash);
bool lock_session(db::Tx& tx, std::string_view token_hash);
// All of a person's but this one, after a second factor was set up: they ask for a code of it.
void lock_other_sessions(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash);

// A person's sessions as their account page shows them, the latest visit first.
struct SessionSummary {
  std::string id;  // names it on that page; opens nothing
  std::string address, user_agent;
  Instant created_at;
  Instant last_seen_at;
  bool is_current = false;
};
std::vector<SessionSummary> list_sessions(db::Tx& tx, std::int64_t user_id,
                                          std::string_view current_token_hash);
// One of a person's own, by its SessionSummary id. False when there was none.
bool end_session_of(db::Tx& tx, std::int64_t user_id, std::string_view id);

struct SessionVisit {
  std::string token_hash;
  Instant seen_at;
};
// Writes last_seen of many sessions in one write of the background; never moves it back. One that ended is
// skipped.
void touch_sessions(db::Tx& tx, std::span<const SessionVisit> visits);

// Deletes at most `limit` elapsed sessions; how many.
std::int64_t sweep_sessions(db::Tx& tx, std::int64_t limit = 500);

}  // namespace plenary::accounts
