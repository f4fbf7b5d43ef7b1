// Queries asked ahead: the same answers, fewer round trips, nothing left over for the next transaction.
#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

class AskAhead : public test::DatabaseTest {
 protected:
  static std::optional<std::int64_t> plus_one(Tx& tx, std::int64_t n) {
    return tx.maybe<std::int64_t>("SELECT CAST($1 AS BIGINT) + 1", n);
  }
  static std::vector<std::string> names(Tx& tx) {
    return tx.query<std::string>("SELECT name FROM schedule ORDER BY name");
  }
  static void insert(Tx& tx, const std::string& name) {
    tx.exec("INSERT INTO schedule (name, every_seconds, next_run_at) VALUES ($1, 60, 0)", name);
  }
  template <class F>
  std::uint64_t trips(F&& fn) {
    const auto before = db().stats().round_trips;
    db().write_now(global_lane, "trips", fn);
    return db().stats().round_trips - before;
  }
};
ON_BOTH_ENGINES(AskAhead);

TEST_P(AskAhead, AnswersAreThoseOfTheQueriesMadeLater) {
  db().write_now(global_lane, "fill", [&](Tx& tx) { insert(tx, "sweep"); });
  const auto check = [&](Tx& tx) {
    tx.ask_ahead([&] {
      plus_one(tx, 1);
      plus_one(tx, 41);
      names(tx);
      tx.ask_ahead([&] { plus_one(tx, 6); });
    });
    EXPECT_EQ(names(tx), std::vector<std::string>{"sweep"});
    EXPECT_EQ(plus_one(tx, 41), 42);
    EXPECT_EQ(plus_one(tx, 1), 2);
    EXPECT_EQ(plus_one(tx, 6), 7);
    EXPECT_EQ(plus_one(tx, 2), 3) << "what was not asked is queried as ever";
  };
  db().write_now(global_lane, "check", check);
  db().read_now(check);
}

TEST_P(AskAhead, OneRoundTripServesThemAll) {
  const auto three = [&](Tx& tx) { EXPECT_EQ(*plus_one(tx, 1) + *plus_one(tx, 2) + *plus_one(tx, 3), 9); };
  trips(three);  // prepares
  const auto plain = trips(three);
  const auto ahead = trips([&](Tx& tx) {
    tx.ask_ahead([&] { plus_one(tx, 1), plus_one(tx, 2), plus_one(tx, 3); });
    three(tx);
  });
  EXPECT_EQ(plain - ahead, GetParam() == Engine::postgresql ? 2u : 0u);
}

TEST_P(AskAhead, AnAnswerIsTakenOnce) {
  db().write_now(global_lane, "twice", [&](Tx& tx) {
    tx.ask_ahead([&] { names(tx); });
    EXPECT_TRUE(names(tx).empty());
    insert(tx, "mail");
    EXPECT_EQ(names(tx), std::vector<std::string>{"mail"}) << "the second query sees what was written";
  });
}

TEST_P(AskAhead, WhatNobodyReadIsForgottenWithItsTransaction) {
  db().write_now(global_lane, "asks", [&](Tx& tx) { tx.ask_ahead([&] { names(tx); }); });
  db().write_now(global_lane, "fill", [&](Tx& tx) { insert(tx, "sweep"); });
  db().write_now(global_lane, "reads", [&](Tx& tx) { EXPECT_EQ(names(tx).size(), 1u); });
}

TEST_P(AskAhead, WhatAFailedAttemptLeftWithoutAnAnswerIsQueriedAfresh) {
  db().write_now(global_lane, "fill", [&](Tx& tx) { insert(tx, "sweep"); });
  db().write_now(global_lane, "attempt", [&](Tx& tx) {
    EXPECT_FALSE(tx.attempt([&] {
      tx.exec_later("INSERT INTO schedule (name, every_seconds, next_run_at) VALUES ('sweep', 60, 0)");
      tx.ask_ahead([&] { names(tx); });
      plus_one(tx, 1);
    }));
    EXPECT_EQ(names(tx), std::vector<std::string>{"sweep"});
  });
}

TEST_P(AskAhead, AnErrorOfAnAskedQueryIsTheCallersOwn) {
  EXPECT_THROW(
      db().write_now(global_lane, "wrong",
                     [&](Tx& tx) {
                       tx.ask_ahead([&] { tx.query<std::int64_t>("SELECT no_such_column FROM schedule"); });
                       insert(tx, "lost");
                       tx.query<std::int64_t>("SELECT no_such_column FROM schedule");
                     }),
      DatabaseError);
  db().read_now([&](Tx& tx) { EXPECT_TRUE(names(tx).empty()); });
}

TEST_P(AskAhead, AReadThatSaysAllIsAskedEndsWithItsAnswers) {
  db().write_now(global_lane, "fill", [&](Tx& tx) { insert(tx, "sweep"); });
  int runs = 0;
  const auto read = [&](Tx& tx) {
    ++runs;
    tx.ask_ahead([&] { plus_one(tx, 1), names(tx); });
    tx.all_asked();
    EXPECT_EQ(plus_one(tx, 1), 2);
    EXPECT_EQ(names(tx), std::vector<std::string>{"sweep"});
  };
  for (int i = 0; i < 3; ++i) db().read_now(read);
  EXPECT_EQ(runs, 3);
  db().read_now([&](Tx& tx) { EXPECT_EQ(names(tx).size(), 1u) << "and leaves nothing behind"; });
}

