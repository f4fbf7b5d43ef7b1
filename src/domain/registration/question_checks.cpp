// What may be an answer, and which conditional questions are asked. Pure.
#include <algorithm>
#include <charconv>

#include "base/countries.hpp"
#include "base/decimal.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "domain/registration/questions.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t longest_text = 1000, longest_paragraph = 10'000, longest_number = 30;
constexpr std::size_t longest_sent = 64 * 1024;  // bytes; more is not even looked at

struct Clean {
  std::string value, shown;
  std::optional<Refused> fault;
};

std::string with_plain_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool has_only_breaks(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\t', ' ');
  return !has_control_characters(text);
}

std::optional<std::size_t> count_of(const std::string& text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "1,5" is a number to half of Europe.
std::optional<Decimal> typed_number(std::string text) {
  const auto comma = std::find(text.begin(), text.end(), ',');
  if (comma != text.end() && text.find('.') == std::string::npos) *comma = '.';
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
  });
  return plain && text.size() <= longest_number ? Decimal::parse(text) : std::nullopt;
}

std::vector<std::string_view> parts_of(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (const std::string_view part = trimmed(list.substr(0, comma)); !part.empty()) parts.push_back(part);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

class AnswerCheck {
 public:
  AnswerCheck(const AskedQuestion& asked, std::string field) : asked_(asked), field_(std::move(field)) {}

  Clean run(std::string_view sent) const {
    if (sent.size() > longest_sent || !is_valid_utf8(sent))
      return fault("too_long", message("This is too long."));
    const std::string text(trimmed(sent));
    if (text.empty()) {
      if (!asked_.question.is_required) return {};
      return fault("required", missing());
    }
    switch (asked_.question.kind) {
      case QuestionKind::text:
        if (has_control_characters(text))
          return fault("invalid", message("Remove line breaks and other control characters."));
        return of_length(text, longest_text);
      case QuestionKind::paragraph: {
        const std::string lines = with_plain_line_ends(text);
        if (!has_only_breaks(lines)) return fault("invalid", message("Remove control characters."));
        return of_length(lines, longest_paragraph);
      }
      case QuestionKind::number:
        return number(text);
      case QuestionKind::choice:
        if (const QuestionOption* option = asked_.option(text)) return {option->slug, option->label, {}};
        return fault("no_such_option", message("Choose one of the answers that are offered."));
      case QuestionKind::several:
        return several(text);
      case QuestionKind::date:
        return day(text);
      case QuestionKind::country:
        if (const std::string code = ascii_upper(text); is_country(code)) return {code, code, {}};
        return fault("no_such_option", message("Choose a country from the list."));
      case QuestionKind::file:
        return file(text);
      case QuestionKind::consent:
        if (text != std::to_string(asked_.question.text_version))
          return fault("consent_changed", message("This text has changed. Please read it again."));
        return {"1", "yes", {}};
    }
    return {};
  }

 private:
  Clean fault(const char* code, const char* text, Refused::Arguments arguments = {}) const {
    return {{}, {}, Refused(code, text, std::move(arguments), field_)};
  }

  const char* missing() const {
    switch (asked_.question.kind) {
      case QuestionKind::choice:
      case QuestionKind::country:
        return message("Please choose one.");
      case QuestionKind::several:
        return message("Please choose at least one.");
      case QuestionKind::file:
        return message("Please choose a file.");
      case QuestionKind::consent:
        return message("Please tick this box.");
      default:
        return message("Please fill in this field.");
    }
  }

  Clean of_length(const std::string& text, std::size_t longest) const {
    const std::size_t most = std::min(longest, count_of(asked_.question.maximum).value_or(longest));
    const std::size_t least = count_of(asked_.question.minimum).value_or(0);
    const std::size_t length = character_count(text);
    if (length > most)
      return fault("too_long", message("Use at most {max} characters."), {{"max", std::to_string(most)}});
    if (length < least)
      return fault("too_short", message("Write at least {min} characters."),
                   {{"min", std::to_string(least)}});
    return {text, text, {}};
  }

  Clean number(const std::string& text) const {
    const std::optional<Decimal> value = typed_number(text);
    if (!value) return fault("invalid", message("Write a number, such as 12 or 1.5."));
    const auto least = Decimal::parse(asked_.question.minimum);
    const auto most = Decimal::parse(asked_.question.maximum);
    if (least && *value < *least)
      return fault("too_small", message("Use at least {min}."), {{"min", asked_.question.minimum}});
    if (most && *value > *most)
      return fault("too_large", message("Use at most {max}."), {{"max", asked_.question.maximum}});
    const std::string plain = value->normalized().to_string();
    return {plain, plain, {}};
  }

  Clean day(const std::string& text) const {
    const std::optional<Date> value = text.size() == 10 ? Date::parse(text) : std::nullopt;
    if (!value) return fault("invalid", message("Write a day as 2027-05-20: year, month, day."));
    const auto least = Date::parse(asked_.question.minimum), most = Date::parse(asked_.question.maximum);
    if (least && *value < *least)
      return fault("too_small", message("Choose {min} or a later day."), {{"min", least->to_string()}});
    if (most && *value > *most)
      return fault("too_large", message("Choose {max} or an earlier day."), {{"max", most->to_string()}});
    return {value->to_string(), value->to_string(), {}};
  }

  // In the order of the organisers, each once.
  Clean several(const std::string& text) const {
    std::vector<const QuestionOption*> chosen;
    for (const std::string_view slug : parts_of(text)) {
      const QuestionOption* option = asked_.option(slug);
      if (!option) return fault("no_such_option", message("Choose from the answers that are offered."));
      chosen.push_back(option);
    }
    Clean clean;
    for (const QuestionOption& option : asked_.options) {
      if (std::find(chosen.begin(), chosen.end(), &option) == chosen.end()) continue;
      clean.value += (clean.value.empty() ? "" : ",") + option.slug;
      clean.shown += (clean.shown.empty() ? "" : ", ") + option.label;
    }
    return clean;
  }

  // A handle, and behind a blank the name that the page shows while the form goes to and fro.
  Clean file(const std::string& text) const {
    const std::string handle = text.substr(0, text.find(' '));
    const bool plain = handle.size() <= 64 && std::all_of(handle.begin(), handle.end(), [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                       });
    if (!plain) return fault("file_gone", message("Please choose the file once more."));
    return {handle, text.substr(std::min(text.size(), handle.size() + 1)), {}};
  }

  const AskedQuestion& asked_;
  std::string field_;
};

bool is_answer(const AskedQuestion& question, const std::string& value, const std::string& wanted) {
  if (value.empty()) return false;
  switch (question.question.kind) {
    case QuestionKind::choice:
      return slug_key(value) == slug_key(wanted);
    case QuestionKind::several: {
      for (const std::string_view one : parts_of(value))
        if (slug_key(one) == slug_key(wanted)) return true;
      return false;
    }
    case QuestionKind::country:
      return value == ascii_upper(wanted);
    case QuestionKind::number: {
      const auto number = Decimal::parse(wanted);
      return number && *Decimal::parse(value) == *number;
    }
    default:
      return value == trimmed(wanted);
  }
}

class Sheet {
 public:
  Sheet(std::span<const QuestionPlace> asked, std::span<const GivenAnswer> given)
      : asked_(asked), given_(given), states_(asked.size(), State::unknown), clean_(asked.size()) {}

  CheckedAnswers run() {
    CheckedAnswers checked;
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      if (!is_shown(i)) continue;
      Clean& clean = clean_[i];
      if (clean.fault) {
        checked.faults.push_back(std::move(*clean.fault));
      } else if (!clean.value.empty()) {
        checked.answers.push_back(
            {asked_[i].position, asked_[i].question, std::move(clean.value), std::move(clean.shown)});
        clean.value = checked.answers.back().value;  // conditions behind it still ask
      }
    }
    return checked;
  }

 private:
  enum class State : unsigned char { unknown, asking, shown, hidden };

  bool is_shown(std::size_t i) {
    if (states_[i] == State::asking) return false;  // a circle: nobody is asked
    if (states_[i] == State::unknown) {
      states_[i] = State::asking;
      states_[i] = holds(asked_[i]) ? State::shown : State::hidden;
      if (states_[i] == State::shown)
        clean_[i] = AnswerCheck(*asked_[i].question,
                                answer_field(asked_[i].position, asked_[i].question->question.id))
                        .run(sent_for(asked_[i]));
    }
    return states_[i] == State::shown;
  }

  bool holds(const QuestionPlace& one) {
    const Question& question = one.question->question;
    if (!question.depends_on_question_id) return true;
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      if (asked_[i].position != one.position ||
          asked_[i].question->question.id != *question.depends_on_question_id)
        continue;
      return is_shown(i) && is_answer(*asked_[i].question, clean_[i].value, question.depends_on_value);
    }
    return false;  // what it depends on is not asked
  }

  std::string_view sent_for(const QuestionPlace& one) const {
    for (const GivenAnswer& answer : given_)
      if (answer.position == one.position && answer.question_id == one.question->question.id)
        return answer.value;
    return {};
  }

  std::span<const QuestionPlace> asked_;
  std::span<const GivenAnswer> given_;
  std::vector<State> states_;
  std::vector<Clean> clean_;
};

}  // namespace

const QuestionOption* AskedQuestion::option(std::string_view slug) const {
  const std::string key = slug_key(slug);
  for (const QuestionOption& one : options)
    if (slug_key(one.slug) == key) return &one;
  return nullptr;
}

CheckedAnswers check_answers(std::span<const QuestionPlace> asked, std::span<const GivenAnswer> given) {
  return Sheet(asked, given).run();
}

}  // namespace plenary::registration
