// Held by a running server for as long as it serves one SQLite database: a second server beside it would run
// jobs and checkpoints twice. Not needed on PostgreSQL, where several servers share one database.
#pragma once

#include <memory>
#include <string>

namespace plenary::db {

struct DatabaseOptions;

class ServeLock {
 public:
  // Takes `<db>.serve`. Throws DatabaseError (kind busy) naming the pid of the server that holds it. Does
  // nothing on PostgreSQL. The lock goes with the object, and with the process however it ends.
  explicit ServeLock(const DatabaseOptions& options);
  ~ServeLock();
  ServeLock(const ServeLock&) = delete;
  ServeLock& operator=(const ServeLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace plenary::db
