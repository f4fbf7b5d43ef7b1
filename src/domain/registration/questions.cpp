#include "domain/registration/questions.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <stdexcept>

#include "base/text.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/question_setup.hpp"
#include "domain/registration/staff_changes.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_questions.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t longest_detail = 500;
constexpr std::string_view kind_texts[] = {"text", "paragraph", "number", "choice", "several",
                                           "date", "country",   "file",   "consent"};

bool has(const std::vector<Id>& ids, Id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool addons_fit(const AskedQuestion& one, const OrderUnits& bought) {
  return one.question.addon_scope == QuestionScope::all ||
         std::any_of(bought.addons.begin(), bought.addons.end(), [&](Id id) { return has(one.addons, id); });
}

bool ticket_fits(const AskedQuestion& one, const TicketUnit& unit) {
  return one.question.ticket_scope == QuestionScope::all || has(one.ticket_types, unit.ticket_type_id);
}

// With the id of the stored file in place of its handle. Faults where a file is not there for this answer.
std::vector<Refused> look_up_files(db::Tx& tx, Id conference_id, std::optional<Id> order_id,
                                   std::vector<CheckedAnswer>& answers) {
  std::vector<Refused> faults;
  std::vector<Id> used;
  for (CheckedAnswer& answer : answers) {
    const Question& question = answer.question->question;
    if (question.kind != QuestionKind::file) continue;
    const auto file = store::file_by_handle(tx, conference_id, answer.value);
    const bool waits = file && !file->order_id && file->keep_until && *file->keep_until > tx.now();
    const bool is_kept = file && order_id && file->order_id == order_id &&
                         file->position == answer.position && !file->keep_until;
    if (!file || file->question_id != question.id || !(waits || is_kept) || has(used, file->id)) {
      faults.emplace_back("file_gone", message("Please choose the file once more."), Refused::Arguments{},
                          answer_field(answer.position, question.id));
      continue;
    }
    used.push_back(file->id);
    answer.value = std::to_string(file->id);
    answer.shown = file->name;
  }
  return faults;
}

Id number_of(const std::string& value) {
  return std::stoll(value);  // an id that this room has stored
}

void keep_if_file(db::Tx& tx, Id order_id, const CheckedAnswer& answer) {
  if (answer.question->question.kind == QuestionKind::file)
    store::keep_file(tx, number_of(answer.value), order_id, answer.position);
}

void let_go_if_file(db::Tx& tx, const AskedQuestion& question, const KeptAnswer& kept) {
  if (question.question.kind == QuestionKind::file) store::let_file_go(tx, number_of(kept.value));
}

std::string cut(std::string text, std::size_t characters) {
  if (character_count(text) <= characters) return text;
  while (character_count(text) > characters) {
    text.pop_back();
    while (!text.empty() && !is_valid_utf8(text)) text.pop_back();
  }
  return text + "…";
}

}  // namespace

std::string_view to_text(QuestionKind kind) {
  return kind_texts[static_cast<std::size_t>(kind)];
}

QuestionKind question_kind(std::string_view text) {
  const auto* const found = std::find(std::begin(kind_texts), std::end(kind_texts), text);
  if (found == std::end(kind_texts)) throw std::invalid_argument("no kind of question: " + std::string(text));
  return static_cast<QuestionKind>(found - std::begin(kind_texts));
}

OrderUnits units_of(const Catalogue& catalogue, std::span<const CartItem> items) {
  std::vector<const CartItem*> sorted;
  for (const CartItem& item : items) sorted.push_back(&item);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  OrderUnits bought;
  for (const CartItem* item : sorted) {
    if (item->kind == ProductKind::addon) {
      if (catalogue.addon(item->product_id)) bought.addons.push_back(item->product_id);
      continue;
    }
    if (!catalogue.ticket_type(item->product_id)) continue;
    for (std::int64_t unit = 0; unit < item->quantity; ++unit)
      bought.units.push_back({static_cast<std::int64_t>(bought.units.size()) + 1, item->product_id});
  }
  return bought;
}

