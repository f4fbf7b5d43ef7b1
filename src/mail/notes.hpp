// What organisers write to the buyers of chosen orders. The text is kept as a row of mail_text that no
// message has; each order gets a mail of its own through the outbox, made in pieces by a job, and a line in
// its history. A form that is sent twice, or a job that is delivered twice, mails nobody twice. Functions of
// a transaction, in the conference's lane; the job: any thread that may wait. source: payments 21, 11; staff
// pages 70, 11.3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "jobs/outbox.hpp"
#include "mail/texts.hpp"

namespace plenary::mail {

inline constexpr std::size_t most_noted_orders = 20'000;

struct Note {
  std::int64_t conference_id = 0;
  TextSource text;       // checked by check_text for note_message
  std::string language;  // it was written in
  std::vector<std::int64_t> orders;
  std::string token;  // the form's, not empty (site::Submission::hash)
};
struct NoteSent {
  std::int64_t orders = 0;
  bool is_repeat = false;  // the form was sent before: nothing was done
};
// Refused: none (no order is chosen), too_many.
NoteSent send_note(db::Tx& tx, const conference::Actor& actor, const Note& note);

// Outbox kind of a piece; payload {"text": mail_text.id, "orders": "17,18", "actor": name}.
inline constexpr std::string_view note_kind = "order_notes";
void deliver_note(db::Database& database, const jobs::Delivery& delivery);

}  // namespace plenary::mail
