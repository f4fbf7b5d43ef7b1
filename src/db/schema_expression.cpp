#include "db/schema_expression.hpp"

#include <cctype>

#include "base/text.hpp"
#include "db/schema.hpp"

namespace plenary::db {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// A quoted text beginning at `from`, with its quotes; doubled quotes are part of it.
std::size_t quoted_end(std::string_view sql, std::size_t from) {
  std::size_t at = from + 1;
  while (at < sql.size()) {
    if (sql[at] != '\'') {
      ++at;
    } else if (at + 1 < sql.size() && sql[at + 1] == '\'') {
      at += 2;
    } else {
      return at + 1;
    }
  }
  return sql.size();
}

// Behind the parenthesis that closes the one at `open`.
std::size_t closed_end(std::string_view sql, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < sql.size();) {
    if (sql[at] == '\'') {
      at = quoted_end(sql, at);
      continue;
    }
    if (sql[at] == '(') ++depth;
    if (sql[at] == ')' && --depth == 0) return at + 1;
    ++at;
  }
  return sql.size();
}

std::vector<std::string> tokens(std::string_view sql) {
  std::vector<std::string> list;
  for (std::size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    std::size_t end = at + 1;
    if (c == '\'') {
      end = quoted_end(sql, at);
      list.emplace_back(sql.substr(at, end - at));
    } else if (is_word(c)) {
      while (end < sql.size() && (is_word(sql[end]) || sql[end] == '.')) ++end;
      list.push_back(ascii_lower(sql.substr(at, end - at)));
    } else if (std::string_view("<>=!:|").find(c) != std::string_view::npos) {
      while (end < sql.size() && std::string_view("<>=!:|").find(sql[end]) != std::string_view::npos) ++end;
      list.emplace_back(sql.substr(at, end - at));
    } else if (c == ',' || c == '[' || c == ']' || c == '+' || c == '-' || c == '*') {
      list.emplace_back(1, c);
    }
    at = end;  // blanks, parentheses and the quotes of names are dropped
  }
  return list;
}

// "a = 'x' or a = 'y' or a = 'z'" is "a in 'x' , 'y' , 'z'": SQLite keeps the one form without a temporary
// table.
std::vector<std::string> with_list(std::vector<std::string> all) {
  if (all.size() < 11 || all.size() % 4 != 3) return all;
  for (std::size_t i = 0; i < all.size(); i += 4) {
    const bool compares = all[i] == all[0] && all[i + 1] == "=" && all[i + 2].starts_with("'");
    if (!compares || (i + 3 < all.size() && all[i + 3] != "or")) return all;
  }
  std::vector<std::string> list{all[0], "in", all[2]};
  for (std::size_t i = 6; i < all.size(); i += 4) {
    list.emplace_back(",");
    list.push_back(std::move(all[i]));
  }
  return list;
}

}  // namespace

std::string normal_expression(std::string_view sql) {
  const std::vector<std::string> all = tokens(sql);
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == "::") {  // a cast: its type is one or two words, perhaps an array
      ++i;
      if (i < all.size() && all[i] == "character") ++i;
      if (i + 2 < all.size() + 1 && i + 1 < all.size() && all[i + 1] == "[") i += 2;
      continue;
    }
    if (all[i] == "=" && i + 3 < all.size() && all[i + 1] == "any" && all[i + 2] == "array" &&
        all[i + 3] == "[") {
      kept.emplace_back("in");  // PostgreSQL's way to keep IN (…)
      i += 3;
      continue;
    }
    if (all[i] == "]") continue;
    kept.push_back(all[i] == "!=" ? "<>" : all[i]);
  }
  std::string text;
  for (const std::string& token : with_list(std::move(kept))) text += (text.empty() ? "" : " ") + token;
  return text;
}

std::string without_comments(std::string_view sql) {
  std::string text;
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == '\'') {
      const std::size_t end = quoted_end(sql, at);
      text += sql.substr(at, end - at);
      at = end;
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else {
      text += sql[at++];
    }
  }
  return text;
}

std::vector<std::string> check_expressions(std::string_view create_table) {
  const std::string sql = without_comments(create_table);
  std::vector<std::string> checks;
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == '\'') {
      at = quoted_end(sql, at);
    } else if (is_word(sql[at])) {
      std::size_t end = at;
      while (end < sql.size() && is_word(sql[end])) ++end;
      const bool is_check = ascii_upper(std::string_view(sql).substr(at, end - at)) == "CHECK";
      at = end;
      if (!is_check) continue;
      const std::size_t open = sql.find('(', at);
      if (open == std::string::npos) break;
      at = closed_end(sql, open);
      checks.push_back(sql.substr(open, at - open));
    } else {
      ++at;
    }
  }
  return checks;
}

IndexText index_text(std::string_view create_index) {
  const std::string sql = without_comments(create_index);
  IndexText index;
  const std::size_t open = sql.find('(');
  if (open == std::string::npos) return index;
  const std::size_t end = closed_end(sql, open);
  std::size_t from = open + 1;
  int depth = 0;
  for (std::size_t at = open + 1; at < end; ++at) {
    if (sql[at] == '(') ++depth;
    if ((sql[at] == ',' && depth == 0) || at + 1 == end) {
      index.columns.push_back(sql.substr(from, at - from));
      from = at + 1;
    }
    if (sql[at] == ')') --depth;
  }
  const std::size_t where = ascii_upper(sql.substr(end)).find("WHERE");
  if (where != std::string::npos) index.where = sql.substr(end + where + 5);
  return index;
}

}  // namespace plenary::db
