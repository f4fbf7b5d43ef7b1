// The words of a Python source file, as far as settings need them: names, numbers, texts with all their
// prefixes and escapes, operators, comments, and the ends of logical lines. Nothing is executed. One fault
// ends it: PythonError with its place. Private to config/. source: ground rules 15, 1.7; Python's reference,
// "Lexical analysis".
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/errors.hpp"

namespace plenary::config {

class PythonError : public std::exception {
 public:
  PythonError(Place where, std::string found_, std::string allowed_)
      : place(where), found(std::move(found_)), allowed(std::move(allowed_)) {}
  const char* what() const noexcept override { return found.c_str(); }
  Place place;
  std::string found, allowed;
};

struct PythonToken {
  enum class Kind {
    name,
    number,    // text: as TOML would write it; imaginary ones are `other`
    text,      // text: what it means
    other,     // a text or number that is no plain value: bytes, an f-string with values, 3j
    symbol,    // text: one of ( ) [ ] { } , : = . + - * / | ; …; two-letter ones together
    comment,   // text: without # and blanks around it
    line_end,  // of a logical line: not inside brackets; text: ";" where a semicolon ends the statement
    end,
  };
  Kind kind = Kind::end;
  std::string text;
  Place place;
  std::size_t begin = 0, end = 0;  // in the source, bytes
};

// The last token is `end`. `source` is UTF-8.
std::vector<PythonToken> python_tokens(std::string_view source);

}  // namespace plenary::config
