// What a backup says about itself: its first member, manifest.json. Everything else in the archive is taken
// only as the manifest announces it: in its order, with its size and checksum. Plain data; no I/O. Errors:
// BackupError. source: docs/backup.md, "The file".
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/database.hpp"
#include "db/raw_rows.hpp"

namespace plenary::backup {

// A message for a person: what, where, what to do.
class BackupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr int format_number = 1;
inline constexpr std::size_t most_manifest_bytes = 64 * 1024 * 1024;

struct StoredTable {
  db::RawTable table;  // name and columns; their width is not stored
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  std::string sha256;
};

struct StoredFile {
  std::string path;  // of an upload below media_dir; of a key: what it is ("key_file")
  std::uint64_t bytes = 0;
  std::string sha256;
};

struct StoredConference {
  std::string slug, name;
};

struct Manifest {
  int format = format_number;
  std::string program;  // "0.1.0"
  db::Engine engine = db::Engine::sqlite;
  int schema_version = 0;
  std::string schema_name;  // of that step
  Instant taken_at;
  std::vector<StoredConference> conferences;
  std::vector<StoredTable> tables;
  bool with_uploads = false;
  std::vector<StoredFile> uploads;
  std::vector<StoredFile> keys;

  std::uint64_t rows() const;
  std::uint64_t table_bytes() const;
  std::uint64_t upload_bytes() const;
  bool has_keys() const { return !keys.empty(); }
};

std::string to_json(const Manifest& manifest);
// Refuses whatever it does not know, paths that lead anywhere but below a folder, and doubles.
Manifest manifest_from_json(std::string_view text);

// Throws when `path` leads anywhere but below a folder, or bears what a manifest cannot.
void refuse_path(const std::string& path);

// Foreign text for a message: short, and without control characters.
std::string shown(std::string_view text);

// "orders" → "tables/orders"; the n-th upload or key, from 1: "uploads/000001".
std::string member_of_table(std::string_view table);
std::string member_of_file(std::string_view folder, std::size_t number);

}  // namespace plenary::backup
