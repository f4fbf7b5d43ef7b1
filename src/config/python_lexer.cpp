#include "config/python_lexer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "config/document.hpp"

namespace plenary::config {
namespace {

using Kind = PythonToken::Kind;

constexpr std::size_t max_tokens = 500'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80);
}
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {
    if (source_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  std::vector<PythonToken> run() {
    while (at_ < source_.size()) {
      next();
      if (tokens_.size() > max_tokens) {
        throw PythonError(begin_place_, "a file of more than half a million words",
                          "a settings module, which has a few hundred");
      }
    }
    begin_token();
    if (!brackets_.empty()) {
      throw PythonError(brackets_.back().place,
                        std::string("a ") + brackets_.back().open + " that is never closed",
                        "Python with every bracket closed");
    }
    push(Kind::line_end, "");
    begin_token();
    push(Kind::end, "");
    return std::move(tokens_);
  }

 private:
  struct Bracket {
    char open;
    Place place;
  };

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool looking_at(std::string_view word) const { return source_.substr(at_).starts_with(word); }
  void advance(std::size_t bytes = 1) {
    for (; bytes > 0 && at_ < source_.size(); --bytes) {
      const char c = source_[at_++];
      if (c == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
        ++place_.column;
      }
    }
  }
  void begin_token() {
    begin_ = at_;
    begin_place_ = place_;
  }
  void push(Kind kind, std::string text) {
    tokens_.push_back({kind, std::move(text), begin_place_, begin_, at_});
  }

  void next() {
    begin_token();
    const char c = peek();
    if (c == '\n') {
      advance();
      if (brackets_.empty()) push(Kind::line_end, "");
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
      advance();
    } else if (c == '\\') {
      join_lines();
    } else if (c == '#') {
      comment();
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      number();
    } else if (c == '"' || c == '\'') {
      text("");
    } else if (is_letter(c)) {
      name();
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      throw PythonError(begin_place_, "a control character", "Python source text");
    } else {
      symbol();
    }
  }

  void join_lines() {
    advance();
    if (peek() == '\r') advance();
    if (peek() != '\n' && at_ < source_.size())
      throw PythonError(begin_place_, "a \\ that is not at the end of a line", "Python source text");
    advance();
  }

  void comment() {
    const std::size_t end = std::min(source_.find('\n', at_), source_.size());
    std::string words(trimmed(source_.substr(at_ + 1, end - at_ - 1)));
    advance(end - at_);
    push(Kind::comment, std::move(words));
  }

  void name() {
    const std::size_t begin = at_;
    while (is_letter(peek()) || is_digit(peek())) advance();
    std::string word(source_.substr(begin, at_ - begin));
    if ((peek() == '"' || peek() == '\'') && word.size() <= 2) {
      const std::string prefix = ascii_lower(word);
      for (const char* known : {"r", "u", "b", "f", "br", "rb", "fr", "rf"}) {
        if (prefix == known) return text(prefix);
      }
    }
    push(Kind::name, std::move(word));
  }

  void number() {
    const std::size_t begin = at_;
    const char second = ascii_lower(std::string(1, peek(1)))[0];
    const bool based = peek() == '0' && (second == 'x' || second == 'o' || second == 'b');
    while (is_letter(peek()) || is_digit(peek()) || (!based && peek() == '.') ||
           (!based && (peek() == '+' || peek() == '-') &&
            (source_[at_ - 1] == 'e' || source_[at_ - 1] == 'E'))) {
      advance();
    }
    std::string digits(source_.substr(begin, at_ - begin));
    std::erase(digits, '_');
    digits = ascii_lower(digits);
    if (digits.ends_with('j')) return push(Kind::other, std::move(digits));
    // TOML wants a digit on both sides of the point.
    if (digits.starts_with('.')) digits.insert(0, "0");
    if (const std::size_t dot = digits.find('.'); dot != std::string::npos && !is_digit(digits[dot + 1]))
      digits.insert(dot + 1, "0");
    const std::string allowed = based ? "0123456789abcdefxo" : "0123456789.e+-";
    const std::size_t exponent = based ? std::string::npos : digits.find('e');
    const bool twice =
        !based && (std::count(digits.begin(), digits.end(), '.') > 1 ||
                   std::count(digits.begin(), digits.end(), 'e') > 1 ||
                   (exponent != std::string::npos && digits.find('.', exponent) != std::string::npos));
    const bool leading_zero = !based && digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]);
    if (digits.find_first_not_of(allowed) != std::string::npos || leading_zero || twice ||
        digits.ends_with('e') || digits.ends_with('+') || digits.ends_with('-'))
      throw PythonError(begin_place_, in_quotes(source_.substr(begin, at_ - begin)), "a number");
    push(Kind::number, std::move(digits));
  }

