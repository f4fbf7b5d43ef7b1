#include "templating/error.hpp"

#include <fmt/format.h>

namespace plenary::templating {

void TemplateError::set_place(std::string_view template_name, int line, int column, std::string_view text) {
  template_name_ = template_name;
  line_ = line;
  column_ = column;
  constexpr std::size_t shown = 200;
  text_ = text.substr(0, shown);
  full_ = fmt::format("{}:{}:{}: {}", template_name_, line_, column_, message_);
  if (!text_.empty()) full_ += fmt::format(" (in {})", text_);
}

}  // namespace plenary::templating
