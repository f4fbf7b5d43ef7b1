#include "jobs/status.hpp"

namespace plenary::jobs {

std::vector<LateJob> late_jobs(db::Tx& tx, Duration grace) {
  std::vector<LateJob> late;
  for (auto& [name, due, error] : tx.query<std::string, Instant, std::string>(
           "SELECT name, next_run_at, COALESCE(last_error, '') FROM schedule WHERE next_run_at < $1 OR "
           "attempts > 0 ORDER BY name",
           tx.now() - grace))
    late.push_back({std::move(name), due, std::move(error)});
  return late;
}

}  // namespace plenary::jobs
