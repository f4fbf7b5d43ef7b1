#include "i18n/languages.hpp"

#include <utility>

namespace plenary::i18n {

std::string translated(std::string_view, std::string_view message, const Refused::Arguments& arguments) {
  return fill(message, arguments);
}

std::string translated(std::string_view language, std::string_view singular, std::string_view plural,
                       std::int64_t n, Refused::Arguments arguments) {
  arguments.emplace_back("n", std::to_string(n));
  return translated(language, n == 1 ? singular : plural, arguments);
}

}  // namespace plenary::i18n
