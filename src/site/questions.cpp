#include "site/questions.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "base/pool.hpp"
#include "base/text.hpp"
#include "db/errors.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/draft.hpp"
#include "i18n/countries.hpp"
#include "i18n/formats.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/posted_files.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

using registration::AskedQuestion;
using registration::GivenAnswer;
using registration::KeptAnswer;
using registration::QuestionKind;
using registration::QuestionPlace;
using templating::Value;

constexpr std::string_view prefix = "answer_", removal = "_remove";

// "answer_2_17" -> (2, 17)
std::optional<std::pair<std::int64_t, std::int64_t>> place_of(std::string_view field) {
  if (!field.starts_with(prefix)) return std::nullopt;
  field.remove_prefix(prefix.size());
  const std::size_t line = field.find('_');
  if (line == std::string_view::npos) return std::nullopt;
  const auto position = whole_number(field.substr(0, line));
  const auto question = whole_number(field.substr(line + 1));
  if (!position || !question) return std::nullopt;
  return std::pair(*position, *question);
}

std::string field_of(const QuestionPlace& one) {
  return registration::answer_field(one.position, one.question->question.id);
}

GivenAnswer* find(std::vector<GivenAnswer>& given, const QuestionPlace& one) {
  for (GivenAnswer& answer : given)
    if (answer.position == one.position && answer.question_id == one.question->question.id) return &answer;
  return nullptr;
}

std::string_view value_of(const std::vector<GivenAnswer>& given, const QuestionPlace& one) {
  const GivenAnswer* found = find(const_cast<std::vector<GivenAnswer>&>(given), one);
  return found ? std::string_view(found->value) : std::string_view();
}

bool has_slug(std::string_view list, std::string_view slug) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (trimmed(list.substr(0, comma)) == slug) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

Value option_value(std::string_view value, std::string_view label, bool is_selected) {
  return Value::dict({{"value", Value(std::string(value))},
                      {"label", Value(std::string(label))},
                      {"is_selected", is_selected}});
}

Value options_value(const web::Request& request, const AskedQuestion& question, std::string_view typed) {
  std::vector<Value> options;
  if (question.question.kind == QuestionKind::country) {
    const std::string code = ascii_upper(typed);
    for (const i18n::NamedCountry& country : i18n::countries(language_of(request)))
      options.push_back(option_value(country.code, country.name, country.code == code));
  } else {
    const bool several = question.question.kind == QuestionKind::several;
    for (const registration::QuestionOption& option : question.options)
      options.push_back(option_value(option.slug, option.label,
                                     several ? has_slug(typed, option.slug) : option.slug == typed));
  }
  return Value::list(std::move(options));
}

// What the script waits for, as the field of the other question sends it.
std::string awaited(const AskedQuestion& parent, const std::string& wanted) {
  if (parent.question.kind == QuestionKind::consent) return std::to_string(parent.question.text_version);
  if (const registration::QuestionOption* option = parent.option(wanted)) return option->slug;
  return parent.question.kind == QuestionKind::country ? ascii_upper(wanted) : wanted;
}

Value field_value(const web::Request& request, const AnswerForm& form, const QuestionPlace& one) {
  const registration::Question& question = one.question->question;
  const std::string field = field_of(one);
  const std::string typed(value_of(form.given, one));
  std::string error, hint, depends_on, depends_value;
  for (const Refused& fault : form.faults)
    if (fault.field() == field && error.empty()) error = tr(request, fault);
  if (question.depends_on_question_id) {
    for (const QuestionPlace& parent : form.asked) {
      if (parent.position != one.position || parent.question->question.id != *question.depends_on_question_id)
        continue;
      const registration::ConditionText text = registration::condition_text(*parent.question, *one.question);
      hint = tr(request, text.text, text.arguments);
      depends_on = field_of(parent);
      depends_value = awaited(*parent.question, question.depends_on_value);
    }
  }
  const bool is_file = question.kind == QuestionKind::file;
  const std::size_t blank = std::min(typed.find(' '), typed.size());
  return Value::dict({
      {"name", Value(field)},
      {"kind", Value(registration::to_text(question.kind))},
      {"label", Value::borrowed(question.label)},
      {"help", Value::borrowed(question.help)},
      {"is_required", question.is_required},
      {"value", Value(typed)},
      {"version", question.text_version},
      {"is_checked",
       question.kind == QuestionKind::consent && typed == std::to_string(question.text_version)},
      {"file_name", Value(is_file && blank < typed.size() ? typed.substr(blank + 1) : std::string())},
      {"options", options_value(request, *one.question, typed)},
      {"minimum", Value::borrowed(question.minimum)},
      {"maximum", Value::borrowed(question.maximum)},
      {"error", Value(error)},
      {"hint", Value(hint)},
      {"depends_on", Value(depends_on)},
      {"depends_value", Value(depends_value)},
  });
}

