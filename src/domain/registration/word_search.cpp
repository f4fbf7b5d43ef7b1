#include "domain/registration/word_search.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t most_words = 5;

}  // namespace

std::string Bound::place(db::Param value) {
  values_.push_back(value);
  return fmt::format("${}", values_.size());
}

std::string Bound::numbers(std::span<const Id> ids) {
  if (ids.empty() || ids.size() > most_listed) throw std::logic_error("a list of 1 to 200 ids");
  std::string list;
  // The last one again in the places that are left.
  for (std::size_t i = 0; i < most_listed; ++i)
    list += (list.empty() ? "(" : ", ") + number(ids[std::min(i, ids.size() - 1)]);
  return list + ")";
}

std::vector<SearchWord> search_words(std::string_view text, db::Engine engine) {
  std::vector<SearchWord> words;
  while (!text.empty() && words.size() < most_words) {
    text = trimmed(text);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    if (end == 0) break;
    SearchWord word{ascii_lower(text.substr(0, end)), false};
    text.remove_prefix(end);
    word.has_digit = word.pattern.find_first_of("0123456789") != std::string::npos;
    if (engine == db::Engine::sqlite) {
      std::string pattern = "%";
      for (const char c : word.pattern) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
      }
      word.pattern = pattern + "%";
    }
    words.push_back(std::move(word));
  }
  std::stable_sort(words.begin(), words.end(), [](const SearchWord& a, const SearchWord& b) {
    return a.has_digit != b.has_digit ? a.has_digit : a.pattern.size() > b.pattern.size();
  });
  return words;
}

// PostgreSQL: ILIKE folds by the locale's rules, which takes three times as long as small ASCII letters do; a
// word of figures needs not even those, and is found in half of the time.
std::string has_words(Bound& bound, db::Engine engine, const std::vector<SearchWord>& words,
                      std::initializer_list<std::string_view> columns,
                      std::initializer_list<std::string_view> numbers) {
  std::string sql;
  for (const SearchWord& word : words) {
    const std::string value = bound.text(word.pattern);
    const bool has_letter = ascii_upper(word.pattern) != word.pattern;
    std::string any;
    const auto add = [&](std::string_view column) {
      if (!any.empty()) any += " OR ";
      any += engine == db::Engine::sqlite ? fmt::format("{} LIKE {} ESCAPE '\\'", column, value)
             : has_letter ? fmt::format("strpos(lower({} COLLATE \"C\"), {}) > 0", column, value)
                          : fmt::format("strpos({} COLLATE \"C\", {}) > 0", column, value);
    };
    for (const std::string_view column : columns) add(column);
    if (word.has_digit)
      for (const std::string_view column : numbers) add(column);
    sql += " AND (" + any + ")";
  }
  return sql;
}

}  // namespace plenary::registration
