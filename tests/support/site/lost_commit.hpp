// A database whose connection breaks while it makes a write durable, and that cannot be asked afterwards what
// became of it. PostgreSQL alone has such a moment.
#pragma once

#include <atomic>

#include "db/database.hpp"
#include "db/faults.hpp"

namespace plenary::test {

class LostCommit final : public db::FaultInjector {
 public:
  std::atomic<bool> is_armed{false};
  std::atomic<int> run_again{0};  // callers of batches that had to be run once more
  db::Fault before(std::string_view sql) override {
    if (sql.starts_with("SAVEPOINT caller")) ++run_again;
    if (!is_armed) return db::Fault::none;
    if (sql == "COMMIT") return db::Fault::connection_lost_after;  // it is done, and nobody hears of it
    return sql.starts_with("SELECT COALESCE(pg_xact") ? db::Fault::connection_lost : db::Fault::none;
  }
  void use(db::DatabaseOptions& options) {
    options.faults = this;
    options.outcome_limit = Duration::milliseconds(50);
  }
};

}  // namespace plenary::test
