// What a Tx needs of a connection, alike on both engines. Internal to db/. One thread at a time.
// Every method throws DatabaseError.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "db/tx.hpp"

namespace plenary::db {

// Not an error: a read that had said Tx::all_asked asked for more.
struct ReadAgain {};

class Connection {
 public:
  virtual ~Connection() = default;

  // Runs one statement to its end. The number of rows it changed, or gave.
  virtual std::int64_t run(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out,
                           Tx::RowCallback each_row, void* context) = 0;
  // Runs a statement whose result nobody needs; PostgreSQL sends it together with the next one. Its error is
  // thrown by the next run() or settle().
  virtual void run_later(const char* sql, std::span<const Param> in) = 0;
  // As run_later, for a statement that is to change `rows` rows or more: the next run() or settle() throws
  // when it did not.
  virtual void run_later_for(std::int64_t, const char* sql, std::span<const Param> in) { run_later(sql, in); }
  // Sends a query whose answer a later run() of the same literal and values takes, until forget_asked().
  virtual void ask(const char*, std::span<const Param>) {}
  virtual void forget_asked() {}
  // What several callers of the transaction will ask: between begin_asking and end_asking the same question
  // is asked once, but for what is drawn (nextval), and each caller's are put aside. Whoever takes them up
  // finds those that are still true: nothing has been written since to a table that they name, and no row
  // deleted.
  using Asked = std::vector<std::shared_ptr<void>>;
  virtual void begin_asking() {}
  virtual void end_asking() {}
  virtual Asked put_asked_aside() { return {}; }
  virtual void take_up_asked(Asked) {}
  // The transaction ends with what is sent next; a run() that then finds no answer throws ReadAgain.
  virtual void end_with_answers() {}
  // Waits until everything given to run_later has succeeded.
  virtual void settle() = 0;
  // Does the statement change anything (and so need the caller's savepoint)?
  virtual bool writes(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out) = 0;
};

}  // namespace plenary::db
