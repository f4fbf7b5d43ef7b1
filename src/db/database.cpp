#include "db/database.hpp"

#include "db/database_url.hpp"
#include "db/group_commit.hpp"
#include "db/postgres_database.hpp"
#include "db/sqlite_database.hpp"

namespace plenary::db {

std::unique_ptr<Database> Database::open(const DatabaseOptions& options) {
  const DatabaseUrl url = parse_database_url(options);
  if (options.relaxed_durability && !options.development) {
    throw DatabaseError(ErrorKind::connection, "durability cannot be relaxed in production");
  }
  if (url.engine == Engine::sqlite) return std::make_unique<SqliteDatabase>(options, url);
  return std::make_unique<PostgresDatabase>(options, url);
}

void Database::run_write(detail::WriteJob& job) {
  const std::shared_ptr<detail::Signal> signal = fresh_signal();
  job.signal = signal;
  enqueue_write(job);
  wait_for(*signal);
}

}  // namespace plenary::db
