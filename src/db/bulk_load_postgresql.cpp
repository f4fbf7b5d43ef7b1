#include <fmt/format.h>

#include <bit>
#include <chrono>
#include <limits>
#include <thread>

#include "base/text.hpp"
#include "db/native_postgres.hpp"
#include "db/snapshot_engines.hpp"

namespace plenary::db {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
// Signature, no flags, no extension. source: PostgreSQL 15, COPY, "Binary Format".
constexpr std::string_view copy_head("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

void append_big_endian(std::string& out, std::uint64_t value, int width) {
  for (int i = width - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

const char* word_of(RawKind kind) {
  switch (kind) {
    case RawKind::null:
      return "nothing";
    case RawKind::integer:
      return "a whole number";
    case RawKind::real:
      return "a number with a fraction";
    case RawKind::text:
      return "a text";
    case RawKind::bytes:
      return "bytes";
  }
  return "";
}

class PostgresqlLoad final : public BulkLoad {
 public:
  explicit PostgresqlLoad(const DatabaseOptions& options) : database_(options) {
    database_.exec("BEGIN");
    // No migration meanwhile; then nobody else, reading or writing.
    database_.exec(
        "SELECT pg_advisory_xact_lock(hashtextextended('plenary.migrate.' || current_schema(), 0))");
    tables_ = database_.tables();
    std::string all;
    for (const RawTable& table : tables_) all += (all.empty() ? "" : ", ") + postgres_name(table.name);
    if (!all.empty()) database_.exec("LOCK TABLE " + all + " IN ACCESS EXCLUSIVE MODE");
    for (const RawTable& table : tables_)
      database_.exec(fmt::format("ALTER TABLE {} DISABLE TRIGGER USER", postgres_name(table.name)));
    // References first: some lean on an index. Each pair takes away, and brings back.
    auto pairs = database_.query(
        "SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', r.relname, k.conname), format('ALTER TABLE %I "
        "ADD CONSTRAINT %I %s', r.relname, k.conname, pg_get_constraintdef(k.oid)) FROM pg_constraint k JOIN "
        "pg_class r ON r.oid = k.conrelid WHERE k.contype = 'f' AND r.relnamespace = "
        "current_schema()::regnamespace ORDER BY r.relname, k.conname");
    const auto indexes = database_.query(
        "SELECT format('DROP INDEX %I', c.relname), pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN "
        "pg_class c ON c.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid WHERE r.relkind = 'r' AND "
        "r.relnamespace = current_schema()::regnamespace AND r.relname <> 'schema_migration' AND NOT EXISTS "
        "(SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY c.relname");
    pairs.insert(pairs.end(), indexes.begin(), indexes.end());
    for (const auto& pair : pairs) database_.exec(pair[0]);
    // Back in the opposite order.
    for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) taken_away_.push_back((*pair)[1]);
  }

  const std::vector<RawTable>& tables() const override { return tables_; }
  std::int64_t count(const std::string& table) override {
    return database_.number("SELECT COUNT(*) FROM " + postgres_name(table));
  }
  void empty(const std::string& table) override { database_.exec("DELETE FROM " + postgres_name(table)); }

  void begin_table(const RawTable& table) override {
    table_ = RawTable{table.name, {}};
    // Widths and kinds are this database's, not those of whoever wrote the backup.
    for (const RawTable& ours : tables_) {
      if (ours.name != table.name) continue;
      for (const RawColumn& wanted : table.columns) {
        for (const RawColumn& column : ours.columns) {
          if (column.name == wanted.name) table_.columns.push_back(column);
        }
      }
    }
    if (table_.columns.size() != table.columns.size())
      throw DatabaseError(ErrorKind::schema, fmt::format("{}: unknown columns", table.name));
    row_ = 0;
    database_.begin_copy(fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", postgres_name(table.name),
                                     postgres_columns(table_)));
    buffer_ = copy_head;
  }

  void row(std::span<const RawValue> values) override {
    ++row_;
    append_big_endian(buffer_, values.size(), 2);
    for (std::size_t i = 0; i < values.size(); ++i) append(table_.columns.at(i), values[i]);
    if (buffer_.size() >= piece_bytes) flush();
  }

  void end_table() override {
    append_big_endian(buffer_, 0xffff, 2);
    flush();
    database_.end_put(fmt::format("loading {}", table_.name));
  }

  void finish() override {
    for (const std::string& sql : taken_away_) {
      try {
        database_.exec(sql);
      } catch (const DatabaseError& error) {
        if (error.kind() != ErrorKind::foreign_key) throw;
        throw DatabaseError(
            ErrorKind::foreign_key,
            fmt::format("a row of the backup refers to a row that is not in it: {}", error.what()));
      }
    }
    for (const RawTable& table : tables_)
      database_.exec(fmt::format("ALTER TABLE {} ENABLE TRIGGER USER", postgres_name(table.name)));
    // Numbering goes on behind the greatest id.
    for (const auto& row : database_.query(
             "SELECT format('SELECT setval(pg_get_serial_sequence(%L, %L), max(%I)) FROM %I HAVING max(%I) "
             "IS NOT NULL', format('%I', c.relname), a.attname, a.attname, c.relname, a.attname) FROM "
             "pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
             "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND "
             "pg_get_serial_sequence(format('%I', c.relname), a.attname) IS NOT NULL"))
      database_.exec(row[0]);
    // Plans made before the next autovacuum would take the tables for empty.
    for (const RawTable& table : tables_) database_.exec("ANALYZE " + postgres_name(table.name));
  }

  void commit() override { database_.exec("COMMIT"); }

 private:
  [[noreturn]] void wrong(const RawColumn& column, const std::string& what) const {
    throw DatabaseError(ErrorKind::other,
                        fmt::format("{}.{}, row {} of the backup: {}", table_.name, column.name, row_, what));
  }

  void append(const RawColumn& column, const RawValue& value) {
    if (value.kind == RawKind::null) return append_big_endian(buffer_, 0xffffffff, 4);
    if (value.kind != column.kind) {
      wrong(column, fmt::format("{} where PostgreSQL takes {}", word_of(value.kind), word_of(column.kind)));
    }
    switch (column.kind) {
      case RawKind::integer:
        if (column.width < 8) {
          const std::int64_t most = column.width == 4 ? std::numeric_limits<std::int32_t>::max()
                                                      : std::numeric_limits<std::int16_t>::max();
          if (value.integer > most || value.integer < -most - 1)
            wrong(column, fmt::format("a number beyond the {} bits of this column", column.width * 8));
        }
        append_big_endian(buffer_, static_cast<std::uint32_t>(column.width), 4);
        append_big_endian(buffer_, static_cast<std::uint64_t>(value.integer), column.width);
        break;
      case RawKind::real:
        append_big_endian(buffer_, 8, 4);
        append_big_endian(buffer_, std::bit_cast<std::uint64_t>(value.real), 8);
        break;
      case RawKind::text:
        if (value.bytes.find('\0') != std::string_view::npos)
          wrong(column, "a text with a zero byte, which PostgreSQL does not take");
        if (!is_valid_utf8(value.bytes))
          wrong(column, "a text that is no UTF-8, which PostgreSQL does not take");
        [[fallthrough]];
      default:
        append_big_endian(buffer_, value.bytes.size(), 4);
        buffer_ += value.bytes;
        break;
    }
  }

  void flush() {
    // libpq takes an int.
    for (std::size_t at = 0; at < buffer_.size(); at += 4 * piece_bytes)
      database_.put(std::string_view(buffer_).substr(at, 4 * piece_bytes));
    buffer_.clear();
  }

  NativePostgres database_;
  std::vector<RawTable> tables_;
  std::vector<std::string> taken_away_;
  RawTable table_;
  std::string buffer_;
  std::int64_t row_ = 0;
};

}  // namespace

std::unique_ptr<BulkLoad> open_postgresql_load(const DatabaseOptions& options) {
  return std::make_unique<PostgresqlLoad>(options);
}

int foreign_connections(const DatabaseOptions& options) {
  if (parse_database_url(options).engine == Engine::sqlite) return 0;
  NativePostgres database(options);
  // A backend whose client has just hung up is seen for a moment more: waited for a second at most.
  for (int looks = 1;; ++looks) {
    const auto others = static_cast<int>(
        database.number("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                        "application_name LIKE 'plenary%' AND pid <> pg_backend_pid()"));
    if (others == 0 || looks == 10) return others;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace plenary::db