OrderUnits units_of(std::span<const OrderLine> lines, std::span<const Seat> seats) {
  std::map<Id, std::int64_t> taken_back;  // by the line
  for (const OrderLine& line : lines)
    if (line.reverses_line_id) taken_back[*line.reverses_line_id] += line.quantity;
  OrderUnits bought;
  for (const OrderLine& line : lines) {
    if (line.reverses_line_id) continue;
    const std::int64_t units = line.quantity + taken_back[line.id];
    if (units <= 0) continue;
    if (line.addon_id) bought.addons.push_back(*line.addon_id);
    if (!line.ticket_type_id || !seats.empty()) continue;
    for (std::int64_t unit = 0; unit < units; ++unit)
      bought.units.push_back({static_cast<std::int64_t>(bought.units.size()) + 1, *line.ticket_type_id});
  }
  for (const Seat& seat : seats)
    if (seat.is_active) bought.units.push_back({seat.position, seat.ticket_type_id});
  return bought;
}

std::vector<QuestionPlace> asked_for(const Catalogue& catalogue, const OrderUnits& bought, bool at_checkout) {
  std::vector<QuestionPlace> asked;
  if (catalogue.questions.empty()) return asked;
  const auto is_now = [&](const AskedQuestion& one, QuestionTarget target) {
    return one.question.target == target && !(at_checkout && one.question.ask_at == AskAt::later) &&
           addons_fit(one, bought);
  };
  for (const AskedQuestion& one : catalogue.questions) {
    const bool fits = one.question.ticket_scope == QuestionScope::all ||
                      std::any_of(bought.units.begin(), bought.units.end(),
                                  [&](const TicketUnit& unit) { return ticket_fits(one, unit); });
    if (fits && is_now(one, QuestionTarget::order)) asked.push_back({0, &one});
  }
  for (const TicketUnit& unit : bought.units)
    for (const AskedQuestion& one : catalogue.questions)
      if (ticket_fits(one, unit) && is_now(one, QuestionTarget::attendee))
        asked.push_back({unit.position, &one});
  return asked;
}

std::string answer_field(std::int64_t position, Id question_id) {
  return "answer_" + std::to_string(position) + "_" + std::to_string(question_id);
}

std::vector<CheckedAnswer> accept_answers(db::Tx& tx, const Catalogue& catalogue,
                                          std::span<const CartItem> items,
                                          std::span<const GivenAnswer> given) {
  if (catalogue.questions.empty()) return {};
  const std::vector<QuestionPlace> asked = asked_for(catalogue, units_of(catalogue, items), true);
  CheckedAnswers checked = check_answers(asked, given);
  if (checked.faults.empty())
    checked.faults = look_up_files(tx, catalogue.conference.id, std::nullopt, checked.answers);
  if (!checked.faults.empty()) throw checked.faults.front();
  return std::move(checked.answers);
}

void record_answers(db::Tx& tx, Id order_id, std::span<const CheckedAnswer> answers) {
  for (const CheckedAnswer& answer : answers) {
    store::insert_answer(tx, order_id, answer, answer.value, answer.shown);
    keep_if_file(tx, order_id, answer);
  }
}

std::vector<KeptAnswer> answers_of(db::Tx& tx, Id order_id) {
  return store::answers_of(tx, order_id);
}

std::vector<GivenAnswer> given_of(db::Tx& tx, std::span<const KeptAnswer> kept, std::int64_t position) {
  std::vector<GivenAnswer> given;
  for (const KeptAnswer& answer : kept) {
    if (answer.position != position) continue;
    std::string value = answer.value;
    if (answer.kind == QuestionKind::consent) value = std::to_string(answer.text_version);
    if (answer.kind == QuestionKind::file) {
      const auto file = find_answer_file(tx, number_of(answer.value));
      value = file ? file->handle + " " + file->name : std::string();
    }
    given.push_back({position, answer.question_id, std::move(value)});
  }
  return given;
}

