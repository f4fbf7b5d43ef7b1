// A ledger with a model beside it: callers move money between accounts in one batch, a fault strikes
// somewhere, and afterwards the rows must be exactly those that were acknowledged. Shared by the fault and
// power-cut tests.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <optional>
#include <semaphore>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/errors.hpp"
#include "db/database.hpp"
#include "db/gather.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {

constexpr std::int64_t kAccounts = 5, kStartBalance = 1'000'000;

inline void make_ledger(Database& database) {
  database.write_now(global_lane, "tables", [](Tx& tx) {
    tx.exec("CREATE TABLE conference (id BIGINT PRIMARY KEY, last_commit_at BIGINT NOT NULL DEFAULT 0)");
    tx.exec("CREATE TABLE account (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL CHECK (balance >= 0))");
    tx.exec(
        "CREATE TABLE entry (id BIGINT PRIMARY KEY, source BIGINT NOT NULL REFERENCES account (id), "
        "target BIGINT NOT NULL REFERENCES account (id), amount BIGINT NOT NULL)");
    tx.exec("CREATE TABLE note (id BIGINT PRIMARY KEY, text TEXT NOT NULL UNIQUE)");
    tx.exec("INSERT INTO conference (id) VALUES (1)");
    tx.exec("INSERT INTO note (id, text) VALUES (0, 'taken')");
    for (int i = 0; i < kAccounts; ++i) {
      tx.exec("INSERT INTO account (id, balance) VALUES ($1, $2)", i, kStartBalance);
    }
  });
}

// What a caller was told.
struct Told {
  enum class Kind { done, refused, failed, unknown } kind = Kind::failed;
  std::optional<ErrorKind> error;
};

// Balances that several callers of a batch change, summed up (gather.hpp).
#define OF_ROW(array) \
  "(SELECT CAST(" array " AS BIGINT[]))[array_position((SELECT CAST($1 AS BIGINT[])), id)]"
inline constexpr Tally moved{"UPDATE account SET balance = balance + " OF_ROW("$2") " + " OF_ROW(
    "$3") " WHERE id = ANY(CAST($1 AS BIGINT[])) AND balance + " OF_ROW("$2") " >= 0"};
#undef OF_ROW

inline std::int64_t balance_of(Tx& tx, std::int64_t account) {
  const ReadsCounted reads(tx);
  const auto balance = tx.maybe<std::int64_t>("SELECT balance FROM account WHERE id = $1", account);
  const Counted waiting = added_so_far(tx, moved, account);
  return balance.value_or(0) + waiting.first + waiting.second;
}

inline void look_at_transfer(Tx& tx, std::int64_t id) {
  balance_of(tx, id % kAccounts);
}

// A fifth way: what the callers of a batch ask and write is gathered.
inline void transfer_with_others(Tx& tx, std::int64_t id) {
  const std::int64_t source = id % kAccounts, target = (id * 7 + 1) % kAccounts, amount = id % 13 + 1;
  gather_for(tx, {std::to_string(id)});
  tx.ask_ahead([&] { look_at_transfer(tx, id); });
  if (balance_of(tx, source) < amount) throw Refused("no_funds", "Not enough");
  if (add_later(tx, moved, source, {-amount, 0})) {
    add_later(tx, moved, target, {0, amount});
  } else {
    tx.exec_later("UPDATE account SET balance = balance - $2 WHERE id = $1", source, amount);
    tx.exec_later("UPDATE account SET balance = balance + $2 WHERE id = $1", target, amount);
  }
  write_later(tx, "INSERT INTO entry (id, source, target, amount) VALUES ($1, $2, $3, $4)", id, source,
              target, amount);
}

// The four ways to write: plainly, with an attempt that clashes, with statements sent later, and a refusal.
inline void transfer(Tx& tx, std::int64_t id) {
  const std::int64_t source = id % kAccounts, target = (id * 7 + 1) % kAccounts, amount = id % 13 + 1;
  const auto balance = tx.one<std::int64_t>("SELECT balance FROM account WHERE id = $1", source);
  if (balance < amount || id % 4 == 3) throw Refused("no_funds", "Not enough");
  if (id % 4 == 2) {
    tx.exec_later("UPDATE account SET balance = balance - $2 WHERE id = $1", source, amount);
    tx.exec_later("UPDATE account SET balance = balance + $2 WHERE id = $1", target, amount);
    tx.exec_later("INSERT INTO entry (id, source, target, amount) VALUES ($1, $2, $3, $4)", id, source,
                  target, amount);
    return;
  }
  tx.exec("UPDATE account SET balance = balance - $2 WHERE id = $1", source, amount);
  if (id % 4 == 1) {
    EXPECT_FALSE(tx.attempt([&] { tx.exec("INSERT INTO note (id, text) VALUES ($1, 'taken')", id); }));
  }
  tx.exec("UPDATE account SET balance = balance + $2 WHERE id = $1", target, amount);
  tx.exec("INSERT INTO entry (id, source, target, amount) VALUES ($1, $2, $3, $4)", id, source, target,
          amount);
}

