#include "web/forms.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/decimal.hpp"
#include "base/text.hpp"

namespace plenary::web {
namespace {

const std::string empty_text;
const std::vector<std::string> no_values;
const std::vector<FieldError> no_errors;

std::string_view kind_name(FieldKind kind) {
  switch (kind) {
    case FieldKind::text:
      return "text";
    case FieldKind::multiline:
      return "multiline";
    case FieldKind::email:
      return "email";
    case FieldKind::password:
      return "password";
    case FieldKind::integer:
      return "integer";
    case FieldKind::decimal:
      return "decimal";
    case FieldKind::choice:
      return "choice";
    case FieldKind::choices:
      return "choices";
    case FieldKind::checkbox:
      return "checkbox";
    case FieldKind::hidden:
      return "hidden";
  }
  return "text";
}

// Browsers send CR LF in multiline text.
std::string plain_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') continue;
      out += '\n';
    } else {
      out += text[i];
    }
  }
  return out;
}

bool has_forbidden_characters(FieldKind kind, std::string_view text) {
  if (kind == FieldKind::password) return text.find('\0') != std::string_view::npos;
  if (kind != FieldKind::multiline) return has_control_characters(text);
  std::string without;
  for (char c : text) {
    if (c != '\n' && c != '\t') without += c;
  }
  return has_control_characters(without);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool is_choice(const Field& field, std::string_view value) {
  return std::any_of(field.choices.begin(), field.choices.end(),
                     [&](const Choice& c) { return c.value == value; });
}

}  // namespace

FormSpec::FormSpec(std::vector<Field> fields) : fields_(std::move(fields)) {
  std::set<std::string_view> names;
  for (const Field& field : fields_) {
    if (!names.insert(field.name).second) {
      throw std::logic_error(fmt::format("The form declares the field {} twice.", field.name));
    }
  }
}

const Field* FormSpec::find(std::string_view name) const {
  auto at =
      std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; });
  return at == fields_.end() ? nullptr : &*at;
}

Form::Form(const FormSpec& spec, std::map<std::string, std::string> initial) : spec_(&spec) {
  for (auto& [name, value] : initial) typed_[name] = {value};
}

Form Form::bind(const FormSpec& spec, const FormData& data) {
  Form form(spec);
  form.bound_ = true;
  for (const Field& field : spec.fields()) {
    std::vector<std::string> typed;
    for (std::string_view value : data.all(field.name)) typed.emplace_back(value);
    auto refuse = [&](std::string code, std::string text, Refused::Arguments arguments = {}) {
      form.add_error(field.name, std::move(code), std::move(text), std::move(arguments));
    };

    if (field.kind == FieldKind::checkbox) {
      bool on = !typed.empty() && !typed.front().empty() && typed.front() != "0" && typed.front() != "false";
      if (field.required && !on) refuse("required", "Please tick this box.");
      if (on) form.clean_[field.name] = {"1"};
      form.typed_[field.name] = on ? std::vector<std::string>{"1"} : std::vector<std::string>{};
      continue;
    }
    if (field.kind == FieldKind::choices) {
      if (field.required && typed.empty()) refuse("required", "Please choose at least one.");
      for (const std::string& value : typed) {
        if (!is_choice(field, value)) {
          refuse("not_a_choice", "Please choose from the list.");
          break;
        }
      }
      form.typed_[field.name] = typed;
      form.clean_[field.name] = std::move(typed);
      continue;
    }

    std::string value = typed.empty() ? std::string() : std::move(typed.front());
    if (field.kind == FieldKind::multiline) value = plain_line_ends(value);
    if (field.kind != FieldKind::password) value = std::string(trimmed(value));
    form.typed_[field.name] = {value};
    if (field.kind == FieldKind::password ? value.empty() : is_blank(value)) {
      if (field.required) refuse("required", "Please fill in this field.");
      form.clean_[field.name] = {std::string()};
      continue;
    }
    if (has_forbidden_characters(field.kind, value)) {
      refuse("control_characters", "This has a character that cannot be kept. Please type it again.");
      continue;
    }
    std::size_t length = character_count(value);
    if (length > field.max_length) {
      refuse("too_long", "Please use at most {max} characters (it has {length}).",
             {{"max", fmt::format("{}", field.max_length)}, {"length", fmt::format("{}", length)}});
      continue;
    }
    switch (field.kind) {
      case FieldKind::email:
        if (!is_email(value)) refuse("not_an_email", "Please give an e-mail address, like name@example.org.");
        break;
      case FieldKind::integer: {
        std::optional<std::int64_t> number = parse_integer(value);
        if (!number) {
          refuse("not_a_number", "Please give a whole number.");
        } else if (*number < field.min) {
          refuse("too_small", "Please give a number of at least {min}.",
                 {{"min", fmt::format("{}", field.min)}});
        } else if (*number > field.max) {
          refuse("too_large", "Please give a number of at most {max}.",
                 {{"max", fmt::format("{}", field.max)}});
        }
        break;
      }
      case FieldKind::decimal:
        if (const auto number = typed_decimal(value))
          value = number->to_string();
        else
          refuse("not_a_number", "Please give a number, like 12.50.");
        break;
      case FieldKind::choice:
        if (!is_choice(field, value)) refuse("not_a_choice", "Please choose from the list.");
        break;
      default:
        break;
    }
    form.clean_[field.name] = {std::move(value)};
  }
  return form;
}

