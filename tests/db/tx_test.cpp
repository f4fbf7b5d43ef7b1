// Reading and writing through Tx, alike on both engines.
#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "base/errors.hpp"
#include "db/database.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

using test::TestDatabase;

void ledger(Database& database) {
  database.write_now(global_lane, "tables", [](Tx& tx) {
    tx.exec("CREATE TABLE conference (id BIGINT PRIMARY KEY, last_commit_at BIGINT NOT NULL DEFAULT 0)");
    tx.exec(
        "CREATE TABLE entry (id BIGINT PRIMARY KEY, name TEXT NOT NULL, amount BIGINT, ratio DOUBLE "
        "PRECISION, "
        "flag SMALLINT NOT NULL DEFAULT 0 CHECK (flag IN (0, 1)))");
    tx.exec("CREATE UNIQUE INDEX entry_name ON entry (name)");
    tx.exec("CREATE TABLE part (id BIGINT PRIMARY KEY, entry BIGINT NOT NULL REFERENCES entry (id))");
    tx.exec("INSERT INTO conference (id) VALUES (1), (2)");
  });
}

class Transaction : public test::DatabaseTest {
 protected:
  Transaction() : DatabaseTest(ledger) {}
  void add(std::int64_t id, const std::string& name) {
    db().write_now(1, "add",
                   [&](Tx& tx) { tx.exec("INSERT INTO entry (id, name) VALUES ($1, $2)", id, name); });
  }
  std::vector<std::int64_t> ids() {
    return db().read_now([](Tx& tx) { return tx.query<std::int64_t>("SELECT id FROM entry ORDER BY id"); });
  }
  template <class F>
  ErrorKind kind_of(F&& fn, std::string* constraint = nullptr, std::string* what = nullptr) {
    try {
      db().write_now(1, "failing", fn);
    } catch (const DatabaseError& error) {
      if (constraint) *constraint = error.constraint();
      if (what) *what = error.what();
      return error.kind();
    }
    ADD_FAILURE() << "no DatabaseError";
    return ErrorKind::other;
  }
};
ON_BOTH_ENGINES(Transaction);

