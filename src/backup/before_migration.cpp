#include "backup/before_migration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "backup/backup.hpp"
#include "db/database_url.hpp"
#include "db/snapshot.hpp"

namespace plenary::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_kept = 3;
constexpr std::string_view ending = ".backup";

// "2026-11-26T10:11:12.000345Z" → "20261126T101112Z"
std::string stamp(Instant at) {
  std::string text = Instant{at.micros / 1'000'000 * 1'000'000}.to_string();
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

// Ours alone: the name and nothing that only begins like it.
std::optional<std::string> stamp_of(const std::string& name, const std::string& stem) {
  const std::string beginning = stem + ".before-";
  if (!name.starts_with(beginning) || !name.ends_with(ending)) return std::nullopt;
  const std::string middle =
      name.substr(beginning.size(), name.size() - beginning.size() - ending.size());  // 0013-…Z
  if (middle.size() != 21 || middle[4] != '-' || middle[13] != 'T' || middle.back() != 'Z')
    return std::nullopt;
  for (std::size_t i = 0; i + 1 < middle.size(); ++i) {
    if (i != 4 && i != 13 && (middle[i] < '0' || middle[i] > '9')) return std::nullopt;
  }
  return middle.substr(5);
}

void remove_old(const fs::path& database) {
  const std::string stem = database.filename().string();
  std::vector<std::pair<std::string, fs::path>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(database.parent_path(), error)) {
    if (const auto when = stamp_of(entry.path().filename().string(), stem))
      found.emplace_back(*when, entry.path());
  }
  std::sort(found.begin(), found.end());
  while (found.size() > most_kept) {
    fs::remove(found.front().second, error);  // one more than needed harms nobody
    found.erase(found.begin());
  }
}

// The first step that is pending, where there are rows.
std::optional<int> pending_over_data(const db::DatabaseOptions& options,
                                     std::span<const db::Migration> steps) {
  const auto snapshot = db::Snapshot::open(options);
  const auto version = snapshot->schema_version();
  if (!version || version->first >= static_cast<int>(steps.size())) return std::nullopt;
  for (const db::RawTable& table : snapshot->tables()) {
    if (snapshot->has_rows(table)) return version->first + 1;
  }
  return std::nullopt;
}

}  // namespace

bool needs_backup_before_migration(const db::DatabaseOptions& options, std::span<const db::Migration> steps) {
  return pending_over_data(options, steps).has_value();
}

BeforeMigration backup_before_migration(const db::DatabaseOptions& options,
                                        std::span<const db::Migration> steps) {
  const auto step = pending_over_data(options, steps);
  if (!step) return {};
  const db::DatabaseUrl url = db::parse_database_url(options);
  if (url.engine != db::Engine::sqlite) return {true, std::nullopt};
  const Instant now = options.clock ? options.clock->now() : Instant::system_now();
  const fs::path file = fmt::format("{}.before-{:04}-{}{}", url.path, *step, stamp(now), ending);
  BackupRequest request;
  request.database = options;
  request.steps = steps;
  // Two attempts within a second have the same name; the later one holds no less.
  backup_to_file(request, file, Existing::replace);
  remove_old(url.path);
  return {true, file};
}

}  // namespace plenary::backup