Instant answers_deadline(const Catalogue& catalogue) {
  const conference::Conference& conference = catalogue.conference;
  if (conference.answers_until) return *conference.answers_until;
  return catalogue.zone.day_start(conference.start_date);
}

bool may_change_answers_by_staff(const Order& order) {
  return order.status != OrderStatus::cancelled && order.status != OrderStatus::refunded;
}

bool may_change_answers(const Catalogue& catalogue, const Order& order, Instant now) {
  return now < answers_deadline(catalogue) && may_change_answers_by_staff(order);
}

namespace {

void drop_open(std::vector<Refused>& faults) {
  std::erase_if(faults, [](const Refused& fault) { return fault.code() == "required"; });
}

std::vector<Refused> write_answers(db::Tx& tx, const Catalogue& catalogue, const Order& order,
                                   std::int64_t position, std::span<const GivenAnswer> given,
                                   std::string_view actor, bool may_stay_open = false) {
  const std::vector<Seat> seats = store::seats_of(tx, order.id);
  std::vector<QuestionPlace> asked = asked_for(catalogue, units_of(order.lines, seats), false);
  std::erase_if(asked, [&](const QuestionPlace& one) { return one.position != position; });
  if (asked.empty()) throw NotFound("nothing is asked at this position");

  CheckedAnswers checked = check_answers(asked, given);
  std::vector<Refused> gone = look_up_files(tx, order.conference_id, order.id, checked.answers);
  std::move(gone.begin(), gone.end(), std::back_inserter(checked.faults));
  if (may_stay_open) drop_open(checked.faults);
  if (!checked.faults.empty()) return std::move(checked.faults);

  const std::vector<KeptAnswer> kept = store::answers_of(tx, order.id);
  std::string changed;
  for (const QuestionPlace& one : asked) {
    const Question& question = one.question->question;
    const auto before = std::find_if(kept.begin(), kept.end(), [&](const KeptAnswer& answer) {
      return answer.position == position && answer.question_id == question.id;
    });
    const auto after =
        std::find_if(checked.answers.begin(), checked.answers.end(),
                     [&](const CheckedAnswer& answer) { return answer.question == one.question; });
    const bool was = before != kept.end(), is = after != checked.answers.end();
    if (was == is &&
        (!is || (before->value == after->value &&
                 (question.kind != QuestionKind::consent || before->text_version == question.text_version))))
      continue;
    if (!is) store::delete_answer(tx, order.id, position, question.id);
    if (is && was) store::update_answer(tx, order.id, *after, after->value, after->shown);
    if (is && !was) store::insert_answer(tx, order.id, *after, after->value, after->shown);
    if (was) let_go_if_file(tx, *one.question, *before);
    if (is) keep_if_file(tx, order.id, *after);
    changed += (changed.empty() ? "" : " · ") + question.label;
  }
  if (!changed.empty())
    store::insert_answer_event(tx, order.id, position, actor, cut(std::move(changed), longest_detail));
  return {};
}

}  // namespace

std::vector<Refused> change_answers(db::Tx& tx, const Catalogue& catalogue, const Order& order,
                                    std::int64_t position, std::span<const GivenAnswer> given,
                                    std::string_view actor) {
  if (!may_change_answers(catalogue, order, tx.now()))
    throw Refused("too_late", message("Answers can no longer be changed. Please write to the organisers."));
  return write_answers(tx, catalogue, order, position, given, actor);
}

std::vector<Refused> change_answers_by_staff(db::Tx& tx, const Catalogue& catalogue, const Order& order,
                                             std::int64_t position, std::span<const GivenAnswer> given,
                                             std::string_view actor) {
  if (!may_change_answers_by_staff(order))
    throw Refused("not_changeable", "This order is {status}; it can no longer be changed.",
                  {{"status", std::string(to_text(order.status))}});
  return write_answers(tx, catalogue, order, position, given, actor);
}

