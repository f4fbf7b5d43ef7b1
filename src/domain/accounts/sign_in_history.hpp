// What happened at the door of an account, for its owner: who came in, how, from where, and who was turned
// away. Beside it how long the door stays shut after attempts that failed: the wait doubles, counted for what
// was typed and, apart from that, for a browser in which the person signed in before, so that a stranger's
// attempts do not shut out the owner. Functions of a transaction: one thread at a time. source: ground rules
// 15, 5.2 to 5.5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/entity.hpp"
#include "db/tx.hpp"

namespace plenary::accounts {

// Names of SignInEvent::what.
namespace happened {
inline constexpr std::string_view signed_in = "signed_in";
inline constexpr std::string_view refused = "refused";
inline constexpr std::string_view locked_out = "locked_out";
inline constexpr std::string_view code_used = "code_used";
inline constexpr std::string_view recovery_code_used = "recovery_code_used";
inline constexpr std::string_view code_refused = "code_refused";
inline constexpr std::string_view signed_out = "signed_out";
inline constexpr std::string_view locked = "locked";
inline constexpr std::string_view unlocked = "unlocked";
inline constexpr std::string_view proof_refused = "proof_refused";
inline constexpr std::string_view sessions_ended = "sessions_ended";
inline constexpr std::string_view ended_by_staff = "ended_by_staff";
inline constexpr std::string_view factor_on = "factor_on";
inline constexpr std::string_view factor_off = "factor_off";
inline constexpr std::string_view factor_reset = "factor_reset";
inline constexpr std::string_view codes_renewed = "codes_renewed";
inline constexpr std::string_view password_changed = "password_changed";
}  // namespace happened

struct SignInEvent {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  Instant happened_at;
  std::string what;  // of `happened`
  std::string way;   // of a sign-in: SignInWay; else empty
  std::string address, user_agent;
  std::string device;  // "known": this person signed in there before; "new"; empty: not told
};
const db::Entity<SignInEvent>& sign_in_event_table();

inline constexpr Duration sign_in_history_life = Duration::days(90);

// The moment is that of the transaction.
void record_sign_in_event(db::Tx& tx, const SignInEvent& event);
// The latest first.
std::vector<SignInEvent> sign_in_history(db::Tx& tx, std::int64_t user_id, std::int64_t limit = 200);
std::int64_t sweep_sign_in_events(db::Tx& tx, std::int64_t limit = 500);

// ---- the wait that doubles

struct SignInWait {
  std::string counted_by;
  std::int64_t attempts = 0;
  Instant last_at, open_at;
};
const db::Entity<SignInWait>& sign_in_wait_table();

// So many attempts in a row are free; the next waits a minute, the one after it two, up to the longest. Two
// days without an attempt forget them.
inline constexpr std::int64_t free_attempts = 10;
inline constexpr Duration first_wait = Duration::minutes(1);
inline constexpr Duration longest_wait = Duration::hours(4);
inline constexpr Duration attempts_forgotten_after = Duration::days(2);

Duration wait_after(std::int64_t attempts);
// Counts an attempt before its password is looked at, or writes nothing and says when the door opens again.
// `counted_by`: a hash, as of accounts::rate.
std::optional<Instant> count_attempt(db::Tx& tx, std::string_view counted_by);
// Whether the door is shut by attempts that were counted.
bool is_waiting(db::Tx& tx, std::string_view counted_by);
// One of them was right.
void forget_attempts(db::Tx& tx, std::string_view counted_by);
std::int64_t sweep_sign_in_waits(db::Tx& tx, std::int64_t limit = 500);

}  // namespace plenary::accounts
