#include "embed/key_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace plenary::embed {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& file, int error) {
  throw std::runtime_error(
      fmt::format("The key file {} cannot be written ({}). Run the command as the user who owns the file and "
                  "may write in its folder, or set [security] key_file to such a place.",
                  file.string(), std::strerror(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

bool write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0;
}

// Another one after every change: the file is replaced, never written over.
std::string stamp_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "none";
  return fmt::format("{} {} {} {} {}", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec);
}

}  // namespace

Date today() {
  return Date::from_days(static_cast<std::int32_t>(Instant::system_now().micros / 86'400'000'000));
}

fs::path key_file_path(const config::Settings& settings) {
  return settings.base_directory.empty() ? settings.security.key_file
                                         : settings.base_directory / settings.security.key_file;
}

KeyFileExposure key_file_exposure(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return {};
  const std::string name = file.string();
  if (status.st_mode & (S_IRWXO | S_IWGRP))
    return {true, fmt::format("{} can be read or changed by others; mend it with: chmod 600 {}", name, name)};
  if (status.st_mode & S_IRWXG)
    return {false,
            fmt::format("{} can be read by its group; if that is not meant: chmod 600 {}", name, name)};
  return {};
}

KeyRing read_key_file(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error))
    throw std::runtime_error(fmt::format("{} is no file; [security] key_file must name one.", file.string()));
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in)
    throw std::runtime_error(fmt::format(
        "The key file {} cannot be read by this user; give it to them with: chown", file.string()));
  return parse_key_file(bytes.str(), file.string());
}

bool create_key_file(const fs::path& file, const KeyRing& ring) {
  // Under another name first: nobody may read half of it.
  const fs::path fresh = fmt::format("{}.new.{}", file.string(), ::getpid());
  const Descriptor made(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (made.get() < 0) cannot_write(file, errno);
  const bool created = write_whole(made.get(), to_text(ring)) && ::link(fresh.c_str(), file.c_str()) == 0;
  const int error = errno;
  ::unlink(fresh.c_str());
  if (!created && error != EEXIST) cannot_write(file, error);
  return created;
}

KeyRing load_keys(const config::Settings& settings, Random& random, const Notice& notice) {
  const fs::path file = key_file_path(settings);
  const bool development = settings.server.is_development();
  std::error_code error;
  if (!fs::exists(file, error)) {
    if (!development) {
      throw std::runtime_error(fmt::format(
          "There is no key file {}. Restore it from your copy; for a new installation make one with: plenary "
          "keys create",
          file.string()));
    }
    if (create_key_file(file, new_key_ring(random, today())))
      notice(fmt::format("Made the key file {}.", file.string()));
  }
  const KeyFileExposure exposure = key_file_exposure(file);
  if (exposure.blocks && !development) throw std::runtime_error("The key file " + exposure.text);
  if (!exposure.text.empty() && exposure.blocks) notice("The key file " + exposure.text);
  return read_key_file(file);
}

Secret load_key(const config::Settings& settings, Random& random, const Notice& notice) {
  return load_keys(settings, random, notice).signing;
}

SealingKeys sealing_keys(const config::Settings& settings) {
  const fs::path file = key_file_path(settings);
  return SealingKeys(
      KeySource{[file] { return read_key_file(file).sealing_secrets(); }, [file] { return stamp_of(file); }});
}

// Folders can be locked as files can, and stay where they are while the file is replaced.
KeyFileEdit::KeyFileEdit(const fs::path& file) {
  std::error_code error;
  file_ = fs::canonical(file, error);
  if (error)
    throw std::runtime_error(
        fmt::format("There is no key file {}. Make one with: plenary keys create", file.string()));
  folder_ = ::open(file_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0) cannot_write(file_, errno);
  try {
    while (::flock(folder_, LOCK_EX) != 0) {
      if (errno != EINTR) cannot_write(file_, errno);
    }
    ring_ = read_key_file(file_);
  } catch (...) {
    ::close(folder_);
    throw;
  }
}

KeyFileEdit::~KeyFileEdit() {
  ::close(folder_);
}

void KeyFileEdit::replace(KeyRing ring) {
  struct stat status {};
  if (::stat(file_.c_str(), &status) != 0) cannot_write(file_, errno);
  const fs::path fresh = file_.string() + ".new";
  ::unlink(fresh.c_str());  // of a command that was cut off; nobody else holds the lock
  {
    const Descriptor made(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const bool written = made.get() >= 0 && ::fchown(made.get(), status.st_uid, status.st_gid) == 0 &&
                         ::fchmod(made.get(), status.st_mode & 07777) == 0 &&
                         write_whole(made.get(), to_text(ring));
    if (!written) {
      const int error = errno;
      if (made.get() >= 0) ::unlink(fresh.c_str());
      cannot_write(file_, error);
    }
  }
  if (::rename(fresh.c_str(), file_.c_str()) != 0) {
    const int error = errno;
    ::unlink(fresh.c_str());
    cannot_write(file_, error);
  }
  if (::fsync(folder_) != 0) cannot_write(file_, errno);
  ring_ = std::move(ring);
}

}  // namespace plenary::embed
