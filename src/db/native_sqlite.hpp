// A bare SQLite connection, for what lasts long or reads any table: snapshots and bulk loads. Internal to
// db/. One thread. Errors: DatabaseError, without values.
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "db/raw_rows.hpp"

namespace plenary::db {

class NativeSqlite {
 public:
  // Opens the file that is there. Foreign keys are off.
  explicit NativeSqlite(const DatabaseOptions& options);
  ~NativeSqlite() { sqlite3_close(handle_); }
  NativeSqlite(const NativeSqlite&) = delete;
  NativeSqlite& operator=(const NativeSqlite&) = delete;

  sqlite3* handle() const { return handle_; }
  const std::string& path() const { return path_; }
  void exec(const std::string& sql);
  // All rows as texts; null reads as "".
  std::vector<std::vector<std::string>> query(const std::string& sql);
  std::int64_t number(const std::string& sql);
  std::vector<RawTable> tables();
  [[noreturn]] void fail(const std::string& doing);

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

class NativeStatement {
 public:
  NativeStatement(NativeSqlite& database, const std::string& sql);
  ~NativeStatement() { sqlite3_finalize(statement_); }
  NativeStatement(const NativeStatement&) = delete;
  NativeStatement& operator=(const NativeStatement&) = delete;
  sqlite3_stmt* get() const { return statement_; }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

// "name", with its quotes doubled.
std::string quoted_name(std::string_view name);
std::string column_list(const RawTable& table);

}  // namespace plenary::db