const std::string& Form::text(std::string_view name) const {
  if (!spec_->find(name)) throw std::logic_error(fmt::format("The form has no field {}.", name));
  auto at = clean_.find(name);
  return at == clean_.end() || at->second.empty() ? empty_text : at->second.front();
}

std::optional<std::int64_t> Form::integer(std::string_view name) const {
  return parse_integer(text(name));
}

bool Form::checked(std::string_view name) const {
  return text(name) == "1";
}

const std::vector<std::string>& Form::selected(std::string_view name) const {
  if (!spec_->find(name)) throw std::logic_error(fmt::format("The form has no field {}.", name));
  auto at = clean_.find(name);
  return at == clean_.end() ? no_values : at->second;
}

void Form::add_error(std::string_view field, std::string code, std::string text,
                     Refused::Arguments arguments) {
  FieldError error;
  error.code = std::move(code);
  error.message = fill(text, arguments);
  error.text = std::move(text);
  error.arguments = std::move(arguments);
  if (spec_->find(field)) {
    errors_[std::string(field)].push_back(std::move(error));
  } else {
    form_errors_.push_back(std::move(error));
  }
}

void Form::add_error(const Refused& refused) {
  add_error(refused.field(), refused.code(), refused.text(), refused.arguments());
}

const std::vector<FieldError>& Form::errors(std::string_view field) const {
  auto at = errors_.find(field);
  return at == errors_.end() ? no_errors : at->second;
}

FieldView Form::view(std::string_view name) const {
  const Field* field = spec_->find(name);
  if (!field) throw std::logic_error(fmt::format("The form has no field {}.", name));
  FieldView view;
  view.name = field->name;
  view.id = "id_" + field->name;
  view.label = field->label;
  view.kind = kind_name(field->kind);
  view.help = field->help;
  view.autocomplete = field->autocomplete;
  view.required = field->required;
  view.max_length = field->max_length;
  if (field->min != INT64_MIN) view.min = field->min;
  if (field->max != INT64_MAX) view.max = field->max;
  for (const FieldError& error : errors(name)) view.errors.push_back(error.message);
  view.invalid = !view.errors.empty();
  if (view.invalid) view.error_id = view.id + "_error";

  std::vector<std::string> values;
  if (auto at = typed_.find(name); at != typed_.end()) {
    values = at->second;
  } else if (!bound_ && !field->initial.empty()) {
    values = {field->initial};
  }
  // A password is never sent back.
  if (field->kind != FieldKind::password && !values.empty()) view.value = values.front();
  if (field->kind == FieldKind::checkbox) view.checked = !view.value.empty() && view.value != "0";
  for (const Choice& choice : field->choices) {
    bool selected = std::find(values.begin(), values.end(), choice.value) != values.end();
    view.options.push_back({choice.value, choice.label, selected});
    if (field->is_long_list) break;
  }
  return view;
}

std::vector<FieldView> Form::views() const {
  std::vector<FieldView> views;
  for (const Field& field : spec_->fields()) views.push_back(view(field.name));
  return views;
}

}  // namespace plenary::web
