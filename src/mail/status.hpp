// Whether mail gets out: for the dashboard's red line and `plenary mail status`. Functions of a transaction.
// source: ground rules 15, 6.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "db/tx.hpp"

namespace plenary::mail {

struct MailStatus {
  std::int64_t waiting = 0;       // due now, tried again later, or being sent
  std::optional<Instant> oldest;  // when the oldest of them was written
  std::int64_t dead = 0;          // given up, and not because a recipient's server refused
  std::int64_t refused = 0;       // dead because of that: the order or seat is marked
  std::string last_error;         // of the newest one that failed and waits or was given up; no addresses
};
MailStatus status(db::Tx& tx);

// A waiting mail older than this is a sign that something is wrong.
inline constexpr Duration stuck_after = Duration::minutes(15);
// Why mail is stuck, in English, for staff: "12 mails wait since …". Nothing: it is not.
std::optional<std::string> stuck(db::Tx& tx);

// The same of one conference, for its organisers' pages: mail that is due or was tried, and not sent for
// `stuck_after`; mail that was given up, but for refused recipients, which the order or seat shows.
struct StuckMail {
  std::int64_t waiting = 0;
  std::optional<Instant> since;  // of the oldest that waits
  std::int64_t dead = 0;
  bool any() const { return waiting > 0 || dead > 0; }
};
StuckMail stuck_mail(db::Tx& tx, std::int64_t conference_id);

}  // namespace plenary::mail
