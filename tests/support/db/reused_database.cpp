#include "support/db/reused_database.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace plenary::test {

namespace {

// Deleted rows stay in their files: after so many of them, or so many tests, a new copy is the faster way.
constexpr std::int64_t most_deleted = 5'000;
constexpr int most_uses = 100;

using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

// Whatever changes a table, an index, a trigger, a function or a statistic writes a row into one of these.
constexpr const char* ask_schema =
    "SELECT concat_ws(' ', "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_class WHERE oid >= 16384), "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_attribute WHERE attrelid >= 16384), "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_constraint WHERE oid >= 16384), "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_index WHERE indexrelid >= 16384), "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_trigger), "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_proc WHERE oid >= 16384), "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_attrdef), "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_type WHERE oid >= 16384), "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_rewrite WHERE oid >= 16384), "
    "(SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_sequence), "
    "(SELECT count(*) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'), "
    "(SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_largeobject_metadata), "
    "(SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname "
    "= current_database())), "
    "(SELECT count(*) FROM pg_statistic WHERE starelid >= 16384))";

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string all;
  for (const std::string& part : parts) {
    if (!all.empty()) all += between;
    all += part;
  }
  return all;
}

}  // namespace

std::unique_ptr<ReusedDatabase> ReusedDatabase::connect(std::string name, const std::string& url) {
  Connection connection(PQconnectdb(url.c_str()), PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) return nullptr;
  return std::unique_ptr<ReusedDatabase>(new ReusedDatabase(std::move(name), std::move(connection)));
}

ReusedDatabase::Rows ReusedDatabase::query(const std::string& sql) {
  const Result result(PQexec(connection_.get(), sql.c_str()), PQclear);
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection_.get()));
  Rows rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    std::vector<std::string>& values = rows.emplace_back();
    for (int column = 0; column < PQnfields(result.get()); ++column)
      values.emplace_back(PQgetvalue(result.get(), row, column));
  }
  return rows;
}

std::string ReusedDatabase::text(const std::string& sql) {
  const Rows rows = query(sql);
  return rows.empty() || rows[0].empty() ? std::string() : rows[0][0];
}

// Statements without results; gives how many rows they touched.
std::int64_t ReusedDatabase::run(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0)
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection_.get()));
  std::int64_t touched = 0;
  std::string error;
  for (;;) {
    const Result result(PQgetResult(connection_.get()), PQclear);
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK) {
      touched += std::atoll(PQcmdTuples(result.get()));
    } else if (status != PGRES_TUPLES_OK) {
      error = PQresultErrorMessage(result.get());
    }
  }
  if (!error.empty()) throw std::runtime_error(sql + ": " + error);
  return touched;
}

std::string ReusedDatabase::copy_out(const std::string& table) {
  {
    const Result started(PQexec(connection_.get(), ("COPY " + table + " TO STDOUT").c_str()), PQclear);
    if (PQresultStatus(started.get()) != PGRES_COPY_OUT)
      throw std::runtime_error(table + ": " + PQerrorMessage(connection_.get()));
  }
  std::string rows;
  char* piece = nullptr;
  for (int size = 0; (size = PQgetCopyData(connection_.get(), &piece, 0)) > 0;) {
    rows.append(piece, static_cast<std::size_t>(size));
    PQfreemem(piece);
  }
  while (PGresult* result = PQgetResult(connection_.get())) PQclear(result);
  return rows;
}

void ReusedDatabase::copy_in(const std::string& table, const std::string& rows) {
  {
    const Result started(PQexec(connection_.get(), ("COPY " + table + " FROM STDIN").c_str()), PQclear);
    if (PQresultStatus(started.get()) != PGRES_COPY_IN)
      throw std::runtime_error(table + ": " + PQerrorMessage(connection_.get()));
  }
  bool good = PQputCopyData(connection_.get(), rows.data(), static_cast<int>(rows.size())) == 1 &&
              PQputCopyEnd(connection_.get(), nullptr) == 1;
  while (PGresult* result = PQgetResult(connection_.get())) {
    good = good && PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
  }
  if (!good) throw std::runtime_error(table + ": " + PQerrorMessage(connection_.get()));
}

ReusedDatabase::Contents ReusedDatabase::contents() {
  Contents first;
  first.schema = text(ask_schema);
  std::vector<std::string> used, marks, sequences;
  for (const auto& row :
       query("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384 "
             "ORDER BY oid")) {
    const std::string& table = row[0];
    used.push_back("EXISTS(SELECT 1 FROM " + table + ")::int::text");
    first.tables.push_back(table);
    const std::string rows = copy_out(table);
    if (rows.empty()) continue;
    first.rows.emplace_back(table, rows);
    marks.push_back("(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM " + table + " t)");
  }
  if (!used.empty()) first.ask_used = "SELECT " + joined(used, " || ");
  if (!marks.empty()) {
    first.ask_rows = "SELECT concat_ws(' ', " + joined(marks, ", ") + ")";
    first.rows_mark = text(first.ask_rows);
  }
  for (const auto& row :
       query("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S' AND oid >= 16384")) {
    const auto now = query("SELECT last_value, is_called FROM " + row[0]);
    sequences.push_back("setval('" + row[0] + "', " + now[0][0] + ", '" + now[0][1] + "')");
  }
  if (!sequences.empty()) first.set_sequences = "SELECT " + joined(sequences, ", ") + "; ";
  return first;
}

bool ReusedDatabase::renew(const Contents& first) {
  try {
    return ++uses_ < most_uses && everybody_left() && text(ask_schema) == first.schema && put_back(first);
  } catch (const std::exception&) {
    return false;  // a test that ends connections, or the server, ends this one too
  }
}

// The backend of a connection that was closed is there for a moment more.
bool ReusedDatabase::everybody_left() {
  for (int looks = 0; looks < 200; ++looks) {
    if (text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
             "pg_backend_pid()") == "0")
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

bool ReusedDatabase::put_back(const Contents& first) {
  // Without triggers: nothing refuses, nothing follows.
  std::string sql = "BEGIN; SET LOCAL session_replication_role = replica; ";
  const bool rows_changed = !first.ask_rows.empty() && text(first.ask_rows) != first.rows_mark;
  const std::string used = first.ask_used.empty() ? std::string() : text(first.ask_used);
  for (std::size_t i = 0; i < used.size(); ++i) {
    const std::string& table = first.tables.at(i);
    const bool had_rows = std::any_of(first.rows.begin(), first.rows.end(),
                                      [&](const auto& filled) { return filled.first == table; });
    if (used[i] == '1' && (!had_rows || rows_changed)) sql += "DELETE FROM " + table + "; ";
  }
  const std::int64_t deleted = run(sql + first.set_sequences);
  if (rows_changed) {
    for (const auto& [table, rows] : first.rows) copy_in(table, rows);
  }
  run("COMMIT");
  return deleted <= most_deleted;
}

}  // namespace plenary::test
