#include "db/clock_file.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <charconv>
#include <chrono>
#include <fstream>
#include <stdexcept>

namespace plenary::db {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

std::optional<ClockFile::Reading> ClockFile::parse(std::string_view line) {
  line = trimmed(line);
  if (line.empty()) return Reading{};
  if (line.front() != '+' && line.front() != '-') {
    const auto instant = Instant::parse(line);
    if (!instant) return std::nullopt;
    return Reading{{}, instant};
  }
  const bool back = line.front() == '-';
  line.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  const std::string_view unit = line.substr(static_cast<std::size_t>(end - line.data()));
  // A century is enough, and keeps the product in range.
  constexpr std::int64_t kMost = 100LL * 366 * 86'400;
  if (error != std::errc() || number < 0 || number > kMost) return std::nullopt;
  Duration one{};
  if (unit.empty() || unit == "s") {
    one = Duration::seconds(1);
  } else if (unit == "m") {
    one = Duration::minutes(1);
  } else if (unit == "h") {
    one = Duration::hours(1);
  } else if (unit == "d") {
    one = Duration::days(1);
  } else {
    return std::nullopt;
  }
  if (number > kMost / (one.micros / 1'000'000)) return std::nullopt;
  return Reading{one * (back ? -number : number), std::nullopt};
}

ClockFile::ClockFile(std::string path, Duration look_every)
    : path_(std::move(path)), look_every_(look_every) {
  const std::string line = first_line(path_);
  if (!parse(line)) {
    throw std::runtime_error(
        fmt::format("{}: found \"{}\", expected an offset (\"+90m\", \"-2h\", \"+900\") or an instant "
                    "(\"2027-05-14T09:00:00Z\")",
                    path_, line));
  }
}

void ClockFile::refresh() const {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) {
    reading_ = {};
    size_ = -1;
    return;
  }
  // A change within the file system's time step (some milliseconds) leaves no trace in the times: as long as
  // the last one is that young, the file is read.
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const bool young = now.tv_sec - info.st_mtim.tv_sec < 2;
  const bool same = info.st_mtim.tv_sec == changed_.tv_sec && info.st_mtim.tv_nsec == changed_.tv_nsec &&
                    info.st_ino == inode_ && info.st_size == size_;
  if (same && !young) return;
  const std::string line = first_line(path_);
  if (const auto reading = parse(line)) {
    reading_ = *reading;
  } else if (!same) {
    spdlog::error("{}: found \"{}\", which is neither an offset nor an instant; the clock stays as it was",
                  path_, line);
  }
  changed_ = info.st_mtim;
  inode_ = info.st_ino;
  size_ = info.st_size;
}

Instant ClockFile::now() const {
  std::lock_guard lock(mutex_);
  const std::int64_t steady = std::chrono::duration_cast<std::chrono::microseconds>(
                                  std::chrono::steady_clock::now().time_since_epoch())
                                  .count();
  if (steady >= look_again_at_) {
    look_again_at_ = steady + look_every_.micros;
    refresh();
  }
  return reading_.standing ? *reading_.standing : Instant::system_now() + reading_.offset;
}

}  // namespace plenary::db
