// What is wrong with a template, where, and what to do. Thrown while compiling and while rendering.
// A page handler lets it pass: development shows an error page with these fields, production answers 500 and
// logs.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace plenary::templating {

class TemplateError : public std::runtime_error {
 public:
  explicit TemplateError(std::string message) : std::runtime_error(message), message_(std::move(message)) {}

  // "registration/cart.html:12:5: unknown filter 'tittle'; did you mean 'title'? (in {{ name|tittle }})"
  const char* what() const noexcept override { return full_.empty() ? message_.c_str() : full_.c_str(); }
  const std::string& message() const { return message_; }
  const std::string& template_name() const { return template_name_; }
  int line() const { return line_; }                 // from 1; 0 while the place is not known
  int column() const { return column_; }             // from 1, in characters
  const std::string& text() const { return text_; }  // the tag or variable as it stands in the file

  bool has_place() const { return line_ != 0; }
  // The first place wins: the innermost tag.
  void set_place(std::string_view template_name, int line, int column, std::string_view text);

 private:
  std::string message_, template_name_, text_, full_;
  int line_ = 0, column_ = 0;
};

// A template named by the program or by extends/include does not exist.
class TemplateNotFound : public TemplateError {
 public:
  using TemplateError::TemplateError;
};

// Nesting, loops, recursion or output beyond the engine's limits.
class TemplateLimit : public TemplateError {
 public:
  using TemplateError::TemplateError;
};

}  // namespace plenary::templating
