// An entity table without its C++ type: what the data admin, exports, the API schema and the schema test walk
// over. Rows are plain pointers to the entity's struct. Everything here is also what Entity<T>
// (db/entity.hpp) is made of. Immutable, any thread; lives as long as the process. Errors: DatabaseError of
// the statements; std::logic_error for a wrong description.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "db/entity_column.hpp"
#include "db/tx.hpp"

namespace plenary::db {

// Something wrong with one field, for a person; `text` is a template with {name} placeholders.
struct FieldError {
  std::string field;  // column name; empty: the row as a whole
  std::string code;   // "required", "too_long", "choice", "range", "format", "not_unique", "no_such", "rule"
  std::string text;
  Refused::Arguments arguments;
  std::string message() const { return fill(text, arguments); }
};

// Throws Refused with the first of them, at its field; nothing happens where there is none.
void refuse_first(const std::vector<FieldError>& errors);

// The same text at one address for the whole process: what Tx's statement cache needs of SQL made at run
// time. Never for texts that hold values: every different one is kept for ever.
const char* intern_sql(std::string sql);

// Raises conference.catalogue_version, for statements that change catalogue data without going through an
// entity.
void bump_catalogue(Tx& tx, std::int64_t conference_id);

struct Unique {
  std::vector<std::string> columns;  // "slug", or "lower(slug)" where case is ignored
  std::string message;               // empty: a general one
};

struct RowRule {
  std::string field, message;
  std::function<bool(const void* row)> holds;
};

// Where the conference of a row is found, for tables that are part of the catalogue snapshot.
struct CatalogueLink {
  std::string column;   // the conference's id itself, or
  std::string through;  // the table (with a conference_id) whose id `column` is
};

struct TableRules {
  std::string title, titles;  // "Ticket type", "Ticket types"
  std::string order_by;       // of lists
  std::vector<Unique> uniques;
  std::vector<RowRule> rules;
  std::optional<CatalogueLink> catalogue;
  std::vector<std::string> left_out;  // columns of the table that are no members of the struct
  std::vector<std::string> sealed;    // those of them that hold sealed secrets
};

class Table {
 public:
  std::string_view name() const { return name_; }
  const std::vector<Column>& columns() const { return columns_; }
  const Column* find_column(std::string_view name) const;  // nullptr when there is none
  const TableRules& rules() const { return rules_; }
  bool in_catalogue() const { return rules_.catalogue.has_value(); }

  // A row with every member at its default.
  std::shared_ptr<void> create() const { return copy_(prototype_.get()); }
  std::shared_ptr<void> copy_of(const void* row) const { return copy_(row); }
  const void* defaults() const { return prototype_.get(); }

  // `tail` goes behind SELECT … FROM table: "WHERE conference_id = $1 ORDER BY name". It holds no values.
  using RowSink = void (*)(void* context, const void* row);
  void select_rows(Tx& tx, std::string_view tail, std::span<const Param> in, RowSink sink,
                   void* context) const;
  // By the key, where that is one column. Null when there is none.
  std::shared_ptr<void> find_row(Tx& tx, const Param& key) const;
  std::int64_t count_rows(Tx& tx, std::string_view tail, std::span<const Param> in) const;
  void insert_row(Tx& tx, void* row) const;  // sets id, version and times in *row
  // False: no such row, or changed by somebody else since (where the table has a version column). `only`
  // names the columns to write; empty: all that may change.
  bool update_row(Tx& tx, void* row, std::span<const std::string_view> only = {}) const;
  bool delete_row(Tx& tx, const void* row) const;

  // Against the description alone, or also against the database: references exist, nothing else has its
  // unique values.
  std::vector<FieldError> validate_row(const void* row) const;
  std::vector<FieldError> validate_row(Tx& tx, const void* row) const;

 protected:
  using Copy = std::shared_ptr<void> (*)(const void* row);
  Table(std::string_view name, std::span<const ColumnDraft> columns, TableRules rules, const void* owner,
        Copy copy, std::shared_ptr<const void> prototype);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() = default;

 private:
  void raise_catalogue(Tx& tx, const void* row) const;
  std::int64_t run_with(Tx& tx, const char* sql, const void* row, std::span<const std::size_t> columns,
                        const Param* extra = nullptr) const;
  const char* select_sql(std::string_view tail) const;
  std::string key_condition(std::size_t first_placeholder) const;
  std::string update_sql(std::span<const std::size_t> columns) const;

  std::string name_;
  std::vector<Column> columns_;
  TableRules rules_;
  Copy copy_;
  std::shared_ptr<const void> prototype_;
  std::vector<std::size_t> keys_, inserted_, updated_;  // indexes of columns
  std::vector<ColumnKind> kinds_;
  const Column* generated_ = nullptr;
  const Column* version_ = nullptr;
  const Column* created_at_ = nullptr;
  const Column* updated_at_ = nullptr;
  const char* insert_sql_ = nullptr;
  const char* delete_sql_ = nullptr;
  const char* update_all_sql_ = nullptr;
  const char* catalogue_sql_ = nullptr;
  std::string select_prefix_;
};

}  // namespace plenary::db
