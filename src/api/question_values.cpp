// Questions to buyers and attendees as JSON. source: registration 20, D37.
#include "api/quote_values.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

std::string_view text_of(const db::Table& table, std::string_view column, const void* row,
                         std::string& scratch) {
  scratch = table.find_column(column)->text(row).value_or("");
  return scratch;
}

std::vector<std::string> choices_of(std::string_view column) {
  std::vector<std::string> choices;
  for (const db::Choice& choice : reg::question_table().find_column(column)->choices)
    choices.emplace_back(choice.value);
  return choices;
}

}  // namespace

Shape question_shape() {
  static const Shape option = Shape::object(
      "QuestionOption", {required("slug", Shape::text()), required("label", Shape::text(2'000))});
  Shape condition = Shape::object(
      "QuestionCondition", {required("question", Shape::text()), required("value", Shape::text(2'000))});
  condition.nullable();
  return Shape::object(
      "Question",
      {required("slug", Shape::text()),
       required("target", Shape::text().one_of(choices_of("target")), "Who answers."),
       required("kind", Shape::text().one_of(choices_of("kind"))), required("label", Shape::text(10'000)),
       required("help", Shape::text(10'000)), required("is_required", Shape::flag()),
       required("ask_at", Shape::text().one_of(choices_of("ask_at"))),
       required("version", Shape::integer(1, INT64_MAX), "Of the label: the answer to a consent."),
       required("minimum", Shape::text()), required("maximum", Shape::text()),
       required("options", Shape::list(option)),
       required("ticket_types", Shape::list(Shape::text(), 10'000),
                "Only of these; empty: of all, unless `addons` names some."),
       required("addons", Shape::list(Shape::text(), 10'000)),
       required("depends_on", condition, "Asked only where that one is answered so.")});
}

Json questions_value(const reg::Catalogue& catalogue) {
  Json list = Json::list();
  for (const reg::AskedQuestion& asked : catalogue.questions) {
    const reg::Question& question = asked.question;
    Json options = Json::list(), types = Json::list(), addons = Json::list(), depends;
    for (const reg::QuestionOption& option : asked.options)
      options.push(Json::object({{"slug", option.slug}, {"label", option.label}}));
    for (const reg::Id id : asked.ticket_types)
      if (const reg::TicketType* type = catalogue.ticket_type(id)) types.push(type->slug);
    for (const reg::Id id : asked.addons)
      if (const reg::AddOn* addon = catalogue.addon(id)) addons.push(addon->slug);
    for (const reg::AskedQuestion& other : catalogue.questions)
      if (question.depends_on_question_id == other.question.id)
        depends = Json::object({{"question", other.question.slug}, {"value", question.depends_on_value}});
    std::string scratch;
    const db::Table& table = reg::question_table();
    list.push(Json::object({{"slug", question.slug},
                            {"target", text_of(table, "target", &question, scratch)},
                            {"kind", reg::to_text(question.kind)},
                            {"label", question.label},
                            {"help", question.help},
                            {"is_required", question.is_required},
                            {"ask_at", question.ask_at == reg::AskAt::later ? "later" : "checkout"},
                            {"version", question.text_version},
                            {"minimum", question.minimum},
                            {"maximum", question.maximum},
                            {"options", std::move(options)},
                            {"ticket_types", std::move(types)},
                            {"addons", std::move(addons)},
                            {"depends_on", std::move(depends)}}));
  }
  return list;
}

Shape answer_shape() {
  return Shape::object(
      "GivenAnswer",
      {required("position", Shape::integer(0, 100'000), "0: the order's; else the ticket's, from 1."),
       required("question", Shape::text(), "Its slug."),
       required("value", Shape::text(10'000),
                "The slug of an option, several with commas between, a day, a country, the version of a "
                "consent's text. Files are sent on the pages.")});
}

std::vector<reg::GivenAnswer> given_answers(const reg::Catalogue& catalogue, const Json* answers,
                                            Faults& faults) {
  std::vector<reg::GivenAnswer> given;
  if (!answers) return given;
  for (std::size_t i = 0; i < answers->items().size(); ++i) {
    const Json& answer = answers->items()[i];
    reg::GivenAnswer one;
    one.position = answer.find("position")->integer();
    one.value = answer.find("value")->text();
    for (const reg::AskedQuestion& asked : catalogue.questions)
      if (asked.question.slug == answer.find("question")->text()) one.question_id = asked.question.id;
    if (one.question_id == 0)
      faults.push_back(
          {pointer_to(pointer_to("/answers", i), "question"), "no_such", "There is no such question."});
    given.push_back(std::move(one));
  }
  return given;
}

std::string pointer_of_answer(std::string_view field, const std::vector<reg::GivenAnswer>& given) {
  for (std::size_t i = 0; i < given.size(); ++i)
    if (reg::answer_field(given[i].position, given[i].question_id) == field)
      return pointer_to(pointer_to("/answers", i), "value");
  return "/answers";
}

}  // namespace plenary::api
