// What a write in a rush does without waiting for its own answers, on PostgreSQL and in the first try of a
// batch (docs/transactions.md, section 3); everywhere else each of these is the plain thing. Functions, not
// members of Tx, because only the writes of a sale use them.
#pragma once

#include <initializer_list>
#include <string_view>

#include "db/tx.hpp"

namespace plenary::db {

// Called first in a write that reads, beside settings and stock, rows of one person alone. What it writes
// with write_later may then wait and be one statement together with the like of the callers behind it. `keys`
// name the person (session, account, address; empty ones are passed over): whoever comes with one of them
// later in the batch, or without any, finds everything in place.
void gather_for(Tx& tx, std::initializer_list<std::string_view> keys);
// What this write has written is there from here on: for a statement that refers to such a row without naming
// its table.
void put_in_place(Tx& tx);
// The write turns out to read rows of others as well: from here on it finds them in place, and what was asked
// ahead is asked again.
void gather_no_more(Tx& tx);

// Two counters in the rows of a table that everybody's writes change, such as what is held and sold of a
// product. `sql` is the statement that adds to several rows, from three arrays in PostgreSQL's text form: ids
// of rows, what is added to the first counter and to the second. Where it changes fewer rows than there are
// ids (no room), the batch is run again with each answer waited for. Constants with static storage.
struct Tally {
  const char* sql;
};
struct Counted {
  std::int64_t first = 0, second = 0;
};
// In a write that gathers: kept in memory until the batch commits or somebody reads the table. False
// elsewhere: the caller makes its own statement.
bool add_later(Tx& tx, const Tally& tally, std::int64_t row, Counted more);
// What is kept so at this moment: for whoever reads the rows within ReadsCounted, and adds it. Elsewhere a
// statement that names the table finds it added.
Counted added_so_far(Tx& tx, const Tally& tally, std::int64_t row);
class ReadsCounted {
 public:
  explicit ReadsCounted(Tx& tx);
  ~ReadsCounted();
  ReadsCounted(const ReadsCounted&) = delete;
  ReadsCounted& operator=(const ReadsCounted&) = delete;

 private:
  Tx& tx_;
  bool before_;
};

namespace detail {
void write_later(Tx& tx, const char* sql, std::span<const Param> in);
bool exec_at_least(Tx& tx, std::int64_t rows, const char* sql, std::span<const Param> in);
}  // namespace detail

// As Tx::exec_later, for an INSERT, or for an UPDATE or DELETE of rows that this person alone writes, which
// the first column compared with a value in its condition tells (… WHERE id = $1): done when a later
// statement of this write names the table, and at the latest with the commit. A RETURNING clause of an INSERT
// is passed over; EXISTS in it has OFFSET 0, or PostgreSQL would read the whole table once for all callers.
template <class... In>
void write_later(Tx& tx, const char* sql, const In&... in) {
  const Param params[] = {Param(in)..., Param(0)};
  detail::write_later(tx, sql, std::span(params, sizeof...(In)));
}

// Whether the statement changed `rows` rows or more, for one whose condition the caller has looked at before.
// It is then taken at its word, and where it was wrong (no row in the end) the batch is run again with each
// answer waited for.
template <class... In>
bool exec_at_least(Tx& tx, std::int64_t rows, const char* sql, const In&... in) {
  const Param params[] = {Param(in)..., Param(0)};
  return detail::exec_at_least(tx, rows, sql, std::span(params, sizeof...(In)));
}

}  // namespace plenary::db
