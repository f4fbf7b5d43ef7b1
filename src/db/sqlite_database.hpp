// The SQLite half of Database: one committer thread, one read connection for each reading thread, a
// checkpoint thread. Internal to db/; made by Database::open.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "db/database_url.hpp"
#include "db/group_commit.hpp"
#include "db/sqlite_connection.hpp"
#include "db/sqlite_files.hpp"

namespace plenary::db {

// Moves pages from the log into the database file: PASSIVE at 1,000 pages or after a second, RESTART when the
// log has reached 64 MB. source: docs/transactions.md, section 3.
class SqliteCheckpointer {
 public:
  SqliteCheckpointer(const SqliteConnection::Options& options, int passive_pages, int restart_pages);
  ~SqliteCheckpointer();
  void committed(int wal_pages);  // any thread

 private:
  void work();
  void checkpoint(int wal_pages);

  const SqliteConnection::Options options_;
  const int passive_pages_, restart_pages_;
  SqliteConnection connection_;
  WritersLock writers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int wal_pages_ = 0;  // after the last commit
  int moved_ = 0;      // of them, when the last checkpoint ended
  bool stopping_ = false;
  std::thread thread_;
};

class SqliteWriteSession final : public WriteSession {
 public:
  SqliteWriteSession(const SqliteConnection::Options& options, const Clock& clock,
                     SqliteCheckpointer* checkpointer);
  Engine engine() const override { return Engine::sqlite; }
  Connection& connection() override { return connection_; }
  void begin(Lane lane) override;
  Instant now(Lane lane) override;
  void wrote(Lane lane) override;
  bool alive() override { return connection_.in_transaction(); }
  CommitOutcome commit(std::exception_ptr& reason) override;
  void abandon() noexcept override;

 private:
  // A lane's time: `last` commit, and in this transaction (when `transaction` is the running one's number).
  struct LaneTime {
    Instant last{}, now{};
    std::uint64_t transaction = 0;
    bool wrote = false, has_row = true;
  };
  SqliteConnection connection_;
  WritersLock writers_;
  const Clock& clock_;
  SqliteCheckpointer* const checkpointer_;
  std::unordered_map<Lane, LaneTime> lanes_;
  std::vector<Lane> written_lanes_;
  std::uint64_t transaction_ = 0;
  std::uint32_t data_version_ = 0;
  bool others_wrote_ = true;  // another process or connection has committed since our last commit
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const DatabaseOptions& options, const DatabaseUrl& url);
  ~SqliteDatabase() override;
  Engine engine() const override { return Engine::sqlite; }
  const DatabaseOptions& options() const override { return options_; }
  DatabaseStats stats() const override;

 protected:
  bool read_inline(detail::ReadJob& job) override;
  void enqueue_read(detail::ReadJob& job) override;
  void run_read(detail::ReadJob& job) override;
  void enqueue_write(detail::WriteJob& job) override;

 private:
  const DatabaseOptions options_;
  const SystemClock system_clock_;
  const Clock& clock_;
  SqliteConnection::Options connection_options_;
  Counters counters_;
  std::unique_ptr<SqliteCheckpointer> checkpointer_;
  std::unique_ptr<SqliteWriteSession> session_;
  WriteQueue queue_;
  std::unique_ptr<GroupCommit> group_commit_;
  struct Readers;
  const std::shared_ptr<Readers> readers_;
  std::thread committer_;
};

}  // namespace plenary::db