std::int64_t ticket_type_at(const registration::OrderUnits& bought, std::int64_t position) {
  for (const registration::TicketUnit& unit : bought.units)
    if (unit.position == position) return unit.ticket_type_id;
  return 0;
}

// As people read it in their language; `shown` is how it was stored.
std::string shown_text(const web::Request& request, QuestionKind kind, const std::string& value,
                       const std::string& shown) {
  switch (kind) {
    case QuestionKind::country:
      return i18n::country_name(language_of(request), value);
    case QuestionKind::date:
      if (const auto date = Date::parse(value)) return i18n::day(language_of(request), *date);
      return shown;
    case QuestionKind::consent:
      return tr(request, message("Yes"));
    default:
      return shown;
  }
}

Value answer_value(const std::string& text, std::string shown, std::string file_url) {
  return Value::dict(
      {{"text", Value(text)}, {"shown", Value(std::move(shown))}, {"file_url", Value(std::move(file_url))}});
}

// Positions that something is asked at, in their order.
std::vector<std::int64_t> positions_of(std::span<const QuestionPlace> asked) {
  std::vector<std::int64_t> positions;
  for (const QuestionPlace& one : asked)
    if (positions.empty() || positions.back() != one.position) positions.push_back(one.position);
  return positions;
}

std::filesystem::path media_of(const Site& site) {
  return site.settings.base_directory / site.settings.server.media_dir;
}

template <class F>
auto run_slow(Pool* pool, F& fn) -> Task<std::invoke_result_t<F&>> {
  if (!pool) co_return fn();
  co_return co_await pool->run(fn);
}

}  // namespace

std::vector<GivenAnswer> given_answers(const web::FormData& form) {
  std::vector<GivenAnswer> given;
  for (const web::FormData::Field& field : form.fields()) {
    const auto place = place_of(field.name);
    if (!place) continue;
    const auto same = std::find_if(given.begin(), given.end(), [&](const GivenAnswer& answer) {
      return answer.position == place->first && answer.question_id == place->second;
    });
    if (same == given.end()) {
      given.push_back({place->first, place->second, std::string(field.value)});
    } else {  // boxes of one question
      same->value += (same->value.empty() || field.value.empty() ? "" : ",") + std::string(field.value);
    }
  }
  return given;
}

AnswerForm checkout_answers(const Visit& visit, const CartPage& cart, std::vector<GivenAnswer> given) {
  AnswerForm form;
  if (visit.catalogue->questions.empty()) return form;
  form.bought = registration::units_of(*visit.catalogue, cart.view.items);
  form.asked = registration::asked_for(*visit.catalogue, form.bought, true);
  form.given = std::move(given);
  return form;
}

Task<void> take_files(Site& site, web::Request& request, AnswerForm& form) {
  const Visit& visit = request.context<Visit>();
  const std::filesystem::path media = media_of(site);
  for (const QuestionPlace& one : form.asked) {
    if (one.question->question.kind != QuestionKind::file) continue;
    const std::string field = field_of(one);
    GivenAnswer* answer = find(form.given, one);
    if (answer && request.form().has(field + std::string(removal))) answer->value.clear();
    const web::UploadedFile* sent = request.form().file(field);
    if (!sent || (sent->filename.empty() && sent->bytes.empty())) continue;
    std::optional<Refused> refused;
    try {
      registration::AnswerFile file =
          registration::new_answer_file(random_of(request), sent->filename, sent->bytes);
      file.conference_id = visit.conference->id;
      file.question_id = one.question->question.id;
      file.uploaded_by = visit.session_hash.empty()
                             ? "network " + network_of(request.client_address(), site.settings.security)
                             : visit.session_hash;
      auto write = [&] {
        registration::write_answer_file(media, file.stored_name, sent->bytes);
        return true;
      };
      co_await run_slow(request.services().pool, write);
      std::vector<std::string> unwanted{file.stored_name};
      auto store = [&](db::Tx& tx) { return registration::store_answer_file(tx, file).gone; };
      std::exception_ptr failure;
      try {
        unwanted = co_await site.db.write(visit.conference->id, "store file", store);
      } catch (const db::OutcomeUnknown&) {  // its row may be there: the sweep knows
        unwanted.clear();
        failure = std::current_exception();
      } catch (...) {
        failure = std::current_exception();
      }
      if (!unwanted.empty()) {
        auto remove = [&] {
          registration::delete_answer_files(media, unwanted);
          return true;
        };
        co_await run_slow(request.services().pool, remove);
      }
      if (failure) std::rethrow_exception(failure);
      const std::string value = file.handle + " " + file.name;
      if (answer) {
        answer->value = value;
      } else {
        form.given.push_back({one.position, one.question->question.id, value});
      }
    } catch (const Refused& reason) {
      refused = reason;
    }
    if (refused) form.faults.emplace_back(refused->code(), refused->text(), refused->arguments(), field);
  }
}

