// The container: a tar archive compressed with Zstandard, written and read as a stream by libarchive, nothing
// but plain files in it. The reader trusts nothing: only a name and a size that the caller expects is read.
// One thread. Errors: BackupError; the reader names the member that is damaged. source: docs/backup.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace plenary::backup {

// Takes the archive's bytes; throws when they cannot be kept.
using Sink = std::function<void(std::string_view bytes)>;

class ArchiveWriter {
 public:
  ArchiveWriter(Sink sink, Instant modified);
  ~ArchiveWriter();
  ArchiveWriter(const ArchiveWriter&) = delete;
  ArchiveWriter& operator=(const ArchiveWriter&) = delete;

  // Exactly `size` bytes follow.
  void begin(const std::string& name, std::uint64_t size);
  void write(std::string_view bytes);
  void close();  // after the last member; without it the archive is no whole one

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class ArchiveReader {
 public:
  explicit ArchiveReader(const std::filesystem::path& file);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  // The next member, which must be called so and have at most `most` bytes; its size.
  std::uint64_t begin(const std::string& name, std::uint64_t most);
  // Some of its bytes, valid until the next call; empty at its end.
  std::string_view read();
  // The whole member.
  std::string read_all();
  // There must be no more.
  void end();

 private:
  struct State;
  [[noreturn]] void damaged(const std::string& why) const;
  std::unique_ptr<State> state_;
};

}  // namespace plenary::backup
