#include "db/native_sqlite.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "db/database_url.hpp"

namespace plenary::db {
namespace {

constexpr int patience_ms = 10'000;

// By SQLite's own rules of affinity.
RawKind kind_of(const std::string& type, const std::string& table, const std::string& column) {
  const auto has = [&](const char* part) { return type.find(part) != std::string::npos; };
  if (has("INT")) return RawKind::integer;
  if (has("CHAR") || has("TEXT")) return RawKind::text;
  if (has("BLOB")) return RawKind::bytes;
  if (has("REAL") || has("FLOA") || has("DOUB")) return RawKind::real;
  throw DatabaseError(ErrorKind::schema, fmt::format("{}.{} has the type \"{}\", which no backup can hold",
                                                     table, column, type));
}

ErrorKind kind_of_code(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return ErrorKind::full;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::io;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::busy;
    case SQLITE_CANTOPEN:
      return ErrorKind::connection;
    case SQLITE_NOMEM:
      return ErrorKind::memory;
    case SQLITE_CONSTRAINT:
      return ErrorKind::check;
    default:
      return ErrorKind::other;
  }
}

}  // namespace

NativeSqlite::NativeSqlite(const DatabaseOptions& options) : path_(parse_database_url(options).path) {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) {
    throw DatabaseError(ErrorKind::connection, fmt::format("{}: there is no such database", path_));
  }
  if (sqlite3_open_v2(path_.c_str(), &handle_, SQLITE_OPEN_READWRITE, options.sqlite_vfs) != SQLITE_OK) {
    const std::string why = handle_ ? sqlite3_errmsg(handle_) : "out of memory";
    sqlite3_close(handle_);
    throw DatabaseError(ErrorKind::connection, fmt::format("{}: cannot be opened: {}", path_, why));
  }
  try {
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, patience_ms);
    exec(options.relaxed_durability ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
    exec("PRAGMA foreign_keys = OFF");
    exec("PRAGMA trusted_schema = OFF");
    exec("PRAGMA wal_autocheckpoint = 0");
    exec("PRAGMA cell_size_check = ON");
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

void NativeSqlite::fail(const std::string& doing) {
  throw DatabaseError(kind_of_code(sqlite3_errcode(handle_)),
                      fmt::format("{}: {} ({})", path_, sqlite3_errmsg(handle_), doing));
}

void NativeSqlite::exec(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

std::vector<std::vector<std::string>> NativeSqlite::query(const std::string& sql) {
  std::vector<std::vector<std::string>> rows;
  const NativeStatement statement(*this, sql);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
    auto& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
      const unsigned char* text = sqlite3_column_text(statement.get(), i);
      row.emplace_back(text ? reinterpret_cast<const char*>(text) : "");
    }
  }
  if (code != SQLITE_DONE) fail(sql);
  return rows;
}

std::int64_t NativeSqlite::number(const std::string& sql) {
  const NativeStatement statement(*this, sql);
  if (sqlite3_step(statement.get()) != SQLITE_ROW) fail(sql);
  return sqlite3_column_int64(statement.get(), 0);
}

std::vector<RawTable> NativeSqlite::tables() {
  std::vector<RawTable> tables;
  for (const auto& row :
       query("SELECT m.name, p.name, upper(p.type) FROM sqlite_master m, pragma_table_info(m.name) p WHERE "
             "m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name <> 'schema_migration' "
             "ORDER BY m.name, p.cid")) {
    if (tables.empty() || tables.back().name != row[0]) tables.push_back({row[0], {}});
    tables.back().columns.push_back({row[1], kind_of(row[2], row[0], row[1])});
  }
  return tables;
}

NativeStatement::NativeStatement(NativeSqlite& database, const std::string& sql) {
  if (sqlite3_prepare_v2(database.handle(), sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK)
    database.fail(sql);
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += c;
    out += c;
  }
  return out + "\"";
}

std::string column_list(const RawTable& table) {
  std::string list;
  for (const RawColumn& column : table.columns) {
    if (!list.empty()) list += ", ";
    list += quoted_name(column.name);
  }
  return list;
}

}  // namespace plenary::db
