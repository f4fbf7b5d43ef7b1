#include "backup/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "backup/manifest.hpp"

namespace plenary::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 256 * 1024;

fs::path folder_of(const fs::path& file) {
  const fs::path parent = file.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

// A file without a name; where the file system knows none, one with a name in `name`.
int open_unnamed(const fs::path& folder, const std::string& stem, std::string& name) {
  name.clear();
  const int unnamed = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (unnamed >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return unnamed;
  name = (folder / ("." + stem + ".XXXXXX")).string();
  return ::mkostemp(name.data(), O_CLOEXEC);
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// EDQUOT and ENOSPC deserve more than their name.
std::string advice(int error) {
  if (error == ENOSPC || error == EDQUOT) return " Make room, or write to another disk.";
  if (error == ENOENT) return " Is the folder there?";
  if (error == EACCES || error == EPERM || error == EROFS) return " This user may not write there.";
  return "";
}

}  // namespace

NewFile::NewFile(fs::path file, Existing existing) : file_(std::move(file)), existing_(existing) {
  struct stat status {};
  if (::lstat(file_.c_str(), &status) == 0) {
    if (existing_ == Existing::refuse) {
      errno = EEXIST;
      fail("written");
    }
    // A device or a pipe would be replaced by a file.
    if (!S_ISREG(status.st_mode)) {
      throw BackupError(fmt::format("{} is no plain file and is not overwritten.", file_.string()));
    }
  }
  std::string name;
  descriptor_ = open_unnamed(folder_of(file_), file_.filename().string(), name);
  temporary_ = name;
  if (descriptor_ < 0) fail("made");
}

NewFile::~NewFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void NewFile::fail(const char* doing) const {
  const int error = errno;
  if (error == EEXIST) {
    throw BackupError(fmt::format("{} is there already; name another file, or add --force to overwrite it.",
                                  file_.string()));
  }
  throw BackupError(
      fmt::format("{} cannot be {}: {}.{}", file_.string(), doing, std::strerror(error), advice(error)));
}

void NewFile::write(std::string_view bytes) {
  if (!write_all(descriptor_, bytes)) fail("written");
}

void NewFile::keep() {
  if (::fsync(descriptor_) != 0) fail("written");
  const std::string self = fmt::format("/proc/self/fd/{}", descriptor_);
  const auto link_as = [&](const fs::path& name) {
    if (!temporary_.empty()) return ::link(temporary_.c_str(), name.c_str()) == 0;
    return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
  };
  // A link is never made over a file, whoever made that meanwhile.
  if (!link_as(file_)) {
    if (errno != EEXIST || existing_ == Existing::refuse) fail("written");
    const fs::path beside = fmt::format("{}.new-{}", file_.string(), ::getpid());
    if (!link_as(beside)) fail("written");
    if (::rename(beside.c_str(), file_.c_str()) != 0) {
      const int error = errno;
      ::unlink(beside.c_str());
      errno = error;
      fail("written");
    }
  }
  sync_folder(folder_of(file_));
}

Spool::Spool(const fs::path& folder) : folder_(folder) {
  std::string name;
  descriptor_ = open_unnamed(folder_, "plenary-spool", name);
  if (descriptor_ < 0) fail("made");
  if (!name.empty()) ::unlink(name.c_str());
}

Spool::~Spool() {
  ::close(descriptor_);
}

void Spool::fail(const char* doing) const {
  const int error = errno;
  throw BackupError(fmt::format("a temporary file in {} cannot be {}: {}.{}", folder_.string(), doing,
                                std::strerror(error), advice(error)));
}

void Spool::write(std::string_view bytes) {
  buffer_ += bytes;
  size_ += bytes.size();
  if (buffer_.size() >= piece_bytes) flush();
}

void Spool::flush() {
  if (!write_all(descriptor_, buffer_)) fail("written");
  buffer_.clear();
}

void Spool::rewind() {
  flush();
  if (::lseek(descriptor_, 0, SEEK_SET) != 0) fail("read");
}

std::string_view Spool::read(std::uint64_t most) {
  buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(most, piece_bytes)));
  ssize_t size = 0;
  do {
    size = ::read(descriptor_, buffer_.data(), buffer_.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) fail("read");
  return std::string_view(buffer_).substr(0, static_cast<std::size_t>(size));
}

std::uint64_t free_bytes(fs::path folder) {
  struct statvfs info {};
  while (::statvfs(folder.empty() ? "." : folder.c_str(), &info) != 0) {
    if (folder.empty() || folder == folder.parent_path()) return UINT64_MAX;
    folder = folder.parent_path();
  }
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may be written but not read
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace plenary::backup
