#include "backup/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <vector>

#include "backup/manifest.hpp"

namespace plenary::backup {
namespace {

constexpr std::size_t piece_bytes = 128 * 1024;

std::string message_of(archive* handle) {
  const char* text = archive_error_string(handle);
  return text ? text : "no more is known";
}

}  // namespace

struct ArchiveWriter::State {
  Sink sink;
  Instant modified;
  std::exception_ptr error;  // of the sink; libarchive is C
  archive* handle = nullptr;
  archive_entry* entry = nullptr;
  std::uint64_t left = 0;

  static la_ssize_t write(archive*, void* self, const void* bytes, std::size_t size) {
    auto& state = *static_cast<State*>(self);
    try {
      state.sink({static_cast<const char*>(bytes), size});
      return static_cast<la_ssize_t>(size);
    } catch (...) {
      state.error = std::current_exception();
      return -1;
    }
  }
  void check(la_ssize_t code) const {
    if (code >= ARCHIVE_OK) return;
    if (error) std::rethrow_exception(error);
    throw BackupError(fmt::format("The archive cannot be written: {}.", message_of(handle)));
  }
};

ArchiveWriter::ArchiveWriter(Sink sink, Instant modified) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.sink = std::move(sink);
  s.modified = modified;
  s.handle = archive_write_new();
  s.entry = archive_entry_new();
  if (!s.handle || !s.entry) throw std::bad_alloc();
  s.check(archive_write_set_format_pax_restricted(s.handle));
  s.check(archive_write_add_filter_zstd(s.handle));
  s.check(archive_write_set_filter_option(s.handle, "zstd", "compression-level", "3"));
  s.check(archive_write_set_bytes_per_block(s.handle, piece_bytes));
  s.check(archive_write_set_bytes_in_last_block(s.handle, 1));
  s.check(archive_write_open(s.handle, &s, nullptr, &State::write, nullptr));
}

ArchiveWriter::~ArchiveWriter() {
  // Not closed: what is still held back is not written any more.
  archive_write_fail(state_->handle);
  archive_entry_free(state_->entry);
  archive_write_free(state_->handle);
}

void ArchiveWriter::begin(const std::string& name, std::uint64_t size) {
  State& s = *state_;
  archive_entry_clear(s.entry);
  archive_entry_set_pathname(s.entry, name.c_str());
  archive_entry_set_filetype(s.entry, AE_IFREG);
  archive_entry_set_perm(s.entry, 0600);
  archive_entry_set_size(s.entry, static_cast<la_int64_t>(size));
  archive_entry_set_mtime(s.entry, static_cast<time_t>(s.modified.micros / 1'000'000), 0);
  s.check(archive_write_header(s.handle, s.entry));
  s.left = size;
}

void ArchiveWriter::write(std::string_view bytes) {
  State& s = *state_;
  // libarchive would cut what is too much without a word.
  if (bytes.size() > s.left) throw std::logic_error("more bytes in a member than announced");
  s.left -= bytes.size();
  while (!bytes.empty()) {
    const la_ssize_t taken = archive_write_data(s.handle, bytes.data(), bytes.size());
    s.check(taken);
    bytes.remove_prefix(static_cast<std::size_t>(taken));
  }
}

void ArchiveWriter::close() {
  state_->check(archive_write_close(state_->handle));
}

struct ArchiveReader::State {
  std::string file;
  std::string member;
  int descriptor = -1;
  archive* handle = nullptr;
  std::uint64_t left = 0;
  std::vector<char> piece;
};

ArchiveReader::ArchiveReader(const std::filesystem::path& file) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.file = file.string();
  s.piece.resize(piece_bytes);
  s.descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (s.descriptor < 0 || ::fstat(s.descriptor, &status) != 0) {
    throw BackupError(fmt::format("{} cannot be read: {}.", s.file, std::strerror(errno)));
  }
  if (S_ISDIR(status.st_mode)) throw BackupError(fmt::format("{} is a folder, no backup.", s.file));
  s.handle = archive_read_new();
  if (!s.handle) throw std::bad_alloc();
  archive_read_support_filter_zstd(s.handle);
  archive_read_support_format_tar(s.handle);
  if (archive_read_open_fd(s.handle, s.descriptor, piece_bytes) != ARCHIVE_OK) {
    throw BackupError(fmt::format("{} is no backup: it is no tar archive compressed with Zstandard ({}).",
                                  s.file, message_of(s.handle)));
  }
}

ArchiveReader::~ArchiveReader() {
  if (state_->handle) archive_read_free(state_->handle);
  if (state_->descriptor >= 0) ::close(state_->descriptor);
}

void ArchiveReader::damaged(const std::string& why) const {
  throw BackupError(fmt::format(
      "{} is damaged, in its member {}: {}. Nothing of it was kept; use another copy or an earlier backup.",
      state_->file, state_->member, why));
}

std::uint64_t ArchiveReader::begin(const std::string& name, std::uint64_t most) {
  State& s = *state_;
  s.member = name;
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(s.handle, &entry);
  if (code == ARCHIVE_EOF) damaged("the archive ends before it");
  if (code != ARCHIVE_OK) damaged(message_of(s.handle));
  const char* found = archive_entry_pathname(entry);
  if (!found || name != found) {
    damaged(fmt::format("\"{}\" stands in its place", shown(found ? found : "")));
  }
  if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) ||
      archive_entry_symlink(entry) || archive_entry_sparse_count(entry) > 0)
    damaged("it is no plain file");
  const la_int64_t size = archive_entry_size(entry);
  if (!archive_entry_size_is_set(entry) || size < 0 || static_cast<std::uint64_t>(size) > most)
    damaged(fmt::format("it has {} bytes where {} are expected", size, most));
  s.left = static_cast<std::uint64_t>(size);
  return s.left;
}

std::string_view ArchiveReader::read() {
  State& s = *state_;
  const la_ssize_t size = archive_read_data(s.handle, s.piece.data(), s.piece.size());
  if (size < 0) damaged(message_of(s.handle));
  if (static_cast<std::uint64_t>(size) > s.left) damaged("it is longer than its head says");
  s.left -= static_cast<std::uint64_t>(size);
  if (size == 0 && s.left > 0) damaged("it is shorter than its head says");
  return {s.piece.data(), static_cast<std::size_t>(size)};
}

std::string ArchiveReader::read_all() {
  std::string all;
  for (std::string_view piece = read(); !piece.empty(); piece = read()) all += piece;
  return all;
}

void ArchiveReader::end() {
  State& s = *state_;
  archive_entry* entry = nullptr;
  s.member = "after the last one";
  const int code = archive_read_next_header(s.handle, &entry);
  if (code == ARCHIVE_EOF) return;
  if (code != ARCHIVE_OK) damaged(message_of(s.handle));
  damaged(fmt::format("\"{}\" is more than the manifest announces", shown(archive_entry_pathname(entry))));
}

}  // namespace plenary::backup
