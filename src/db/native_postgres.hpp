// A bare PostgreSQL connection, for what lasts long or reads any table: snapshots and bulk loads. It waits
// without a limit of its own, but for locks. Internal to db/. One thread. Errors: DatabaseError, without
// values.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "db/raw_rows.hpp"

namespace plenary::db {

class NativePostgres {
 public:
  explicit NativePostgres(const DatabaseOptions& options);
  ~NativePostgres() { PQfinish(handle_); }
  NativePostgres(const NativePostgres&) = delete;
  NativePostgres& operator=(const NativePostgres&) = delete;

  PGconn* handle() const { return handle_; }
  void exec(const std::string& sql);
  // All rows as texts; null reads as "".
  std::vector<std::vector<std::string>> query(const std::string& sql);
  std::int64_t number(const std::string& sql);
  std::vector<RawTable> tables();

  // COPY … FROM STDIN and COPY … TO STDOUT, both binary.
  void begin_copy(const std::string& sql);
  void put(std::string_view bytes);
  void end_put(const std::string& doing);
  // False at the end. `message` is libpq's until the next call.
  bool get(std::string_view& message, const std::string& doing);

 private:
  using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;
  Result run(const std::string& sql, ExecStatusType expected);
  PGconn* handle_ = nullptr;
  std::string doing_;
  std::unique_ptr<char, void (*)(void*)> message_{nullptr, PQfreemem};
};

// "name" as PostgreSQL quotes it.
std::string postgres_name(std::string_view name);
std::string postgres_columns(const RawTable& table);

}  // namespace plenary::db
