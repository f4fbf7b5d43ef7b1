#include <fmt/format.h>

#include <cstdlib>

#include "db/native_sqlite.hpp"
#include "db/snapshot_engines.hpp"

namespace plenary::db {
namespace {

class SqliteSnapshot final : public Snapshot {
 public:
  explicit SqliteSnapshot(const DatabaseOptions& options) : database_(options) {
    database_.exec("PRAGMA query_only = ON");
    database_.exec("BEGIN");
    // The first read takes the snapshot.
    database_.number("SELECT COUNT(*) FROM sqlite_master");
  }

  Engine engine() const override { return Engine::sqlite; }
  std::vector<RawTable> tables() override { return database_.tables(); }

  std::int64_t count(const RawTable& table) override {
    return database_.number("SELECT COUNT(*) FROM " + quoted_name(table.name));
  }
  bool has_rows(const RawTable& table) override {
    return database_.number("SELECT EXISTS (SELECT 1 FROM " + quoted_name(table.name) + ")") != 0;
  }

  void each(const RawTable& table, const EachRow& row) override {
    const NativeStatement statement(database_,
                                    "SELECT " + column_list(table) + " FROM " + quoted_name(table.name));
    sqlite3_stmt* s = statement.get();
    std::vector<RawValue> values(table.columns.size());
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
      for (int i = 0; i < static_cast<int>(values.size()); ++i)
        read(s, i, values[static_cast<std::size_t>(i)]);
      row(values);
    }
    if (code != SQLITE_DONE) database_.fail("reading " + table.name);
  }

  std::optional<std::pair<int, std::string>> schema_version() override {
    if (database_.number(
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'") == 0) {
      return std::nullopt;
    }
    const auto rows =
        database_.query("SELECT version, name FROM schema_migration ORDER BY version DESC LIMIT 1");
    if (rows.empty()) return std::nullopt;
    return std::pair(std::atoi(rows[0][0].c_str()), rows[0][1]);
  }

 private:
  static void read(sqlite3_stmt* s, int i, RawValue& value) {
    value = RawValue{};
    switch (sqlite3_column_type(s, i)) {
      case SQLITE_INTEGER:
        value.kind = RawKind::integer;
        value.integer = sqlite3_column_int64(s, i);
        break;
      case SQLITE_FLOAT:
        value.kind = RawKind::real;
        value.real = sqlite3_column_double(s, i);
        break;
      case SQLITE_TEXT: {
        value.kind = RawKind::text;
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(s, i));
        value.bytes = {text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(s, i))};
        break;
      }
      case SQLITE_BLOB: {
        value.kind = RawKind::bytes;
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(s, i));
        value.bytes = {bytes ? bytes : "", static_cast<std::size_t>(sqlite3_column_bytes(s, i))};
        break;
      }
      default:
        break;
    }
  }

  NativeSqlite database_;
};

}  // namespace

std::unique_ptr<Snapshot> open_sqlite_snapshot(const DatabaseOptions& options) {
  return std::make_unique<SqliteSnapshot>(options);
}

std::unique_ptr<Snapshot> Snapshot::open(const DatabaseOptions& options) {
  return parse_database_url(options).engine == Engine::sqlite ? open_sqlite_snapshot(options)
                                                              : open_postgresql_snapshot(options);
}

}  // namespace plenary::db
