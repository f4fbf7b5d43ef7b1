// Development only: a clock that a running server's tests can move. The file holds one line:
//   "+90m", "-2h", "+1d", "+15s" or "+900" (seconds)   the system's time moved by so much
//   "2027-05-14T09:00:00Z"                              this instant, standing still
// An empty or missing file is the system's time. It is looked at with a transaction (one stat), at most every
// `look_every`, and read again when it changed. Any thread. A line that is neither throws std::runtime_error
// at construction; later it is logged and the last good one stays. source: docs/transactions.md, section 7.
#pragma once

#include <cstdint>
#include <ctime>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace plenary::db {

class ClockFile final : public Clock {
 public:
  explicit ClockFile(std::string path, Duration look_every = {});
  Instant now() const override;

  struct Reading {
    Duration offset{};
    std::optional<Instant> standing;
  };
  // Nothing when the line is neither an offset nor an instant.
  static std::optional<Reading> parse(std::string_view line);

 private:
  void refresh() const;

  const std::string path_;
  const Duration look_every_;
  mutable std::mutex mutex_;
  mutable std::int64_t look_again_at_ = 0;  // steady microseconds
  mutable Reading reading_;
  // What the file looked like when it was read.
  mutable timespec changed_{};
  mutable unsigned long inode_ = 0;
  mutable long size_ = -1;
};

}  // namespace plenary::db
