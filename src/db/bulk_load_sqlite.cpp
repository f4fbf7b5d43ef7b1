#include <fmt/format.h>

#include "db/native_sqlite.hpp"
#include "db/snapshot_engines.hpp"
#include "db/sqlite_files.hpp"

namespace plenary::db {
namespace {

class SqliteLoad final : public BulkLoad {
 public:
  explicit SqliteLoad(const DatabaseOptions& options)
      : database_(options), writers_(parse_database_url(options).path) {
    database_.exec("PRAGMA cache_size = -65536");
    database_.exec("PRAGMA temp_store = MEMORY");
    writers_.lock();
    database_.exec("BEGIN IMMEDIATE");
    tables_ = database_.tables();
    // Bringing the indexes back at the end sorts once instead of searching for each row.
    for (const auto& row : database_.query(
             "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT "
             "NULL ORDER BY type, name")) {
      database_.exec(fmt::format("DROP {} {}", row[0], quoted_name(row[1])));
      taken_away_.push_back(row[2]);
    }
  }
  ~SqliteLoad() override {
    insert_.reset();
    if (!sqlite3_get_autocommit(database_.handle()))
      sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    writers_.unlock();
  }

  const std::vector<RawTable>& tables() const override { return tables_; }
  std::int64_t count(const std::string& table) override {
    return database_.number("SELECT COUNT(*) FROM " + quoted_name(table));
  }
  void empty(const std::string& table) override { database_.exec("DELETE FROM " + quoted_name(table)); }

  void begin_table(const RawTable& table) override {
    table_ = table.name;
    row_ = 0;
    std::string places;
    for (std::size_t i = 0; i < table.columns.size(); ++i) places += i == 0 ? "?" : ", ?";
    insert_ = std::make_unique<NativeStatement>(
        database_,
        fmt::format("INSERT INTO {} ({}) VALUES ({})", quoted_name(table.name), column_list(table), places));
  }

  void row(std::span<const RawValue> values) override {
    ++row_;
    sqlite3_stmt* s = insert_->get();
    int place = 0;
    for (const RawValue& value : values) {
      ++place;
      int code = SQLITE_OK;
      switch (value.kind) {
        case RawKind::null:
          code = sqlite3_bind_null(s, place);
          break;
        case RawKind::integer:
          code = sqlite3_bind_int64(s, place, value.integer);
          break;
        case RawKind::real:
          code = sqlite3_bind_double(s, place, value.real);
          break;
        case RawKind::text:
          code = sqlite3_bind_text64(s, place, value.bytes.data() ? value.bytes.data() : "",
                                     value.bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
          break;
        case RawKind::bytes:
          code = sqlite3_bind_blob64(s, place, value.bytes.data() ? value.bytes.data() : "",
                                     value.bytes.size(), SQLITE_STATIC);
          break;
      }
      if (code != SQLITE_OK) fail();
    }
    if (sqlite3_step(s) != SQLITE_DONE) fail();
    sqlite3_reset(s);
  }
  void end_table() override { insert_.reset(); }

  void finish() override {
    for (const std::string& sql : taken_away_) database_.exec(sql);
    const auto broken = database_.query("PRAGMA foreign_key_check");
    if (!broken.empty()) {
      throw DatabaseError(
          ErrorKind::foreign_key,
          fmt::format(
              "{} row{} of the backup refer{} to a row that is not in it; the first is in {}, row {}, "
              "and refers to {}",
              broken.size(), broken.size() == 1 ? "" : "s", broken.size() == 1 ? "s" : "", broken[0][0],
              broken[0][1], broken[0][2]));
    }
  }

  void commit() override {
    database_.exec("COMMIT");
    writers_.unlock();
    // The whole load stands in the log; where a reader keeps it there, the next server moves it.
    sqlite3_wal_checkpoint_v2(database_.handle(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  }

 private:
  [[noreturn]] void fail() { database_.fail(fmt::format("{}, row {} of the backup", table_, row_)); }

  NativeSqlite database_;
  WritersLock writers_;
  std::vector<RawTable> tables_;
  std::vector<std::string> taken_away_;
  std::unique_ptr<NativeStatement> insert_;
  std::string table_;
  std::int64_t row_ = 0;
};

}  // namespace

std::unique_ptr<BulkLoad> open_sqlite_load(const DatabaseOptions& options) {
  return std::make_unique<SqliteLoad>(options);
}

std::unique_ptr<BulkLoad> BulkLoad::open(const DatabaseOptions& options) {
  return parse_database_url(options).engine == Engine::sqlite ? open_sqlite_load(options)
                                                              : open_postgresql_load(options);
}

}  // namespace plenary::db
