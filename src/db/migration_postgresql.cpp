#include <fmt/format.h>
#include <libpq-fe.h>

#include "db/migration_connection.hpp"

namespace plenary::db {
namespace {

struct ResultEnd {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ResultEnd>;

class PostgresqlMigration final : public MigrationConnection {
 public:
  explicit PostgresqlMigration(const DatabaseOptions& options) : handle_(PQconnectdb(options.url.c_str())) {
    if (PQstatus(handle_) != CONNECTION_OK) {
      const std::string why = PQerrorMessage(handle_);
      PQfinish(handle_);
      throw MigrationError(fmt::format("cannot connect to the database: {}", why));
    }
    PQsetNoticeProcessor(
        handle_, [](void*, const char*) {}, nullptr);
    try {
      exec("SET statement_timeout = 0");
      exec("SET lock_timeout = '60s'");
      try {
        // One lock a schema; a session's lock goes with its connection.
        exec("SELECT pg_advisory_lock(hashtextextended('plenary.migrate.' || current_schema(), 0))");
      } catch (const MigrationError&) {
        throw MigrationError(
            "another process has been migrating this database for over a minute; wait for it or stop it, "
            "then try "
            "again");
      }
      // A step that waits for a table keeps everybody behind it waiting, too: give up early.
      exec("SET lock_timeout = '10s'");
    } catch (...) {
      PQfinish(handle_);
      throw;
    }
  }
  ~PostgresqlMigration() override { PQfinish(handle_); }

  void create_record() override {
    exec(
        "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, "
        "checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)");
  }

  std::vector<AppliedStep> applied() override {
    const Result rows = exec("SELECT version, name, checksum FROM schema_migration ORDER BY version");
    std::vector<AppliedStep> steps;
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
      steps.push_back({std::atoi(PQgetvalue(rows.get(), i, 0)), PQgetvalue(rows.get(), i, 1),
                       PQgetvalue(rows.get(), i, 2)});
    }
    return steps;
  }

  void apply(const Migration& step, std::string_view checksum, Instant now) override {
    exec("BEGIN");
    try {
      exec(std::string(step.postgresql).c_str());
      if (PQtransactionStatus(handle_) != PQTRANS_INTRANS) {
        throw MigrationError("it ends the transaction it runs in; a step holds no BEGIN, COMMIT or ROLLBACK");
      }
      exec(fmt::format("INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES ({}, '{}', "
                       "'{}', {})",
                       step.version, step.name, checksum, now.micros)
               .c_str());
      exec("COMMIT");
    } catch (...) {
      const Result undone(PQexec(handle_, "ROLLBACK"));
      throw;
    }
  }

 private:
  Result exec(const char* sql) {
    Result result(PQexec(handle_, sql));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
      throw MigrationError(PQerrorMessage(handle_));
    }
    return result;
  }

  PGconn* handle_;
};

}  // namespace

std::unique_ptr<MigrationConnection> open_postgresql_migration(const DatabaseOptions& options) {
  return std::make_unique<PostgresqlMigration>(options);
}

}  // namespace plenary::db
