// One SQLite connection: SOCI's session and statements, a cache of prepared statements keyed by the literal's
// address, typed errors. Internal to db/. One thread at a time. Errors: DatabaseError, without bound values.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "db/connection.hpp"
#include "db/faults.hpp"

namespace plenary::db {

class SqliteConnection final : public Connection {
 public:
  enum class Use { writer, reader, checkpoint, schema };
  struct Options {
    std::string path;
    Use use = Use::writer;
    bool relaxed_durability = false;
    const char* vfs = nullptr;
    FaultInjector* faults = nullptr;
  };
  explicit SqliteConnection(const Options& options);
  ~SqliteConnection() override;

  std::int64_t run(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out,
                   Tx::RowCallback each_row, void* context) override;
  void run_later(const char* sql, std::span<const Param> in) override { run(sql, in, {}, nullptr, nullptr); }
  void settle() override {}
  bool writes(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out) override;

  // A literal without parameters and rows.
  void exec(const char* sql) { run(sql, {}, {}, nullptr, nullptr); }
  // Several statements in one text, not cached; rows are dropped.
  void script(const std::string& text);

  bool in_transaction() const;
  // After the end of a transaction: throws std::logic_error when a statement kept it open (SOCI 4.0.3 does
  // that to a SELECT that was not fetched to its end).
  void check_closed() const;
  // Changes when another connection has committed.
  std::uint32_t data_version() const;

  // Statements running longer are interrupted. Applies until cleared with time_point::max().
  void set_deadline(std::chrono::steady_clock::time_point deadline);

  // Pages in the log after the last commit of this connection.
  int wal_pages() const;
  struct Checkpoint {
    int log_pages = 0, moved_pages = 0;
    bool busy = false;
  };
  Checkpoint checkpoint(bool restart);

 private:
  struct Statement;
  struct State;
  Statement& prepared(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out);
  void inject(const char* sql);
  [[noreturn]] void fail(int code, const char* sql) const;
  std::unique_ptr<State> state_;
};

}  // namespace plenary::db
