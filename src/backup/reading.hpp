// A backup from its beginning to its end: the manifest, then every member as it was announced, held against
// its size, its number of rows and its checksum. What is read is given to a Contents before its checksum is
// known, so whoever takes it must be able to undo. One thread. Errors: BackupError naming the member.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "backup/archive.hpp"
#include "backup/backup.hpp"
#include "backup/manifest.hpp"

namespace plenary::backup {

// Takes what is in a backup, in this order: tables, uploads, keys.
class Contents {
 public:
  enum class Part { upload, key };
  virtual ~Contents() = default;
  virtual void table(const StoredTable& table) = 0;
  virtual void row(std::span<const db::RawValue> values) = 0;
  virtual void end_table() = 0;
  // False: the file is read and checked, but not given.
  virtual bool wants_file(const StoredFile& file, Part part) = 0;
  virtual void piece(std::string_view bytes) = 0;
  virtual void end_file() = 0;
};

class BackupFile {
 public:
  // Reads the manifest.
  explicit BackupFile(const std::filesystem::path& file);
  const Manifest& manifest() const { return manifest_; }
  void read(Contents& contents, const Progress& progress);

 private:
  void read_table(const StoredTable& stored, Contents& contents, const Progress& progress);
  void read_file(const StoredFile& stored, const std::string& member, Contents::Part part, Contents& contents,
                 const Progress& progress);
  [[noreturn]] void damaged(const std::string& member, const std::string& why) const;

  std::string name_;
  ArchiveReader archive_;
  Manifest manifest_;
  std::uint64_t rows_ = 0, bytes_ = 0;
};

}  // namespace plenary::backup
