// What is asked beside the billing form: order questions once an order, attendee questions once for each of
// its ticket units; what was answered, and changing it until a deadline. Answers belong to positions: 0 is
// the order, 1 and up the seats as become_paid counts them. A question whose condition does not hold is not
// asked, and an answer to it is not kept. A conference without questions costs no statement. Functions of a
// transaction: one thread at a time; the others are pure. Refused codes: required, invalid, too_short,
// too_long, too_small, too_large, no_such_option, consent_changed, file_gone, too_late. source: registration
// 20, D33 and D37.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/time.hpp"
#include "db/entity.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

struct Catalogue;

enum class QuestionTarget : unsigned char { order, attendee };
enum class QuestionKind : unsigned char {
  text,
  paragraph,
  number,
  choice,
  several,
  date,
  country,
  file,
  consent
};
enum class AskAt : unsigned char { checkout, later };
enum class QuestionScope : unsigned char { all, selected };
std::string_view to_text(QuestionKind);
QuestionKind question_kind(std::string_view);

struct Question {
  Id id = 0, conference_id = 0;
  std::string slug;
  QuestionTarget target = QuestionTarget::attendee;
  QuestionKind kind = QuestionKind::text;
  std::string label, help;
  bool is_required = false, is_active = true;
  AskAt ask_at = AskAt::checkout;
  std::string minimum, maximum;  // a decimal, a day, or characters; empty: none
  QuestionScope ticket_scope = QuestionScope::all, addon_scope = QuestionScope::all;
  std::optional<Id> depends_on_question_id;
  std::string depends_on_value;
  std::int64_t text_version = 1;  // of the label
  std::int64_t order = 0;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

struct QuestionOption {
  Id id = 0, question_id = 0;
  std::string slug, label;
  bool is_active = true;
  std::int64_t order = 0;
  Instant created_at, updated_at;
};

// As the data admin lists them.
struct AnswerRow {
  Id id = 0, order_id = 0;
  std::int64_t position = 0;
  Id question_id = 0;
  std::string value, shown, question_text;
  std::int64_t text_version = 1;
  Instant answered_at;
};

struct AnswerEventRow {
  Id id = 0, order_id = 0;
  std::int64_t position = 0;
  Instant created_at;
  std::string actor, detail;
};

const db::Entity<Question>& question_table();
const db::Entity<QuestionOption>& question_option_table();
const db::Entity<AnswerRow>& answer_table();
const db::Entity<AnswerEventRow>& answer_event_table();

// A question that is switched on, with everything it needs; part of the catalogue.
struct AskedQuestion {
  Question question;
  std::vector<QuestionOption> options;   // active ones, in their order
  std::vector<Id> ticket_types, addons;  // where its scopes say "selected"
  const QuestionOption* option(std::string_view slug) const;
};
std::vector<AskedQuestion> questions_of(db::Tx& tx, Id conference_id);  // active, by (order, id)

// What an order is made of, as far as questions go.
struct TicketUnit {
  std::int64_t position = 0;
  Id ticket_type_id = 0;
};
struct OrderUnits {
  std::vector<TicketUnit> units;
  std::vector<Id> addons;
};
OrderUnits units_of(const Catalogue& catalogue, std::span<const CartItem> items);
// By the seats where there are some; what was taken back is not counted.
OrderUnits units_of(std::span<const OrderLine> lines, std::span<const Seat> seats);

struct QuestionPlace {
  std::int64_t position = 0;  // 0: the order
  const AskedQuestion* question = nullptr;
};
// The order's first, then those of each unit, as the organisers ordered them; conditional ones are among
// them. At checkout, those that are asked later are left out.
std::vector<QuestionPlace> asked_for(const Catalogue& catalogue, const OrderUnits& bought, bool at_checkout);

// "answer_2_17"
std::string answer_field(std::int64_t position, Id question_id);

// As a form sends it: the slug of an option, several of them with commas between, a day as "2027-05-14", two
// letters of a country, the handle of a stored file, the version of a consent's text.
struct GivenAnswer {
  std::int64_t position = 0;
  Id question_id = 0;
  std::string value;
};

struct CheckedAnswer {
  std::int64_t position = 0;
  const AskedQuestion* question = nullptr;
  std::string value, shown;  // of a file: its handle, until it is accepted
};
struct CheckedAnswers {
  std::vector<CheckedAnswer> answers;  // not of hidden questions, nor empty ones
  std::vector<Refused> faults;         // all of them, each with its field
};
// Answers to what is not asked are left out. No file is looked up.
CheckedAnswers check_answers(std::span<const QuestionPlace> asked, std::span<const GivenAnswer> given);

// All that checkout asks, checked, files looked up; throws the first fault. Before anything is written.
std::vector<CheckedAnswer> accept_answers(db::Tx& tx, const Catalogue& catalogue,
                                          std::span<const CartItem> items,
                                          std::span<const GivenAnswer> given);
// Of a new order, in the write that places it. Their files are the order's from now on.
void record_answers(db::Tx& tx, Id order_id, std::span<const CheckedAnswer> answers);

struct KeptAnswer {
  std::int64_t position = 0;
  Id question_id = 0;
  QuestionKind kind = QuestionKind::text;
  std::string value, shown, text;
  std::int64_t text_version = 1;
  Instant answered_at;
};
std::vector<KeptAnswer> answers_of(db::Tx& tx, Id order_id);  // by (position, order of the questions)

// As their form would send them: files by their handles, consents by the version that was agreed to.
std::vector<GivenAnswer> given_of(db::Tx& tx, std::span<const KeptAnswer> kept, std::int64_t position);

// Until when answers change: as the conference says, else until its first day begins in its zone.
Instant answers_deadline(const Catalogue& catalogue);
// Before that, and of an order that is not cancelled or wholly refunded.
bool may_change_answers(const Catalogue& catalogue, const Order& order, Instant now);

// Answers of one position anew, as its form has them. Faults, and nothing is written; or none. Refused
// ("too_late"). Leaves an answer_event where something changed. `actor`: "buyer", "holder".
std::vector<Refused> change_answers(db::Tx& tx, const Catalogue& catalogue, const Order& order,
                                    std::int64_t position, std::span<const GivenAnswer> given,
                                    std::string_view actor);
// A seat went to somebody else: what the former holder said is nobody's business any more.
void forget_answers(db::Tx& tx, Id order_id, std::int64_t position);

struct AnswerEvent {
  std::int64_t position = 0;
  Instant created_at;
  std::string actor, detail;
};
std::vector<AnswerEvent> answer_events(db::Tx& tx, Id order_id);  // oldest first

// Rules that need other rows, for whoever writes questions: a condition names an active question of the same
// conference and target, never in a circle, and an answer it can have. Empty: all right.
std::vector<db::FieldError> check_question(db::Tx& tx, const Question& question);
// "Only if you answer “Diet” with “Vegan”." English, with {name} places.
struct ConditionText {
  std::string text;
  Refused::Arguments arguments;
};
ConditionText condition_text(const AskedQuestion& parent, const AskedQuestion& one);

}  // namespace plenary::registration
