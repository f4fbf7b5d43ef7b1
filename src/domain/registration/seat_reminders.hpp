// Reminders to buyers of tickets that nobody is named for: whose they are, and one mail to each of these
// buyers when staff ask for it. An order is reminded once in `reminder_pause`, however often and by however
// many people it is asked for: the line in its history, written with the mail, says when it was. Functions of
// a transaction, in the conference's lane; the job: any thread that may wait. source: registration 20, D33.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/types.hpp"
#include "jobs/outbox.hpp"

namespace plenary::registration {

inline constexpr Duration reminder_pause = Duration::days(3);
inline constexpr std::string_view seats_reminded =
    "reminded of tickets without a name";  // reason of the event

// A ticket that waits for its buyer: valid, without name and address, and not checked in. One whose link was
// mailed is its holder's.
bool waits_for_name(const Seat& seat);
// Until the conference's last day is over.
Instant names_end(const Catalogue& catalogue);

// The mail; dropped when everybody is named by then, or the conference is over.
void mail_names_missing(db::Tx& tx, Id order_id, Id conference_id);

struct SeatReminders {
  std::int64_t orders = 0, seats = 0;   // to be reminded, and the tickets they are about
  std::int64_t reminded = 0;            // orders left out: it is not long ago
  std::int64_t without_address = 0;     // likewise
  std::vector<std::string> references;  // of the first that are to be reminded
  bool is_over = false;                 // the conference is: nobody is reminded any more
};
SeatReminders seat_reminders(db::Tx& tx, const Catalogue& catalogue);

struct RemindersAsked {
  std::int64_t orders = 0;
  bool is_repeat = false;  // the form was sent before: nothing was done
};
// `token`: the form's, not empty. Refused: none, over.
RemindersAsked ask_seat_reminders(db::Tx& tx, const conference::Actor& actor, const Catalogue& catalogue,
                                  const std::string& token);

// Outbox kind; payload {"actor": name}.
inline constexpr std::string_view seat_reminders_kind = "seat_reminders";
void deliver_seat_reminders(db::Database& database, const jobs::Delivery& delivery);

}  // namespace plenary::registration
