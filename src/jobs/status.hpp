// Whether the periodic work keeps up, for whoever looks after the server. Functions of a transaction.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "db/tx.hpp"

namespace plenary::jobs {

struct LateJob {
  std::string name;
  Instant due;             // when it should have run
  std::string last_error;  // empty: it has not failed
};
// Periodic jobs that should have run more than `grace` ago, and those that failed the last time; by name.
// None before the first server ran.
std::vector<LateJob> late_jobs(db::Tx& tx, Duration grace);

}  // namespace plenary::jobs
