// The people of a conference for its staff: every ticket that was sold with who holds it, found by name,
// address, company, code or number of the order, filtered, page by page; their answers beside them, as a
// table; and whose required answers are missing. Functions of a transaction: one thread at a time; they read.
// source: staff pages 70, 11.1, 11.2, 14.26 and 14.33; docs/dashboard.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

enum class AttendeeState { valid, is_void };  // void: the ticket opens no door any more

struct AttendeeSearch {
  std::string text = {};  // as typed; empty: all
  std::optional<AttendeeState> state = {};
  std::optional<Id> ticket_type_id = {};
  std::optional<bool> is_checked_in = {}, is_confirmed = {};
  bool is_unnamed = false;      // nobody is named for it
  bool misses_answers = false;  // of required questions, asked of this ticket
  bool wants_count = true;      // of all that match, not only this page
};

struct Attendee {
  Seat seat;
  Id conference_id = 0;
  std::string order_reference;
  OrderStatus order_status = OrderStatus::pending;
  std::string buyer_name, buyer_email, company;
  std::optional<Id> buyer_user_id;
  bool is_sandbox = false;
  Instant created_at, ordered_at;
};

struct AttendeePage {
  std::vector<Attendee> attendees;
  std::optional<Id> next;       // there are more: behind this seat
  std::int64_t count = 0;       // of everything that matches
  bool count_is_least = false;  // there are at least so many
  bool is_counted = true;
};
// Newest first, from behind the seat `after`. Words are looked for in names and addresses of holders and in
// companies of buyers, and the newest `most_found` that have them are the ones that are found. Whoever misses
// answers is found among all tickets; they are counted when one page holds them.
inline constexpr std::int64_t most_found = 1000;
AttendeePage search_attendees(db::Tx& tx, const Catalogue& catalogue, const AttendeeSearch& search,
                              std::string_view prefix, std::optional<Id> after, std::int64_t limit);

struct AttendeeCounts {
  std::int64_t valid = 0, checked_in = 0, unnamed = 0;
};
AttendeeCounts attendee_counts(db::Tx& tx, Id conference_id);

// Of this conference; void ones too.
std::optional<Attendee> find_attendee(db::Tx& tx, Id conference_id, Id seat_id);

// What they answered, a row for each of them, in the order of `questions` (answer_sheet.hpp): as it is shown.
// Order questions stand in the row of each ticket of the order.
std::vector<std::vector<std::string>> answers_of_attendees(db::Tx& tx, const std::vector<Attendee>& attendees,
                                                           const std::vector<Question>& questions);

// Labels of the required questions of this ticket that nobody answered yet. Nothing is asked of a void one.
std::vector<std::string> missing_answers(db::Tx& tx, const Catalogue& catalogue, const Attendee& attendee);

}  // namespace plenary::registration