inline Told tell_apart(const std::exception_ptr& error) {
  if (!error) return {Told::Kind::done, {}};
  try {
    std::rethrow_exception(error);
  } catch (const Refused&) {
    return {Told::Kind::refused, {}};
  } catch (const OutcomeUnknown&) {
    return {Told::Kind::unknown, {}};
  } catch (const DatabaseError& e) {
    return {Told::Kind::failed, e.kind()};
  }
}

// What the rows must be, from what callers were told.
class LedgerModel {
 public:
  void told(std::int64_t id, const Told& told) {
    if (told.kind == Told::Kind::done) sure_.insert(id);
    if (told.kind == Told::Kind::unknown) possible_.insert(id);
  }
  // In flight when the power went: either way is right.
  void maybe(std::int64_t id) { possible_.insert(id); }

  // The first difference, or nothing. What turns out to be there from now on must stay.
  std::optional<std::string> difference(Database& db) {
    const auto entries = db.read_now([](Tx& tx) {
      return tx.query<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
          "SELECT id, source, target, amount FROM entry ORDER BY id");
    });
    const auto balances = db.read_now([](Tx& tx) {
      return tx.query<std::int64_t, std::int64_t>("SELECT id, balance FROM account ORDER BY id");
    });
    std::set<std::int64_t> found;
    std::map<std::int64_t, std::int64_t> expected;
    for (std::int64_t i = 0; i < kAccounts; ++i) expected[i] = kStartBalance;
    for (const auto& [id, source, target, amount] : entries) {
      found.insert(id);
      expected[source] -= amount;
      expected[target] += amount;
      if (!sure_.count(id) && !possible_.count(id))
        return "entry " + std::to_string(id) + " was never acknowledged";
    }
    for (const std::int64_t id : sure_) {
      if (!found.count(id)) return "entry " + std::to_string(id) + " was acknowledged and is lost";
    }
    for (const auto& [id, balance] : balances) {
      if (expected[id] != balance) return "account " + std::to_string(id) + " does not add up";
    }
    if (balances.size() != static_cast<std::size_t>(kAccounts)) return "an account is missing";
    sure_ = std::move(found);
    possible_.clear();
    return std::nullopt;
  }

 private:
  std::set<std::int64_t> sure_, possible_;
};

// Keeps the committer inside a lambda until it is let go: what is queued meanwhile is one batch.
class HeldCommitter {
 public:
  HeldCommitter(Database& db, Lane lane)
      : thread_([this, &db, lane] {
          try {
            db.write_now(lane, "held", [this](Tx&) {
              if (!entered_) began_.release();
              if (!entered_) let_go_.acquire();
              entered_ = true;
            });
          } catch (const std::exception&) {
            // A fault may strike this one too; it writes nothing.
          }
        }) {
    began_.acquire();
  }
  ~HeldCommitter() { release(); }
  void release() {
    if (!thread_.joinable()) return;
    let_go_.release();
    thread_.join();
  }

 private:
  bool entered_ = false;
  std::binary_semaphore began_{0}, let_go_{0};
  std::thread thread_;
};

// Callers with the ids first…first+count-1, all in one batch; what each was told, in order.
// `gathers`: every second of them.
inline std::vector<Told> transfer_together(Database& db, std::int64_t first, int count,
                                           const std::function<void()>& when_queued = {},
                                           bool gathers = false) {
  test::Loop loop;
  std::vector<Told> told(static_cast<std::size_t>(count));
  int done = 0;
  const auto caller = [&](std::int64_t id) -> Task<void> {
    auto fn = [id](Tx& tx) { transfer(tx, id); };
    auto asks = [id](Tx& tx) { look_at_transfer(tx, id); };
    auto gathering = [id](Tx& tx) { transfer_with_others(tx, id); };
    if (gathers && id % 2 == 0)
      co_await db.write(1, "transfer", asks, gathering);
    else
      co_await db.write(1, "transfer", fn);
  };
  {
    HeldCommitter held(db, 1);
    const Executor::Scope scope(&loop);
    for (int i = 0; i < count; ++i) {
      start(caller(first + i), [&, i](std::exception_ptr error) {
        told[static_cast<std::size_t>(i)] = tell_apart(error);
        ++done;
      });
    }
    if (when_queued) when_queued();
  }
  loop.run_until([&] { return done == count; });
  return told;
}

}  // namespace plenary::db
