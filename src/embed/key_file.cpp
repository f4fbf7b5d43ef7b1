#include "embed/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "base/text.hpp"

namespace plenary::embed {
namespace {

constexpr std::size_t least_bytes = 32;

// Never over an existing file, and for the owner's eyes only.
void make(const std::filesystem::path& file, Random& random) {
  std::array<unsigned char, 48> bytes{};
  random.fill(bytes);
  const std::string text = base64url(bytes) + "\n";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return;  // another process was faster
  const bool written = fd >= 0 &&
                       ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written) {
    throw std::runtime_error(
        fmt::format("The key file {} cannot be written ({}). Set [security] key_file to a place that can.",
                    file.string(), std::strerror(error)));
  }
}

}  // namespace

Secret load_key(const config::Settings& settings, Random& random,
                const std::function<void(std::string_view)>& notice) {
  const std::filesystem::path file = settings.base_directory.empty()
                                         ? settings.security.key_file
                                         : settings.base_directory / settings.security.key_file;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    if (!settings.server.is_development()) {
      throw std::runtime_error(fmt::format(
          "There is no key file {}. Restore it from your copy; for a new installation make one with: "
          "(umask 077; head -c 48 /dev/urandom | base64 > {})",
          file.string(), file.string()));
    }
    make(file, random);
    notice(fmt::format("Made the key file {}.", file.string()));
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in) throw std::runtime_error(fmt::format("The key file {} cannot be read.", file.string()));
  const std::string text = bytes.str();
  const std::string_view key = trimmed(text);
  if (key.size() < least_bytes) {
    throw std::runtime_error(
        fmt::format("The key file {} holds {} bytes; a key has at least {}. Restore it from your copy.",
                    file.string(), key.size(), least_bytes));
  }
  return Secret(std::string(key));
}

}  // namespace plenary::embed
