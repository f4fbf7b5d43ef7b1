// Mail that came back: what a mail server or a provider reports about a message that it had taken before.
// Reports come from strangers' mail servers: nothing in them is believed but a Message-ID that we gave out
// ourselves, which nobody can guess. Parsing is pure; any thread. source: ground rules 15, 6.2; RFC 3464.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"

namespace plenary::mail {

struct Bounce {
  std::string message_id;  // of ours, without the angle brackets
  std::string recipient;   // as the report says; only shown
  std::string detail;      // why; no addresses, no control characters
  bool is_permanent = false;
};

// One object or a list of them: {"message_id": "…", "recipient": "…", "detail": "…", "permanent": true}.
// Refused tells what is wrong with it.
std::vector<Bounce> read_json_bounces(std::string_view body);
// A delivery status report as a mail server's pipe hands it over. Nothing when it is none, or names no
// message.
std::vector<Bounce> read_report(std::string_view mail);

// The message that a bounce is about, and in which lane its rows are written.
struct KnownBounce {
  std::int64_t mail_id = 0, lane = 0;
};
std::optional<KnownBounce> find_bounced(db::Tx& tx, const Bounce& bounce);
// Marks the mail and its order or seat; again changes nothing. False: it was known, or is temporary.
bool take_bounce(db::Tx& tx, const Bounce& bounce);

}  // namespace plenary::mail
