#include "db/native_postgres.hpp"

#include <fmt/format.h>

#include <charconv>

#include "db/postgres_errors.hpp"

namespace plenary::db {
namespace {

RawColumn column_of(const std::string& table, const std::string& name, const std::string& type) {
  if (type == "bigint") return {name, RawKind::integer, 8};
  if (type == "integer") return {name, RawKind::integer, 4};
  if (type == "smallint") return {name, RawKind::integer, 2};
  if (type == "text") return {name, RawKind::text};
  if (type == "double precision") return {name, RawKind::real};
  if (type == "bytea") return {name, RawKind::bytes};
  throw DatabaseError(ErrorKind::schema,
                      fmt::format("{}.{} has the type \"{}\", which no backup can hold", table, name, type));
}

}  // namespace

NativePostgres::NativePostgres(const DatabaseOptions& options) : handle_(PQconnectdb(options.url.c_str())) {
  if (PQstatus(handle_) != CONNECTION_OK) {
    const std::string why = without_password(PQerrorMessage(handle_), options.url);
    PQfinish(handle_);
    throw DatabaseError(
        ErrorKind::connection,
        fmt::format("PostgreSQL cannot be reached: {} Check [database] url and that the server runs.",
                    as_sentence(why)));
  }
  PQsetNoticeProcessor(
      handle_, [](void*, const char*) {}, nullptr);
  try {
    exec(
        "SET application_name = 'plenary backup'; SET TIME ZONE 'UTC'; SET client_encoding = 'UTF8'; "
        "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '10s'");
  } catch (...) {
    PQfinish(handle_);
    throw;
  }
}

NativePostgres::Result NativePostgres::run(const std::string& sql, ExecStatusType expected) {
  Result result(PQexec(handle_, sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != expected && !(expected == PGRES_COMMAND_OK && status == PGRES_TUPLES_OK))
    throw postgres_error(result.get(), sql.c_str());
  return result;
}

void NativePostgres::exec(const std::string& sql) {
  run(sql, PGRES_COMMAND_OK);
}

std::vector<std::vector<std::string>> NativePostgres::query(const std::string& sql) {
  const Result result = run(sql, PGRES_TUPLES_OK);
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < PQntuples(result.get()); ++i) {
    auto& row = rows.emplace_back();
    for (int j = 0; j < PQnfields(result.get()); ++j) row.emplace_back(PQgetvalue(result.get(), i, j));
  }
  return rows;
}

std::int64_t NativePostgres::number(const std::string& sql) {
  const auto rows = query(sql);
  std::int64_t value = 0;
  if (!rows.empty()) std::from_chars(rows[0][0].data(), rows[0][0].data() + rows[0][0].size(), value);
  return value;
}

std::vector<RawTable> NativePostgres::tables() {
  std::vector<RawTable> tables;
  for (const auto& row :
       query("SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c JOIN "
             "pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relkind = "
             "'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> 'schema_migration' "
             "ORDER BY c.relname COLLATE \"C\", a.attnum")) {
    if (tables.empty() || tables.back().name != row[0]) tables.push_back({row[0], {}});
    tables.back().columns.push_back(column_of(row[0], row[1], row[2]));
  }
  return tables;
}

void NativePostgres::begin_copy(const std::string& sql) {
  doing_ = sql;
  const Result result(PQexec(handle_, sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COPY_IN && status != PGRES_COPY_OUT) throw postgres_error(result.get(), sql.c_str());
}

void NativePostgres::put(std::string_view bytes) {
  if (PQputCopyData(handle_, bytes.data(), static_cast<int>(bytes.size())) != 1) end_put(doing_);
}

void NativePostgres::end_put(const std::string& doing) {
  PQputCopyEnd(handle_, nullptr);
  Result result(PQgetResult(handle_), PQclear);
  const bool good = PQresultStatus(result.get()) == PGRES_COMMAND_OK;
  while (PGresult* more = PQgetResult(handle_)) PQclear(more);
  if (!good) throw postgres_error(result.get(), doing.c_str());
}

bool NativePostgres::get(std::string_view& message, const std::string& doing) {
  char* bytes = nullptr;
  const int size = PQgetCopyData(handle_, &bytes, 0);
  message_.reset(bytes);
  if (size > 0) {
    message = {bytes, static_cast<std::size_t>(size)};
    return true;
  }
  Result result(PQgetResult(handle_), PQclear);
  const bool good = size == -1 && PQresultStatus(result.get()) == PGRES_COMMAND_OK;
  while (PGresult* more = PQgetResult(handle_)) PQclear(more);
  if (!good) throw postgres_error(result.get(), doing.c_str());
  return false;
}

std::string postgres_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += c;
    out += c;
  }
  return out + "\"";
}

std::string postgres_columns(const RawTable& table) {
  std::string list;
  for (const RawColumn& column : table.columns) {
    if (!list.empty()) list += ", ";
    list += postgres_name(column.name);
  }
  return list;
}

}  // namespace plenary::db
