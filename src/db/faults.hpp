// A seam for tests: faults raised just before a statement goes to the engine. Null in production (one branch
// a statement). Called on the connection's own thread for every statement of a writing connection, BEGIN,
// SAVEPOINT, RELEASE and COMMIT included. tests/db/faults_test.cpp raises every fault at every statement in
// turn.
#pragma once

#include <string_view>

namespace plenary::db {

enum class Fault {
  none,
  busy,              // SQLite: SQLITE_BUSY; PostgreSQL: 55P03
  serialization,     // 40001
  deadlock,          // 40P01
  full,              // disk full, the transaction still open
  full_rolled_back,  // disk full, and SQLite rolled the whole transaction back
  io,                // I/O error, the transaction still open
  io_rolled_back,    // I/O error, and SQLite rolled the whole transaction back
  memory,
  interrupted,
  connection_lost,  // PostgreSQL: the socket is cut before the statement is sent (SQLite: as io_rolled_back)
  connection_lost_after,  // PostgreSQL: the server runs the statement, the answer is lost (SQLite: as
                          // io_rolled_back)
};

class FaultInjector {
 public:
  virtual ~FaultInjector() = default;
  virtual Fault before(std::string_view sql) = 0;
};

}  // namespace plenary::db
