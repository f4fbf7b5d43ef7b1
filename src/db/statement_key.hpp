// The key of the statement cache: the literal's address, and the kinds of its parameters and columns.
// Internal to db/.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/tx.hpp"

namespace plenary::db {

// A hash of the kinds; a null has the kind of its type.
inline std::uint64_t statement_signature(std::span<const Param> in, std::span<const ColumnKind> out) {
  std::uint64_t signature = in.size() * 31 + out.size();
  for (const Param& p : in) {
    const unsigned kind = p.kind == Param::Kind::null_integer ? static_cast<unsigned>(Param::Kind::integer)
                          : p.kind == Param::Kind::null_text  ? static_cast<unsigned>(Param::Kind::text)
                                                              : static_cast<unsigned>(p.kind);
    signature = signature * 0x9E3779B97F4A7C15u + kind + 1;
  }
  for (ColumnKind kind : out) signature = signature * 0x9E3779B97F4A7C15u + static_cast<unsigned>(kind) + 11;
  return signature;
}

// Open addressing on the address; statements live as long as the connection.
template <class Statement>
class StatementCache {
 public:
  // The entry, or a reference to an empty place for it.
  std::unique_ptr<Statement>& at(const char* sql, std::uint64_t signature) {
    if (used_ * 2 >= slots_.size()) grow();
    Slot& slot = find(sql, signature);
    if (!slot.sql) {
      slot.sql = sql;
      slot.signature = signature;
      ++used_;
    }
    return slot.statement;
  }
  void clear() {
    slots_.clear();
    used_ = 0;
  }

 private:
  struct Slot {
    const char* sql = nullptr;
    std::uint64_t signature = 0;
    std::unique_ptr<Statement> statement;
  };
  Slot& find(const char* sql, std::uint64_t signature) {
    const std::size_t mask = slots_.size() - 1;
    std::uint64_t hash = (reinterpret_cast<std::uintptr_t>(sql) ^ signature) * 0x9E3779B97F4A7C15u;
    for (std::size_t i = (hash >> 32) & mask;; i = (i + 1) & mask) {
      Slot& slot = slots_[i];
      if (!slot.sql || (slot.sql == sql && slot.signature == signature)) return slot;
    }
  }
  void grow() {
    std::vector<Slot> old = std::move(slots_);
    slots_ = std::vector<Slot>(old.empty() ? 256 : old.size() * 2);
    for (Slot& slot : old) {
      if (slot.sql) find(slot.sql, slot.signature) = std::move(slot);
    }
  }
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

// $1…$n to ?1…?n for SQLite, outside of quotes and comments. (SQLite takes $1 for a name and would number by
// first use.)
std::string sqlite_placeholders(std::string_view sql);

// The largest n of $n outside of quotes and comments.
std::size_t placeholder_count(std::string_view sql);

// Whether a PostgreSQL statement changes data: it does not begin with SELECT, VALUES, TABLE or SHOW, or it is
// a WITH or EXPLAIN that contains a data-modifying word.
bool postgres_writes(std::string_view sql);

}  // namespace plenary::db
