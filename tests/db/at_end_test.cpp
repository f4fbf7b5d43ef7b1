// Work put off to the end of the outer transaction (Tx::at_end). source: docs/transactions.md, section 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "db/database.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

using ::testing::ElementsAre;

void note(Tx& tx, std::int64_t place, std::span<const std::shared_ptr<const void>> items) {
  std::string words = std::to_string(place) + ":";
  for (const auto& item : items) words += " " + *static_cast<const std::string*>(item.get());
  tx.exec("INSERT INTO noted (words) VALUES ($1)", words);
}

void fail(Tx& tx, std::int64_t, std::span<const std::shared_ptr<const void>>) {
  tx.exec("INSERT INTO noted (words) VALUES (NULL)");
}

void put_off(Tx& tx, std::int64_t place, const char* word) {
  tx.at_end({note, place, std::make_shared<const std::string>(word)});
}

void prepare(Database& database) {
  database.write_now(global_lane, "prepare", [](Tx& tx) {
    tx.exec("CREATE TABLE noted (words TEXT NOT NULL)");
    tx.exec("CREATE TABLE once (id BIGINT PRIMARY KEY)");
  });
}

class AtEnd : public test::DatabaseTest {
 protected:
  AtEnd() : test::DatabaseTest(prepare) {}
  std::vector<std::string> noted() {
    return db().read_now([](Tx& tx) { return tx.query<std::string>("SELECT words FROM noted"); });
  }
};
ON_BOTH_ENGINES(AtEnd);

TEST_P(AtEnd, RunsOnceAPlaceInTheOrderOfThePlaces) {
  db().write_now(global_lane, "test", [](Tx& tx) {
    put_off(tx, 7, "a");
    put_off(tx, 2, "b");
    put_off(tx, 7, "c");
    EXPECT_EQ(tx.one<std::int64_t>("SELECT count(*) FROM noted"), 0);
  });
  EXPECT_THAT(noted(), ElementsAre("2: b", "7: a c"));
}

TEST_P(AtEnd, WhatARefusedCallerPutOffIsDropped) {
  EXPECT_THROW(db().write_now(global_lane, "test",
                              [](Tx& tx) {
                                put_off(tx, 1, "a");
                                throw std::runtime_error("refused");
                              }),
               std::runtime_error);
  EXPECT_THAT(noted(), ElementsAre());
}

TEST_P(AtEnd, WhatAnUndoneAttemptPutOffIsDropped) {
  db().write_now(global_lane, "test", [](Tx& tx) {
    put_off(tx, 1, "before");
    tx.exec("INSERT INTO once (id) VALUES (1)");
    EXPECT_FALSE(tx.attempt([&] {
      put_off(tx, 1, "undone");
      tx.exec("INSERT INTO once (id) VALUES (1)");
    }));
    EXPECT_TRUE(tx.attempt([&] { put_off(tx, 1, "kept"); }));
  });
  EXPECT_THAT(noted(), ElementsAre("1: before kept"));
}

TEST_P(AtEnd, AnErrorThereUndoesTheCaller) {
  EXPECT_THROW(db().write_now(global_lane, "test",
                              [](Tx& tx) {
                                tx.exec("INSERT INTO once (id) VALUES (1)");
                                tx.at_end({fail, 1, nullptr});
                              }),
               DatabaseError);
  const auto rows = db().read_now([](Tx& tx) { return tx.one<std::int64_t>("SELECT count(*) FROM once"); });
  EXPECT_EQ(rows, 0);
}

TEST_P(AtEnd, IsRefusedInARead) {
  EXPECT_THROW(db().read_now([](Tx& tx) { put_off(tx, 1, "a"); }), DatabaseError);
}

}  // namespace
}  // namespace plenary::db
