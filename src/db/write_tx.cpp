#include "db/write_tx.hpp"

#include "db/gather.hpp"

namespace plenary::db {

namespace {
constexpr const char* kSavepoint = "SAVEPOINT caller";
constexpr const char* kRelease = "RELEASE SAVEPOINT caller";
constexpr const char* kUndo = "ROLLBACK TO SAVEPOINT caller";
constexpr const char* kAttempt = "SAVEPOINT attempt";
constexpr const char* kAttemptRelease = "RELEASE SAVEPOINT attempt";
constexpr const char* kAttemptUndo = "ROLLBACK TO SAVEPOINT attempt";

[[noreturn]] void refuse() {
  throw DatabaseError(
      ErrorKind::refused_tx,
      "a statement after a database error in the same transaction; expected clashes belong into "
      "Tx::attempt or ON CONFLICT, every other error ends the lambda");
}
}  // namespace

void WriteTx::refuse_after_failure() const {
  if (failure_) refuse();
}

// Remembers the first database error, so that the lambda cannot go on after it even if it swallows the
// exception.
template <class F>
auto WriteTx::guarded(F&& fn) {
  try {
    return fn();
  } catch (const DatabaseError& error) {
    if (!failure_) {
      failure_ = error.kind();
      failure_error_ = std::current_exception();
    }
    throw;
  }
}

void WriteTx::need_savepoint() {
  if (wrote_) return;
  if (own_savepoint_) connection_.run_later(kSavepoint, {});
  wrote_ = true;
}

std::int64_t WriteTx::run(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out,
                          RowCallback each_row, void* context) {
  refuse_after_failure();
  return guarded([&]() -> std::int64_t {
    put_rows_in_place(sql);
    if (asking_) {
      connection_.ask(sql, in);
      return 0;
    }
    if (!wrote_ && connection_.writes(sql, in, out)) need_savepoint();
    later_ = false;
    if (answered_ || own_savepoint_ || engine_ == Engine::sqlite)
      return connection_.run(sql, in, out, each_row, context);
    answered_ = true;
    const auto began = std::chrono::steady_clock::now();
    const std::int64_t rows = connection_.run(sql, in, out, each_row, context);
    first_wait_ = std::chrono::steady_clock::now() - began;
    return rows;
  });
}

void WriteTx::run_later(const char* sql, std::span<const Param> in) {
  refuse_after_failure();
  guarded([&] {
    put_rows_in_place(sql);
    if (!wrote_ && connection_.writes(sql, in, {})) need_savepoint();
    later_ = true;
    connection_.run_later(sql, in);
  });
}

// Before any statement: who reads the rows of others, or its own, finds them.
void WriteTx::put_rows_in_place(const char* sql) {
  if (!rows_ || rows_->empty()) return;
  if (!gathers_ || rows_->names_own(sql) || (!reads_counted_ && rows_->names_counted(sql))) send_rows();
}

// What was asked ahead was so without them.
void WriteTx::send_rows() {
  rows_->send(connection_);
  connection_.forget_asked();
}

void WriteTx::gather_for(std::span<const std::string_view> keys) {
  if (!rows_) return;
  guarded([&] {
    if (rows_->meets(keys)) send_rows();
  });
  gathers_ = true;
}

void WriteTx::put_in_place() {
  guarded([&] {
    if (rows_ && !rows_->empty()) send_rows();
  });
}

void WriteTx::gather_no_more() {
  if (!gathers_) return;
  gathers_ = false;
  connection_.forget_asked();
}

void WriteTx::write_later(const char* sql, std::span<const Param> in) {
  refuse_after_failure();
  if (!gathers_) return run_later(sql, in);
  if (!rows_->take(sql, in)) {
    put_in_place();
    return run_later(sql, in);
  }
  wrote_ = true;
  later_ = true;
}

bool WriteTx::add_later(const Tally& tally, std::int64_t row, Counted more) {
  refuse_after_failure();
  if (!gathers_) return false;
  rows_->add(tally, row, more);
  wrote_ = true;
  later_ = true;
  return true;
}

Counted WriteTx::added_so_far(const Tally& tally, std::int64_t row) const {
  return gathers_ ? rows_->added(tally, row) : Counted{};
}

bool WriteTx::exec_at_least(std::int64_t rows, const char* sql, std::span<const Param> in) {
  if (engine_ == Engine::sqlite || own_savepoint_) return run(sql, in, {}, nullptr, nullptr) >= rows;
  refuse_after_failure();
  guarded([&] {
    put_rows_in_place(sql);
    wrote_ = true;
    later_ = true;
    connection_.run_later_for(rows, sql, in);
  });
  return true;
}

namespace {
// Null where nothing can gather: on SQLite and in reads. Asked for each row of stock that a page reads.
WriteTx* gathering(Tx& tx) {
  if (tx.engine() == Engine::sqlite || tx.sees_only_committed()) return nullptr;
  return dynamic_cast<WriteTx*>(&tx);
}
}  // namespace

void gather_for(Tx& tx, std::initializer_list<std::string_view> keys) {
  if (auto* write = gathering(tx)) write->gather_for(std::span(keys.begin(), keys.size()));
}

void put_in_place(Tx& tx) {
  if (auto* write = gathering(tx)) write->put_in_place();
}

void gather_no_more(Tx& tx) {
  if (auto* write = gathering(tx)) write->gather_no_more();
}

bool add_later(Tx& tx, const Tally& tally, std::int64_t row, Counted more) {
  auto* write = gathering(tx);
  return write && write->add_later(tally, row, more);
}

Counted added_so_far(Tx& tx, const Tally& tally, std::int64_t row) {
  const auto* write = gathering(tx);
  return write ? write->added_so_far(tally, row) : Counted{};
}

ReadsCounted::ReadsCounted(Tx& tx) : tx_(tx) {
  auto* write = gathering(tx);
  before_ = write && write->reads_counted(true);
}

ReadsCounted::~ReadsCounted() {
  if (auto* write = gathering(tx_)) write->reads_counted(before_);
}

void detail::write_later(Tx& tx, const char* sql, std::span<const Param> in) {
  if (auto* write = gathering(tx)) return write->write_later(sql, in);
  tx.run_later(sql, in);
}

bool detail::exec_at_least(Tx& tx, std::int64_t rows, const char* sql, std::span<const Param> in) {
  if (auto* write = gathering(tx)) return write->exec_at_least(rows, sql, in);
  return tx.run(sql, in, {}, nullptr, nullptr) >= rows;
}

void WriteTx::finish() {
  if (failure_) std::rethrow_exception(failure_error_);
  guarded([&] {
    if (!own_savepoint_) return;  // whoever errs, the batch is run again
    if (later_) connection_.settle();
    if (wrote_) connection_.run_later(kRelease, {});
  });
}

void WriteTx::undo() {
  if (!wrote_ || !own_savepoint_) return;
  if (later_) {
    try {
      connection_.settle();
    } catch (const DatabaseError&) {
      // Undone with the rest.
    }
  }
  connection_.run(kUndo, {}, {}, nullptr, nullptr);
  connection_.run_later(kRelease, {});
}

bool WriteTx::attempt_erased(void (*call)(void*), void* fn) {
  refuse_after_failure();
  // What is inserted inside is undone with it, or not: nothing may wait beyond.
  struct Gathering {
    explicit Gathering(bool& f) : flag(f), before(f) { flag = false; }
    ~Gathering() { flag = before; }
    bool& flag;
    const bool before;
  };
  const Gathering gathering(gathers_);
  guarded([&] {
    if (rows_ && !rows_->empty()) send_rows();
    need_savepoint();
    // An error of something sent earlier must not be taken for one of this attempt.
    if (later_) connection_.settle();
    later_ = false;
    connection_.run_later(kAttempt, {});
  });
  const std::size_t put_off = at_end_.size();
  const auto undo = [&] {
    at_end_.erase(at_end_.begin() + static_cast<std::ptrdiff_t>(put_off), at_end_.end());
    guarded([&] {
      connection_.run(kAttemptUndo, {}, {}, nullptr, nullptr);
      connection_.run_later(kAttemptRelease, {});
    });
  };
  try {
    call(fn);
    if (failure_) std::rethrow_exception(failure_error_);
    if (later_) guarded([&] { connection_.settle(); });
    later_ = false;
  } catch (const DatabaseError&) {
    if (failure_ != ErrorKind::unique) throw;
    failure_.reset();
    failure_error_ = nullptr;
    later_ = false;
    undo();
    return false;
  } catch (...) {
    if (!failure_) {
      try {
        if (later_) connection_.settle();
      } catch (const DatabaseError&) {
        // Undone with the rest.
      }
      later_ = false;
      undo();
    }
    throw;
  }
  guarded([&] { connection_.run_later(kAttemptRelease, {}); });
  return true;
}

void Tx::at_end(AtEnd) {
  throw DatabaseError(ErrorKind::read_only,
                      "Tx::at_end in a read: nothing can be written there; use Database::write");
}

std::int64_t ReadTx::run(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out,
                         RowCallback each_row, void* context) {
  if (failed_) refuse();
  try {
    if (asking_) {
      connection_.ask(sql, in);
      return 0;
    }
    return connection_.run(sql, in, out, each_row, context);
  } catch (const DatabaseError&) {
    failed_ = true;
    throw;
  }
}

bool ReadTx::attempt_erased(void (*)(void*), void*) {
  throw DatabaseError(ErrorKind::read_only,
                      "Tx::attempt in a read: nothing can be written there; use Database::write");
}

}  // namespace plenary::db
