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

struct NewSession {
  std::string_view token_hash;
  std::optional<std::int64_t> user_id{};
  std::optional<std::int64_t> conference_id{};  // where it began
  Duration life = guest_session_life;
  // Where a person signed in, for their list of sessions; of a guest nothing is kept.
  std::string_view address{}, user_agent{};
};
// One that is there already (a repeated first write) is left as it is.
void create_session(db::Tx& tx, const NewSession& session);

// Sign-out. False when there was none.
bool end_session(db::Tx& tx, std::string_view token_hash);
// All sessions of a person, except the one with this token if given. How many were ended.
std::int64_t end_sessions(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash = {});

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
