// How the rows of a table stand in their member: row after row, value after value, each with its kind, so
// that nothing is lost and no text needs escaping. Kinds are those of db::RawKind, one byte; whole numbers 8
// bytes, numbers with a fraction their 8 bytes, texts and bytes a length of 4 bytes and themselves; all
// little-endian. The reader bears any cut between pieces and any damage. One thread. Errors: BackupError,
// DamagedRow.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backup/manifest.hpp"
#include "db/raw_rows.hpp"

namespace plenary::backup {

// No row is longer: whoever reads a backup keeps no more than that in memory.
inline constexpr std::size_t most_row_bytes = 256 * 1024 * 1024;

// Rows that are none: the reader of the file says in which member.
class DamagedRow : public BackupError {
 public:
  using BackupError::BackupError;
};

// Appends a row. BackupError when it is too long.
void append_row(std::string& out, std::span<const db::RawValue> row);

class RowReader {
 public:
  using EachRow = std::function<void(std::span<const db::RawValue> row)>;
  // `bytes` is what the member holds altogether.
  RowReader(std::size_t columns, std::uint64_t bytes, EachRow each);

  void take(std::string_view piece);
  // All rows were whole; how many.
  std::int64_t finish() const;

 private:
  // Reads as many whole rows as there are; how many bytes they had.
  std::size_t rows_of(std::string_view bytes);

  std::vector<db::RawValue> values_;
  std::uint64_t left_;  // of the member, beyond what rows_of was given
  EachRow each_;
  std::string rest_;        // the beginning of a row
  std::size_t wanted_ = 0;  // bytes that the row in rest_ needs at least
  std::int64_t rows_ = 0;
};

}  // namespace plenary::backup
