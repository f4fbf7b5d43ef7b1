// The access log: one line a request, written by a thread of its own so that no request waits for the disk. A
// line has the route's pattern, never the path: tokens and names are not in it, nor are addresses. Times in
// UTC. When the disk is slower than the requests, lines are dropped and their number is logged. source:
// ground rules 15, 2.4-2.5.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "web/method.hpp"

namespace plenary::web {

class AccessLog {
 public:
  // Gets whole lines, many at once; called on the log's own thread.
  using Sink = std::function<void(std::string_view lines)>;
  explicit AccessLog(Sink sink, std::size_t max_waiting_bytes = 4 * 1024 * 1024);
  ~AccessLog();  // writes what is left
  // Standard output; a file, opened for appending with every batch, so that rotation needs no signal.
  static Sink to_stdout();
  static Sink to_file(const std::string& path);

  // Any thread; takes the text away.
  void write(std::string&& lines);
  std::uint64_t dropped() const;

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

struct AccessLine {
  std::int64_t unix_micros = 0;
  std::string_view method;  // "-" when the request could not be read
  std::string_view pattern;
  int status = 0;
  std::uint64_t bytes = 0;
  std::uint64_t nanoseconds = 0;
  std::string_view request_id;
};
// "2027-05-14T09:00:00.123456Z GET /{conference}/register/ 200 3012 0.000123 4f2a-1c"
void format_access_line(const AccessLine& line, std::string& out);

// For every log: line breaks and other control characters become \n, \x1b and so on.
std::string log_escaped(std::string_view text);

}  // namespace plenary::web
