// Writing TOML 1.0: texts and keys in the form that a person would choose, exact for every text.
// Pure functions. source: toml.io, "String" and "Keys".
#pragma once

#include <string>
#include <string_view>

namespace plenary::config {

// A basic string on one line: "say \"hi\"\n".
std::string toml_line(std::string_view text);
// As toml_line; a text of several lines in three quotes, each line as it reads.
std::string toml_paragraphs(std::string_view text);
// Bare where that is possible, else quoted.
std::string toml_key(std::string_view key);

}  // namespace plenary::config
