// The Tx of one caller inside a group commit's outer transaction, and the Tx of a read. Internal to db/.
// The caller's savepoint is taken lazily, before its first writing statement; after any database error every
// further statement is refused. source: docs/transactions.md, section 3.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "db/connection.hpp"
#include "db/gathered_rows.hpp"

namespace plenary::db {

class WriteTx final : public Tx {
 public:
  // Without a savepoint of its own, what the caller wrote cannot be undone alone; what it gave to run_later
  // may then be answered only after the next caller's first statement, or before COMMIT. In `rows`, of the
  // batch, what it writes may be gathered; null: everything is written at once.
  WriteTx(Engine engine, Instant now, Connection& connection, bool own_savepoint = true,
          GatheredRows* rows = nullptr)
      : Tx(engine, now),
        connection_(connection),
        rows_(rows),
        own_savepoint_(own_savepoint),
        later_(!own_savepoint) {
    connection_.forget_asked();
    if (rows_) rows_->next_caller();
  }

  std::int64_t run(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out,
                   RowCallback each_row, void* context) override;
  void run_later(const char* sql, std::span<const Param> in) override;
  // From here on it only asks.
  void only_ask() { asking_ = gathers_ = true; }
  // Of gather.hpp.
  void gather_for(std::span<const std::string_view> keys);
  void put_in_place();
  void gather_no_more();
  void write_later(const char* sql, std::span<const Param> in);
  bool add_later(const Tally& tally, std::int64_t row, Counted more);
  Counted added_so_far(const Tally& tally, std::int64_t row) const;
  bool reads_counted(bool now) { return std::exchange(reads_counted_, now); }
  bool exec_at_least(std::int64_t rows, const char* sql, std::span<const Param> in);
  void at_end(AtEnd work) override { at_end_.push_back(std::move(work)); }

  // After the lambda returned: with a savepoint of its own, what was sent with run_later has succeeded and
  // the savepoint is released. Throws DatabaseError; also when the lambda swallowed one.
  void finish();
  // Undoes this caller alone. Throws DatabaseError when that is not possible.
  void undo();

  bool wrote() const { return wrote_ || !at_end_.empty(); }
  std::vector<AtEnd> take_at_end() { return std::move(at_end_); }
  // The first database error of this caller, if there was one.
  std::optional<ErrorKind> failure() const { return failure_; }
  std::exception_ptr failure_error() const { return failure_error_; }
  // The wait for its first answer, with which those to the callers before it came (PostgreSQL, no
  // savepoints).
  std::chrono::steady_clock::duration first_wait() const { return first_wait_; }

 private:
  bool attempt_erased(void (*call)(void*), void* fn) override;
  bool can_ask_ahead() const override { return engine_ == Engine::postgresql; }
  void refuse_after_failure() const;
  void need_savepoint();
  void put_rows_in_place(const char* sql);
  void send_rows();
  template <class F>
  auto guarded(F&& fn);

  Connection& connection_;
  GatheredRows* const rows_;
  bool gathers_ = false, reads_counted_ = false;
  const bool own_savepoint_;
  bool wrote_ = false;  // and has its savepoint, where it has one of its own
  bool later_;  // something given to run_later, here or by the caller before, may not have been answered yet
  std::vector<AtEnd> at_end_;
  std::optional<ErrorKind> failure_;
  std::exception_ptr failure_error_;
  bool answered_ = false;
  std::chrono::steady_clock::duration first_wait_{};
};

class ReadTx final : public Tx {
 public:
  // Where it `may_end_early`, all_asked is taken at its word.
  ReadTx(Engine engine, Instant now, Connection& connection, bool may_end_early = false)
      : Tx(engine, now), connection_(connection), may_end_early_(may_end_early) {
    connection_.forget_asked();
  }
  bool sees_only_committed() const override { return true; }
  void all_asked() override {
    if (may_end_early_) connection_.end_with_answers();
  }
  std::int64_t run(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out,
                   RowCallback each_row, void* context) override;

 private:
  bool attempt_erased(void (*call)(void*), void* fn) override;
  bool can_ask_ahead() const override { return engine_ == Engine::postgresql; }
  Connection& connection_;
  const bool may_end_early_;
  bool failed_ = false;
};

}  // namespace plenary::db
