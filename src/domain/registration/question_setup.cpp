#include "domain/registration/question_setup.hpp"

#include <algorithm>

#include "base/countries.hpp"
#include "base/decimal.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "domain/registration/store_questions.hpp"

namespace plenary::registration {
namespace {

[[noreturn]] void changed_meanwhile(const std::string& name) {
  throw Refused("changed_meanwhile", "{name} was changed by somebody else meanwhile.", {{"name", name}});
}

}  // namespace

std::vector<QuestionSetup> question_setups(db::Tx& tx, Id conference_id) {
  std::vector<QuestionSetup> all;
  for (Question& question :
       question_table().select(tx, "WHERE conference_id = $1 ORDER BY sort_order, id", conference_id)) {
    QuestionSetup one;
    one.options =
        question_option_table().select(tx, "WHERE question_id = $1 ORDER BY sort_order, id", question.id);
    one.ticket_types = tx.query<Id>(
        "SELECT ticket_type_id FROM question_ticket_type WHERE question_id = $1 ORDER BY ticket_type_id",
        question.id);
    one.addons = tx.query<Id>("SELECT addon_id FROM question_addon WHERE question_id = $1 ORDER BY addon_id",
                              question.id);
    one.has_answers = store::has_answers(tx, question.id);
    one.question = std::move(question);
    all.push_back(std::move(one));
  }
  return all;
}

Id save(db::Tx& tx, const Question& typed) {
  refuse_first(question_table().validate(typed));
  if (typed.id == 0) return question_table().insert(tx, typed).id;
  Question question = typed;
  const auto stored = store::question_by_id(tx, typed.id);
  if (stored && stored->label != question.label) question.text_version = stored->text_version + 1;
  if (!question_table().update(tx, question)) changed_meanwhile(question.label);
  return question.id;
}

Id save(db::Tx& tx, const QuestionOption& option) {
  refuse_first(question_option_table().validate(option));
  if (option.id == 0) return question_option_table().insert(tx, option).id;
  if (!question_option_table().update(tx, option)) changed_meanwhile(option.label);
  return option.id;
}

void set_products_of_question(db::Tx& tx, const Question& question, std::span<const Id> ticket_types,
                              std::span<const Id> addons) {
  tx.exec("DELETE FROM question_ticket_type WHERE question_id = $1", question.id);
  tx.exec("DELETE FROM question_addon WHERE question_id = $1", question.id);
  for (const Id id : ticket_types)
    tx.exec("INSERT INTO question_ticket_type (question_id, ticket_type_id) VALUES ($1, $2)", question.id,
            id);
  for (const Id id : addons)
    tx.exec("INSERT INTO question_addon (question_id, addon_id) VALUES ($1, $2)", question.id, id);
  db::bump_catalogue(tx, question.conference_id);
}

bool can_be_answered(QuestionKind kind, std::span<const std::string> choices, const std::string& value) {
  switch (kind) {
    case QuestionKind::choice:
    case QuestionKind::several:
      return std::any_of(choices.begin(), choices.end(),
                         [&](const std::string& slug) { return slug_key(slug) == slug_key(value); });
    case QuestionKind::consent:
      return value == "1";
    case QuestionKind::number:
      return Decimal::parse(value).has_value();
    case QuestionKind::date:
      return Date::parse(value).has_value();
    case QuestionKind::country:
      return is_country(ascii_upper(value));
    case QuestionKind::file:
      return false;
    default:
      return !is_blank(value);
  }
}

}  // namespace plenary::registration