TEST_P(AskAhead, AReadThatAsksForMoreAllTheSameIsRunAgain) {
  int runs = 0;
  const auto read = [&](Tx& tx) {
    ++runs;
    tx.ask_ahead([&] { plus_one(tx, 1); });
    tx.all_asked();
    return *plus_one(tx, 1) + *plus_one(tx, 5);
  };
  EXPECT_EQ(db().read_now(read), 8);
  EXPECT_EQ(runs, GetParam() == Engine::postgresql ? 2 : 1);
  // With nothing asked, and asked for too early, there is nothing to end with.
  runs = 0;
  EXPECT_EQ(db().read_now([&](Tx& tx) {
    ++runs;
    tx.all_asked();
    tx.ask_ahead([&] { plus_one(tx, 2); });
    return *plus_one(tx, 2) + *plus_one(tx, 3);
  }),
            7);
  EXPECT_EQ(db().read_now([&](Tx& tx) {
    ++runs;
    tx.ask_ahead([&] { plus_one(tx, 2); });
    tx.all_asked();
    return *plus_one(tx, 3) + *plus_one(tx, 2);
  }),
            7);
  EXPECT_EQ(runs, 2);
}

TEST_P(AskAhead, HoweverAReadIsSentItIsOneTransactionOfOneSnapshotThatWritesNothing) {
  if (GetParam() != Engine::postgresql) GTEST_SKIP() << "SQLite has no other";
  const auto transaction = [](Tx& tx, int question) {
    return tx.maybe<std::string>(
        "SELECT $1 || current_setting('transaction_isolation') || current_setting('transaction_read_only') "
        "|| "
        "CAST(transaction_timestamp() AS TEXT)",
        std::to_string(question));
  };
  enum class Sent { one_by_one, asked_ahead, all_asked };
  for (const Sent how : {Sent::one_by_one, Sent::asked_ahead, Sent::all_asked})
    db().read_now([&](Tx& tx) {
      if (how != Sent::one_by_one) tx.ask_ahead([&] { transaction(tx, 1), transaction(tx, 2); });
      if (how == Sent::all_asked) tx.all_asked();
      const std::string first = transaction(tx, 1).value_or(""), second = transaction(tx, 2).value_or("");
      EXPECT_TRUE(first.starts_with("1repeatable readon")) << first;
      EXPECT_EQ(first.substr(1), second.substr(1));
      if (how == Sent::asked_ahead) {
        EXPECT_EQ(transaction(tx, 3).value_or("").substr(1), first.substr(1)) << "and beyond the first trip";
      }
    });
}

TEST_P(AskAhead, AnErrorInAReadThatSaidAllIsAskedLeavesTheNextOneAlone) {
  for (int i = 0; i < 2; ++i)
    EXPECT_THROW(db().read_now([&](Tx& tx) {
      tx.ask_ahead([&] { tx.query<std::int64_t>("SELECT no_such_column FROM schedule"); });
      tx.all_asked();
      tx.query<std::int64_t>("SELECT no_such_column FROM schedule");
    }),
                 DatabaseError);
  db().read_now([&](Tx& tx) { EXPECT_TRUE(names(tx).empty()); });
}

TEST_P(AskAhead, AnErrorOfWhatNobodyReadIsNotTheNextReads) {
  database().reopen([](DatabaseOptions& options) { options.max_connections = 2; });  // one that reads
  db().write_now(global_lane, "fill", [&](Tx& tx) { insert(tx, "sweep"); });
  for (const bool said_all : {false, true}) {
    for (const bool throws : {false, true}) {
      try {
        db().read_now([&](Tx& tx) {
          tx.ask_ahead([&] { tx.query<std::int64_t>("SELECT no_such_column FROM schedule"); });
          if (said_all) tx.all_asked();
          if (throws) throw Refused("no", "No");
        });
        EXPECT_FALSE(throws);
      } catch (const Refused&) {
        EXPECT_TRUE(throws);
      }
      db().read_now([&](Tx& tx) { EXPECT_EQ(names(tx).size(), 1u); });
    }
  }
}

TEST_P(AskAhead, AReadThatAsksAheadOnceMoreAfterAllIsRunAgain) {
  database().reopen([](DatabaseOptions& options) { options.max_connections = 2; });
  db().write_now(global_lane, "fill", [&](Tx& tx) { insert(tx, "sweep"); });
  int runs = 0;
  const auto found = db().read_now([&](Tx& tx) {
    ++runs;
    tx.ask_ahead([&] { plus_one(tx, 1); });
    tx.all_asked();
    EXPECT_EQ(plus_one(tx, 1), 2);
    tx.ask_ahead([&] { names(tx); });
    return names(tx);
  });
  EXPECT_EQ(found, std::vector<std::string>{"sweep"});
  EXPECT_EQ(runs, GetParam() == Engine::postgresql ? 2 : 1) << "all of it is one snapshot";
}

}  // namespace
}  // namespace plenary::db
