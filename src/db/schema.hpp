// The schema as it is in a database, read from its catalogue, in terms both engines share: what the test
// compares, one engine with the other and both with the entity tables. Reads only; any thread that may block.
// source: docs/transactions.md, section 9.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "db/entity_table.hpp"

namespace plenary::db {

// Expressions are normalised: lower case but for texts, no parentheses, no casts, one blank between tokens.
struct ColumnShape {
  std::string type;  // "BIGINT", "INTEGER", "SMALLINT", "TEXT"
  bool nullable = false;
  std::string default_value;  // empty: none
};
struct ForeignKeyShape {
  std::vector<std::string> columns, referenced;
  std::string table;
  OnDelete on_delete = OnDelete::refuse;
  auto operator<=>(const ForeignKeyShape&) const = default;
};
struct IndexShape {
  std::vector<std::string> columns;  // or expressions: "lower slug"
  bool unique = false;               // by an index or a constraint
  std::string where;
  auto operator<=>(const IndexShape&) const = default;
};
struct TableShape {
  std::map<std::string, ColumnShape> columns;
  std::vector<std::string> primary_key;
  std::set<ForeignKeyShape> foreign_keys;
  std::set<IndexShape> indexes;  // without the primary key's
  std::set<std::string> checks;
};
using SchemaShape = std::map<std::string, TableShape>;  // by table, without schema_migration

SchemaShape read_schema(Database& database);
SchemaShape read_schema(Tx& tx);  // where a transaction is open already
std::string normal_expression(std::string_view sql);

// Each difference as a line for the person who has to mend it; empty: none. `a` and `b` are what to call the
// two.
std::vector<std::string> differences(const SchemaShape& a, std::string_view a_name, const SchemaShape& b,
                                     std::string_view b_name);
// The same for entity tables: columns, types, nullability, defaults, keys, references, unique rules, the
// choices of enumerations, and checks a person would meet as a database error.
std::vector<std::string> differences(const SchemaShape& schema, std::span<const Table* const> tables);

}  // namespace plenary::db
