// The statements of a worker: taking leases on outbox rows and periodic jobs, keeping them, and giving them
// back with the outcome. Internal to jobs/. A lease is the pair of a row's id and a random token; whoever
// lost it changes nothing any more. `at` stands for the transaction's time where it is given (stepping by
// hand).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "db/database.hpp"
#include "jobs/outbox.hpp"

namespace plenary::jobs {

struct Outcome {
  enum class Kind { done, retry, dead, returned };  // returned: not even started
  std::int64_t id = 0;
  std::string token;
  Kind kind = Kind::done;
  std::string error;
  Duration delay;  // retry: from now
};

struct Turn {  // of a periodic job
  std::int64_t id = 0;
  std::string name, token;
  Duration every;
  Instant due;
  int attempt = 1;
};

class Leases {
 public:
  // Only these kinds and names are taken. `database` must outlive this.
  Leases(db::Database& database, std::span<const std::string> kinds, std::span<const std::string> names);

  struct Due {
    bool outbox = false, schedule = false;
  };
  Due look(std::optional<Instant> at);  // reads only

  std::vector<Delivery> take(int limit, const std::string& token, Duration lease, std::optional<Instant> at);
  void settle(std::span<const Outcome> outcomes, std::optional<Instant> at);
  // Of these rows, those whose lease is still ours are extended; how many.
  std::size_t extend(std::span<const std::int64_t> ids, const std::string& token, Duration lease);

  // Makes the rows of periodic jobs; a changed period holds from now on.
  void announce(std::span<const std::pair<std::string, int>> jobs, std::optional<Instant> at);
  std::optional<Turn> take_turn(const std::string& token, Duration lease, std::optional<Instant> at);
  // `error` empty: it went well. `delay`: until the next attempt after a failure, at most the period.
  void settle_turn(const Turn& turn, const std::string& error, Duration delay, std::optional<Instant> at);
  bool extend_turn(const Turn& turn, Duration lease);

 private:
  db::Database& database_;
  const char* look_sql_;
  const char* take_sql_;
  const char* take_turn_sql_;
};

}  // namespace plenary::jobs
