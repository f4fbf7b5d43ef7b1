// Rows of several callers of one batch as one statement, and statements that are taken at their word. source:
// docs/transactions.md, section 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "db/faults.hpp"
#include "db/gather.hpp"
#include "db/gathered_rows.hpp"
#include "held_lane.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

TEST(ForManyRows, EachValueComesFromAnArray) {
  const std::string_view two[] = {"BIGINT", "TEXT"};
  EXPECT_EQ(for_many_rows("INSERT INTO t (a, b, c) VALUES ($1, $2, 'x$9') RETURNING id", two),
            "INSERT INTO t (a, b, c) SELECT r.* FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[])) AS g "
            "(v1, v2), "
            "LATERAL (VALUES (g.v1, g.v2, 'x$9')) AS r");
  EXPECT_EQ(
      for_many_rows("INSERT INTO t (a, b) VALUES ($1, f($2, 0)), ($1, 'a)') ON CONFLICT (a) DO NOTHING", two),
      "INSERT INTO t (a, b) SELECT r.* FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[])) AS g (v1, v2), "
      "LATERAL (VALUES (g.v1, f(g.v2, 0)), (g.v1, 'a)')) AS r ON CONFLICT (a) DO NOTHING");
}

TEST(ForManyRows, WhatIsSelectedChangedOrDeletedByItsOwnValuesToo) {
  const std::string_view one[] = {"BIGINT"}, two[] = {"BIGINT", "TEXT"};
  EXPECT_EQ(for_many_rows("INSERT INTO t (a) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM t WHERE a = $1) ON "
                          "CONFLICT (a) DO NOTHING",
                          one),
            "INSERT INTO t (a) SELECT r.* FROM unnest(CAST($1 AS BIGINT[])) AS g (v1), LATERAL (SELECT g.v1 "
            "WHERE NOT EXISTS (SELECT 1 FROM t WHERE a = g.v1)) AS r ON CONFLICT (a) DO NOTHING");
  EXPECT_EQ(
      for_many_rows("UPDATE t SET a = $2, b = '$1 WHERE' WHERE kind = 'x' AND id = $1 AND a <> $2", two),
      "UPDATE t SET a = (SELECT CAST($2 AS TEXT[]))[array_position((SELECT CAST($1 AS BIGINT[])), id)], "
      "b = '$1 WHERE' WHERE kind = 'x' AND id = ANY(CAST($1 AS BIGINT[])) AND a <> "
      "(SELECT CAST($2 AS TEXT[]))[array_position((SELECT CAST($1 AS BIGINT[])), id)]");
  EXPECT_EQ(for_many_rows("DELETE FROM t WHERE kind = 'x' AND id = $1", one),
            "DELETE FROM t WHERE kind = 'x' AND id = ANY(CAST($1 AS BIGINT[]))");
}

TEST(ForManyRows, OtherFormsAreLeftAlone) {
  const std::string_view one[] = {"BIGINT"};
  for (const char* other :
       {"UPDATE t SET a = $1", "INSERT INTO t (a) VALUES ($1", "INSERT INTO t VALUES ($1)",
        "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = $1",
        "INSERT INTO t (a) SELECT 1 ON CONFLICT (a) DO UPDATE SET b = $1",
        "UPDATE t SET a = u.a FROM u WHERE t.id = $1", "UPDATE t SET a = 1 WHERE id > $1",
        "UPDATE t SET a = 1 WHERE id = $1 OR a = 2", "UPDATE t SET a = 1 WHERE id = $1 RETURNING a",
        "UPDATE t SET a = 1 WHERE id = (SELECT id FROM u WHERE b = $1)",
        "DELETE FROM t USING u WHERE t.id = u.id AND u.b = $1", "DELETE FROM t WHERE id = $1 RETURNING a",
        "WITH x AS (SELECT 1) SELECT $1"})
    EXPECT_EQ(for_many_rows(other, one), "") << other;
  EXPECT_EQ(for_many_rows("INSERT INTO t (a) VALUES (1)", {}), "");
}

