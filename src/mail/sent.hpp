// What is known of the mails about one order: sent, refused, bounced, still waiting, given up. A function of
// a transaction: one thread at a time; it reads. source: ground rules 15, 6; staff pages 70, 11.4.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "db/tx.hpp"

namespace plenary::mail {

struct SentMail {
  std::string message;    // its name: "order_confirmation"
  std::string recipient;  // empty: not written yet
  std::string status;     // "sent", "refused", "bounced", "waiting", "dead"
  std::string detail;     // what the other side said
  Instant at;
};
// Of the order and its seats, newest first, at most `limit`.
std::vector<SentMail> mails_of_order(db::Tx& tx, std::int64_t conference_id, std::int64_t order_id,
                                     std::int64_t limit = 100);

}  // namespace plenary::mail
