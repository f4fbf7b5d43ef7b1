// All rows of a database as they were at one moment, table by table, for a backup. It has a connection of its
// own with one read transaction, which keeps no writer waiting; on SQLite the log cannot be begun again while
// it lives, so it is kept for as short as possible. One thread, which may block. Errors: DatabaseError.
// source: docs/transactions.md, section 3; docs/backup.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "db/database.hpp"
#include "db/raw_rows.hpp"

namespace plenary::db {

class Snapshot {
 public:
  // The moment is now. On SQLite the file must be there; nothing is made.
  static std::unique_ptr<Snapshot> open(const DatabaseOptions& options);
  virtual ~Snapshot() = default;

  virtual Engine engine() const = 0;
  // By name, without schema_migration; columns in the order in which they were made.
  virtual std::vector<RawTable> tables() = 0;
  virtual std::int64_t count(const RawTable& table) = 0;
  virtual bool has_rows(const RawTable& table) = 0;
  // Every row once, in no particular order, the values as the table's columns stand.
  using EachRow = std::function<void(std::span<const RawValue> row)>;
  virtual void each(const RawTable& table, const EachRow& row) = 0;
  // The last step that was applied, or nothing.
  virtual std::optional<std::pair<int, std::string>> schema_version() = 0;
};

}  // namespace plenary::db
