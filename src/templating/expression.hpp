// Variables with dotted lookups, literals, and filters applied to them: "order.total|floatformat:2".
// Immutable after compilation; shared by threads. Text points into the template's source.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "templating/context.hpp"
#include "templating/error.hpp"
#include "templating/library.hpp"
#include "templating/value.hpp"

namespace plenary::templating {

class Parser;

// A filter argument that names nothing. {% if %} takes it as false; everywhere else it is an error.
class VariableMissing : public TemplateError {
 public:
  using TemplateError::TemplateError;
};

class Variable {
 public:
  Variable() = default;
  // Throws TemplateError for names with leading underscores.
  explicit Variable(std::string_view text);

  // Points into the context or at `scratch`; null when there is no such thing.
  const Value* resolve(Context& context, Value& scratch) const;
  std::string_view text() const { return text_; }
  bool is_literal() const { return parts_.empty(); }
  const Value& literal() const { return literal_; }
  void translate_in(Context& context, std::string_view message_context, Value& value) const;

  bool translated = false;  // _("…")

 private:
  struct Part {
    Name name;
    std::int64_t index = -1;  // the number the name spells
  };
  const Value* lookup(Context& context, Value& scratch) const;

  std::string_view text_;
  Value literal_;
  std::vector<Part> parts_;
};

class Expression {
 public:
  Expression() = default;
  Expression(std::string_view text, const Parser& parser);

  // A missing variable gives string_if_invalid. Points into the context or at `scratch`.
  const Value* resolve(Context& context, Value& scratch) const { return run(context, scratch, false); }
  // A missing variable gives null.
  const Value* resolve_or_null(Context& context, Value& scratch) const { return run(context, scratch, true); }
  Value value(Context& context) const;
  Value value_or_null(Context& context) const;

  std::string_view text() const { return text_; }
  const Variable& variable() const { return variable_; }
  Variable& variable() { return variable_; }
  bool has_filters() const { return !calls_.empty(); }
  // The literal string this is, without filters; empty when it is something else.
  std::string_view literal_string() const;
  bool uses_filter(std::string_view name) const;
  // For {% translate %}: filters applied to a value found elsewhere.
  const Value* apply_filters(const Value* input, Context& context, Value& scratch) const;

 private:
  struct Call {
    std::string_view name;
    const Filter* filter = nullptr;
    bool has_argument = false;
    Variable argument;
  };
  const Value* run(Context& context, Value& scratch, bool null_if_missing) const;

  std::string_view text_;
  Variable variable_;
  std::vector<Call> calls_;
};

}  // namespace plenary::templating
