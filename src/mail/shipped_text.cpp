#include "mail/shipped_text.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "i18n/translator.hpp"
#include "mail/wording.hpp"
#include "templating/lexer.hpp"
#include "templating/template.hpp"

namespace plenary::mail {
namespace {

using templating::Token;
using Type = Token::Type;

constexpr std::string_view folder = "django_program/mail/";

std::string unquoted(std::string_view text) {
  const bool is_quoted =
      text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return std::string(is_quoted ? text.substr(1, text.size() - 2) : text);
}

// A text inside of {% button … "Label" %}.
std::string quoted(std::string text) {
  const char quote = text.find('"') == std::string::npos ? '"' : '\'';
  std::erase(text, quote);
  return quote + text + quote;
}

class Conversion {
 public:
  Conversion(std::string_view file, std::string_view source, std::string_view language)
      : file_(file), language_(language), tokens_(templating::tokenize(source)) {}

  // Of the block `content`; of a template without blocks, all of it.
  std::string run(bool has_blocks) {
    std::string out;
    bool inside = !has_blocks;
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      const Token& token = tokens_[at_];
      if (!inside) {
        inside = token.type == Type::block && token.contents == "block content";
        continue;
      }
      if (has_blocks && token.type == Type::block && token.contents.starts_with("endblock")) break;
      convert(token, out);
    }
    return out;
  }

 private:
  [[noreturn]] void fail(const Token& token, std::string_view what) const {
    templating::TemplateError error{std::string(what)};
    error.set_place(file_, token.line, token.column, token.whole);
    throw error;
  }

  std::string translated(std::string_view text) const { return translator_.translate(language_, "", text); }

  void convert(const Token& token, std::string& out) {
    if (token.type == Type::comment) return;
    if (token.type != Type::block) {
      out += token.whole;
      return;
    }
    const auto bits = templating::split_contents(token.contents);
    const std::string_view tag = bits.front();
    if (tag == "load") return;
    if (tag == "translate" || tag == "trans") {
      translate(bits, token, out);
    } else if (tag == "blocktranslate" || tag == "blocktrans") {
      block_translate(bits, token, out);
    } else if (tag == "include") {
      include(bits, token, out);
    } else {
      out += token.whole;
    }
  }

  // "Pay now:" above an address is a button.
  void translate(const std::vector<std::string_view>& bits, const Token& token, std::string& out) {
    if (bits.size() != 2) fail(token, "this translate cannot be shown as text");
    const std::string text = translated(unquoted(bits[1]));
    if (at_ + 2 < tokens_.size()) {
      const Token &between = tokens_[at_ + 1], &address = tokens_[at_ + 2];
      const bool is_button = between.type == Type::text && between.whole == ":\n" &&
                             address.type == Type::variable && address.contents.ends_with("url");
      if (is_button) {
        out += fmt::format("{{% button {} {} %}}", address.contents, quoted(text));
        at_ += 2;
        return;
      }
    }
    out += text;
  }

  void include(const std::vector<std::string_view>& bits, const Token& token, std::string& out) {
    const std::string name = unquoted(bits.size() == 2 ? bits[1] : std::string_view());
    for (const std::string_view part : {"order_lines", "transfer"})
      if (name == fmt::format("{}{}.txt", folder, part)) {
        out += fmt::format("{{% {} %}}", part);
        return;
      }
    fail(token, "this include has no counterpart in the texts of organisers");
  }

  // The text between here and the next of these tags, as a message: {{ name }} is %(name)s.
  std::string message_until(std::string_view a, std::string_view b) {
    std::string text;
    for (++at_; at_ < tokens_.size(); ++at_) {
      const Token& token = tokens_[at_];
      if (token.type == Type::block && (token.contents == a || token.contents == b)) return text;
      if (token.type == Type::variable) {
        text += fmt::format("%({})s", token.contents);
      } else {
        for (const char c : token.whole) text += c == '%' ? std::string("%%") : std::string(1, c);
      }
    }
    fail(tokens_.back(), "a blocktranslate without its end");
  }

  // A translated message with its places as variables again.
  static std::string with_variables(std::string_view message,
                                    const std::map<std::string, std::string>& names) {
    std::string out;
    for (std::size_t at = 0; at < message.size();) {
      const std::size_t close = message.find(")s", at);
      if (message.substr(at, 2) == "%%") {
        out += '%';
        at += 2;
      } else if (message.substr(at, 2) == "%(" && close != std::string_view::npos) {
        const std::string name(message.substr(at + 2, close - at - 2));
        const auto known = names.find(name);
        out += fmt::format("{{{{ {} }}}}", known == names.end() ? name : known->second);
        at = close + 2;
      } else {
        out += message[at++];
      }
    }
    return out;
  }

  void block_translate(const std::vector<std::string_view>& bits, const Token& token, std::string& out) {
    std::map<std::string, std::string> names;
    std::string counted;
    for (std::size_t i = 1; i < bits.size(); ++i) {
      const std::size_t sign = bits[i].find('=');
      if (sign == std::string_view::npos) {
        if (bits[i] == "count" && i + 1 < bits.size()) counted = bits[i + 1].substr(0, bits[i + 1].find('='));
        continue;
      }
      names.emplace(std::string(bits[i].substr(0, sign)), std::string(bits[i].substr(sign + 1)));
    }
    const std::string one = message_until("plural", "endblocktranslate");
    if (counted.empty()) {
      out += with_variables(translated(one), names);
      return;
    }
    if (tokens_[at_].contents != "plural") fail(token, "a counted blocktranslate without its plural");
    const std::string many = message_until("endblocktranslate", "endblocktrans");
    const auto form = [&](std::int64_t n) {
      return with_variables(translator_.translate_plural(language_, "", one, many, n), names);
    };
    // Two forms are enough for the languages that are shipped; others are edited by people who speak them.
    out +=
        fmt::format("{{% if {} == 1 %}}{}{{% else %}}{}{{% endif %}}", names.at(counted), form(1), form(2));
  }

  std::string file_;
  std::string_view language_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  i18n::GettextTranslator translator_;
};

std::string converted(const templating::Engine& engine, const std::string& file, std::string_view language,
                      bool has_blocks) {
  const templating::TemplatePtr compiled = engine.get(file);
  return Conversion(file, compiled->source, language).run(has_blocks);
}

}  // namespace

TextSource shipped_text(const templating::Engine& engine, const Message& message, std::string_view language) {
  TextSource text;
  const std::string file = fmt::format("{}{}", folder, message.name);
  text.subject = one_line(converted(engine, file + "_subject.txt", language, false));
  // The frame of the shipped mails greets; in what organisers write the greeting is theirs.
  const i18n::GettextTranslator translator;
  const std::string named = translator.translate(language, "", "Hello %(name)s,"),
                    plain = translator.translate(language, "", "Hello,");
  std::string greeting = named;
  if (const std::size_t place = greeting.find("%(name)s"); place != std::string::npos)
    greeting.replace(place, 8, "{{ recipient_name }}");
  text.body = fmt::format("{{% if recipient_name %}}{}{{% else %}}{}{{% endif %}}\n\n", greeting, plain) +
              std::string(trimmed(converted(engine, file + ".txt", language, true))) + "\n";
  return text;
}

}  // namespace plenary::mail
