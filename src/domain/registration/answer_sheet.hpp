// All answers of a conference as one table: a row for each ticket, a column for each question; the order's
// own answers stand in the row of each of its tickets. Read in pieces by the order's id, for exports.
// Functions of a transaction: one thread at a time. source: registration 20, D37.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/registration/questions.hpp"

namespace plenary::registration {

// Every question there is or was, switched on or not.
std::vector<Question> every_question(db::Tx& tx, Id conference_id);

struct SheetRow {
  Id order_id = 0;
  std::string reference, status, buyer_name, buyer_email;
  std::int64_t position = 0;  // 0: an order without tickets
  std::string ticket_type, holder_name, holder_email;
  std::vector<std::string> shown, values;  // as the questions; empty: not answered
};

struct SheetPiece {
  std::vector<SheetRow> rows;
  Id last_order = 0;  // where the next piece goes on
  bool is_last = false;
};
// Orders that are neither cancelled nor taken back as a whole, after that one, at most so many of them; no
// tickets that were taken out.
SheetPiece answer_sheet(db::Tx& tx, Id conference_id, const std::vector<Question>& questions, Id after_order,
                        int orders = 500);

}  // namespace plenary::registration
