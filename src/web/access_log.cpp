#include "web/access_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "base/time.hpp"

namespace plenary::web {
namespace {

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // a full disk must not stop the server
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

struct AccessLog::Shared {
  Sink sink;
  std::size_t max_waiting;
  std::mutex mutex;
  std::condition_variable ready;
  std::string waiting;
  std::uint64_t dropped = 0;
  bool stopping = false;
  std::thread thread;

  void run() {
    std::string taken;
    std::unique_lock lock(mutex);
    while (true) {
      ready.wait(lock, [&] { return stopping || !waiting.empty(); });
      if (waiting.empty()) return;
      taken.swap(waiting);
      lock.unlock();
      sink(taken);
      taken.clear();
      lock.lock();
    }
  }
};

AccessLog::AccessLog(Sink sink, std::size_t max_waiting_bytes) : shared_(std::make_unique<Shared>()) {
  shared_->sink = std::move(sink);
  shared_->max_waiting = max_waiting_bytes;
  shared_->thread = std::thread([shared = shared_.get()] { shared->run(); });
}

AccessLog::~AccessLog() {
  {
    std::lock_guard lock(shared_->mutex);
    shared_->stopping = true;
  }
  shared_->ready.notify_one();
  shared_->thread.join();
}

AccessLog::Sink AccessLog::to_stdout() {
  return [](std::string_view lines) { write_all(STDOUT_FILENO, lines); };
}

AccessLog::Sink AccessLog::to_file(const std::string& path) {
  // Opened for each batch: a rotated file is followed without a signal.
  int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) {
    throw std::runtime_error(
        fmt::format("The access log {} cannot be opened: {}.", path, std::strerror(errno)));
  }
  ::close(fd);
  return [path](std::string_view lines) {
    int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (file < 0) return;
    write_all(file, lines);
    ::close(file);
  };
}

void AccessLog::write(std::string&& lines) {
  {
    std::lock_guard lock(shared_->mutex);
    if (shared_->waiting.size() + lines.size() > shared_->max_waiting) {
      for (char c : lines) shared_->dropped += c == '\n';
      return;
    }
    if (shared_->waiting.empty()) {
      shared_->waiting.swap(lines);
    } else {
      shared_->waiting += lines;
    }
  }
  shared_->ready.notify_one();
}

std::uint64_t AccessLog::dropped() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->dropped;
}

void format_access_line(const AccessLine& line, std::string& out) {
  std::int64_t seconds = line.unix_micros / 1'000'000;
  // The date changes once a second for thousands of lines.
  thread_local std::int64_t known_second = -1;
  thread_local std::string known_text;
  if (seconds != known_second) {
    known_second = seconds;
    known_text = Instant{seconds * 1'000'000}.to_string();
    known_text.pop_back();  // Z
  }
  // By hand: one for each request, and reading a format again each time took four times as long.
  const auto number = [&](std::uint64_t value) {
    const fmt::format_int digits(value);
    out.append(digits.data(), digits.size());
  };
  const auto micros = [&](std::uint64_t value) {
    char digits[] = ".000000";
    for (std::size_t i = 6; i > 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
    out.append(digits, 7);
  };
  out += known_text;
  micros(static_cast<std::uint64_t>(line.unix_micros % 1'000'000));
  out.append("Z ").append(line.method).append(" ").append(line.pattern.empty() ? "-" : line.pattern) += ' ';
  number(static_cast<std::uint64_t>(line.status));
  out += ' ';
  number(line.bytes);
  out += ' ';
  number(line.nanoseconds / 1'000'000'000);
  micros(line.nanoseconds / 1000 % 1'000'000);
  out.append(" ").append(line.request_id) += '\n';
}

std::string log_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7f ||
               (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0)) {
      out += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xe2 && text.substr(i, 3) >= "\xe2\x80\xa8" && text.substr(i, 3) <= "\xe2\x80\xa9") {
      out += text[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace plenary::web
