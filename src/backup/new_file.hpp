// Files that a backup makes: one that appears whole or not at all, under its name only when it is on disk;
// and a spool that never has a name. Both are for the owner's eyes only (mode 0600), and vanish with a
// process that dies. One thread. Errors: BackupError with the file's name and the system's reason.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace plenary::backup {

enum class Existing { refuse, replace };

class NewFile {
 public:
  // `existing`: what becomes of a file of that name. Refused at once, and again when it appears meanwhile.
  NewFile(std::filesystem::path file, Existing existing);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view bytes);
  void keep();  // flushes to the disk and gives it its name

 private:
  [[noreturn]] void fail(const char* doing) const;
  std::filesystem::path file_, temporary_;  // temporary_ is empty where the file has no name yet
  Existing existing_;
  int descriptor_ = -1;
};

// What was written can be read once more, from its beginning.
class Spool {
 public:
  explicit Spool(const std::filesystem::path& folder);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void write(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  void rewind();
  // At most `most` bytes, valid until the next call; empty at the end.
  std::string_view read(std::uint64_t most);

 private:
  void flush();
  [[noreturn]] void fail(const char* doing) const;
  std::filesystem::path folder_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::string buffer_;
};

// Bytes free in the file system of `folder`, or of the nearest folder above it that is there.
std::uint64_t free_bytes(std::filesystem::path folder);
// Entries of the folder made or renamed are on disk.
void sync_folder(const std::filesystem::path& folder);

}  // namespace plenary::backup
