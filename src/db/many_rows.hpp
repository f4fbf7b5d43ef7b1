// The SQL of one INSERT for several rows, made once for each number of rows: fewer statements for the engine
// to begin and, on PostgreSQL, less to carry there. Thread-safe; the texts live as long as the process.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "db/entity_table.hpp"

namespace plenary::db {

inline constexpr std::size_t rows_at_once = 8;

// One text for 1 to rows_at_once rows, by their number (the first place is empty). `row` is one row as it
// stands behind VALUES, with ? for each value of its own; what all rows share, $1 to $`shared`, is written
// out.
//   static const auto sql = many_rows("INSERT INTO t (a, b) VALUES ", "($1, ?)", 1);
//   tx.run_later(sql[rows.size()], values);  // the shared ones, then those of each row
inline std::array<const char*, rows_at_once + 1> many_rows(std::string_view head, std::string_view row,
                                                           std::size_t shared, std::string_view tail = {}) {
  std::array<const char*, rows_at_once + 1> texts{};
  std::string text(head);
  std::size_t next = shared + 1;
  for (std::size_t rows = 1; rows <= rows_at_once; ++rows) {
    if (rows > 1) text += ", ";
    for (const char c : row) {
      if (c == '?')
        text += '$' + std::to_string(next++);
      else
        text += c;
    }
    texts[rows] = intern_sql(text + std::string(tail));
  }
  return texts;
}

}  // namespace plenary::db
