// One dictionary out of a Python settings module, without running anything: literals, references to the
// environment, and the statements that fill the dictionary later. What would have to be computed is kept as
// its source text and never guessed. Private to config/. source: ground rules 15, 1.7.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/errors.hpp"
#include "config/python_lexer.hpp"

namespace plenary::config {

struct PythonEntry;

struct PythonValue {
  enum class Kind { none, boolean, number, text, list, dict, environment, computed };
  Kind kind = Kind::none;
  std::string text;  // true/false; digits; the text; the variable's name; the source of what is computed
  bool has_default = false;                // of an environment reference
  std::vector<PythonValue> default_value;  // none or one: its literal default
  std::vector<PythonValue> items;          // list, tuple, set
  std::vector<PythonEntry> entries;        // dict, each key once
  Place place;
};

struct PythonEntry {
  std::string key;
  Place place;  // of the key
  PythonValue value;
  std::vector<std::string> above;  // comments in the lines before it
  std::string beside;              // the comment behind it
};

struct PythonSettings {
  bool found = false;  // the name is assigned somewhere
  PythonValue dict;
  std::vector<std::string> above;  // comments right before the assignment
  // Statements with the name that were not understood, and entries without a plain key: place and source.
  struct Skipped {
    Place place;
    std::string source, why;
  };
  std::vector<Skipped> skipped;
};

// `name`: "DJANGO_PROGRAM". Throws PythonError where the text is no Python.
PythonSettings read_python_settings(std::string_view source, std::string_view name);

}  // namespace plenary::config
