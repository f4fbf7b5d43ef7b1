// The schema's steps, migrations/NNNN_name.{sqlite,postgresql}.sql, embedded in the binary and applied in
// order, each in a transaction of its own, recorded in schema_migration with a checksum. A step that was
// applied is never edited: a changed one is refused. Only `migrate` changes the schema, one process at a
// time; it opens its own connection. A SQLite step that rebuilds a table others refer to has a line "--
// plenary: rebuild" anywhere in it: foreign keys are off while it runs and checked before it commits. Errors:
// MigrationError says which step, what, and what to do. source: docs/transactions.md, section 9.
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded.hpp"
#include "db/database.hpp"

namespace plenary::db {

class MigrationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One step; the texts live as long as the process.
struct Migration {
  int version = 0;   // 1, 2, 3, … without gaps
  std::string name;  // "foundation"
  std::string_view sqlite, postgresql;

  std::string_view sql(Engine engine) const { return engine == Engine::sqlite ? sqlite : postgresql; }
  std::string label() const;  // "0001_foundation"
};

// The steps in this binary.
const std::vector<Migration>& migrations();
// Steps from files named as above; MigrationError lists every missing half, gap, double and stray file.
std::vector<Migration> migrations_from(const EmbeddedTree& files);

struct SchemaState {
  enum class Kind {
    empty,  // nothing was applied yet
    older,  // steps are missing
    current,
    newer,   // a later release was here
    edited,  // an applied step differs from this binary's
  };
  Kind kind = Kind::empty;
  int version = 0;      // highest applied
  int expected = 0;     // this binary's
  std::string message;  // for a person, with the command to run; empty when current

  bool is_current() const { return kind == Kind::current; }
};

// Reads only; any thread that may block.
SchemaState schema_state(Database& database);
SchemaState schema_state(Database& database, std::span<const Migration> steps);

// Called before each step: its label, how many are done, how many there are to do.
using MigrationProgress = std::function<void(std::string_view label, int done, int total)>;

// Applies what is missing; the labels of the steps it applied. Blocks; never on an I/O thread. Waits up to a
// minute for another process that migrates. MigrationError when the schema is newer or edited, or when a step
// fails: that step leaves nothing behind, the steps before it stay.
std::vector<std::string> migrate(Database& database);
std::vector<std::string> migrate(Database& database, std::span<const Migration> steps,
                                 const MigrationProgress& progress = {});

}  // namespace plenary::db
