#include "mail/text_names.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include <fmt/format.h>

#include "base/text.hpp"
#include "mail/variables.hpp"
#include "templating/lexer.hpp"

namespace plenary::mail {
namespace {

using templating::Token;
using Type = Token::Type;

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool in_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// The names of an expression, without quoted texts, filters and keywords.
std::vector<std::string> names_in(std::string_view text) {
  static constexpr std::array<std::string_view, 10> keywords{"and", "or",   "not",   "in",   "is",
                                                             "as",  "True", "False", "None", "reversed"};
  std::vector<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      const std::size_t end = text.find(c, at + 1);
      at = end == std::string_view::npos ? text.size() : end + 1;
    } else if (begins_name(c)) {
      const std::size_t begin = at;
      while (at < text.size() && in_name(text[at])) ++at;
      const bool is_filter = begin > 0 && text[begin - 1] == '|';
      const bool is_assigned = at < text.size() && text[at] == '=' && text.substr(at, 2) != "==";
      const std::string_view name = text.substr(begin, at - begin);
      if (!is_filter && !is_assigned && std::find(keywords.begin(), keywords.end(), name) == keywords.end())
        names.emplace_back(name);
    } else if (c >= '0' && c <= '9') {
      while (at < text.size() && in_name(text[at])) ++at;
    } else {
      ++at;
    }
  }
  return names;
}

// Names that the text itself gives: {% for line in … %}, {% with x=… %}, {% firstof … as x %}.
std::set<std::string, std::less<>> own_names(const std::vector<Token>& tokens) {
  std::set<std::string, std::less<>> own{"forloop"};
  for (const Token& token : tokens) {
    if (token.type != Type::block) continue;
    const auto bits = templating::split_contents(token.contents);
    if (bits.empty()) continue;
    if (bits[0] == "for") {
      for (std::size_t i = 1; i < bits.size() && bits[i] != "in"; ++i)
        for (const std::string& name : names_in(bits[i])) own.insert(name);
    } else if (bits[0] == "with") {
      for (std::size_t i = 1; i < bits.size(); ++i)
        if (const std::size_t sign = bits[i].find('='); sign != std::string_view::npos)
          own.emplace(bits[i].substr(0, sign));
    }
    for (std::size_t i = 1; i + 1 < bits.size(); ++i)
      if (bits[i] == "as") own.emplace(bits[i + 1]);
  }
  return own;
}

}  // namespace

void find_unknown_names(const Message& message, std::string_view part, std::string_view source,
                        std::vector<TextProblem>& problems) {
  const std::vector<Token> tokens = templating::tokenize(source);
  const auto own = own_names(tokens);
  std::vector<std::string> known;
  std::set<std::string, std::less<>> whole, lists;
  for (const Variable& variable : variables_of(message)) {
    known.emplace_back(variable.name);
    whole.emplace(variable.name);
    if (variable.is_list) lists.emplace(variable.name);
    // {% if order %} asks whether there is one at all.
    whole.emplace(variable.name.substr(0, variable.name.find('.')));
  }
  const auto is_known = [&](const std::string& name) {
    const std::string_view root = std::string_view(name).substr(0, name.find('.'));
    if (own.count(root) || whole.count(name)) return true;
    // The first one of a list.
    return std::any_of(lists.begin(), lists.end(),
                       [&](const std::string& list) { return name.starts_with(list + "."); });
  };
  bool in_comment = false;
  for (const Token& token : tokens) {
    if (token.type == Type::block && token.contents.starts_with("comment")) in_comment = true;
    if (token.type == Type::block && token.contents == "endcomment") in_comment = false;
    if (in_comment) continue;
    std::string_view expression;
    if (token.type == Type::variable) expression = token.contents;
    if (token.type == Type::block) {
      const std::size_t blank = token.contents.find_first_of(" \t");
      if (blank == std::string_view::npos) continue;
      expression = token.contents.substr(blank);
    }
    for (const std::string& name : names_in(expression)) {
      if (is_known(name)) continue;
      const std::string near = nearest(name, known);
      problems.push_back({std::string(part), token.line, token.column,
                          near.empty()
                              ? fmt::format("there is no variable '{}' in this message", name)
                              : fmt::format("there is no variable '{}' in this message; did you mean "
                                            "'{}'?",
                                            name, near)});
    }
  }
}

}  // namespace plenary::mail
