#include "db/write_tx.hpp"

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
    if (asking_) {
      connection_.ask(sql, in);
      return 0;
    }
    if (!wrote_ && connection_.writes(sql, in, out)) need_savepoint();
    later_ = false;
    return connection_.run(sql, in, out, each_row, context);
  });
}

void WriteTx::run_later(const char* sql, std::span<const Param> in) {
  refuse_after_failure();
  guarded([&] {
    if (!wrote_ && connection_.writes(sql, in, {})) need_savepoint();
    later_ = true;
    connection_.run_later(sql, in);
  });
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
  guarded([&] {
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
