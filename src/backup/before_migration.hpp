// The backup that is taken by itself before a migration changes an SQLite database that holds data: beside
// the database, "plenary.db.before-0013-20261126T101112Z.backup", without uploads, which no step touches. The
// last three are kept. One thread, which may block. Errors: as in backup.hpp; then nothing may be migrated.
// source: ground rules 15, 8.1.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "db/database.hpp"
#include "db/migrations.hpp"

namespace plenary::backup {

struct BeforeMigration {
  bool needed = false;                        // steps are pending, and there are rows that they could harm
  std::optional<std::filesystem::path> file;  // the backup; on PostgreSQL none is made
};

BeforeMigration backup_before_migration(const db::DatabaseOptions& options,
                                        std::span<const db::Migration> steps = db::migrations());
// The same question alone.
bool needs_backup_before_migration(const db::DatabaseOptions& options,
                                   std::span<const db::Migration> steps = db::migrations());

}  // namespace plenary::backup