web::FormData with_stored_files(const web::FormData& posted, const AnswerForm& form) {
  std::map<std::string, std::string> files;
  for (const QuestionPlace& one : form.asked)
    if (one.question->question.kind == QuestionKind::file)
      files[field_of(one)] = std::string(value_of(form.given, one));
  web::FormData stored;
  for (const web::FormData::Field& field : posted.fields()) {
    std::string_view name = field.name;
    if (name.ends_with(removal)) name.remove_suffix(removal.size());
    if (!files.contains(std::string(name))) stored.add(field.name, field.value);
  }
  for (const auto& [name, value] : files) stored.add(name, value);
  return stored;
}

Task<void> store_posted_files(Site& site, web::Request& request) {
  const Visit* visit = request.find_context<Visit>();
  if (!visit || !visit->conference || !visit->catalogue || request.form().files().empty()) co_return;
  AnswerForm form;
  for (const web::UploadedFile& sent : request.form().files()) {
    const auto place = place_of(sent.field);
    if (!place) continue;
    for (const AskedQuestion& asked : visit->catalogue->questions)
      if (asked.question.id == place->second && asked.question.kind == QuestionKind::file)
        form.asked.push_back({place->first, &asked});
  }
  if (form.asked.empty()) co_return;
  form.given = given_answers(request.form());
  co_await take_files(site, request, form);
  for (const Fault& fault : answer_faults(request, form)) web::flash(request, "warning", fault.message);
  request.replace_form(with_stored_files(request.form(), form));
}

std::int64_t missing_of(const AnswerForm& form, std::int64_t position) {
  std::vector<QuestionPlace> asked;
  for (const QuestionPlace& one : form.asked)
    if (one.position == position) asked.push_back(one);
  const auto faults = registration::check_answers(asked, form.given).faults;
  return std::count_if(faults.begin(), faults.end(),
                       [](const Refused& fault) { return fault.code() == "required"; });
}

// What check_answers needs to see which questions still wait; files count by being there.
std::vector<registration::GivenAnswer> as_given(std::span<const KeptAnswer> kept) {
  std::vector<registration::GivenAnswer> given;
  for (const KeptAnswer& answer : kept)
    given.push_back({answer.position, answer.question_id,
                     answer.kind == registration::QuestionKind::consent ? std::to_string(answer.text_version)
                                                                        : answer.value});
  return given;
}

bool asks_at(const AnswerForm& form, std::int64_t position) {
  return std::any_of(form.asked.begin(), form.asked.end(),
                     [&](const QuestionPlace& one) { return one.position == position; });
}

Task<AnswerForm> bind_checkout_answers(Site& site, web::Request& request, const CartPage& cart) {
  AnswerForm form = checkout_answers(request.context<Visit>(), cart, given_answers(request.form()));
  if (form.asked.empty()) co_return form;
  co_await take_files(site, request, form);
  registration::CheckedAnswers checked = registration::check_answers(form.asked, form.given);
  for (Refused& fault : checked.faults) {
    const bool known = std::any_of(form.faults.begin(), form.faults.end(),
                                   [&](const Refused& other) { return other.field() == fault.field(); });
    if (!known) form.faults.push_back(std::move(fault));
  }
  co_return form;
}

Task<void> keep_typed_answers(Site& site, web::Request& request, const AnswerForm& form) {
  if (form.given.empty()) co_return;
  const Visit& visit = request.context<Visit>();
  const registration::Visitor visitor = visit.visitor(request, site.settings.security);
  auto fn = [&](db::Tx& tx) {
    registration::keep_answers(tx, visitor, form.given);
    return true;
  };
  co_await site.db.write(visit.conference->id, "keep answers", fn);
}

