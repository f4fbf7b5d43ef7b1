#include "net/mail_folder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace plenary::net {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view extension = ".eml";
constexpr std::size_t most_kept = 2'000;
constexpr unsigned drop_every = 256;  // messages; listing the folder each time would cost more than the mail
constexpr std::size_t longest_id = 100;

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= longest_id && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// The part before the "@", whatever else is in it replaced.
std::string id_of(std::string_view message_id) {
  std::string id(message_id.substr(0, std::min(message_id.find('@'), longest_id)));
  for (char& c : id) {
    if (!is_id(std::string_view(&c, 1))) c = '-';
  }
  return id.empty() ? "message" : id;
}

[[noreturn]] void failed(const fs::path& file, const char* what) {
  throw std::runtime_error(
      fmt::format("{}: mail cannot be {} there ({}). Look at [mail] folder: it must be a folder that this "
                  "user may write to",
                  file.string(), what, std::strerror(errno)));
}

}  // namespace

fs::path MailFolder::store(std::string_view message_id, std::string_view message) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    errno = error.value();
    failed(folder_, "kept");
  }
  fs::permissions(folder_, fs::perms::owner_all, error);  // mail is private; best effort

  static std::atomic<unsigned> count{0};
  const unsigned number = ++count;
  const fs::path file = folder_ / (id_of(message_id) + std::string(extension));
  const fs::path unfinished = folder_ / fmt::format(".{}-{}.unfinished", ::getpid(), number);
  const int out = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (out < 0) failed(unfinished, "written");
  for (std::string_view rest = message; !rest.empty();) {
    const ssize_t written = ::write(out, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int why = errno;
      ::close(out);
      ::unlink(unfinished.c_str());
      errno = why;
      failed(unfinished, "written");
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  // To the nanosecond: the file system's own times are too coarse to tell which of two came first.
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const timespec times[2] = {now, now};
  ::futimens(out, times);
  ::close(out);
  if (::rename(unfinished.c_str(), file.c_str()) != 0) failed(file, "written");
  if (number % drop_every == 0) drop_oldest();
  return file;
}

std::vector<MailFolder::Entry> MailFolder::list(std::size_t limit) const {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const fs::path& file = at->path();
    if (file.extension() != extension || !is_id(file.stem().string())) continue;
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    const std::int64_t micros =
        static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000 + status.st_mtim.tv_nsec / 1'000;
    entries.push_back({file.stem().string(), Instant{micros}, static_cast<std::uintmax_t>(status.st_size)});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.written_at != b.written_at ? a.written_at > b.written_at : a.id > b.id;
  });
  if (entries.size() > limit) entries.resize(limit);
  return entries;
}

std::optional<std::string> MailFolder::read(std::string_view id) const {
  if (!is_id(id)) return std::nullopt;
  std::ifstream in(folder_ / (std::string(id) + std::string(extension)), std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void MailFolder::drop_oldest() const {
  const std::vector<Entry> entries = list(SIZE_MAX);
  for (std::size_t i = most_kept; i < entries.size(); ++i) {
    std::error_code error;
    fs::remove(folder_ / (entries[i].id + std::string(extension)), error);
  }
}

}  // namespace plenary::net
