#include "backup/placed_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

#include "backup/new_file.hpp"
#include "backup/sha256.hpp"

namespace plenary::backup {
namespace {

namespace fs = std::filesystem;

bool same_bytes(const fs::path& file, const StoredFile& stored) {
  std::ifstream in(file, std::ios::binary);
  Sha256 checksum;
  std::string piece(256 * 1024, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    checksum.add(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
  }
  return in.eof() && checksum.hex() == stored.sha256;
}

}  // namespace

bool PlacedFiles::is_wanted(const fs::path& place, const StoredFile& stored) {
  struct stat status {};
  if (::lstat(place.c_str(), &status) != 0) return true;
  if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) == stored.bytes &&
      same_bytes(place, stored))
    return false;
  throw BackupError(fmt::format(
      "{} is there already and is not what the backup holds. No file is overwritten: move it away, then try "
      "again.",
      place.string()));
}

PlacedFiles::~PlacedFiles() {
  if (descriptor_ >= 0) ::close(descriptor_);
  for (const One& one : files_) {
    ::unlink(one.temporary.c_str());
    if (one.placed && !kept_) ::unlink(one.place.c_str());
  }
  if (kept_) return;
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) ::rmdir(folder->c_str());
}

void PlacedFiles::fail(const fs::path& file) const {
  throw BackupError(fmt::format("{} cannot be written: {}.", file.string(), std::strerror(errno)));
}

void PlacedFiles::make_folder(const fs::path& folder) {
  if (folder.empty() || ::access(folder.c_str(), F_OK) == 0) return;
  make_folder(folder.parent_path());
  if (::mkdir(folder.c_str(), 0755) == 0) {
    folders_.push_back(folder);
  } else if (errno != EEXIST) {
    fail(folder);
  }
}

void PlacedFiles::begin(const fs::path& place) {
  make_folder(place.parent_path());
  const fs::path folder = place.parent_path().empty() ? fs::path(".") : place.parent_path();
  std::string name = (folder / ".restored-XXXXXX").string();
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail(place);
  files_.push_back({name, place});
}

void PlacedFiles::piece(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(files_.back().place);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PlacedFiles::end() {
  const bool written = ::fsync(descriptor_) == 0;
  ::close(descriptor_);
  descriptor_ = -1;
  if (!written) fail(files_.back().place);
}

void PlacedFiles::place() {
  std::set<fs::path> folders;
  for (One& one : files_) {
    // A link is never made over a file.
    if (::link(one.temporary.c_str(), one.place.c_str()) != 0) fail(one.place);
    one.placed = true;
    ::unlink(one.temporary.c_str());
    folders.insert(one.place.parent_path());
  }
  for (const fs::path& folder : folders) sync_folder(folder.empty() ? fs::path(".") : folder);
}

}  // namespace plenary::backup
