// What a write in a rush does without waiting for its own answers, on PostgreSQL and in the first try of a
// batch (docs/transactions.md, section 3); everywhere else each of these is the plain thing. Functions, not
// members of Tx, because only the writes of a sale use them.
#pragma once

#include <initializer_list>
#include <string_view>

#include "db/tx.hpp"

namespace plenary::db {

// Called first in a write that reads, beside settings and stock, rows of one person alone. What it inserts
// with insert_later may then wait and be one statement together with such rows of the callers behind it.
// `keys` name the person (session, account, address; empty ones are passed over): whoever comes with one of
// them later in the batch, or without any, finds all rows in place.
void gather_for(Tx& tx, std::initializer_list<std::string_view> keys);
// What this write has inserted is there from here on: for a statement that refers to such a row without
// naming its table.
void put_in_place(Tx& tx);
// The write turns out to read rows of others as well: from here on it finds them in place, and what was asked
// ahead is asked again.
void gather_no_more(Tx& tx);

namespace detail {
void insert_later(Tx& tx, const char* sql, std::span<const Param> in);
bool exec_at_least(Tx& tx, std::int64_t rows, const char* sql, std::span<const Param> in);
}  // namespace detail

// As Tx::exec_later, for INSERT … VALUES: the row is there when a later statement of this write names its
// table, and at the latest with the commit. A RETURNING clause is passed over.
template <class... In>
void insert_later(Tx& tx, const char* sql, const In&... in) {
  const Param params[] = {Param(in)..., Param(0)};
  detail::insert_later(tx, sql, std::span(params, sizeof...(In)));
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
