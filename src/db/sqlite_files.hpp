// The lock files beside an SQLite database, and where a database may lie. Internal to db/, but for ServeLock.
//   <db>.writers  every writing process holds it around its transaction
//   <db>.serve    a running server holds it
#pragma once

#include <string>

namespace plenary::db {

// Fair between processes: whoever waits comes before the one who has just let go. Two locks on one file:
// flock() is the right to write, and a byte-range lock is the place at the head of the line; only its holder
// waits for the flock, so a process that comes back at once stands behind. A shell's flock(1) on the file is
// respected too.
class WritersLock {
 public:
  explicit WritersLock(const std::string& database_path);  // throws DatabaseError
  ~WritersLock();
  WritersLock(const WritersLock&) = delete;
  WritersLock& operator=(const WritersLock&) = delete;
  void lock();  // throws DatabaseError, kind busy when another process keeps it for over 5 s
  void unlock() noexcept;
  bool held() const { return held_; }

 private:
  std::string path_;
  int file_ = -1;
  bool held_ = false;
};

// Throws DatabaseError when the folder lies on a network file system: its locks and its shared memory do not
// work there, and the database would be damaged.
void refuse_network_file_system(const std::string& database_path);
// The magic number of statfs(2).
bool is_network_file_system(long magic);

}  // namespace plenary::db
