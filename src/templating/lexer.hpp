// Cuts a template into text, {{ variables }}, {% blocks %} and {# comments #}. A tag never spans lines;
// inside
// {% verbatim %} everything is text. Tokens point into the source. source: the Django template language.
#pragma once

#include <string_view>
#include <vector>

namespace plenary::templating {

struct Token {
  enum class Type : unsigned char { text, variable, block, comment } type = Type::text;
  std::string_view contents;  // between the braces, trimmed; the text itself
  std::string_view whole;     // with the braces
  int line = 1;
  int column = 1;
};

std::vector<Token> tokenize(std::string_view source);

// Splits at white space, keeping quoted phrases and _("…") together.
std::vector<std::string_view> split_contents(std::string_view contents);

}  // namespace plenary::templating
