// The condition of {% if %} and {% elif %}: or, and, not, in, not in, is, is not, ==, !=, <, >, <=, >= with
// Python's precedence. A comparison that makes no sense is false, never an error.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "templating/context.hpp"

namespace plenary::templating {

class Parser;

class Condition {
 public:
  virtual ~Condition() = default;
  virtual Value evaluate(Context& context) const = 0;
  // The same without a copy where there is something to point at: into the context, or at `scratch`.
  virtual const Value* resolve(Context& context, Value& scratch) const {
    scratch = evaluate(context);
    return &scratch;
  }
  virtual bool holds(Context& context) const { return evaluate(context).truth(); }
};

// `bits` without the tag's name. Throws TemplateError.
std::unique_ptr<Condition> compile_condition(const Parser& parser, const std::vector<std::string_view>& bits);

}  // namespace plenary::templating
