#include "mail/text_links.hpp"

#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "base/text.hpp"
#include "templating/lexer.hpp"
#include "templating/value.hpp"

namespace plenary::mail {
namespace {

using templating::Token;
using Type = Token::Type;

constexpr std::string_view secret = "link_url";

bool is_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// Whether the expression says the name, not a longer one.
bool says(std::string_view expression, std::string_view name) {
  for (std::size_t at = 0; (at = expression.find(name, at)) != std::string_view::npos; ++at) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_in_name(expression[at - 1])) &&
        (end == expression.size() || !is_in_name(expression[end])))
      return true;
  }
  return false;
}

std::vector<Token> tokens_of(std::string_view source) {
  std::vector<Token> kept;
  bool in_comment = false;
  for (const Token& token : templating::tokenize(source)) {
    if (token.type == Type::block && token.contents.starts_with("comment")) in_comment = true;
    if (!in_comment && (token.type == Type::variable || token.type == Type::block)) kept.push_back(token);
    if (token.type == Type::block && token.contents == "endcomment") in_comment = false;
  }
  return kept;
}

bool shows(const Token& token, std::string_view name) {
  const bool is_button = token.type == Type::block && token.contents.starts_with("button ");
  return (token.type == Type::variable || is_button) && says(token.contents, name);
}

// {% for order in orders %} … {{ order.url }}: the names of the loop's variables.
std::vector<std::string> names_over(const std::vector<Token>& tokens, std::string_view list) {
  std::vector<std::string> names;
  for (const Token& token : tokens) {
    if (token.type != Type::block) continue;
    const auto bits = templating::split_contents(token.contents);
    if (bits.size() >= 4 && bits[0] == "for" && bits[2] == "in" && bits[3] == list)
      names.emplace_back(bits[1]);
  }
  return names;
}

bool is_shown(const std::vector<Token>& tokens, std::string_view link) {
  const auto any_shows = [&](const std::string& name) {
    return std::any_of(tokens.begin(), tokens.end(), [&](const Token& one) { return shows(one, name); });
  };
  if (link != "orders.url") return any_shows(std::string(link));
  for (const std::string& name : names_over(tokens, "orders"))
    if (any_shows(name + ".url")) return true;
  return false;
}

std::string missing(std::string_view link) {
  if (link == "orders.url")
    return "the links of the orders are missing: without them nobody can open one. Write {% for order in "
           "orders %}{{ order.url }}{% endfor %} where they should stand";
  return fmt::format(
      "the link {0} is missing: without it the reader can do nothing. Write {{% button {0} \"…\" %}} or {{{{ "
      "{0} }}}} where it should stand",
      link);
}

// {{ link_url }}, {% button link_url "…" %} and {% if link_url %}, and nothing that makes something of it.
bool is_plain_use(const Token& token) {
  if (token.type == Type::variable) return token.contents == secret;
  const auto bits = templating::split_contents(token.contents);
  if (bits[0] == "button")
    return bits.size() == 3 && bits[1] == secret && bits[2].find(secret) == std::string_view::npos;
  return (bits[0] == "if" || bits[0] == "elif") && bits.size() == 2;
}

std::vector<std::string> values_of(const templating::Context& filled, std::string_view link) {
  std::vector<std::string> values;
  const auto add = [&](const templating::Value* value) {
    if (value && !value->to_text().empty()) values.push_back(value->to_text());
  };
  const std::size_t dot = link.find('.');
  const templating::Value* root = filled.find(link.substr(0, dot));
  if (!root) return values;
  if (dot == std::string_view::npos) {
    add(root);
  } else if (root->kind() == templating::Value::Kind::dict) {
    add(root->dict().find(link.substr(dot + 1)));
  } else if (root->kind() == templating::Value::Kind::list) {
    for (const templating::Value& one : root->list().items())
      if (one.kind() == templating::Value::Kind::dict) add(one.dict().find(link.substr(dot + 1)));
  }
  return values;
}

// Every time it stands there, nothing of an address is before or behind it.
bool stands_alone(std::string_view text, std::string_view link) {
  constexpr std::string_view edges = " \t\r\n\"'<>()[]";
  for (std::size_t at = 0; (at = text.find(link, at)) != std::string_view::npos; at += link.size()) {
    const std::size_t end = at + link.size();
    if (at > 0 && edges.find(text[at - 1]) == std::string_view::npos) return false;
    if (end < text.size() && edges.find(text[end]) == std::string_view::npos && text[end] != '.')
      return false;
  }
  return true;
}

}  // namespace

std::string_view link_of(const Message& message) {
  static const std::map<std::string_view, std::string_view> links{
      {"verify_address", "link_url"},  {"reset_password", "link_url"},        {"claim_order", "link_url"},
      {"invitation", "link_url"},      {"already_registered", "sign_in_url"}, {"found_orders", "orders.url"},
      {"order_link", "order.url"},     {"names_missing", "order.url"},        {"seat_link", "seat.url"},
      {"waiting_offer", "waiting.url"}};
  const auto found = links.find(message.name);
  return found == links.end() ? std::string_view() : found->second;
}

void find_link_faults(const Message& message, std::string_view part, std::string_view source,
                      std::vector<TextProblem>& problems) {
  const std::string_view link = link_of(message);
  if (link.empty() || (part == "html" && source.empty())) return;
  const std::vector<Token> tokens = tokens_of(source);
  if (link == secret)
    for (const Token& token : tokens)
      if (says(token.contents, secret) && !is_plain_use(token))
        problems.push_back(
            {std::string(part), token.line, token.column,
             "link_url opens an account: it stands as {{ link_url }} or as {% button link_url \"…\" %}, "
             "without filters and nowhere else"});
  if (part == "subject") {
    if (link == secret && is_shown(tokens, link))
      problems.push_back({"subject", 0, 0, "the link belongs into the text, not into the subject"});
    return;
  }
  if (!is_shown(tokens, link)) problems.push_back({std::string(part), 0, 0, missing(link)});
}

void require_links(const Message& message, const templating::Context& filled, const RenderedText& rendered) {
  const std::string_view link = link_of(message);
  if (link.empty()) return;
  for (const std::string& value : values_of(filled, link)) {
    const std::string escaped = html_escape(value);
    const bool in_html =
        rendered.html.find(value) != std::string::npos || rendered.html.find(escaped) != std::string::npos;
    if (rendered.text.find(value) == std::string::npos || !in_html)
      throw TextError(
          in_html ? "body" : "html",
          templating::TemplateError(missing(link) + ", and under no condition that takes it away"));
    if (link == secret && !(stands_alone(rendered.text, value) && stands_alone(rendered.html, value)))
      throw TextError("body", templating::TemplateError(
                                  "link_url opens an account: it must not be a part of another address"));
  }
}

}  // namespace plenary::mail
