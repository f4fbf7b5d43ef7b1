// Pieces of SQL as read from a database's catalogue. Internal to db/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenary::db {

// Without comments. Texts in quotes are left alone.
std::string without_comments(std::string_view sql);
// What stands in the parentheses behind each word CHECK.
std::vector<std::string> check_expressions(std::string_view create_table);
// CREATE INDEX … ON t (a, lower(b)) WHERE c: its columns, and its condition or nothing.
struct IndexText {
  std::vector<std::string> columns;
  std::string where;
};
IndexText index_text(std::string_view create_index);

}  // namespace plenary::db
