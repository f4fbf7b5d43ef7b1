// An INSERT of several rows of one table. On PostgreSQL they are one statement: less to begin there and less
// to carry. On SQLite each row is its own, because a statement of several keeps a copy of every page it
// changes, to be able to take back a part (a statement journal), which costs more than the calls it saves.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "db/tx.hpp"

namespace plenary::db {

// Made once, `static const` where it is used: the texts live as long as the process. Thread-safe.
//   static const db::ManyRows insert("INSERT INTO t (a, b) VALUES ", "($1, ?)", 1);
//   insert.run_later(tx, values);  // the shared ones, then those of each row
class ManyRows {
 public:
  // `row` is one row as it stands behind VALUES, with ? for each value of its own; what all rows share, $1 to
  // $`shared`, is written out.
  ManyRows(std::string_view head, std::string_view row, std::size_t shared, std::string_view tail = {});

  // As Tx::run_later; any number of rows, none too.
  void run_later(Tx& tx, std::span<const Param> values) const;

 private:
  static constexpr std::size_t at_once = 8;
  std::array<const char*, at_once + 1> texts_{};  // by the number of rows
  std::size_t shared_, own_ = 0;                  // values that all rows share, values of each row
};

}  // namespace plenary::db
