// Migrations: the steps of the binary, and the rules of applying steps, on steps of the test's own.
#include "db/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Migration both(int version, std::string name, std::string_view sql) {
  return {version, std::move(name), sql, sql};
}

std::string refusal(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const MigrationError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

class Migrations : public test::DatabaseTest {
 protected:
  Migrations() : DatabaseTest(test::nothing) {}

  std::int64_t rows(const char* sql) {
    return db().read_now([&](Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  bool has_table(const std::string& name) {
    return db().read_now([&](Tx& tx) {
      if (tx.engine() == Engine::sqlite) {
        return tx.one<std::int64_t>("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
                                    name) > 0;
      }
      return tx.one<std::int64_t>(
                 "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1",
                 name) > 0;
    });
  }

  const Migration fruit_ = both(1, "fruit",
                                "CREATE TABLE fruit (id BIGINT PRIMARY KEY, name TEXT NOT NULL); "
                                "INSERT INTO fruit VALUES (1, 'plum'), (2, 'fig');");
  const Migration basket_ =
      both(2, "basket",
           "CREATE TABLE basket (id BIGINT PRIMARY KEY, fruit_id BIGINT NOT NULL REFERENCES fruit (id)); "
           "INSERT INTO basket VALUES (7, 2);");
};
ON_BOTH_ENGINES(Migrations);

TEST_P(Migrations, AnEmptyDatabaseSaysSoAndWhatToRun) {
  const SchemaState state = schema_state(db());
  EXPECT_EQ(state.kind, SchemaState::Kind::empty);
  EXPECT_THAT(state.message, HasSubstr("plenary migrate"));
}

TEST_P(Migrations, TheStepsOfThisBinaryMakeTheSchemaCurrent) {
  const auto applied = migrate(db());
  EXPECT_EQ(applied.size(), migrations().size());
  EXPECT_EQ(applied.front(), "0001_foundation");
  EXPECT_TRUE(schema_state(db()).is_current());
  EXPECT_TRUE(has_table("order_line"));
  EXPECT_THAT(migrate(db()), IsEmpty()) << "a second run has nothing to do";
}

TEST_P(Migrations, StepsAreAppliedInOrderAndOnceOnly) {
  const Migration first[] = {fruit_};
  EXPECT_THAT(migrate(db(), first), ElementsAre("0001_fruit"));
  const Migration both_steps[] = {fruit_, basket_};
  const SchemaState older = schema_state(db(), both_steps);
  EXPECT_EQ(older.kind, SchemaState::Kind::older);
  EXPECT_THAT(older.message, AllOf(HasSubstr("step 1 of 2"), HasSubstr("plenary migrate")));
  std::vector<std::string> shown;
  migrate(db(), both_steps, [&](std::string_view label, int done, int total) {
    shown.push_back(std::string(label) + " " + std::to_string(done) + "/" + std::to_string(total));
  });
  EXPECT_THAT(shown, ElementsAre("0002_basket 0/1"));
  EXPECT_EQ(rows("SELECT COUNT(*) FROM fruit"), 2);
}

TEST_P(Migrations, AStepThatFailsLeavesNothingBehindAndTheStepsBeforeItStay) {
  const Migration steps[] = {
      fruit_, both(2, "broken", "CREATE TABLE half (id BIGINT); INSERT INTO nowhere VALUES (1);")};
  const std::string message = refusal([&] { migrate(db(), steps); });
  EXPECT_THAT(message, AllOf(HasSubstr("0002_broken"), HasSubstr("nowhere"), HasSubstr("is at step 1"),
                             HasSubstr("plenary migrate")));
  EXPECT_FALSE(has_table("half"));
  EXPECT_EQ(schema_state(db(), steps).version, 1);
}

TEST_P(Migrations, AStepEditedAfterItWasAppliedIsRefused) {
  const Migration before[] = {fruit_};
  migrate(db(), before);
  const Migration after[] = {both(1, "fruit", "CREATE TABLE fruit (id BIGINT PRIMARY KEY, name TEXT);"),
                             basket_};
  EXPECT_EQ(schema_state(db(), after).kind, SchemaState::Kind::edited);
  EXPECT_THAT(refusal([&] { migrate(db(), after); }),
              AllOf(HasSubstr("0001_fruit"), HasSubstr("never edited")));
  EXPECT_FALSE(has_table("basket"));
  const Migration renamed[] = {both(1, "fruits", fruit_.sqlite)};
  EXPECT_EQ(schema_state(db(), renamed).kind, SchemaState::Kind::edited);
}

TEST_P(Migrations, ADatabaseOfALaterReleaseIsLeftAlone) {
  const Migration later[] = {fruit_, basket_};
  migrate(db(), later);
  const Migration ours[] = {fruit_};
  const SchemaState state = schema_state(db(), ours);
  EXPECT_EQ(state.kind, SchemaState::Kind::newer);
  EXPECT_THAT(state.message, HasSubstr("later release"));
  EXPECT_THAT(refusal([&] { migrate(db(), ours); }), HasSubstr("later release"));
}

TEST_P(Migrations, AStepMayNotEndItsTransaction) {
  const Migration steps[] = {both(1, "sly", "CREATE TABLE sly (id BIGINT); COMMIT;")};
  EXPECT_THAT(refusal([&] { migrate(db(), steps); }), HasSubstr("no BEGIN, COMMIT or ROLLBACK"));
  EXPECT_EQ(schema_state(db(), steps).kind, SchemaState::Kind::empty);
}

TEST_P(Migrations, TwoProcessesThatMigrateAtOnceApplyEachStepOnce) {
  const auto other = Database::open(database().options());
  std::vector<std::string> ours, theirs;
  std::thread thread([&] { theirs = migrate(*other); });
  ours = migrate(db());
  thread.join();
  EXPECT_EQ(ours.size() + theirs.size(), migrations().size());
  EXPECT_TRUE(schema_state(db()).is_current());
}

TEST_P(Migrations, ARebuildKeepsRowsThatReferToTheTable) {
  const Migration rebuild{3, "fruit_colour",
                          "-- plenary: rebuild\n"
                          "CREATE TABLE fruit_new (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
                          "INSERT INTO fruit_new SELECT id, name FROM fruit; DROP TABLE fruit;"
                          "ALTER TABLE fruit_new RENAME TO fruit;",
                          "ALTER TABLE fruit ADD UNIQUE (name);"};
  const Migration steps[] = {fruit_, basket_, rebuild};
  migrate(db(), steps);
  EXPECT_EQ(rows("SELECT COUNT(*) FROM basket b JOIN fruit f ON f.id = b.fruit_id"), 1);
  EXPECT_THROW(db().write_now(global_lane, "test",
                              [](Tx& tx) { tx.exec("INSERT INTO basket (id, fruit_id) VALUES (8, 99)"); }),
               DatabaseError)
      << "foreign keys are on again";
}

TEST(SqliteMigrations, ARebuildThatBreaksAReferenceIsUndone) {
  test::TestDatabase database(Engine::sqlite, test::nothing);
  const std::string_view make =
      "CREATE TABLE fruit (id BIGINT PRIMARY KEY); INSERT INTO fruit VALUES (1);"
      "CREATE TABLE basket (fruit_id BIGINT NOT NULL REFERENCES fruit (id)); INSERT INTO basket VALUES (1);";
  const std::string_view lose =
      "-- plenary: rebuild\nCREATE TABLE f2 (id BIGINT PRIMARY KEY); DROP TABLE fruit; "
      "ALTER TABLE f2 RENAME TO fruit;";
  const Migration steps[] = {both(1, "make", make), both(2, "lose", lose)};
  EXPECT_THAT(refusal([&] { migrate(*database, steps); }),
              HasSubstr("basket row 1 refers to a missing row of fruit"));
  EXPECT_EQ(database->read_now([](Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM fruit"); }), 1);
}

TEST(MigrationFiles, EveryFaultOfTheFilesIsReportedAtOnce) {
  const EmbeddedTree files({{"0001_first.postgresql.sql", "x"},
                            {"0001_first.sqlite.sql", "x"},
                            {"0003_third.sqlite.sql", "x"},
                            {"notes.txt", "x"}});
  const std::string message = refusal([&] { migrations_from(files); });
  EXPECT_THAT(message, AllOf(HasSubstr("step 0002 is missing before 0003_third"),
                             HasSubstr("0003_third.postgresql.sql is missing"), HasSubstr("notes.txt")));
}

TEST(MigrationFiles, BothHalvesOfAStepAreOneStep) {
  const EmbeddedTree files({{"0001_first.postgresql.sql", "p"}, {"0001_first.sqlite.sql", "s"}});
  const auto steps = migrations_from(files);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].label(), "0001_first");
  EXPECT_EQ(steps[0].sql(Engine::sqlite), "s");
  EXPECT_EQ(steps[0].sql(Engine::postgresql), "p");
}

}  // namespace
}  // namespace plenary::db
