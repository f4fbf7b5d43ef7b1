#include "db/sqlite_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "db/database_url.hpp"
#include "db/errors.hpp"
#include "db/serve_lock.hpp"

namespace plenary::db {

namespace {

int open_lock_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) {
    throw DatabaseError(
        ErrorKind::connection,
        fmt::format("{}: the lock file cannot be opened: {}. The folder must exist and be writable for "
                    "this user.",
                    path, std::strerror(errno)));
  }
  return file;
}

constexpr std::chrono::seconds kLockLimit{5};

// The place at the head of the line, as a lock of this open file (not of the process).
bool try_head_of_line(int file) {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_len = 1;
  return ::fcntl(file, F_OFD_SETLK, &range) == 0;
}

void leave_head_of_line(int file) {
  struct flock range {};
  range.l_type = F_UNLCK;
  range.l_whence = SEEK_SET;
  range.l_len = 1;
  ::fcntl(file, F_OFD_SETLK, &range);
}

// Tries until it works or the time is over. Neither lock can wait with a limit; asking costs something only
// while another process writes, and nobody can overtake whoever is at the head of the line meanwhile.
template <class Try>
bool try_until(std::chrono::steady_clock::time_point ends, Try try_it) {
  auto pause = std::chrono::microseconds(50);
  while (!try_it()) {
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK && errno != EACCES) return false;
    if (std::chrono::steady_clock::now() > ends) {
      errno = ETIMEDOUT;
      return false;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(400));
  }
  return true;
}

}  // namespace

WritersLock::WritersLock(const std::string& database_path)
    : path_(database_path + ".writers"), file_(open_lock_file(path_)) {}

WritersLock::~WritersLock() {
  ::close(file_);
}

void WritersLock::lock() {
  const auto ends = std::chrono::steady_clock::now() + kLockLimit;
  bool locked = try_until(ends, [&] { return try_head_of_line(file_); });
  if (locked) {
    locked = try_until(ends, [&] { return ::flock(file_, LOCK_EX | LOCK_NB) == 0; });
    const int error = errno;
    leave_head_of_line(file_);
    errno = error;
  }
  if (!locked && errno == ETIMEDOUT) {
    throw DatabaseError(
        ErrorKind::busy,
        fmt::format("{}: another process has kept it for {} s and lets nobody write; see who with "
                    "\"lsof {}\"",
                    path_, kLockLimit.count(), path_));
  }
  if (!locked)
    throw DatabaseError(ErrorKind::io, fmt::format("{}: cannot be locked: {}", path_, std::strerror(errno)));
  held_ = true;
}

void WritersLock::unlock() noexcept {
  if (!held_) return;
  ::flock(file_, LOCK_UN);
  held_ = false;
}

bool is_network_file_system(long magic) {
  switch (static_cast<unsigned long>(magic) & 0xffffffffUL) {
    case 0x6969:      // NFS
    case 0x517B:      // SMB
    case 0xFF534D42:  // CIFS
    case 0xFE534D42:  // SMB2
    case 0x5346414F:  // AFS
    case 0x6B414653:  // kAFS
    case 0x00C36400:  // Ceph
    case 0x01021997:  // 9P
    case 0x73757245:  // Coda
    case 0x0BD00BD0:  // Lustre
    case 0x47504653:  // GPFS
    case 0x20030528:  // OrangeFS
      return true;
    default:
      return false;
  }
}

void refuse_network_file_system(const std::string& database_path) {
  const std::string folder = std::filesystem::path(database_path).parent_path().string();
  struct statfs info {};
  if (::statfs(folder.empty() ? "." : folder.c_str(), &info) != 0) {
    throw DatabaseError(ErrorKind::connection,
                        fmt::format("{}: the database's folder {}: {}. Create it, or change [database] url.",
                                    database_path, folder, std::strerror(errno)));
  }
  if (is_network_file_system(info.f_type)) {
    throw DatabaseError(
        ErrorKind::connection,
        fmt::format("{}: lies on a network file system, where SQLite's locks do not work and the data "
                    "would be damaged. Put it on a local disk, or use PostgreSQL.",
                    database_path));
  }
}

ServeLock::ServeLock(const DatabaseOptions& options) {
  const DatabaseUrl url = parse_database_url(options);
  if (url.engine != Engine::sqlite) return;
  const std::string path = url.path + ".serve";
  file_ = open_lock_file(path);
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    char text[32] = {};
    const ssize_t n = ::pread(file_, text, sizeof text - 1, 0);
    const long pid = n > 0 ? std::strtol(text, nullptr, 10) : 0;
    ::close(file_);
    file_ = -1;
    throw DatabaseError(
        ErrorKind::busy,
        fmt::format(
            "{}: another server already serves this database (process {}). Stop it first, or give this one a "
            "database of its own in [database] url.",
            url.path, pid > 0 ? std::to_string(pid) : std::string("unknown")));
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, pid.data(), pid.size(), 0) < 0) {
    const int error = errno;
    ::close(file_);
    throw DatabaseError(ErrorKind::io, fmt::format("{}: cannot be written: {}", path, std::strerror(error)));
  }
}

ServeLock::~ServeLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace plenary::db