std::string position_title(const web::Request& request, const Visit& visit, std::int64_t position,
                           std::int64_t ticket_type_id) {
  if (position == 0) return tr(request, message("Your order"));
  const registration::TicketType* type = visit.catalogue->ticket_type(ticket_type_id);
  if (!type) return tr(request, message("Ticket {n}"), {{"n", std::to_string(position)}});
  return tr(request, message("Ticket {position}: {type}"),
            {{"position", std::to_string(position)}, {"type", type->name}});
}

std::vector<Fault> answer_faults(const web::Request& request, const AnswerForm& form) {
  const Visit& visit = request.context<Visit>();
  std::vector<Fault> faults;
  for (const QuestionPlace& one : form.asked) {
    const std::string field = field_of(one);
    for (const Refused& fault : form.faults) {
      if (fault.field() != field) continue;
      std::string label = one.question->question.label;
      if (one.position > 0)
        label = position_title(request, visit, one.position, ticket_type_at(form.bought, one.position)) +
                " · " + label;
      faults.push_back({field, field_fault(request, label, tr(request, fault))});
    }
  }
  return faults;
}

void set_questions(Page& page, const AnswerForm& form) {
  const web::Request& request = page.request();
  const Visit& visit = request.context<Visit>();
  std::vector<Value> groups;
  bool has_files = false;
  for (const std::int64_t position : positions_of(form.asked)) {
    std::vector<Value> fields;
    for (const QuestionPlace& one : form.asked) {
      if (one.position != position) continue;
      has_files |= one.question->question.kind == QuestionKind::file;
      fields.push_back(field_value(request, form, one));
    }
    groups.push_back(Value::dict(
        {{"position", position},
         {"title", Value(position_title(request, visit, position, ticket_type_at(form.bought, position)))},
         {"fields", Value::list(std::move(fields))}}));
  }
  page.set("questions", Value::list(std::move(groups)));
  page.set("has_files", has_files);
}

void set_answers(Page& page, const AnswerForm& form) {
  const web::Request& request = page.request();
  const Visit& visit = request.context<Visit>();
  std::vector<Value> groups, fields;
  const registration::CheckedAnswers checked = registration::check_answers(form.asked, form.given);
  for (const std::int64_t position : positions_of(form.asked)) {
    std::vector<Value> answers;
    for (const registration::CheckedAnswer& answer : checked.answers) {
      if (answer.position != position) continue;
      const registration::Question& question = answer.question->question;
      answers.push_back(answer_value(
          question.label, shown_text(request, question.kind, answer.value, answer.shown), std::string()));
    }
    if (answers.empty()) continue;
    groups.push_back(Value::dict(
        {{"title", Value(position_title(request, visit, position, ticket_type_at(form.bought, position)))},
         {"answers", Value::list(std::move(answers))}}));
  }
  for (const QuestionPlace& one : form.asked) {
    const std::string value(value_of(form.given, one));
    if (!value.empty())
      fields.push_back(Value::dict({{"name", Value(field_of(one))}, {"value", Value(value)}}));
  }
  page.set("answers", Value::list(std::move(groups)));
  page.set("answer_fields", Value::list(std::move(fields)));
}

Value shown_answers_value(const web::Request& request, const Visit& visit,
                          std::span<const ShownAnswers> groups, const std::vector<KeptAnswer>& kept,
                          const std::string& files_url) {
  std::vector<Value> shown;
  for (const ShownAnswers& group : groups) {
    std::vector<Value> answers;
    for (const KeptAnswer& answer : kept) {
      if (answer.position != group.position || group.is_holders) continue;
      const std::string url =
          answer.kind == QuestionKind::file ? files_url + answer.value + "/" : std::string();
      answers.push_back(
          answer_value(answer.text, shown_text(request, answer.kind, answer.value, answer.shown), url));
    }
    if (answers.empty() && group.change_url.empty() && !group.is_holders) continue;
    shown.push_back(
        Value::dict({{"title", Value(position_title(request, visit, group.position, group.ticket_type_id))},
                     {"answers", Value::list(std::move(answers))},
                     {"change_url", Value(group.change_url)},
                     {"is_holders", group.is_holders},
                     {"missing", group.missing}}));
  }
  return Value::list(std::move(shown));
}

}  // namespace plenary::site
