// Typed forms: a form is declared once (fields, limits, choices), bound to what was posted, and shown again
// with every error beside its field and what was typed kept. Plain values only: pages hand FieldView to their
// templates. Domain rules add their refusals with add_error(Refused). No thread owns a FormSpec: it is
// constant after start.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "web/form_data.hpp"

namespace plenary::web {

enum class FieldKind : std::uint8_t {
  text,
  multiline,
  email,
  password,
  integer,
  decimal,
  choice,
  choices,
  checkbox,
  hidden
};

struct Choice {
  std::string value;
  std::string label;
};

struct Field {
  std::string name;
  std::string label;
  FieldKind kind = FieldKind::text;
  bool required = true;
  std::size_t max_length = 200;  // characters
  std::int64_t min = INT64_MIN;  // integer: bounds, inclusive
  std::int64_t max = INT64_MAX;
  std::vector<Choice> choices = {};
  bool is_long_list = false;  // views have its first choice alone; the page brings the others
  std::string help = {};
  std::string autocomplete = {};  // HTML token: "email", "given-name"
  std::string initial = {};
};

struct FieldError {
  std::string code;     // "required", "too_long", "not_a_number", …
  std::string text;     // template with {name} placeholders, for translation
  std::string message;  // filled
  Refused::Arguments arguments = {};
};

// One field as a template sees it.
struct FieldView {
  std::string name, id, label, kind, value, help, autocomplete;
  std::vector<std::string> errors;
  std::string error_id;  // for aria-describedby; empty without an error
  std::size_t max_length = 0;
  std::optional<std::int64_t> min, max;
  bool required = false, checked = false, invalid = false;
  struct Option {
    std::string value, label;
    bool selected = false;
  };
  std::vector<Option> options;
  // Of a long list: its other options, written once for all, none of them chosen; may be null.
  std::shared_ptr<const std::string> more_options;
};

class FormSpec {
 public:
  explicit FormSpec(std::vector<Field> fields);  // std::logic_error on a doubled name
  const std::vector<Field>& fields() const { return fields_; }
  const Field* find(std::string_view name) const;

 private:
  std::vector<Field> fields_;
};

class Form {
 public:
  // Unbound: shows initial values, no errors.
  explicit Form(const FormSpec& spec) : spec_(&spec) {}
  Form(const FormSpec& spec, std::map<std::string, std::string> initial);
  // Bound: checks everything, all errors together. Text is trimmed; line ends of multiline text become \n;
  // control characters are refused.
  static Form bind(const FormSpec& spec, const FormData& data);

  bool bound() const { return bound_; }
  bool valid() const { return bound_ && errors_.empty() && form_errors_.empty(); }

  // Cleaned values; only of a valid field. Asking for an undeclared name is std::logic_error.
  const std::string& text(std::string_view name) const;  // also email, choice, hidden, password, decimal
  std::optional<std::int64_t> integer(std::string_view name) const;
  bool checked(std::string_view name) const;
  const std::vector<std::string>& selected(std::string_view name) const;  // kind choices

  void add_error(std::string_view field, std::string code, std::string text,
                 Refused::Arguments arguments = {});
  // To its field where the form has that field, else to the form as a whole.
  void add_error(const Refused& refused);
  const std::vector<FieldError>& errors(std::string_view field) const;
  const std::vector<FieldError>& form_errors() const { return form_errors_; }

  FieldView view(std::string_view name) const;
  std::vector<FieldView> views() const;

 private:
  const FormSpec* spec_;
  bool bound_ = false;
  std::map<std::string, std::vector<std::string>, std::less<>> typed_, clean_;
  std::map<std::string, std::vector<FieldError>, std::less<>> errors_;
  std::vector<FieldError> form_errors_;
};

}  // namespace plenary::web
