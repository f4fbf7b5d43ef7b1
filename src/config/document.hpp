// A parsed TOML file that still knows its text: exact literals, places, words for what was found.
// Private to config/. Refuses what cannot be parsed in an orderly way: not readable, over 8 MB, not UTF-8,
// nested over 64 levels, not TOML 1.0; each throws ConfigError with one problem. source: configuration
// 10, 6.3 (1, 2), 6.10.9.
#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/errors.hpp"

namespace plenary::config {

inline constexpr std::size_t max_file_bytes = 8 * 1024 * 1024;
inline constexpr std::size_t max_nesting = 64;

class Document {
 public:
  // `name` stands for the file in messages.
  Document(std::string_view text, std::string name);
  static Document read(const std::filesystem::path& file);

  const toml::table& root() const { return root_; }
  const std::string& name() const { return name_; }
  // A number as it is written.
  std::string_view literal(const toml::node& number) const;

 private:
  std::string_view without_mark() const;  // the text after a byte-order mark

  std::string text_;
  std::string name_;
  std::vector<std::size_t> lines_;  // where each line begins
  toml::table root_;
};

Place place_of(const toml::source_region& region);
inline Place place_of(const toml::node& node) {
  return place_of(node.source());
}

// "a text", "an integer", "a date", "a list", …
std::string type_name(const toml::node& node);
// What stands there, short and on one line: "\"abc\"", "-5.00", "2027-05-14", "a table".
std::string shown(const Document& document, const toml::node& node);
// `text` in quotes, controls escaped, cut to 60 characters.
std::string in_quotes(std::string_view text);
// As in_quotes, without the quotes.
std::string one_line(std::string_view text, std::size_t max_characters = 60);

}  // namespace plenary::config
