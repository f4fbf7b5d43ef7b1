// The SQL of the waiting list. Nothing here decides anything. Private to the room.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "domain/registration/waiting_list.hpp"

namespace plenary::registration::store {

std::vector<WaitingLine> waiting_lines(db::Tx& tx, Id conference_id);  // in which somebody waits
// Those that wait in a line and need more units at once than so many: line, what they need, all their units.
std::vector<std::tuple<Id, std::int64_t, std::int64_t>> groups_beyond(db::Tx& tx, Id conference_id,
                                                                      std::int64_t units);
Id ensure_waiting_line(db::Tx& tx, Id conference_id, const ProductChoice& product);

Id insert_waiting_entry(db::Tx& tx, const WaitingEntry& entry);  // status waiting, joined now
void insert_waiting_choice(db::Tx& tx, Id entry_id, std::int64_t rank, Id line_id, std::int64_t needs);
void insert_waiting_extra(db::Tx& tx, Id entry_id, const WantedExtra& extra);

std::optional<WaitingEntry> waiting_entry(db::Tx& tx, Id entry_id);
std::vector<WaitingPlace::Choice> waiting_choices(db::Tx& tx, Id entry_id);  // by rank, without positions
// Of the entries of that status (empty: any) from `first` to `last`, with their positions: by entry, by rank.
std::map<Id, std::vector<WaitingPlace::Choice>> choices_between(db::Tx& tx, Id conference_id,
                                                                std::string_view status, Id first, Id last);
std::vector<WaitingAddOn> waiting_extras(db::Tx& tx, Id entry_id);
// The open entry of an address whose first choice this is; an offer that is over counts as open until it is
// marked.
std::optional<Id> open_entry(db::Tx& tx, Id conference_id, std::string_view email_normalized,
                             const ProductChoice& first);
std::string order_of_cart(db::Tx& tx, Id cart_id);  // its reference; empty: none

// Those before it that wait in the line of that choice, itself included; 0: it does not wait.
std::int64_t waiting_position(db::Tx& tx, Id entry_id, std::int64_t rank);

// It takes its place in the lines of its choices, or leaves them; their counts follow.
void enter_lines(db::Tx& tx, Id entry_id, std::int64_t units);
void leave_lines(db::Tx& tx, Id entry_id, std::int64_t units);

// Who is next after that entry in a line, and fits into `room` units; nothing: nobody.
std::optional<Id> next_in_line(db::Tx& tx, Id line_id, Id after, std::int64_t room);

void set_waiting_status(db::Tx& tx, Id entry_id, WaitingStatus status);
void set_offered(db::Tx& tx, Id entry_id, std::int64_t rank, std::int64_t quantity, Instant until);
void set_extra_offered(db::Tx& tx, Id extra_id, std::int64_t quantity);
void set_accepted(db::Tx& tx, Id entry_id, Id cart_id);
void move_taken_offers(db::Tx& tx, Id from_cart, Id to_cart);  // offers that a cart took are another's
std::vector<Id> elapsed_offers(db::Tx& tx, Id conference_id, std::int64_t limit);

}  // namespace plenary::registration::store
