// How often something may be done: by account, address, session, network. Counted in two windows, this one
// and the one before, of which the part that still matters is assumed to be spread evenly: two numbers a row,
// and never more than `count` in a stretch of `per` by that estimate. Rows know hashes alone. Functions of a
// transaction: one thread at a time. source: ground rules 15, 5.5; registration 20, D30.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/errors.hpp"
#include "base/time.hpp"
#include "config/settings.hpp"
#include "db/tx.hpp"

namespace plenary::accounts {

// One limit that an action counts against.
struct Rate {
  std::string counted_by;  // hash of the scope, the conference and the value
  config::RateLimit limit;
};
// `scope`: "network", "session". `conference_id`: 0 for what is counted over all conferences; what is written
// in a conference's lane is counted by conference, or two lanes would wait for each other.
Rate rate(std::string_view scope, std::int64_t conference_id, std::string_view value,
          const config::RateLimit& limit);

// At most this many limits for one action.
inline constexpr std::size_t rates_at_once = 4;

// The one query of count_rate, for Tx::ask_ahead.
void look_at_rates(db::Tx& tx, std::string_view kind, std::span<const Rate> rates);

// Counts one more of `kind` for all of them, or writes nothing and says when the next one is possible. One
// query and one statement (two when the limits' windows differ in length). No rates: always allowed.
std::optional<Instant> count_rate(db::Tx& tx, std::string_view kind, std::span<const Rate> rates);
// When the next one is possible, if not now; writes nothing.
std::optional<Instant> too_often(db::Tx& tx, std::string_view kind, std::span<const Rate> rates);
// Forgets what was counted: after a sign-in that worked.
void forget_rate(db::Tx& tx, std::string_view kind, const Rate& rate);

// "too_many_attempts", with how many minutes to wait.
Refused too_many_attempts(Instant now, Instant again_at);

// Deletes at most `limit` rows that no window of `longest` reaches any more; how many.
std::int64_t sweep_rates(db::Tx& tx, Duration longest, std::int64_t limit = 500);
Duration longest_window(const config::RateLimits& rates);

}  // namespace plenary::accounts
