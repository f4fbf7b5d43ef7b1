#include "templating/messages.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "templating/error.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

std::string doubled_percents(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%') out += '%';
    out += c;
  }
  return out;
}

// The length of a quoted string at the start of `text`; 0 when there is none.
std::size_t quoted_length(std::string_view text) {
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[0]) {
      return i + 1;
    }
  }
  return 0;
}

// What the string at the start of `text` means; nothing when there is none.
std::string literal(std::string_view text) {
  const std::size_t length = quoted_length(text);
  std::string out;
  for (std::size_t i = 1; i + 1 < length; ++i) {
    if (text[i] == '\\' && (text[i + 1] == text[0] || text[i + 1] == '\\')) ++i;
    out += text[i];
  }
  return out;
}

class Finder {
 public:
  Finder(std::string_view source, std::string_view name) : tokens_(tokenize(source)), name_(name) {}

  std::vector<TemplateMessage> find() {
    while (at_ < tokens_.size()) {
      const Token& token = tokens_[at_++];
      if (token.type == Token::Type::text || token.type == Token::Type::comment) continue;
      marked_constants(token);
      if (token.type != Token::Type::block) continue;
      const auto bits = split_contents(token.contents);
      if (bits.empty()) continue;
      if (bits[0] == "comment") {
        while (at_ < tokens_.size() && tokens_[at_].contents != "endcomment") ++at_;
      } else if (bits[0] == "translate" || bits[0] == "trans") {
        translate(token, bits);
      } else if (bits[0] == "blocktranslate" || bits[0] == "blocktrans") {
        block(token, bits);
      }
    }
    return std::move(found_);
  }

 private:
  // _("…") anywhere in a tag or a variable.
  void marked_constants(const Token& token) {
    const std::string_view text = token.contents;
    for (std::size_t i = 0; i < text.size();) {
      const bool starts = text.substr(i, 2) == "_(" && (i == 0 || !is_name_character(text[i - 1]));
      const std::size_t quote = starts ? i + 2 : i;
      const std::size_t length = quoted_length(text.substr(quote));
      if (length == 0) {
        ++i;
        continue;
      }
      if (starts && text.substr(quote + length, 1) == ")") add(token, {}, literal(text.substr(quote)), {});
      i = quote + length;
    }
  }
  static bool is_name_character(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  static std::string context_of(const std::vector<std::string_view>& bits) {
    const auto at = std::find(bits.begin(), bits.end(), "context");
    return at == bits.end() || at + 1 == bits.end() ? std::string() : literal(at[1]);
  }

  void translate(const Token& token, const std::vector<std::string_view>& bits) {
    if (bits.size() < 2 || quoted_length(bits[1]) == 0) return;  // a variable: its text is marked elsewhere
    add(token, context_of(bits), doubled_percents(literal(bits[1])), {});
  }

  void block(const Token& token, const std::vector<std::string_view>& bits) {
    const bool trimmed = std::find(bits.begin(), bits.end(), "trimmed") != bits.end();
    std::string singular = text_until_tag(trimmed), plural;
    if (at_ < tokens_.size() && tokens_[at_].contents == "plural") {
      ++at_;
      plural = text_until_tag(trimmed);
    }
    if (at_ >= tokens_.size() || tokens_[at_].contents != fmt::format("end{}", bits[0])) {
      TemplateError error(fmt::format("'{}' is not closed", token.contents));
      error.set_place(name_, token.line, token.column, token.whole);
      throw error;
    }
    ++at_;
    add(token, context_of(bits), std::move(singular), std::move(plural));
  }

  std::string text_until_tag(bool trimmed) {
    std::string text;
    while (at_ < tokens_.size() && tokens_[at_].type != Token::Type::block)
      text += message_part(tokens_[at_++]);
    return trimmed ? trimmed_message(text) : text;
  }

  void add(const Token& token, std::string context, std::string singular, std::string plural) {
    if (!singular.empty())
      found_.push_back({std::move(context), std::move(singular), std::move(plural), token.line});
  }

  std::vector<Token> tokens_;
  std::string_view name_;
  std::size_t at_ = 0;
  std::vector<TemplateMessage> found_;
};

// A text as .po files have it.
std::string po_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

std::string file_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw TemplateError(fmt::format("{} cannot be read", file.string()));
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

}  // namespace

std::string message_part(const Token& token) {
  if (token.type == Token::Type::text) return doubled_percents(token.contents);
  if (token.type == Token::Type::variable) return fmt::format("%({})s", token.contents);
  return {};
}

std::string trimmed_message(std::string_view text) {
  std::string out;
  std::string_view rest = unicode::strip(text);
  while (true) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return out + std::string(rest);
    const std::string_view line = rest.substr(0, end);
    const std::string_view kept = unicode::strip(line);
    out += kept.empty() ? kept
                        : line.substr(0, static_cast<std::size_t>(kept.data() + kept.size() - line.data()));
    out += ' ';
    rest = rest.substr(end + 1);
    // White space and empty lines that follow belong to the same gap.
    const std::string_view next = unicode::strip(rest);
    if (next.empty()) return out;
    rest = rest.substr(static_cast<std::size_t>(next.data() - rest.data()));
  }
}

std::vector<TemplateMessage> messages_of(std::string_view source, std::string_view name) {
  return Finder(source, name).find();
}

std::string messages_of_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().filename().string().front() != '.')
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  struct Place {
    std::string plural;
    std::set<std::string> files;
  };
  std::map<std::pair<std::string, std::string>, Place> messages;
  for (const std::filesystem::path& file : files) {
    const std::string name = file.lexically_relative(folder).generic_string();
    for (TemplateMessage& message : messages_of(file_text(file), name)) {
      Place& place = messages[{std::move(message.context), std::move(message.singular)}];
      if (!message.plural.empty()) place.plural = std::move(message.plural);
      place.files.insert((folder.filename() / name).generic_string());
    }
  }
  std::string out;
  for (const auto& [key, place] : messages) {
    const auto& [context, singular] = key;
    for (const std::string& file : place.files) out += fmt::format("#: {}\n", file);
    if (singular.find("%(") != std::string::npos || singular.find("%%") != std::string::npos) {
      out += "#, python-format\n";
    }
    if (!context.empty()) out += fmt::format("msgctxt {}\n", po_text(context));
    out += fmt::format("msgid {}\n", po_text(singular));
    if (place.plural.empty()) {
      out += "msgstr \"\"\n\n";
    } else {
      out += fmt::format("msgid_plural {}\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n\n", po_text(place.plural));
    }
  }
  return out;
}

}  // namespace plenary::templating
