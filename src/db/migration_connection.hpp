// The connection a migration runs on: its own, so that it may hold locks for long and run many statements at
// once. Internal to db/. One thread. Errors: MigrationError.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/database.hpp"
#include "db/migrations.hpp"

namespace plenary::db {

struct AppliedStep {
  int version = 0;
  std::string name, checksum;
};

class MigrationConnection {
 public:
  // Holds the migration lock of this database until it is destroyed; waits for it up to a minute.
  static std::unique_ptr<MigrationConnection> open(const DatabaseOptions& options, Engine engine);
  virtual ~MigrationConnection() = default;

  virtual void create_record() = 0;  // the table schema_migration, unless it is there
  virtual std::vector<AppliedStep> applied() = 0;
  // The step and its record in one transaction.
  virtual void apply(const Migration& step, std::string_view checksum, Instant now) = 0;
};

std::unique_ptr<MigrationConnection> open_sqlite_migration(const DatabaseOptions& options);
std::unique_ptr<MigrationConnection> open_postgresql_migration(const DatabaseOptions& options);

// What a rebuilding step has in one of its lines.
inline constexpr std::string_view rebuild_mark = "-- plenary: rebuild";

}  // namespace plenary::db
