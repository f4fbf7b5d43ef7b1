// Every column of every table that holds sealed secrets, in one place, and what `plenary keys` does with
// them: count by key, seal anew. Blocking, for commands; nothing of it runs inside somebody else's
// transaction. Errors: db::DatabaseError; a value that cannot be opened is reported and left as it is.
// source: configuration 10, 4.5 and Do better 8; docs/keys.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "base/sealing_keys.hpp"
#include "db/database.hpp"

namespace plenary::domain {

struct SealedColumn {
  std::string_view table, column;
  std::string_view key = "id";  // the table's key
  // What the value is bound to is "table.column." and this: SQL over the row.
  std::string_view place = key;
  bool key_is_text = false;
  bool is_conference = false;  // the key is a conference's: written in its lane
};

const std::vector<SealedColumn>& sealed_columns();

struct SealUse {
  std::map<std::string, std::int64_t> by_key;  // values of each key's id
  std::vector<std::string> readable;           // places of values that are not sealed at all
};
SealUse seal_use(db::Database& database);

struct Resealed {
  std::int64_t sealed = 0;            // with the newest key, from an older one
  std::int64_t were_readable = 0;     // with the newest key, from a readable text
  std::vector<std::string> broken;    // why a value could not be opened, each with its place
  std::vector<std::string> restless;  // changed again and again while it was tried: the next run takes them
};

// Seals everything with the newest key of `keys`, at most 200 rows a write. A value that somebody changed
// meanwhile is never overwritten; it is looked at again. Running it again goes on where it was cut off.
// `progress` hears of each table's column and how many of its values are done.
using ResealProgress = std::function<void(const SealedColumn& column, std::int64_t done)>;
Resealed reseal(db::Database& database, const SealingKeys& keys, Random& random,
                const ResealProgress& progress = {});

}  // namespace plenary::domain
