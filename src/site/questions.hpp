// Questions inside a form and their answers on a page: the fields of django_program/includes/questions.html,
// what was typed in them, the files that came with it, and what stands on review, order and ticket. Files
// are stored as soon as they come, so that a form that is refused keeps them. One request, its thread; bytes
// are written on the slow pool. source: registration 20, D31 and D37; ground rules 15, 4.1 and 4.2.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "domain/registration/questions.hpp"
#include "site/page.hpp"
#include "site/values.hpp"
#include "site/visit.hpp"
#include "templating/value.hpp"
#include "web/form_data.hpp"

namespace plenary::site {

// Bytes of a form with files in it. A larger one is refused before it is read.
inline constexpr std::size_t largest_form_with_files = 11 * 1024 * 1024;

// Everything that a form says in fields of questions, asked or not.
std::vector<registration::GivenAnswer> given_answers(const web::FormData& form);

struct AnswerForm {
  registration::OrderUnits bought;
  std::vector<registration::QuestionPlace> asked;
  std::vector<registration::GivenAnswer> given;
  std::vector<Refused> faults;  // of a form that was sent
  bool valid() const { return faults.empty(); }
};

// Of the checkout of this cart, with what was typed before.
AnswerForm checkout_answers(const Visit& visit, const CartPage& cart,
                            std::vector<registration::GivenAnswer> given);
// As posted, everything wrong at once; its files are stored.
Task<AnswerForm> bind_checkout_answers(Site& site, web::Request& request, const CartPage& cart);
// With the cart, so that whoever leaves a refused form and comes back finds them.
Task<void> keep_typed_answers(Site& site, web::Request& request, const AnswerForm& form);
// Stores the files that came for these questions; the answers name them.
Task<void> take_files(Site& site, web::Request& request, AnswerForm& form);

// What is kept, as it would be given: for seeing what still waits. Files count by being there.
std::vector<registration::GivenAnswer> as_given(std::span<const registration::KeptAnswer> kept);
bool asks_at(const AnswerForm& form, std::int64_t position);
std::int64_t missing_of(const AnswerForm& form, std::int64_t position);  // required ones without an answer

// What is wrong, for the error summary.
std::vector<Fault> answer_faults(const web::Request& request, const AnswerForm& form);
// "Ticket 2: Individual"; of 0: "Your order".
std::string position_title(const web::Request& request, const Visit& visit, std::int64_t position,
                           std::int64_t ticket_type_id);

// The variables `questions` (a list of fieldsets) and `has_files` of a page.
void set_questions(Page& page, const AnswerForm& form);
// `answers` (groups of question and answer) and `answer_fields` (hidden ones) of the review.
void set_answers(Page& page, const AnswerForm& form);

// Groups for django_program/includes/answers.html.
struct ShownAnswers {
  std::int64_t position = 0;
  std::int64_t ticket_type_id = 0;
  std::string change_url = {};  // empty: they do not change here
  bool is_holders = false;      // the holder answers, and nobody else reads it
  std::int64_t missing = 0;     // required ones without an answer
};
templating::Value shown_answers_value(const web::Request& request, const Visit& visit,
                                      std::span<const ShownAnswers> groups,
                                      const std::vector<registration::KeptAnswer>& kept,
                                      const std::string& files_url);

}  // namespace plenary::site
