// A list's question to the database: which rows, in which order, how many. Columns and orders come from the
// model alone, every value is bound, so that the number of different texts is finite (db::intern_sql). Keys
// are found first and rows are read by them, so no statement runs long. Functions of a transaction: one
// thread at a time. source: configuration 10, 5; docs/transactions.md, section 2.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/access.hpp"
#include "admin/list_state.hpp"
#include "admin/model.hpp"
#include "base/time.hpp"
#include "db/tx.hpp"

namespace plenary::admin {

// A column of a list as it is shown, read and exported.
struct ShownColumn {
  std::string name, label;             // English
  std::string sql;                     // over t
  const db::Column* column = nullptr;  // null: computed
  const Model* refers = nullptr;       // what an administered reference points to
  Shown as = Shown::text;
  db::ColumnKind kind = db::ColumnKind::text;
  bool sorts = true, is_flag = false;
  const ListColumn* given = nullptr;
};
std::vector<ShownColumn> shown_columns(const Model& model);
std::vector<ShownColumn> shown_figures(const Model& model);
std::vector<ShownColumn> exported_columns(const Model& model);

// "a, f(b, c) DESC" as its parts, each with whether it descends.
std::vector<std::pair<std::string, bool>> order_terms(std::string_view sql);

// Bound values and the conditions that name them.
class Conditions {
 public:
  Conditions() = default;
  Conditions(Conditions&&) = default;
  Conditions& operator=(Conditions&&) = default;  // a copy would point to the other's texts
  std::string bind(std::int64_t value);
  std::string bind(std::string_view value);
  void add(std::string sql) { sql_.push_back(std::move(sql)); }
  std::size_t count() const { return sql_.size(); }
  std::string where() const;  // " WHERE a AND b", or ""
  std::span<const db::Param> values() const { return values_; }

 private:
  std::vector<std::string> sql_;
  std::vector<db::Param> values_;
  std::deque<std::string> texts_;  // addresses stay put, also when it is moved
};

// Only rows that are within reach.
void add_reach(Conditions& conditions, const Model& model, const Reach& reach);

// Every word in one of the texts, in any case of (ASCII) letters (list_search.cpp).
void add_search(Conditions& conditions, db::Engine engine, const std::vector<std::string>& texts,
                const std::vector<std::string>& words);

// A key as it is bound; `text` must outlive the parameter. Nothing: no key of this model.
std::optional<db::Param> key_param(const Model& model, std::string_view text);

// What a list's state means at this moment: `zone` is that of the conference filtered for, else UTC.
// Filters for rows that do not exist move to state.ignored.
struct ListQuery {
  const Model* model = nullptr;
  Conditions conditions;
  std::size_t reach_conditions = 0;  // how many of them say whose rows these are
  TimeZone zone = TimeZone::utc();
  std::string zone_name = "UTC";
  std::string from;                                 // "orders t", with what the order needs joined
  std::vector<std::pair<std::string, bool>> order;  // SQL and whether it descends; ends with the key
  std::string date_sql;                             // of the drill-down; empty: none
};
ListQuery make_query(db::Tx& tx, const Person& person, const Model& model, ListState& state);

// The dates of the drill-down's column over what matches; instants as microseconds, dates as texts.
struct DateSpan {
  std::optional<Date> first, last;
};

struct Matching {
  std::int64_t total = 0;
  std::vector<std::string> keys;
  DateSpan dates;
};
// `limit` keys from `offset` on, in order.
Matching matching(db::Tx& tx, const ListQuery& query, std::int64_t offset, std::int64_t limit);
// Keys alone, without counting.
std::vector<std::string> matching_keys(db::Tx& tx, const ListQuery& query, std::int64_t limit);

struct Cell {
  bool is_null = true;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;  // of integers in a reference, too
};
struct ListRow {
  std::string key;
  std::vector<Cell> cells;  // as the columns
  std::optional<std::int64_t> conference_id;
  std::string currency, zone;  // the row's own; empty: its conference's
};
// In the order of `keys`; rows that are gone are left out. Any number of keys, read in pieces.
std::vector<ListRow> rows_of(db::Tx& tx, const Model& model, std::span<const ShownColumn> columns,
                             std::span<const std::string> keys);

// What rows are called, by their keys.
std::vector<std::pair<std::string, std::string>> labels_of(db::Tx& tx, const Model& model,
                                                           std::vector<std::string> keys);

}  // namespace plenary::admin
