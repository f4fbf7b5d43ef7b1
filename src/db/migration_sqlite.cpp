#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fmt/format.h>
#include <sqlite3.h>

#include "db/database_url.hpp"
#include "db/migration_connection.hpp"
#include "db/sqlite_files.hpp"

namespace plenary::db {
namespace {

constexpr auto lock_patience = std::chrono::seconds(60);

// One migration at a time: a lock on <db>.migrate, let go with the process, however it ends.
class MigrationLock {
 public:
  explicit MigrationLock(const std::string& path) : path_(path) {
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0) throw MigrationError(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  ~MigrationLock() { ::close(file_); }
  MigrationLock(const MigrationLock&) = delete;
  MigrationLock& operator=(const MigrationLock&) = delete;

  void lock() {
    const auto until = std::chrono::steady_clock::now() + lock_patience;
    while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) {
        throw MigrationError(fmt::format("cannot lock {}: {}", path_, std::strerror(errno)));
      }
      if (std::chrono::steady_clock::now() > until) {
        throw MigrationError(fmt::format(
            "another process holds {} for over a minute; wait for it or stop it, then try again", path_));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

 private:
  std::string path_;
  int file_ = -1;
};

class SqliteMigration final : public MigrationConnection {
 public:
  explicit SqliteMigration(const DatabaseOptions& options)
      : path_(parse_database_url(options).path), migrating_(path_ + ".migrate"), writers_(path_) {
    migrating_.lock();
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(path_.c_str(), &handle_, flags, options.sqlite_vfs) != SQLITE_OK) {
      const std::string why = handle_ ? sqlite3_errmsg(handle_) : "out of memory";
      sqlite3_close(handle_);
      throw MigrationError(fmt::format("cannot open {}: {}", path_, why));
    }
    sqlite3_busy_timeout(handle_, 60'000);
    exec("PRAGMA journal_mode = WAL");
    exec(options.relaxed_durability ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
    exec("PRAGMA foreign_keys = ON");
  }
  ~SqliteMigration() override { sqlite3_close(handle_); }

  void create_record() override {
    transaction([&] {
      exec(
          "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, "
          "checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)");
    });
  }

  std::vector<AppliedStep> applied() override {
    std::vector<AppliedStep> steps;
    exec(
        "SELECT version, name, checksum FROM schema_migration ORDER BY version",
        [](void* context, int, char** values, char**) {
          static_cast<std::vector<AppliedStep>*>(context)->push_back(
              {std::atoi(values[0]), values[1], values[2]});
          return 0;
        },
        &steps);
    return steps;
  }

  void apply(const Migration& step, std::string_view checksum, Instant now) override {
    const bool rebuilds = step.sqlite.find(rebuild_mark) != std::string_view::npos;
    // Without effect inside a transaction, so before it.
    if (rebuilds) exec("PRAGMA foreign_keys = OFF");
    try {
      transaction([&] {
        exec(std::string(step.sqlite).c_str());
        if (sqlite3_get_autocommit(handle_)) {
          throw MigrationError(
              "it ends the transaction it runs in; a step holds no BEGIN, COMMIT or ROLLBACK");
        }
        if (rebuilds) check_foreign_keys();
        exec(fmt::format("INSERT INTO schema_migration (version, name, checksum, applied_at) "
                         "VALUES ({}, '{}', '{}', {})",
                         step.version, step.name, checksum, now.micros)
                 .c_str());
      });
    } catch (...) {
      if (rebuilds) exec("PRAGMA foreign_keys = ON");
      throw;
    }
    if (rebuilds) exec("PRAGMA foreign_keys = ON");
  }

 private:
  void exec(const char* sql, int (*each_row)(void*, int, char**, char**) = nullptr, void* context = nullptr) {
    char* message = nullptr;
    if (sqlite3_exec(handle_, sql, each_row, context, &message) == SQLITE_OK) return;
    const std::string why = message ? message : sqlite3_errmsg(handle_);
    sqlite3_free(message);
    throw MigrationError(why);
  }

  // With every other writing process kept out, as each of them does around its own transactions.
  template <class F>
  void transaction(F&& fn) {
    writers_.lock();
    try {
      exec("BEGIN IMMEDIATE");
      fn();
      exec("COMMIT");
    } catch (...) {
      if (!sqlite3_get_autocommit(handle_)) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
      writers_.unlock();
      throw;
    }
    writers_.unlock();
  }

  void check_foreign_keys() {
    std::vector<std::string> faults;
    exec(
        "PRAGMA foreign_key_check",
        [](void* context, int, char** values, char**) {
          auto& faults = *static_cast<std::vector<std::string>*>(context);
          if (faults.size() < 5) {
            faults.push_back(fmt::format("{} row {} refers to a missing row of {}", values[0],
                                         values[1] ? values[1] : "?", values[2]));
          }
          return 0;
        },
        &faults);
    if (!faults.empty()) throw MigrationError(fmt::format("broken references: {}", fmt::join(faults, "; ")));
  }

  std::string path_;
  MigrationLock migrating_;
  WritersLock writers_;
  sqlite3* handle_ = nullptr;
};

}  // namespace

std::unique_ptr<MigrationConnection> open_sqlite_migration(const DatabaseOptions& options) {
  return std::make_unique<SqliteMigration>(options);
}

}  // namespace plenary::db
