// Typed errors of both engines. `what()` never holds bound values (they may be hashes or tokens).
#pragma once

#include <stdexcept>
#include <string>

namespace plenary::db {

enum class ErrorKind {
  unique,  // a unique rule was met; expected clashes use ON CONFLICT or Tx::attempt
  foreign_key,
  check,
  not_null,
  busy,           // SQLite BUSY/LOCKED
  serialization,  // 40001
  deadlock,       // 40P01
  connection,     // lost, or could not be made
  full,           // disk or database full
  io,
  memory,
  interrupted,  // over the reading time limit
  read_only,    // a write on a read connection
  schema,       // missing table or column, bad SQL
  refused_tx,   // a statement after an error in the same write
  other,
};

class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(ErrorKind kind, const std::string& message, std::string constraint = {})
      : std::runtime_error(message), kind_(kind), constraint_(std::move(constraint)) {}
  ErrorKind kind() const { return kind_; }
  // SQLite: "table.column, table.column" or the index name; PostgreSQL: the constraint's name. Empty if
  // unknown.
  const std::string& constraint() const { return constraint_; }

 private:
  ErrorKind kind_;
  std::string constraint_;
};

// The connection died during COMMIT and the outcome could not be found out. Never retried blindly: the person
// is told to look at their orders.
class OutcomeUnknown : public std::runtime_error {
 public:
  OutcomeUnknown() : std::runtime_error("the outcome of the commit is unknown") {}
};

}  // namespace plenary::db
