#include "backup/as_migrated.hpp"

#include <stdlib.h>

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "backup/manifest.hpp"
#include "backup/row_coding.hpp"
#include "db/snapshot.hpp"

namespace plenary::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t most_rows_of_steps = 10'000;  // more were never put there by a step

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "plenary-scratch-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      throw BackupError(fmt::format("No folder can be made in {}.", fs::temp_directory_path().string()));
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::multiset<std::string> rows_of(db::Snapshot& snapshot, const db::RawTable& table) {
  std::multiset<std::string> rows;
  snapshot.each(table, [&](std::span<const db::RawValue> row) {
    std::string text;
    append_row(text, row);
    rows.insert(std::move(text));
  });
  return rows;
}

}  // namespace

RowCounts rows_held(const db::DatabaseOptions& options) {
  RowCounts counts;
  const auto snapshot = db::Snapshot::open(options);
  for (const db::RawTable& table : snapshot->tables()) {
    if (snapshot->has_rows(table)) counts[table.name] = snapshot->count(table);
  }
  return counts;
}

bool is_as_migrated(const db::DatabaseOptions& options, const RowCounts& held,
                    std::span<const db::Migration> steps) {
  if (held.empty()) return true;
  std::int64_t all = 0;
  for (const auto& [table, rows] : held) all += rows;
  const auto snapshot = db::Snapshot::open(options);
  const auto version = snapshot->schema_version();
  if (all > most_rows_of_steps || !version || version->first > static_cast<int>(steps.size())) return false;
  const ScratchFolder folder;
  db::DatabaseOptions scratch;
  scratch.url = "sqlite://" + (folder.path() / "scratch.db").string();
  scratch.relaxed_durability = true;
  scratch.checkpoint_thread = false;
  {
    const auto database = db::Database::open(scratch);
    db::migrate(*database, steps.subspan(0, static_cast<std::size_t>(version->first)));
  }
  if (rows_held(scratch) != held) return false;
  const auto fresh = db::Snapshot::open(scratch);
  for (const db::RawTable& table : snapshot->tables()) {
    if (held.contains(table.name) && rows_of(*snapshot, table) != rows_of(*fresh, table)) return false;
  }
  return true;
}

}  // namespace plenary::backup