TEST_P(Transaction, GivesBackEveryTypeItWasGiven) {
  const std::string long_text(100'000, 'x');
  db().write_now(1, "types", [&](Tx& tx) {
    tx.exec("INSERT INTO entry (id, name, amount, ratio, flag) VALUES ($1, $2, $3, $4, $5)",
            std::int64_t{9'007'199'254'740'993}, "Zoë \"quoted\" 'twice' $1", -5, 0.1, true);
    tx.exec("INSERT INTO entry (id, name, amount, ratio) VALUES ($1, $2, $3, $4)", 2, long_text,
            std::optional<std::int64_t>(), std::optional<double>());
    tx.exec("INSERT INTO entry (id, name, amount) VALUES ($1, $2, $3)", 3, std::string(), Instant{1'234'567});
  });
  db().read_now([&](Tx& tx) {
    const auto [id, name, amount, ratio, flag] = tx.one<std::int64_t, std::string, int, double, bool>(
        "SELECT id, name, amount, ratio, flag FROM entry WHERE id = $1", std::int64_t{9'007'199'254'740'993});
    EXPECT_EQ(id, 9'007'199'254'740'993);
    EXPECT_EQ(name, "Zoë \"quoted\" 'twice' $1");
    EXPECT_EQ(amount, -5);
    EXPECT_EQ(ratio, 0.1);
    EXPECT_TRUE(flag);
    const auto [text, none, no_ratio, zero] =
        tx.one<std::string, std::optional<std::int64_t>, std::optional<double>, std::int64_t>(
            "SELECT name, amount, ratio, amount FROM entry WHERE id = $1", 2);
    EXPECT_EQ(text, long_text);
    EXPECT_EQ(none, std::nullopt);
    EXPECT_EQ(no_ratio, std::nullopt);
    EXPECT_EQ(zero, 0);
    const auto [empty, at] = tx.one<std::optional<std::string>, Instant>(
        "SELECT name, amount FROM entry WHERE name = $1", std::optional<std::string>(""));
    EXPECT_EQ(empty, "");
    EXPECT_EQ(at, Instant{1'234'567});
  });
}

TEST_P(Transaction, APlaceholderMayRepeatAndOrderDoesNotMatter) {
  add(1, "one");
  add(2, "two");
  const auto found = db().read_now([](Tx& tx) {
    return tx.query<std::int64_t>(
        "SELECT id FROM entry WHERE (id = $2 OR id = $1) AND $2 > 0 AND name <> '$3' ORDER BY id", 2, 1);
  });
  EXPECT_EQ(found, (std::vector<std::int64_t>{1, 2}));
}

TEST_P(Transaction, CountsTheRowsAStatementChanged) {
  add(1, "one");
  add(2, "two");
  db().write_now(1, "count", [](Tx& tx) {
    EXPECT_EQ(tx.exec("UPDATE entry SET amount = $1", 5), 2);
    EXPECT_EQ(tx.exec("UPDATE entry SET amount = 6 WHERE id = $1", 77), 0);
    EXPECT_EQ(tx.exec("DELETE FROM entry WHERE id = $1", 1), 1);
    EXPECT_EQ(tx.exec("INSERT INTO entry (id, name) VALUES (5, 'two') ON CONFLICT DO NOTHING"), 0);
    EXPECT_EQ(tx.query<std::int64_t>("UPDATE entry SET amount = 7 RETURNING id"),
              std::vector<std::int64_t>{2});
    EXPECT_EQ(tx.exec("UPDATE entry SET amount = 8 RETURNING id"), 1);
  });
}

TEST_P(Transaction, InsertedRowsTellTheirIds) {
  using Ids = std::vector<std::int64_t>;
  db().write_now(1, "insert", [](Tx& tx) {
    EXPECT_EQ(tx.one<std::int64_t>("INSERT INTO entry (id, name) VALUES ($1, 'nine') RETURNING id", 9), 9);
    EXPECT_EQ(tx.query<std::int64_t>("INSERT INTO entry (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING "
                                     "RETURNING id",
                                     10, "nine"),
              Ids{});
    EXPECT_EQ(tx.query<std::int64_t>("INSERT INTO entry (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING "
                                     "RETURNING id",
                                     11, "eleven"),
              Ids{11});
    EXPECT_EQ(tx.query<std::int64_t>("INSERT INTO entry (id, name) VALUES (12, 'a'), (13, 'b') RETURNING id"),
              (Ids{12, 13}));
    EXPECT_EQ(tx.query<std::int64_t>("INSERT INTO entry (id, name) SELECT 14, 'c' RETURNING id"), Ids{14});
  });
  EXPECT_EQ(ids(), (Ids{9, 11, 12, 13, 14}));
  // Where the database gives the ids.
  db().write_now(1, "insert", [](Tx& tx) {
    if (tx.engine() == Engine::sqlite) {
      tx.exec("CREATE TABLE numbered (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)");
    } else {
      tx.exec("CREATE TABLE numbered (id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL UNIQUE)");
    }
    const auto add = [&](const char* name) {
      return tx.query<std::int64_t>(
          "INSERT INTO numbered (name) VALUES ($1) ON CONFLICT (name) DO NOTHING "
          "RETURNING id",
          name);
    };
    EXPECT_EQ(add("one"), Ids{1});
    EXPECT_EQ(tx.one<std::int64_t>("INSERT INTO numbered (name) VALUES ('two') RETURNING id"), 2);
    EXPECT_EQ(add("one"), Ids{});
    EXPECT_EQ(
        tx.query<std::int64_t>("INSERT INTO numbered (id, name) VALUES (8, 'a'), (9, 'b') RETURNING id"),
        (Ids{8, 9}));
  });
}

TEST_P(Transaction, ASumOfIntegersReadsAsAnInteger) {
  add(1, "one");
  db().write_now(1, "sum", [](Tx& tx) {
    tx.exec("UPDATE entry SET amount = 40");
    EXPECT_EQ(tx.one<std::int64_t>("SELECT COALESCE(SUM(amount), 0) + 2 FROM entry"), 42);
  });
}

TEST_P(Transaction, WithoutARowMaybeIsEmptyAndOneIsAnError) {
  EXPECT_EQ(db().read_now([](Tx& tx) { return tx.maybe<int>("SELECT 1 WHERE 1 = $1", 2); }), std::nullopt);
  EXPECT_THROW(db().read_now([](Tx& tx) { return tx.one<int>("SELECT 1 WHERE 1 = $1", 2); }),
               std::logic_error);
  add(1, "one");
  add(2, "two");
  EXPECT_THROW(db().read_now([](Tx& tx) { return tx.maybe<std::int64_t>("SELECT id FROM entry"); }),
               std::logic_error);
  EXPECT_EQ(ids().size(), 2u) << "the connection goes on after the error";
}

TEST_P(Transaction, AWrongNumberOfValuesOrColumnsIsNamedBeforeAnythingRuns) {
  EXPECT_THROW(db().read_now([](Tx& tx) { return tx.query<int>("SELECT 1 WHERE 1 = $1"); }),
               std::logic_error);
  EXPECT_THROW(db().read_now([](Tx& tx) { return tx.query<int>("SELECT 1, 2"); }), std::logic_error);
  EXPECT_EQ(ids().size(), 0u);
}

TEST_P(Transaction, EveryBrokenRuleHasItsKindAndNamesItsConstraint) {
  add(1, "one");
  std::string constraint, what;
  EXPECT_EQ(kind_of([](Tx& tx) { tx.exec("INSERT INTO entry (id, name) VALUES (2, $1)", "one"); },
                    &constraint, &what),
            ErrorKind::unique);
  EXPECT_EQ(constraint, GetParam() == Engine::sqlite ? "entry.name" : "entry_name");
  EXPECT_EQ(kind_of([](Tx& tx) { tx.exec("INSERT INTO entry (id, name) VALUES (1, $1)", "two"); }),
            ErrorKind::unique);
  EXPECT_EQ(kind_of([](Tx& tx) { tx.exec("INSERT INTO part (id, entry) VALUES (1, $1)", 99); }),
            ErrorKind::foreign_key);
  EXPECT_EQ(kind_of([](Tx& tx) { tx.exec("INSERT INTO entry (id, name, flag) VALUES (3, 'x', $1)", 7); }),
            ErrorKind::check);
  EXPECT_EQ(kind_of([](Tx& tx) {
              tx.exec("INSERT INTO entry (id, name) VALUES (3, $1)", std::optional<std::string>());
            }),
            ErrorKind::not_null);
  EXPECT_EQ(kind_of([](Tx& tx) { tx.exec("INSERT INTO nowhere (id) VALUES (3)"); }), ErrorKind::schema);
  EXPECT_EQ(kind_of([](Tx& tx) { tx.exec("INSERTED"); }), ErrorKind::schema);
  EXPECT_EQ(ids(), std::vector<std::int64_t>{1});
}

TEST_P(Transaction, NoErrorTextHoldsABoundValue) {
  add(1, "c0ffee-token");
  std::string what;
  kind_of([](Tx& tx) { tx.exec("INSERT INTO entry (id, name) VALUES (2, $1)", "c0ffee-token"); }, nullptr,
          &what);
  EXPECT_THAT(what, ::testing::HasSubstr("INSERT INTO entry"));
  EXPECT_THAT(what, ::testing::Not(::testing::HasSubstr("c0ffee")));
  if (GetParam() == Engine::postgresql) {
    kind_of(
        [](Tx& tx) {
          tx.exec("INSERT INTO entry (id, name) VALUES (CAST($1 AS BIGINT), 'x')", "c0ffee-token");
        },
        nullptr, &what);
    EXPECT_THAT(what, ::testing::Not(::testing::HasSubstr("c0ffee")));
  }
}

TEST_P(Transaction, AnExceptionUndoesTheWholeLambda) {
  EXPECT_THROW(db().write_now(1, "refused",
                              [](Tx& tx) {
                                tx.exec("INSERT INTO entry (id, name) VALUES (1, 'one')");
                                throw Refused("sold_out", "Sold out");
                              }),
               Refused);
  EXPECT_EQ(ids().size(), 0u);
}

TEST_P(Transaction, AfterADatabaseErrorEveryStatementIsRefusedAndTheFirstErrorCounts) {
  add(1, "one");
  std::optional<ErrorKind> second;
  const ErrorKind kind = kind_of([&](Tx& tx) {
    tx.exec("INSERT INTO entry (id, name) VALUES (2, 'two')");
    try {
      tx.exec("INSERT INTO entry (id, name) VALUES (3, 'one')");
    } catch (const DatabaseError&) {
      // Nobody may do this inside a write; it does not help either.
    }
    try {
      tx.one<int>("SELECT 1");
    } catch (const DatabaseError& error) {
      second = error.kind();
    }
  });
  EXPECT_EQ(kind, ErrorKind::unique);
  EXPECT_EQ(second, ErrorKind::refused_tx);
  EXPECT_EQ(ids(), std::vector<std::int64_t>{1});
}

TEST_P(Transaction, AnAttemptThatMeetsAUniqueRuleIsUndoneAndTheRestGoesOn) {
  add(1, "one");
  db().write_now(1, "attempt", [](Tx& tx) {
    tx.exec("INSERT INTO entry (id, name) VALUES (2, 'two')");
    EXPECT_FALSE(tx.attempt([&] {
      tx.exec("INSERT INTO entry (id, name) VALUES (3, 'three')");
      tx.exec("INSERT INTO entry (id, name) VALUES (4, 'one')");
    }));
    EXPECT_TRUE(tx.attempt([&] {
      EXPECT_FALSE(tx.attempt([&] { tx.exec("INSERT INTO entry (id, name) VALUES (1, 'again')"); }));
      tx.exec("INSERT INTO entry (id, name) VALUES (5, 'five')");
    }));
  });
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{1, 2, 5}));
}

TEST_P(Transaction, AnAttemptPassesEveryOtherErrorOn) {
  EXPECT_EQ(
      kind_of([](Tx& tx) { tx.attempt([&] { tx.exec("INSERT INTO part (id, entry) VALUES (1, 99)"); }); }),
      ErrorKind::foreign_key);
  db().write_now(1, "refusal in an attempt", [](Tx& tx) {
    try {
      tx.attempt([&] {
        tx.exec("INSERT INTO entry (id, name) VALUES (1, 'one')");
        throw Refused("no", "No");
      });
    } catch (const Refused&) {
      tx.exec("INSERT INTO entry (id, name) VALUES (2, 'two')");
    }
  });
  EXPECT_EQ(ids(), std::vector<std::int64_t>{2});
}

TEST_P(Transaction, AStatementSentLaterIsThereForTheNextOneAndItsErrorUndoesTheCaller) {
  db().write_now(1, "later", [](Tx& tx) {
    tx.exec_later("INSERT INTO entry (id, name) VALUES ($1, $2)", 1, "one");
    tx.exec_later("INSERT INTO entry (id, name) VALUES ($1, $2)", 2, std::string("two"));
    EXPECT_EQ(tx.one<int>("SELECT COUNT(*) FROM entry"), 2);
    tx.exec_later("INSERT INTO entry (id, name) VALUES (3, 'three')");
  });
  EXPECT_EQ(ids().size(), 3u);
  EXPECT_EQ(kind_of([](Tx& tx) {
              tx.exec_later("INSERT INTO entry (id, name) VALUES (4, 'four')");
              tx.exec_later("INSERT INTO entry (id, name) VALUES (5, 'one')");
            }),
            ErrorKind::unique);
  EXPECT_EQ(kind_of([](Tx& tx) {
              tx.exec_later("INSERT INTO entry (id, name) VALUES (5, 'one')");
              tx.exec_later("INSERT INTO entry (id, name) VALUES (6, 'six')");
              tx.query<int>("SELECT 1");
            }),
            ErrorKind::unique);
  db().write_now(1, "later in an attempt", [](Tx& tx) {
    EXPECT_FALSE(tx.attempt([&] { tx.exec_later("INSERT INTO entry (id, name) VALUES (5, 'one')"); }));
    tx.exec_later("INSERT INTO entry (id, name) VALUES (7, 'seven')");
  });
  EXPECT_EQ(ids(), (std::vector<std::int64_t>{1, 2, 3, 7}));
}

TEST_P(Transaction, AReadCannotWrite) {
  try {
    db().read_now([](Tx& tx) { tx.exec("INSERT INTO entry (id, name) VALUES (1, 'one')"); });
    ADD_FAILURE() << "the read wrote";
  } catch (const DatabaseError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::read_only);
  }
  EXPECT_EQ(ids().size(), 0u);
}

TEST_P(Transaction, AReadSeesOneMomentAndTheNextReadSeesTheNextCommit) {
  add(1, "one");
  std::size_t first = 0, second = 0;
  db().read_now([&](Tx& tx) {
    first = tx.query<std::int64_t>("SELECT id FROM entry").size();
    std::thread([&] { add(2, "two"); }).join();
    second = tx.query<std::int64_t>("SELECT id FROM entry").size();
  });
  EXPECT_EQ(first, 1u);
  EXPECT_EQ(second, 1u);
  EXPECT_EQ(ids().size(), 2u);
}

TEST_P(Transaction, AReadOverTheTimeLimitIsInterruptedAndTheConnectionGoesOn) {
  database().reopen([](DatabaseOptions& options) { options.read_limit = Duration::milliseconds(20); });
  try {
    db().read_now([](Tx& tx) {
      return tx.one<std::int64_t>(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT "
          "SUM(i) FROM n");
    });
    ADD_FAILURE() << "not interrupted";
  } catch (const DatabaseError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  }
  // So short a limit may end any read where the machine is busy; the connection must go on, not be quick.
  int one = 0;
  while (one == 0) {
    try {
      one = db().read_now([](Tx& tx) { return tx.one<int>("SELECT 1"); });
    } catch (const DatabaseError& error) {
      ASSERT_EQ(error.kind(), ErrorKind::interrupted) << error.what();
    }
  }
  EXPECT_EQ(one, 1);
}

TEST_P(Transaction, ResultsComeBackThroughCoroutinesToo) {
  test::Loop loop;
  const auto handler = [&]() -> Task<std::int64_t> {
    auto insert = [](Tx& tx) { tx.exec("INSERT INTO entry (id, name) VALUES (1, 'one')"); };
    co_await db().write(1, "insert", insert);
    const std::thread::id thread = std::this_thread::get_id();
    auto refuse = [](Tx& tx) -> int {
      tx.exec("INSERT INTO entry (id, name) VALUES (2, 'two')");
      throw Refused("no", "No");
    };
    bool refused = false;
    try {
      co_await db().write(1, "refuse", refuse);
    } catch (const Refused&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ(thread, std::this_thread::get_id());
    auto count = [](Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM entry"); };
    const std::int64_t n = co_await db().read(count);
    EXPECT_EQ(thread, std::this_thread::get_id());
    co_return n;
  };
  EXPECT_EQ(loop.run(handler()), 1);
}

TEST_P(Transaction, ALiteralsAddressUsedAgainForOtherTextIsNoticed) {
  char sql[32] = "SELECT 1";
  db().read_now([&](Tx& tx) {
    EXPECT_EQ(tx.one<int>(sql), 1);
    std::strcpy(sql, "SELECT 2");
    EXPECT_EQ(tx.one<int>(sql), 2);
  });
}

}  // namespace
}  // namespace plenary::db