std::vector<Refused> check_answers_of_change(const StaffPreview& preview,
                                             std::span<const GivenAnswer> given) {
  std::vector<Refused> faults = check_answers(preview.questions, given).faults;
  drop_open(faults);
  return faults;
}

void answer_with_change(db::Tx& tx, const StaffPreview& preview, const Order& order,
                        std::span<const GivenAnswer> given, std::string_view actor) {
  std::vector<std::int64_t> positions;
  for (const QuestionPlace& one : preview.questions)
    if (positions.empty() || positions.back() != one.position) positions.push_back(one.position);
  for (const std::int64_t position : positions) {
    const bool is_sent = std::any_of(given.begin(), given.end(), [&](const GivenAnswer& answer) {
      return answer.position == position && !answer.value.empty();
    });
    if (!is_sent) continue;
    const auto faults = write_answers(tx, *preview.catalogue, order, position, given, actor, true);
    if (!faults.empty()) throw faults.front();
  }
}

void forget_answers(db::Tx& tx, Id order_id, std::int64_t position) {
  if (store::delete_answers(tx, order_id, position) == 0) return;
  store::let_files_go(tx, order_id, position);
  store::insert_answer_event(tx, order_id, position, "system", "forgotten: the ticket changed hands");
}

std::vector<AnswerEvent> answer_events(db::Tx& tx, Id order_id) {
  return store::answer_events(tx, order_id);
}

std::vector<db::FieldError> check_question(db::Tx& tx, const Question& question) {
  std::vector<db::FieldError> faults;
  if (question.id != 0) {
    const auto stored = store::question_by_id(tx, question.id);
    const bool is_other = stored && (stored->kind != question.kind || stored->target != question.target);
    if (is_other && store::has_answers(tx, question.id))
      faults.push_back({stored->kind != question.kind ? "kind" : "target",
                        "rule",
                        message("There are answers to this question. Switch it off and make another one."),
                        {}});
    if (stored && stored->target != question.target) {
      if (const auto waiting = store::slug_depending_on(tx, question.id))
        faults.push_back({"target",
                          "rule",
                          message("The question “{slug}” depends on this one and is asked of the same."),
                          {{"slug", *waiting}}});
    }
  }
  if (!question.depends_on_question_id) return faults;
  const auto parent = store::question_by_id(tx, *question.depends_on_question_id);
  if (!parent || parent->conference_id != question.conference_id) {
    faults.push_back({"depends_on_question_id", "no_such", message("There is no such question."), {}});
    return faults;
  }
  if (parent->target != question.target)
    faults.push_back({"depends_on_question_id",
                      "rule",
                      message("Choose a question that is asked of the same: the order, or each ticket."),
                      {}});
  std::vector<Id> seen{question.id};
  for (auto one = parent; one; one = one->depends_on_question_id
                                         ? store::question_by_id(tx, *one->depends_on_question_id)
                                         : std::nullopt) {
    if (has(seen, one->id)) {
      faults.push_back({"depends_on_question_id",
                        "rule",
                        message("These questions would wait for each other, and nobody would be asked."),
                        {}});
      break;
    }
    seen.push_back(one->id);
  }
  if (!can_be_answered(parent->kind, store::option_slugs(tx, parent->id), question.depends_on_value))
    faults.push_back({"depends_on_value",
                      "rule",
                      message("“{question}” cannot have this answer."),
                      {{"question", parent->label}}});
  return faults;
}

ConditionText condition_text(const AskedQuestion& parent, const AskedQuestion& one) {
  if (parent.question.kind == QuestionKind::consent)
    return {message("Only if you tick “{question}”."), {{"question", parent.question.label}}};
  const QuestionOption* option = parent.option(one.question.depends_on_value);
  return {message("Only if you answer “{question}” with “{answer}”."),
          {{"question", parent.question.label},
           {"answer", option ? option->label : one.question.depends_on_value}}};
}

}  // namespace plenary::registration
