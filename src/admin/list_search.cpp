// Searching a list: every word somewhere in a row's texts, whatever the case of its ASCII letters. What
// stands in another table's row is looked for there once, not for each row of the list; and what is found the
// most seldom is looked for first, so that the others are looked for only where it is.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "admin/list_query.hpp"
#include "base/text.hpp"

namespace plenary::admin {
namespace {

// "(SELECT a.text FROM other a WHERE a.key = t.reference AND …)", also within coalesce(…, '').
struct Lookup {
  std::string text, from, key, reference, more;
};

std::optional<Lookup> lookup_of(std::string_view sql) {
  constexpr std::string_view before = "coalesce(", behind = ", '')";
  if (sql.starts_with(before) && sql.ends_with(behind)) {
    sql.remove_prefix(before.size());
    sql.remove_suffix(behind.size());
  }
  if (!sql.starts_with("(SELECT ") || !sql.ends_with(")")) return std::nullopt;
  sql = sql.substr(1, sql.size() - 2);
  std::vector<std::string_view> words;
  while (words.size() < 9) {
    const std::size_t end = std::min(sql.find(' '), sql.size());
    words.push_back(sql.substr(0, end));
    sql.remove_prefix(std::min(end + 1, sql.size()));
    if (sql.empty()) break;
  }
  const auto of = [&](std::size_t i, std::string_view table) {
    return words[i].size() > table.size() && words[i].starts_with(table) && words[i][table.size()] == '.';
  };
  if (words.size() != 9 || words[2] != "FROM" || words[5] != "WHERE" || words[7] != "=" || !of(1, words[4]) ||
      !of(6, words[4]) || !of(8, "t") || (!sql.empty() && !sql.starts_with("AND ")))
    return std::nullopt;
  return Lookup{std::string(words[1]), fmt::format("{} {}", words[3], words[4]), std::string(words[6]),
                std::string(words[8]), sql.empty() ? std::string() : fmt::format(" {}", sql)};
}

// A word as one engine looks for it.
struct Word {
  std::string bound;
  bool is_postgresql = false, has_letter = false;

  // SQLite's LIKE folds ASCII alone and is the fastest there. On PostgreSQL ILIKE folds by the locale's
  // rules, which takes three times as long as small ASCII letters do; a word of figures needs not even those.
  std::string is_in(const std::string& text) const {
    if (!is_postgresql) return fmt::format("{} LIKE {} ESCAPE '\\'", text, bound);
    return has_letter ? fmt::format("strpos(lower(({}) COLLATE \"C\"), {}) > 0", text, bound)
                      : fmt::format("strpos(({}) COLLATE \"C\", {}) > 0", text, bound);
  }
};

std::string like_pattern(const std::string& word) {
  std::string pattern = "%";
  for (const char c : word) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

bool has_digit(const std::string& word) {
  return word.find_first_of("0123456789") != std::string::npos;
}

}  // namespace

void add_search(Conditions& conditions, db::Engine engine, const std::vector<std::string>& texts,
                const std::vector<std::string>& words) {
  if (texts.empty()) return;
  std::vector<std::string> seldom_first = words;
  std::stable_sort(seldom_first.begin(), seldom_first.end(), [](const std::string& a, const std::string& b) {
    return has_digit(a) != has_digit(b) ? has_digit(a) : a.size() > b.size();
  });
  const bool is_postgresql = engine == db::Engine::postgresql;
  for (const std::string& typed : seldom_first) {
    const std::string small = ascii_lower(typed);
    const std::string bound = conditions.bind(std::string_view(is_postgresql ? small : like_pattern(typed)));
    const Word word{bound, is_postgresql, small != ascii_upper(typed)};
    // The row's own texts first: who has the word there is not looked for elsewhere.
    std::string own, elsewhere;
    for (const std::string& text : texts) {
      const std::optional<Lookup> lookup = lookup_of(text);
      const std::string sql =
          lookup ? fmt::format("{} IN (SELECT {} FROM {} WHERE {}{})", lookup->reference, lookup->key,
                               lookup->from, word.is_in(lookup->text), lookup->more)
                 : word.is_in(text);
      std::string& place = lookup ? elsewhere : own;
      place += place.empty() ? sql : " OR " + sql;
    }
    if (!own.empty() && !elsewhere.empty()) own += " OR ";
    conditions.add("(" + own + elsewhere + ")");
  }
}

}  // namespace plenary::admin
