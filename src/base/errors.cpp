#include "base/errors.hpp"

#include "base/amounts.hpp"

namespace plenary {

Refused::Refused(std::string code, std::string text, Arguments arguments, std::string field)
    : code_(std::move(code)),
      text_(std::move(text)),
      field_(std::move(field)),
      message_(fill(text_, arguments)),
      arguments_(std::move(arguments)) {}

std::string fill(std::string_view text, const Refused::Arguments& arguments) {
  std::string result;
  result.reserve(text.size() + 32);
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    result.append(text.substr(0, open));
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const std::string* value = nullptr;
    if (close != std::string_view::npos) {
      const std::string_view name = text.substr(1, close - 1);
      for (const auto& argument : arguments) {
        if (argument.first == name) value = &argument.second;
      }
    }
    if (value) {
      result.append(*value);
      text.remove_prefix(close + 1);
    } else {
      result.push_back('{');
      text.remove_prefix(1);
    }
  }
  return has_marks(result) ? with_amounts(result) : result;
}

}  // namespace plenary
