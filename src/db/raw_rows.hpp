// Rows as they are stored, of any table, without a description of it: what a backup moves. Values keep the
// type they are stored with. Plain data. source: docs/backup.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::db {

// The numbers are part of the backup's format.
enum class RawKind : unsigned char { null = 0, integer = 1, real = 2, text = 3, bytes = 4 };

struct RawValue {
  RawKind kind = RawKind::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view bytes{};  // of text and bytes; valid until the next row
};

struct RawColumn {
  std::string name;
  RawKind kind = RawKind::integer;  // what it is declared for; never null
  int width = 8;                    // bytes of an integer on PostgreSQL: 2, 4 or 8
};

struct RawTable {
  std::string name;
  std::vector<RawColumn> columns;
};

}  // namespace plenary::db
