// What is wrong with a settings or conference file: every problem of the file, in the order of the file, each
// with its place, what was found, what is allowed and what to do. Values of secrets are never part of it.
// Catch ConfigError for all, ConfigValueError or ConfigTypeError where every problem is of that one kind,
// ConfigFileError where the file could not be read at all. source: configuration 10, 2.3, 6.3, 6.10.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::config {

// A position in a file, both from 1, counted in characters. Zero: the file as a whole.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(Place a, Place b) { return a.line == b.line && a.column == b.column; }
  friend bool operator<(Place a, Place b) { return a.line != b.line ? a.line < b.line : a.column < b.column; }
};

enum class ProblemKind {
  value,  // right type, wrong value; also something missing or unknown
  type,   // wrong TOML type
  file,   // missing, a directory, unreadable
};
std::string_view to_string(ProblemKind kind);  // "value", "type", "file"

struct Problem {
  ProblemKind kind = ProblemKind::value;
  std::string file;  // as the caller named it
  Place place;
  std::string path;     // "conference.tickets[2].price": indexes from 0; empty: the whole file
  std::string item;     // "Student": the name of the list item the path goes through, or empty
  std::string found;    // "-5.00", "\"abc\" (text)"; of a secret only its type and length; empty when missing
  std::string allowed;  // "an amount of at least 0 with at most 2 decimals (USD)"
  std::string advice;   // what to do, or empty
  std::string nearest;  // of an unknown key: the known one meant most likely, or empty

  // 'file:12:9: conference.tickets[2] ("Student"): price: found -5.00; allowed: …; advice'. One line.
  std::string message() const;
};

class ConfigError : public std::exception {
 public:
  explicit ConfigError(std::vector<Problem> problems);
  const char* what() const noexcept override { return message_.c_str(); }
  // At least one, in the order of the file.
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
  std::string message_;  // one problem a line
};

class ConfigValueError : public ConfigError {
  using ConfigError::ConfigError;
};

class ConfigTypeError : public ConfigError {
  using ConfigError::ConfigError;
};

class ConfigFileError : public ConfigError {
  using ConfigError::ConfigError;
};

// Throws the most specific of the four. `problems` is sorted by place first; it must not be empty.
[[noreturn]] void throw_problems(std::vector<Problem> problems);

}  // namespace plenary::config
