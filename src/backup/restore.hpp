// `plenary restore`: a backup back into an empty database, of either engine. Nothing is ever deleted or
// overwritten: a database that holds anything, a running server and files that are there are refused. The
// tables are made as they were when the backup was taken, all rows come in one transaction, counts and
// references are checked before its commit; then the schema is brought up to this program's. A restore that
// fails or is cut off leaves the database without rows, and can be done again. One thread, which may block.
// Errors: BackupError, db::DatabaseError and db::MigrationError, with what to do. source: ground rules 15,
// 8.1; docs/backup.md.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backup/backup.hpp"

namespace plenary::backup {

struct RestoreRequest {
  db::DatabaseOptions database;
  std::span<const db::Migration> steps = db::migrations();
  std::optional<std::filesystem::path> uploads;  // media_dir
  bool with_keys = false;
  std::vector<NamedFile> keys;  // where each lies, by what it is
  // PostgreSQL: how long other processes of ours may take to go away.
  std::chrono::milliseconds patience{5'000};
  Progress progress = [](const char*, std::uint64_t, std::uint64_t) {};
  // Looks at the restored database, at this program's schema; each line is a fault.
  std::function<std::vector<std::string>(db::Database&)> check = [](db::Database&) {
    return std::vector<std::string>();
  };
};

struct Restored {
  Manifest manifest;
  std::size_t uploads = 0, keys = 0;  // files that were written
  std::vector<std::string> applied;   // steps that the backup had not had
  std::vector<std::string> faults;    // of the check: the database is restored all the same
};

Restored restore(const RestoreRequest& request, const std::filesystem::path& file);

}  // namespace plenary::backup
