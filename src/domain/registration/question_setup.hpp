// Questions as they are set up: all of a conference, switched off or not, with what each needs, and writing
// them one by one. What was answered is never lost: a question or a choice is switched off, not deleted.
// Functions of a transaction: one thread at a time; Refused before anything is written. Rules between
// questions (check_question) are the caller's to ask. source: registration 20, D37; docs/questions.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/questions.hpp"

namespace plenary::registration {

struct QuestionSetup {
  Question question;
  std::vector<QuestionOption> options;   // by their order, those that are not offered too
  std::vector<Id> ticket_types, addons;  // whatever the scopes say
  bool has_answers = false;              // its kind and target are fixed
};
std::vector<QuestionSetup> question_setups(db::Tx& tx, Id conference_id);  // by (order, id)

// Inserts (id == 0) or updates; a new text counts its version up. Returns the id. Refused: the first rule of
// the table that does not hold; "changed_meanwhile".
Id save(db::Tx& tx, const Question& question);
Id save(db::Tx& tx, const QuestionOption& option);
// With which products a question of scope `selected` is asked.
void set_products_of_question(db::Tx& tx, const Question& question, std::span<const Id> ticket_types,
                              std::span<const Id> addons);

// Whether a question of that kind, with these choices, can ever be answered so.
bool can_be_answered(QuestionKind kind, std::span<const std::string> choices, const std::string& value);

}  // namespace plenary::registration
