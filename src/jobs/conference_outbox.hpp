// The outbox as the organisers of one conference see it: what waits, what comes later, what was given up, and
// what they may do about it. Rows of other conferences and of the server itself are not theirs. Functions of
// a transaction: one thread at a time. source: dashboard 70, 14, item 11; payments 21, 11 (failures visible).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/outbox.hpp"

namespace plenary::jobs {

enum class RowState { waiting, later, dead };  // due now or being done; due at a later time; given up
std::string_view to_text(RowState state);
std::optional<RowState> row_state(std::string_view text);

struct ConferenceRow : Letter {
  RowState state = RowState::waiting;
};
struct WantedRows {
  RowState state = RowState::dead;
  std::string kind = {};       // empty: of every kind
  std::int64_t before_id = 0;  // 0: from the newest
  int limit = 50;
};
// Newest first.
std::vector<ConferenceRow> rows_of(db::Tx& tx, std::int64_t conference_id, const WantedRows& wanted);
// By kind, alphabetically; kinds without an open row are not in it.
std::vector<Backlog> backlog_of(db::Tx& tx, std::int64_t conference_id);
// A dead letter of this conference.
std::optional<ConferenceRow> find_dead(db::Tx& tx, std::int64_t conference_id, std::int64_t id);

// All dead letters of a kind up to and including `newest_id`, what whoever asks for it has seen; at most 500,
// oldest first; how many.
std::int64_t retry_all_of(db::Tx& tx, std::int64_t conference_id, std::string_view kind,
                          std::int64_t newest_id);
std::int64_t discard_all_of(db::Tx& tx, std::int64_t conference_id, std::string_view kind,
                            std::int64_t newest_id);

// Of a payload as payload() writes it; nothing where there is no such field of that type.
std::optional<std::int64_t> integer_in(std::string_view payload, std::string_view field);
std::optional<std::string> text_in(std::string_view payload, std::string_view field);

}  // namespace plenary::jobs
