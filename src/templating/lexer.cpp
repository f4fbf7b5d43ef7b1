#include "templating/lexer.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

// Finds the end of the tag that begins at `begin`, on the same line; npos when there is none. Remembers per
// kind of tag how far it has looked in vain, so that a line full of "{%" costs its length once.
class TagEnd {
 public:
  explicit TagEnd(std::string_view source) : source_(source) {}

  std::size_t find(std::size_t begin) {
    const char kind = source_[begin + 1];
    const char first = kind == '{' ? '}' : kind;
    std::size_t& barren = barren_[kind == '{' ? 0 : kind == '%' ? 1 : 2];
    if (begin + 2 < barren) return npos;
    for (std::size_t i = begin + 2; i < source_.size() && source_[i] != '\n'; ++i) {
      if (source_[i] == first && i + 1 < source_.size() && source_[i + 1] == '}') return i + 2;
      if (i + 1 == source_.size() || source_[i + 1] == '\n') barren = i + 1;
    }
    return npos;
  }

  static constexpr std::size_t npos = std::string_view::npos;

 private:
  std::string_view source_;
  std::size_t barren_[3] = {0, 0, 0};
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source), end_(source) {}

  std::vector<Token> run() {
    std::size_t text_begin = 0;
    std::size_t at = 0;
    while ((at = source_.find('{', at)) != std::string_view::npos) {
      const char next = at + 1 < source_.size() ? source_[at + 1] : '\0';
      if (next != '%' && next != '{' && next != '#') {
        ++at;
        continue;
      }
      const std::size_t end = end_.find(at);
      if (end == TagEnd::npos) {
        ++at;
        continue;
      }
      if (at > text_begin) add(Token::Type::text, text_begin, at);
      add_tag(at, end);
      at = text_begin = end;
    }
    if (text_begin < source_.size()) add(Token::Type::text, text_begin, source_.size());
    return std::move(tokens_);
  }

 private:
  void add_tag(std::size_t begin, std::size_t end) {
    const std::string_view content = unicode::strip(source_.substr(begin + 2, end - begin - 4));
    const char kind = source_[begin + 1];
    if (!verbatim_end_.empty()) {
      if (kind != '%' || content != verbatim_end_) return add(Token::Type::text, begin, end);
      verbatim_end_.clear();
    } else if (kind == '%' && (content == "verbatim" || content.substr(0, 9) == "verbatim ")) {
      verbatim_end_ = "end" + std::string(content);
    }
    add(kind == '%'   ? Token::Type::block
        : kind == '{' ? Token::Type::variable
                      : Token::Type::comment,
        begin, end);
    tokens_.back().contents = content;
  }

  void add(Token::Type type, std::size_t begin, std::size_t end) {
    for (; counted_ < begin; ++counted_) {
      if (source_[counted_] == '\n') {
        ++line_;
        line_begin_ = counted_ + 1;
      }
    }
    Token token;
    token.type = type;
    token.whole = token.contents = source_.substr(begin, end - begin);
    token.line = line_;
    // A line of megabytes is no place for a person to look at; counting its characters for each tag would
    // cost the square of its length. Text is never at fault.
    const std::size_t bytes = begin - line_begin_;
    token.column = type == Token::Type::text || bytes > 10000
                       ? static_cast<int>(bytes) + 1
                       : static_cast<int>(unicode::count(source_.substr(line_begin_, bytes))) + 1;
    tokens_.push_back(token);
  }

  std::string_view source_;
  TagEnd end_;
  std::vector<Token> tokens_;
  std::string verbatim_end_;
  std::size_t counted_ = 0, line_begin_ = 0;
  int line_ = 1;
};

bool space_at(std::string_view text, std::size_t at) {
  std::size_t after = at;
  return unicode::is_space(unicode::next(text, after));
}

// The position behind a quoted string that begins at `at`, or npos.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// One phrase from `begin`: plain characters and quoted strings; an unclosed quote is a plain character when
// nothing was quoted before it, else it begins the next phrase.
std::size_t end_of_phrase(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  bool quoted = false;
  while (at < text.size() && !space_at(text, at)) {
    if (text[at] != '"' && text[at] != '\'') {
      ++at;
      continue;
    }
    const std::size_t end = end_of_quoted(text, at);
    if (end != std::string_view::npos) {
      quoted = true;
      at = end;
    } else if (quoted) {
      return at;
    } else {
      while (at < text.size() && !space_at(text, at)) ++at;
      return at;
    }
  }
  return at;
}

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
  return Lexer(source).run();
}

std::vector<std::string_view> split_contents(std::string_view text) {
  std::vector<std::string_view> bits;
  std::size_t at = 0;
  while (true) {
    while (at < text.size() && space_at(text, at)) at += unicode::width(text, at);
    if (at >= text.size()) return bits;
    const std::size_t begin = at;
    at = end_of_phrase(text, at);
    const std::string_view head = text.substr(begin, 3);
    if (head == "_(\"" || head == "_('") {
      const std::string close = {head[2], ')'};
      const auto closed = [&] { return at - begin >= 2 && text.substr(at - 2, 2) == close; };
      while (!closed()) {
        std::size_t next = at;
        while (next < text.size() && space_at(text, next)) next += unicode::width(text, next);
        if (next >= text.size()) break;
        at = end_of_phrase(text, next);
      }
    }
    bits.push_back(text.substr(begin, at - begin));
  }
}

}  // namespace plenary::templating
