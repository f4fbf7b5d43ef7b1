// Somebody's second factor: the app whose codes they give after the password, and ten recovery codes for the
// day the phone is gone. The app's secret is kept sealed (the caller opens it), recovery codes as hashes.
// Each code counts once: taking one is a conditional update, so that of two who use it at the same moment one
// gets in. Functions of a transaction: one thread at a time. source: ground rules 15, 5.3; RFC 6238, 5.2.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "db/entity.hpp"
#include "db/tx.hpp"

namespace plenary::accounts {

struct SecondFactor {
  std::int64_t user_id = 0;
  std::string secret;  // sealed
  std::optional<Instant> confirmed_at;
  std::int64_t last_step = 0;
  Instant created_at;
};
struct RecoveryCode {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::string code_hash;
  Instant created_at;
  std::optional<Instant> used_at;
};
const db::Entity<SecondFactor>& second_factor_table();
const db::Entity<RecoveryCode>& recovery_code_table();

// Where the sealed secret belongs to (base/sealing.hpp).
std::string second_factor_place(std::int64_t user_id);

// The confirmed one.
std::optional<SecondFactor> find_second_factor(db::Tx& tx, std::int64_t user_id);
// A code of this secret was given: it is the factor from now on, in place of an older one, whose recovery
// codes end.
void set_second_factor(db::Tx& tx, std::int64_t user_id, std::string_view sealed_secret, std::int64_t step);
// Takes the code of this half minute of the factor that was read: false when it, or a later one, was taken
// before, or the factor is another one by now.
bool take_code(db::Tx& tx, const SecondFactor& factor, std::int64_t step);
// With its recovery codes; false when there was none.
bool remove_second_factor(db::Tx& tx, std::int64_t user_id);

inline constexpr std::size_t recovery_codes_at_once = 10;
// "7KQ2-M4XD-…": 80 random bits each, letters and digits that nobody mistakes for another.
std::vector<std::string> new_recovery_codes(Random& random);
// Whether it could be one: typed in either case, with or without dashes.
bool is_recovery_code(std::string_view typed);
// These from now on, and none of the older ones.
void set_recovery_codes(db::Tx& tx, std::int64_t user_id, std::span<const std::string> codes);
bool take_recovery_code(db::Tx& tx, std::int64_t user_id, std::string_view typed);
std::int64_t recovery_codes_left(db::Tx& tx, std::int64_t user_id);

// ---- between the password and the factor

enum class SignInWay { password, reset, verify, claim, set_up, invitation };
std::string_view to_text(SignInWay way);

struct Challenge {
  std::string token_hash;
  std::int64_t user_id = 0;
  SignInWay way = SignInWay::password;
  std::int64_t tries = 0;
  Instant created_at, expires_at;
};
const db::Entity<Challenge>& challenge_table();

inline constexpr Duration challenge_life = Duration::minutes(15);
inline constexpr std::int64_t challenge_tries = 5;

void create_challenge(db::Tx& tx, const Challenge& challenge);  // its times are set here
// Nothing when there is none, it has elapsed, or was voided by wrong codes.
std::optional<Challenge> find_challenge(db::Tx& tx, std::string_view token_hash);
// Counts one try before its code is looked at. False: it was the last one before, the challenge is void.
bool count_challenge_try(db::Tx& tx, std::string_view token_hash);
// Ends it; false when somebody was faster.
bool end_challenge(db::Tx& tx, std::string_view token_hash);
std::int64_t sweep_challenges(db::Tx& tx, std::int64_t limit = 500);

}  // namespace plenary::accounts