  void text(const std::string& prefix) {
    const bool raw = prefix.find('r') != std::string::npos;
    const bool formatted = prefix.find('f') != std::string::npos;
    const char quote = peek();
    const std::string three(3, quote);
    const bool long_text = looking_at(three);
    advance(long_text ? 3 : 1);
    std::string meaning;
    bool plain = prefix.find('b') == std::string::npos;
    while (true) {
      if (at_ >= source_.size() || (!long_text && peek() == '\n')) {
        throw PythonError(begin_place_, "a text that is not closed",
                          long_text ? "a text that ends with " + three : "a text that ends on its line");
      }
      if (long_text ? looking_at(three) : peek() == quote) break;
      if (peek() == '\\') {
        escape(meaning, raw, plain);
        continue;
      }
      if (formatted && (peek() == '{' || peek() == '}')) {
        if (peek(1) == peek()) {
          advance();  // {{ is a brace
        } else {
          plain = false;
        }
      }
      if (peek() == '\r' && peek(1) == '\n') advance();
      meaning += peek();
      advance();
    }
    advance(long_text ? 3 : 1);
    push(plain ? Kind::text : Kind::other, std::move(meaning));
  }

  void escape(std::string& meaning, bool raw, bool& plain) {
    const Place place = place_;
    advance();
    const char c = peek();
    if (raw) {
      meaning += '\\';
      if (at_ < source_.size()) {
        meaning += c;
        advance();
      }
      return;
    }
    constexpr std::string_view letters = "\\'\"abfnrtv", values = "\\'\"\a\b\f\n\r\t\v";
    if (const std::size_t found = letters.find(c); c != '\0' && found != std::string_view::npos) {
      meaning += values[found];
      advance();
    } else if (c == '\r' && peek(1) == '\n') {
      advance(2);
    } else if (c == '\n') {
      advance();
    } else if (c >= '0' && c <= '7') {
      std::uint32_t value = 0;
      for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i, advance())
        value = value * 8 + static_cast<std::uint32_t>(peek() - '0');
      append_utf8(meaning, value);
    } else if (c == 'x' || c == 'u' || c == 'U') {
      const int length = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      std::uint32_t value = 0;
      advance();
      for (int i = 0; i < length; ++i, advance()) {
        const int digit = hex_value(peek());
        if (digit < 0)
          throw PythonError(place, std::string("\\") + c,
                            fmt::format("{} hexadecimal digits after it", length));
        value = value * 16 + static_cast<std::uint32_t>(digit);
      }
      if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        throw PythonError(place, fmt::format("\\{}{:0{}x}", c, value, length), "a Unicode character");
      append_utf8(meaning, value);
    } else if (c == 'N' && peek(1) == '{') {
      plain = false;  // a character by its name: not guessed
      advance();
    } else {
      meaning += '\\';  // as Python does with what it does not know
    }
  }

  void symbol() {
    const char c = peek();
    if (c == '(' || c == '[' || c == '{') {
      brackets_.push_back({c, begin_place_});
      if (brackets_.size() > max_nesting)
        throw PythonError(begin_place_, "brackets nested over 64 levels", "at most 64 levels");
    } else if (c == ')' || c == ']' || c == '}') {
      const char open = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (brackets_.empty())
        throw PythonError(begin_place_, std::string("a ") + c + " without its " + open, "brackets in pairs");
      if (brackets_.back().open != open) {
        throw PythonError(begin_place_, std::string("a ") + c + " that closes a " + brackets_.back().open,
                          "brackets in pairs");
      }
      brackets_.pop_back();
    }
    constexpr std::string_view pairs[] = {
        "**", "//", "==", "!=", "<=", ">=", "|=", "+=", "-=", "*=", ":=", "->"};
    for (const std::string_view pair : pairs) {
      if (!looking_at(pair)) continue;
      advance(2);
      return push(Kind::symbol, std::string(pair));
    }
    advance();
    push(c == ';' && brackets_.empty() ? Kind::line_end : Kind::symbol, std::string(1, c));
  }

  std::string_view source_;
  std::size_t at_ = 0, begin_ = 0;
  Place place_{1, 1}, begin_place_{1, 1};
  std::vector<Bracket> brackets_;
  std::vector<PythonToken> tokens_;
};

}  // namespace

std::vector<PythonToken> python_tokens(std::string_view source) {
  return Lexer(source).run();
}

}  // namespace plenary::config
