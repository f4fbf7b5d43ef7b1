// What several callers of a batch write, gathered to be one statement for each literal. Internal to db/; one
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "db/connection.hpp"
#include "db/gather.hpp"

namespace plenary::db {

class GatheredRows {
 public:
  GatheredRows();
  ~GatheredRows();
  GatheredRows(const GatheredRows&) = delete;
  GatheredRows& operator=(const GatheredRows&) = delete;

  // A new transaction: nothing is kept of the one before.
  void clear();
  // A new caller begins: none of the rows are its own.
  void next_caller() { own_.clear(); }
  // Whether one of the keys was seen in this transaction; they are from now on.
  bool meets(std::span<const std::string_view> keys);
  // Takes an INSERT, UPDATE or DELETE. False: it must be run, because it is of another form or one with the
  // same key waits already.
  bool take(const char* sql, std::span<const Param> in);
  void add(const Tally& tally, std::int64_t row, Counted more);
  Counted added(const Tally& tally, std::int64_t row) const;
  bool empty() const { return waiting_.empty() && counted_.empty(); }
  // Whether the statement names a table that the present caller has rows waiting for.
  bool names_own(std::string_view sql) const;
  // Whether it names one whose tally anybody has added to.
  bool names_counted(std::string_view sql) const;
  // Sends everything, with the next wait. Of the tables that one caller wrote, in its order, so that what is
  // referred to is there. Throws DatabaseError.
  void send(Connection& connection);

 private:
  struct Form;
  Form& form_of(const char* sql, std::span<const Param> in);
  std::unordered_map<const char*, std::unique_ptr<Form>> forms_;  // by the address of the literal
  std::vector<std::unique_ptr<Form>> retired_;
  std::vector<Form*> waiting_;
  std::vector<Form*> own_;  // of the present caller, in its order
  std::map<const Tally*, std::map<std::int64_t, Counted>> counted_;
  std::unordered_set<std::size_t> keys_;
};

// "INSERT INTO t (a, b) VALUES ($1, $2) …", "INSERT … SELECT", "UPDATE t SET … WHERE id = $1 …" or "DELETE
// FROM t WHERE id = $1 …" as one statement for many such: each $n is an array, in the text form of
// PostgreSQL, cast to its type (`types`: "BIGINT" and so on). Empty when it is of another form.
std::string for_many_rows(std::string_view sql, std::span<const std::string_view> types);
// Whether the statement has the table's name as a word.
bool names_table(std::string_view sql, std::string_view table);
// The name of the table that is written; empty when it is no INSERT, UPDATE or DELETE.
std::string_view table_written(std::string_view sql);

}  // namespace plenary::db
