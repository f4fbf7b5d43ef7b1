// Reading of SQL texts: placeholders and the kind of a statement, outside of quotes and comments.
#include <cctype>
#include <string>
#include <string_view>

#include "db/statement_key.hpp"

namespace plenary::db {

namespace {

// Calls `code(i)` for each position that is neither in a quote nor in a comment; it returns the next
// position.
template <class Code>
void walk(std::string_view sql, Code code) {
  for (std::size_t i = 0; i < sql.size();) {
    const char c = sql[i];
    if (c == '\'' || c == '"') {
      const std::size_t end = sql.find(c, i + 1);
      i = end == std::string_view::npos ? sql.size() : end + 1;
    } else if (c == '-' && sql.substr(i, 2) == "--") {
      const std::size_t end = sql.find('\n', i);
      i = end == std::string_view::npos ? sql.size() : end + 1;
    } else if (c == '/' && sql.substr(i, 2) == "/*") {
      const std::size_t end = sql.find("*/", i + 2);
      i = end == std::string_view::npos ? sql.size() : end + 2;
    } else {
      i = code(i);
    }
  }
}

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
}

bool same(std::string_view word, std::string_view upper) {
  if (word.size() != upper.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (std::toupper(static_cast<unsigned char>(word[i])) != upper[i]) return false;
  }
  return true;
}

}  // namespace

std::string sqlite_placeholders(std::string_view sql) {
  std::string out(sql);
  walk(sql, [&](std::size_t i) {
    if (sql[i] == '$' && i + 1 < sql.size() && digit(sql[i + 1])) out[i] = '?';
    return i + 1;
  });
  return out;
}

std::size_t placeholder_count(std::string_view sql) {
  std::size_t most = 0;
  walk(sql, [&](std::size_t i) {
    if (sql[i] != '$') return i + 1;
    std::size_t n = 0;
    for (++i; i < sql.size() && digit(sql[i]) && n < 100'000; ++i)
      n = n * 10 + static_cast<std::size_t>(sql[i] - '0');
    most = std::max(most, n);
    return i;
  });
  return most;
}

bool postgres_writes(std::string_view sql) {
  bool first = true, reads = false, modifies = false;
  walk(sql, [&](std::size_t i) {
    if (!letter(sql[i])) return i + 1;
    std::size_t end = i;
    while (end < sql.size() && (letter(sql[end]) || digit(sql[end]))) ++end;
    const std::string_view word = sql.substr(i, end - i);
    if (first) {
      reads = same(word, "SELECT") || same(word, "VALUES") || same(word, "TABLE") || same(word, "SHOW") ||
              same(word, "WITH") || same(word, "EXPLAIN");
      first = false;
    } else if (same(word, "INSERT") || same(word, "UPDATE") || same(word, "DELETE") || same(word, "MERGE")) {
      // FOR UPDATE is no change of data, but it is counted as one: it only costs a savepoint.
      modifies = true;
    }
    return end;
  });
  return !reads || modifies;
}

}  // namespace plenary::db
