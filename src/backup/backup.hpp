// `plenary backup`: everything that a database holds, as it was at one moment, and the uploads beside it, in
// one file that either engine can be restored from. Taken while the server sells: one read snapshot, which
// ends as soon as the rows stand in a spool without a name; no writer waits for it. Memory does not grow with
// the data. One thread, which may block. Errors: BackupError and db::DatabaseError, with what to do; then no
// file is left. source: ground rules 15, 8.1; docs/backup.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backup/archive.hpp"
#include "backup/manifest.hpp"
#include "backup/new_file.hpp"
#include "db/database.hpp"
#include "db/migrations.hpp"

namespace plenary::backup {

// How far it is: what is counted ("rows", "MB"), done and to do. Called often.
using Progress = std::function<void(const char* things, std::uint64_t done, std::uint64_t total)>;

// A file that is stored under what it is, wherever it lies.
struct NamedFile {
  std::string name;
  std::filesystem::path path;
};

struct BackupRequest {
  db::DatabaseOptions database;
  std::span<const db::Migration> steps = db::migrations();  // what this program knows
  std::optional<std::filesystem::path> uploads;             // media_dir; nothing: without uploads
  std::vector<NamedFile> keys;                              // only where the person asked for them
  std::filesystem::path spool_folder = ".";
  Progress progress = [](const char*, std::uint64_t, std::uint64_t) {};
};

// Writes the archive into `sink`.
Manifest write_backup(const BackupRequest& request, const Sink& sink);
// Writes it as `file`; the spool lies beside it.
Manifest backup_to_file(BackupRequest request, const std::filesystem::path& file, Existing existing);

// Reads a backup to its end: every checksum, every row. Nothing is restored.
Manifest verify_backup(const std::filesystem::path& file, const Progress& progress);

}  // namespace plenary::backup
