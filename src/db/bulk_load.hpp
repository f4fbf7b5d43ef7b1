// Fills the empty tables of a database with rows from a backup, in one transaction: triggers, indexes and
// foreign keys are taken away at the beginning and are back, and checked, before the commit, so rows may come
// in any order and append-only tables take them. It keeps every other writer out. Destroyed without a commit
// it leaves nothing behind, and so does a process that dies. One thread, which may block. Errors:
// DatabaseError names table, row and column, never a value. source: docs/backup.md.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "db/database.hpp"
#include "db/raw_rows.hpp"

namespace plenary::db {

class BulkLoad {
 public:
  // Begins; PostgreSQL needs the rights of the tables' owner, no more.
  static std::unique_ptr<BulkLoad> open(const DatabaseOptions& options);
  virtual ~BulkLoad() = default;

  virtual const std::vector<RawTable>& tables() const = 0;
  virtual std::int64_t count(const std::string& table) = 0;
  // Takes away what a migration has put into a new table.
  virtual void empty(const std::string& table) = 0;

  // The columns may stand in another order than the table's, and some with a default may be missing.
  virtual void begin_table(const RawTable& table) = 0;
  virtual void row(std::span<const RawValue> values) = 0;
  virtual void end_table() = 0;

  // Keys, indexes and triggers again; ids go on behind the greatest one.
  virtual void finish() = 0;
  virtual void commit() = 0;
};

// PostgreSQL: how many connections other plenary processes have to this database. SQLite: 0, where ServeLock
// tells.
int foreign_connections(const DatabaseOptions& options);

}  // namespace plenary::db