void tables(Database& database) {
  database.write_now(global_lane, "tables", [](Tx& tx) {
    tx.exec("CREATE TABLE conference (id BIGINT PRIMARY KEY, last_commit_at BIGINT NOT NULL DEFAULT 0)");
    tx.exec("CREATE TABLE room (id BIGINT PRIMARY KEY, free BIGINT NOT NULL)");
    tx.exec(
        "CREATE TABLE basket (id BIGINT PRIMARY KEY, owner TEXT NOT NULL, note TEXT, size SMALLINT NOT "
        "NULL)");
    tx.exec("CREATE TABLE thing (basket_id BIGINT NOT NULL REFERENCES basket(id), name TEXT NOT NULL)");
    tx.exec("INSERT INTO conference (id) VALUES (1)");
    tx.exec("INSERT INTO room (id, free) VALUES (1, 3)");
  });
}

// Counts what is sent.
class Sent final : public FaultInjector {
 public:
  Fault before(std::string_view sql) override {
    const std::lock_guard lock(mutex_);
    all_.emplace_back(sql);
    return Fault::none;
  }
  std::size_t count(std::string_view beginning) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(all_.begin(), all_.end(), [&](const auto& sql) { return sql.starts_with(beginning); }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

class Gather : public test::DatabaseTest {
 protected:
  Gather() : DatabaseTest(tables) {}
  test::TestDatabase::Change change() override {
    return [this, usual = test::DatabaseTest::change()](DatabaseOptions& options) {
      usual(options);
      options.faults = &sent_;
    };
  }
  using Caller = std::function<void(Tx&)>;
  // All of them in one batch. What each threw: nothing, "refused", or the error's kind.
  std::vector<std::string> together(const std::vector<Caller>& callers) {
    return ask_together([](Tx&, std::size_t) {}, [&](Tx& tx, std::size_t i) { callers[i](tx); },
                        callers.size());
  }
  using Numbered = std::function<void(Tx&, std::size_t)>;
  std::vector<std::string> ask_together(const Numbered& asks, const Numbered& caller, std::size_t callers) {
    std::vector<std::string> said(callers);
    test::Loop loop;
    std::size_t done = 0;
    const auto run = [&](std::size_t i) -> Task<void> {
      auto ask = [i, &asks](Tx& tx) { asks(tx, i); };
      auto fn = [i, &caller](Tx& tx) { caller(tx, i); };
      try {
        co_await db().write(1, "caller", ask, fn);
      } catch (const Refused&) {
        said[i] = "refused";
      } catch (const DatabaseError& error) {
        said[i] = error.kind() == ErrorKind::unique ? "unique" : error.what();
      }
    };
    {
      test::HeldLane held(db(), 1);
      const Executor::Scope scope(&loop);
      for (std::size_t i = 0; i < callers; ++i) start(run(i), [&](std::exception_ptr) { ++done; });
      test::wait_until_queued(db(), callers + 1);
    }
    loop.run_until([&] { return done == callers; });
    return said;
  }
  static void add(Tx& tx, std::int64_t id, const std::string& owner, std::optional<std::string> note = {}) {
    write_later(tx, "INSERT INTO basket (id, owner, note, size) VALUES ($1, $2, $3, 1)", id, owner, note);
    write_later(tx, "INSERT INTO thing (basket_id, name) VALUES ($1, $2), ($1, 'ticket')", id, owner + "+");
  }
  static std::int64_t baskets(Tx& tx) { return tx.one<std::int64_t>("SELECT count(*) FROM basket"); }
  static std::optional<std::int64_t> baskets_of(Tx& tx, const std::string& owner) {
    return tx.maybe<std::int64_t>("SELECT count(*) FROM basket WHERE owner = $1", owner);
  }
  static bool take(Tx& tx, std::int64_t n) {
    return exec_at_least(tx, 1, "UPDATE room SET free = free - $1 WHERE id = 1 AND free >= $1", n);
  }
  std::int64_t stored(const char* sql) {
    return db().read_now([&](Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  static constexpr Tally taken{
      "UPDATE room SET free = room.free - g.taken FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BIGINT[]), "
      "CAST($3 AS BIGINT[])) AS g (id, taken, unused) WHERE room.id = g.id AND room.free >= g.taken"};
  // Where there is room as far as is known.
  static bool take_with_others(Tx& tx, std::int64_t n) {
    if (free(tx) < n) return false;
    return add_later(tx, taken, 1, {n, 0}) || take(tx, n);
  }
  static std::int64_t free(Tx& tx) {
    const ReadsCounted reads(tx);
    const auto left = tx.maybe<std::int64_t>("SELECT free FROM room WHERE id = 1");
    return left.value_or(0) - added_so_far(tx, taken, 1).first;
  }
  bool on_postgresql() const { return GetParam() == Engine::postgresql; }
  Sent sent_;
};
ON_BOTH_ENGINES(Gather);

TEST_P(Gather, RowsOfDifferentPeopleAreOneStatementForEachTable) {
  const std::vector<std::string> names{"ada", R"(bob "b" \)", "c,{}'", "NULL", "d\xc3\xb6rte\n"};
  std::vector<Caller> callers;
  for (std::size_t i = 0; i < names.size(); ++i)
    callers.push_back([i, &names](Tx& tx) {
      gather_for(tx, {names[i], ""});
      EXPECT_EQ(tx.one<std::int64_t>("SELECT CAST($1 AS BIGINT)", 7), 7);
      add(tx, static_cast<std::int64_t>(i) + 1, names[i], i == 0 ? std::nullopt : std::optional(names[i]));
    });
  EXPECT_THAT(together(callers), Each(std::string()));
  const auto owners = db().read_now([](Tx& tx) {
    return tx.query<std::string>(
        "SELECT b.owner FROM basket b JOIN thing t ON t.basket_id = b.id WHERE t.name = b.owner || '+' AND "
        "b.size = "
        "1 AND (b.note = b.owner OR b.id = 1) ORDER BY b.id");
  });
  EXPECT_EQ(owners, names) << "whatever is in a name, it comes out as it went in";
  EXPECT_EQ(stored("SELECT count(*) FROM basket WHERE note IS NULL"), 1);
  EXPECT_EQ(stored("SELECT count(*) FROM thing WHERE name = 'ticket'"), 5);
  EXPECT_EQ(sent_.count("INSERT INTO basket"), on_postgresql() ? 1u : 5u);
  EXPECT_EQ(sent_.count("INSERT INTO thing"), on_postgresql() ? 1u : 5u);
}

TEST_P(Gather, ACallerFindsItsOwnRows) {
  together({[](Tx& tx) {
    gather_for(tx, {"ada"});
    add(tx, 1, "ada");
    EXPECT_EQ(baskets_of(tx, "ada"), 1);
    add(tx, 2, "ada");
    tx.exec_later("UPDATE basket SET size = 2 WHERE owner = $1", std::string("ada"));
  }});
  EXPECT_EQ(stored("SELECT count(*) FROM basket WHERE size = 2"), 2);
}

TEST_P(Gather, WhoComesWithTheSameKeyFindsThemToo) {
  std::optional<std::int64_t> seen;
  together({[](Tx& tx) {
              gather_for(tx, {"session", "ada@example.org"});
              add(tx, 1, "ada");
            },
            [](Tx& tx) { gather_for(tx, {"other"}); },
            [&](Tx& tx) {
              gather_for(tx, {"another session", "ada@example.org"});
              tx.ask_ahead([&] { baskets_of(tx, "ada"); });
              seen = baskets_of(tx, "ada");
            }});
  EXPECT_EQ(seen, 1);
}

TEST_P(Gather, WhoSaysNothingFindsEverything) {
  std::vector<std::optional<std::int64_t>> seen(2);
  together({[](Tx& tx) {
              gather_for(tx, {"ada"});
              add(tx, 1, "ada");
            },
            [&](Tx& tx) { seen[0] = baskets(tx); },
            [](Tx& tx) {
              gather_for(tx, {"bob"});
              add(tx, 2, "bob");
            },
            [&](Tx& tx) {
              gather_for(tx, {"eve"});
              tx.ask_ahead([&] { baskets_of(tx, "bob"); });
              gather_no_more(tx);
              seen[1] = baskets_of(tx, "bob");
            }});
  EXPECT_THAT(seen, Each(std::optional<std::int64_t>(1)));
}

TEST_P(Gather, WhatIsReferredToComesFirstWhoeverBegan) {
  db().write_now(global_lane, "old",
                 [](Tx& tx) { tx.exec("INSERT INTO basket (id, owner, size) VALUES (9, 'old', 1)"); });
  EXPECT_THAT(together({[](Tx& tx) {  // things of a basket that was there before
                          gather_for(tx, {"old"});
                          write_later(tx,
                                      "INSERT INTO thing (basket_id, name) VALUES ($1, $2), ($1, 'ticket')",
                                      9, "late");
                        },
                        [](Tx& tx) {
                          gather_for(tx, {"ada"});
                          add(tx, 1, "ada");
                        }}),
              Each(std::string()));
  EXPECT_EQ(stored("SELECT count(*) FROM thing"), 4);
  EXPECT_EQ(sent_.count("SAVEPOINT"), 0u) << "nothing had to be run again";
}

TEST_P(Gather, AClashIsItsOwnCallersAndNobodyElses) {
  std::vector<Caller> callers;
  for (const std::int64_t id : {1, 1, 3})
    callers.push_back([id, who = "caller " + std::to_string(callers.size())](Tx& tx) {
      gather_for(tx, {who});
      add(tx, id, who);
    });
  EXPECT_THAT(together(callers), ElementsAre("", "unique", ""));
  EXPECT_EQ(stored("SELECT count(*) FROM basket"), 2);
}

TEST_P(Gather, WhoIsRefusedAfterwardsLeavesNothing) {
  EXPECT_THAT(together({[](Tx& tx) {
                          gather_for(tx, {"ada"});
                          add(tx, 1, "ada");
                          throw Refused("no", "No.");
                        },
                        [](Tx& tx) {
                          gather_for(tx, {"bob"});
                          add(tx, 2, "bob");
                        }}),
              ElementsAre("refused", ""));
  EXPECT_EQ(stored("SELECT count(*) FROM basket"), 1);
}

TEST_P(Gather, AnAttemptUndoesWhatItInserted) {
  EXPECT_THAT(together({[](Tx& tx) {
                gather_for(tx, {"ada"});
                add(tx, 1, "ada");
                EXPECT_FALSE(tx.attempt([&] {
                  write_later(tx, "INSERT INTO thing (basket_id, name) VALUES ($1, $2)", 1, "undone");
                  tx.exec("INSERT INTO basket (id, owner, size) VALUES (1, 'again', 1)");
                }));
                add(tx, 2, "ada");
              }}),
              Each(std::string()));
  EXPECT_EQ(stored("SELECT count(*) FROM basket"), 2);
  EXPECT_EQ(stored("SELECT count(*) FROM thing WHERE name = 'undone'"), 0);
}

TEST_P(Gather, WhoIsWrongAboutItsConditionHearsSoAndNobodyTakesWhatIsNotThere) {
  const Caller one = [](Tx& tx) {
    if (!take(tx, 1)) throw Refused("sold_out", "Sold out.");
    tx.exec_later("INSERT INTO basket (id, owner, size) VALUES ((SELECT count(*) FROM basket), 'one', 1)");
  };
  EXPECT_THAT(together({one, one, one, one, one}), ElementsAre("", "", "", "refused", "refused"));
  EXPECT_EQ(stored("SELECT free FROM room"), 0);
  EXPECT_EQ(stored("SELECT count(*) FROM basket"), 3);
}

TEST_P(Gather, TheLastCallersConditionIsLookedAtBeforeTheCommit) {
  EXPECT_THAT(together({[](Tx& tx) {
                tx.exec("INSERT INTO basket (id, owner, size) VALUES (1, 'ada', 1)");
                if (!take(tx, 4)) throw Refused("sold_out", "Sold out.");
              }}),
              ElementsAre("refused"));
  EXPECT_EQ(stored("SELECT count(*) FROM basket"), 0);
  EXPECT_EQ(stored("SELECT free FROM room"), 3);
}

TEST_P(Gather, ChangesOfDifferentPeopleAreOneStatementToo) {
  db().write_now(global_lane, "old", [](Tx& tx) {
    for (std::int64_t id = 1; id <= 6; ++id)
      tx.exec("INSERT INTO basket (id, owner, size) VALUES ($1, 'old', 1)", id);
  });
  std::vector<Caller> callers;
  for (std::int64_t id = 1; id <= 3; ++id)
    callers.push_back([id](Tx& tx) {
      gather_for(tx, {std::to_string(id)});
      write_later(tx, "INSERT INTO thing (basket_id, name) SELECT $1, $2 WHERE $1 > 1", id, "selected");
      write_later(tx, "UPDATE basket SET note = $2 WHERE id = $1", id, "note " + std::to_string(id));
      write_later(tx, "DELETE FROM basket WHERE id = $1", id + 3);
    });
  EXPECT_THAT(together(callers), Each(std::string()));
  const auto notes =
      db().read_now([](Tx& tx) { return tx.query<std::string>("SELECT note FROM basket ORDER BY id"); });
  EXPECT_THAT(notes, ElementsAre("note 1", "note 2", "note 3"));
  EXPECT_EQ(stored("SELECT sum(basket_id) FROM thing"), 5);
  for (const char* statement : {"UPDATE basket", "DELETE FROM basket", "INSERT INTO thing"})
    EXPECT_EQ(sent_.count(statement), on_postgresql() ? 1u : 3u) << statement;
}

TEST_P(Gather, WhoChangesARowTwiceLeavesTheSecondValue) {
  db().write_now(global_lane, "old",
                 [](Tx& tx) { tx.exec("INSERT INTO basket (id, owner, size) VALUES (1, 'ada', 1)"); });
  together({[](Tx& tx) {
    gather_for(tx, {"ada"});
    for (const char* note : {"one", "two"})
      write_later(tx, "UPDATE basket SET note = $2 WHERE id = $1", 1, note);
  }});
  const auto note = db().read_now([](Tx& tx) { return tx.one<std::string>("SELECT note FROM basket"); });
  EXPECT_EQ(note, "two");
}

TEST_P(Gather, WhatAllTakeOfOneRowIsOneStatementAndEachSeesWhatIsLeft) {
  std::vector<std::int64_t> seen;
  const Caller one = [&](Tx& tx) {
    gather_for(tx, {"caller " + std::to_string(seen.size())});
    seen.push_back(free(tx));
    if (!take_with_others(tx, 1)) throw Refused("sold_out", "Sold out.");
    tx.exec_later("INSERT INTO basket (id, owner, size) VALUES ($1, 'one', 1)",
                  static_cast<std::int64_t>(seen.size()));
  };
  EXPECT_THAT(together({one, one, one, one}), ElementsAre("", "", "", "refused"));
  EXPECT_THAT(seen, ElementsAre(3, 2, 1, 0));
  EXPECT_EQ(stored("SELECT free FROM room"), 0);
  EXPECT_EQ(stored("SELECT count(*) FROM basket"), 3);
  EXPECT_EQ(sent_.count("UPDATE room"), on_postgresql() ? 1u : 3u);
}

TEST_P(Gather, WhoReadsTheRowOtherwiseFindsItAdded) {
  std::vector<std::int64_t> seen;
  const Caller takes = [](Tx& tx) {
    gather_for(tx, {"ada"});
    EXPECT_TRUE(take_with_others(tx, 1));
  };
  const auto reads = [&](bool gathers) {
    return [&seen, gathers](Tx& tx) {
      if (gathers) gather_for(tx, {"bob"});
      seen.push_back(tx.one<std::int64_t>("SELECT r.free FROM room r WHERE r.id = 1"));
    };
  };
  together({takes, reads(true), takes, reads(false)});
  EXPECT_THAT(seen, ElementsAre(2, 1));
}

TEST_P(Gather, WhatWasAskedBeforeSomethingWasSentIsAskedAgain) {
  std::optional<std::int64_t> seen;
  together({[](Tx& tx) {
              gather_for(tx, {"ada"});
              EXPECT_TRUE(take_with_others(tx, 2));
            },
            [&](Tx& tx) {
              gather_for(tx, {"bob"});
              tx.ask_ahead([&] { free(tx); });
              put_in_place(tx);
              seen = free(tx);
            }});
  EXPECT_EQ(seen, 1);
}

TEST_P(Gather, WhoTakesWithoutLookingTakesNothingThatIsNotThere) {
  const auto blind = [](std::string who) {
    return [who](Tx& tx) {
      gather_for(tx, {who});
      if (!add_later(tx, taken, 1, {2, 0}) && !take(tx, 2)) throw Refused("sold_out", "Sold out.");
    };
  };
  EXPECT_THAT(together({blind("ada"), blind("bob")}), ElementsAre("", "refused"));
  EXPECT_EQ(stored("SELECT free FROM room"), 1);
}

TEST_P(Gather, WhatTheCallersOfABatchAskFirstIsOneTrip) {
  if (!on_postgresql()) GTEST_SKIP() << "SQLite makes no trips";
  const auto before = db().stats();
  std::vector<std::int64_t> seen(4);
  ask_together([](Tx& tx, std::size_t) { free(tx); },
               [&](Tx& tx, std::size_t i) {
                 gather_for(tx, {std::to_string(i)});
                 tx.ask_ahead([&] { free(tx); });
                 seen[i] = free(tx);
                 if (seen[i] > 0) add_later(tx, taken, 1, {1, 0});
               },
               seen.size());
  const auto after = db().stats();
  EXPECT_THAT(seen, ElementsAre(3, 2, 1, 0));
  EXPECT_EQ(after.round_trips - before.round_trips - 2 * (after.batches - before.batches), 2u)
      << "what all ask, and what all take";
}

TEST_P(Gather, AnAnswerFromBeforeAnotherCallersWriteIsNotTaken) {
  std::vector<std::optional<std::int64_t>> seen(3);
  ask_together([](Tx& tx, std::size_t) { baskets_of(tx, "all"); },
               [&](Tx& tx, std::size_t i) {
                 gather_for(tx, {std::to_string(i)});
                 tx.ask_ahead([&] { baskets_of(tx, "all"); });
                 seen[i] = baskets_of(tx, "all");
                 // Not gathered: there at once.
                 tx.exec("INSERT INTO basket (id, owner, size) VALUES ($1, 'all', 1)",
                         static_cast<std::int64_t>(i));
               },
               seen.size());
  EXPECT_THAT(seen, ElementsAre(0, 1, 2));
}

TEST_P(Gather, WhatTheQuestionsDoNotNameLeavesTheirAnswersTrue) {
  if (!on_postgresql()) GTEST_SKIP() << "SQLite makes no trips";
  const auto asked = [&](const char* written) {
    const std::size_t before = sent_.count("SELECT count(*) FROM basket WHERE owner");
    ask_together([](Tx& tx, std::size_t) { baskets_of(tx, "nobody"); },
                 [&](Tx& tx, std::size_t i) {
                   gather_for(tx, {std::to_string(i)});
                   tx.ask_ahead([&] { baskets_of(tx, "nobody"); });
                   EXPECT_EQ(baskets_of(tx, "nobody"), 0);
                   tx.exec(written);
                 },
                 3);
    return sent_.count("SELECT count(*) FROM basket WHERE owner") - before;
  };
  EXPECT_EQ(asked("UPDATE room SET free = free + 1 WHERE id = 1"), 1u) << "once for all three";
  EXPECT_EQ(asked("UPDATE basket SET size = 2 WHERE owner = 'somebody'"), 3u);
  EXPECT_EQ(asked("DELETE FROM room WHERE id = 2"), 3u) << "with it rows of other tables may have gone";
}

TEST_P(Gather, WhoComesTwiceIsNotAnsweredFromBeforeTheFirstTime) {
  std::vector<std::optional<std::int64_t>> seen(2);
  ask_together([](Tx& tx, std::size_t) { baskets_of(tx, "ada"); },
               [&](Tx& tx, std::size_t i) {
                 gather_for(tx, {"ada"});
                 tx.ask_ahead([&] { baskets_of(tx, "ada"); });
                 seen[i] = baskets_of(tx, "ada");
                 add(tx, static_cast<std::int64_t>(i), "ada");
               },
               seen.size());
  EXPECT_THAT(seen, ElementsAre(0, 1));
}

TEST_P(Gather, AQuestionThatFailsIsItsCallersOwn) {
  std::vector<std::string> said = ask_together(
      [](Tx& tx, std::size_t i) {
        if (i == 1) tx.query<std::int64_t>("SELECT no_such_column FROM room");
        free(tx);
      },
      [](Tx& tx, std::size_t i) {
        gather_for(tx, {std::to_string(i)});
        tx.ask_ahead([&] { free(tx); });
        if (i == 1) throw Refused("no", "No.");
        EXPECT_TRUE(take_with_others(tx, 1));
      },
      3);
  EXPECT_THAT(said, ElementsAre("", "refused", ""));
  EXPECT_EQ(stored("SELECT free FROM room"), 1);
}

TEST_P(Gather, TakenAtItsWordAStatementCostsNoTrip) {
  if (!on_postgresql()) GTEST_SKIP() << "SQLite makes no trips";
  const auto trips = [&](const Caller& caller) {  // beside the first and the last of each batch
    const auto before = db().stats();
    together({caller, caller, caller});
    const auto after = db().stats();
    return after.round_trips - before.round_trips - 2 * (after.batches - before.batches);
  };
  const Caller plain = [](Tx& tx) {
    tx.exec("UPDATE room SET free = free - $1 WHERE id = 1 AND free >= $1", 0);
  };
  const Caller expecting = [](Tx& tx) { EXPECT_TRUE(take(tx, 0)); };
  const std::uint64_t three = trips(plain), one = trips(expecting);
  EXPECT_EQ(three - one, 2u) << "one for all three, before the commit";
}

}  // namespace
}  // namespace plenary::db
