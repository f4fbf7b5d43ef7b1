// A database that was backed up and restored is the same, on each engine and from one to the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>
#include <sstream>

#include "backup/stored.hpp"
#include "db/schema.hpp"

namespace plenary::backup::testing {
namespace {

using test::TestDatabase;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto none = std::monostate{};
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

void migrated_hard(db::Database& database) {
  db::migrate(database, hard_steps());
}

// Texts at their worst that PostgreSQL takes too.
std::string every_control_character() {
  std::string text;
  for (char c = 1; c < 0x20; ++c) text += c;
  return text + "\x7f\"'\\\t\r\n,;$1";
}

std::map<std::string, Rows> extremes() {
  return {{"everything",
           {{1, 32767, 2147483647, most, std::numeric_limits<double>::max(), "", Bytes{""}},
            {2, -32768, -2147483647 - 1, least, std::numeric_limits<double>::denorm_min(), none, none},
            {3, 0, 0, 0, -1.5, every_control_character(), Bytes{std::string("\0\xff\x80\0", 4)}},
            {most, none, none, none, 0.1,
             "\xe2\x98\x83 \xf0\x9f\x8e\x9f \xe2\x80\x8f\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
             Bytes{std::string(300'000, '\0')}},
            {5, none, none, none, 1e-300, std::string(300'000, 'x'), none}}},
          {"tree", {{3, 2, "leaf"}, {2, 1, "branch"}, {1, none, "root"}, {7, 7, "its own parent"}}},
          {"left_side", {{10, 20}, {11, 21}}},
          {"right_side", {{20, 11}, {21, 10}}},
          {"journal", {{41, "first"}, {42, ""}}},
          {"pair", {{least, "b"}, {1, ""}, {2, " "}}}};
}

class RoundTrip : public AcrossEngines {
 protected:
  Folder folder_;
};
ACROSS_ENGINES(RoundTrip);

TEST_P(RoundTrip, EveryTypeAtItsExtremesSurvives) {
  TestDatabase source(from(), migrated_hard), target(to(), test::nothing);
  target.close();
  fill(source.options(), extremes());
  const Stored before = stored(source.options());
  ASSERT_EQ(before.at("everything").size(), 5U);
  backup_to_file(backup_of(source.options(), hard_steps()), folder_ / "b", Existing::refuse);
  const Restored restored = restore(restore_into(target.options(), hard_steps()), folder_ / "b");
  EXPECT_TRUE(stored(target.options()) == before);
  EXPECT_EQ(restored.manifest.engine, from());
  EXPECT_TRUE(stored(source.options()) == before) << "a backup changes nothing";
}

TEST_P(RoundTrip, IndexesReferencesTriggersAndNumberingAreThereAfterwards) {
  TestDatabase source(from(), migrated_hard), fresh(to(), migrated_hard), target(to(), test::nothing);
  target.close();
  fill(source.options(), extremes());
  backup_to_file(backup_of(source.options(), hard_steps()), folder_ / "b", Existing::refuse);
  restore(restore_into(target.options(), hard_steps()), folder_ / "b");
  target.reopen();
  EXPECT_THAT(db::differences(db::read_schema(*target), "restored", db::read_schema(*fresh), "fresh"),
              IsEmpty());
  const auto write = [&](const char* sql) {
    return refusal([&] { target->write_now(db::global_lane, "test", [&](db::Tx& tx) { tx.exec(sql); }); });
  };
  EXPECT_THAT(write("UPDATE journal SET text = 'x'"), HasSubstr("only added to"));
  EXPECT_THAT(write("DELETE FROM journal"), HasSubstr("only added to"));
  EXPECT_NE(write("INSERT INTO tree (parent_id, name) VALUES (99, 'orphan')"), "");
  EXPECT_NE(write("INSERT INTO pair (a, b) VALUES (9, '')"), "");
  EXPECT_EQ(write("INSERT INTO journal (text) VALUES ('next')"), "");
  target->read_now([](db::Tx& tx) {
    EXPECT_EQ(tx.one<std::int64_t>("SELECT id FROM journal WHERE text = 'next'"), 43);
    EXPECT_GT(tx.one<std::int64_t>("SELECT id FROM tree WHERE name = 'noted'"), 7)
        << "the trigger is back, and the tree's own numbering goes on";
  });
}

TEST_P(RoundTrip, ADatabaseWithRandomRowsSurvives) {
  const auto text = rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange(1U, 0x500U)),
                                 [](const std::vector<std::uint32_t>& points) {
                                   std::string out;
                                   for (const std::uint32_t p : points) {
                                     if (p < 0x80) {
                                       out += static_cast<char>(p);
                                     } else {
                                       out += static_cast<char>(0xc0 | p >> 6);
                                       out += static_cast<char>(0x80 | (p & 0x3f));
                                     }
                                   }
                                   return out;
                                 });
  const auto maybe = [](auto&& some) { return *rc::gen::inRange(0, 4) == 0 ? Value(none) : Value(some()); };
  const auto survives = [&] {
    std::map<std::string, Rows> tables;
    const int rows = *rc::gen::inRange(0, 40);
    for (std::int64_t id = 1; id <= rows; ++id) {
      tables["everything"].push_back(
          {id, maybe([&] { return std::int64_t{*rc::gen::arbitrary<std::int16_t>()}; }),
           maybe([&] { return std::int64_t{*rc::gen::arbitrary<std::int32_t>()}; }),
           maybe([&] { return *rc::gen::arbitrary<std::int64_t>(); }),
           maybe([&] { return *rc::gen::arbitrary<double>(); }), maybe([&] { return *text; }),
           maybe([&] { return Bytes{*rc::gen::arbitrary<std::string>()}; })});
      tables["tree"].push_back(
          {id, maybe([&] { return std::int64_t{*rc::gen::inRange(1, rows + 1)}; }), *text});
      tables["left_side"].push_back({id, std::int64_t{*rc::gen::inRange(1, rows + 1)}});
      tables["right_side"].push_back({id, std::int64_t{*rc::gen::inRange(1, rows + 1)}});
      tables["journal"].push_back({id + 1, *text});
      tables["pair"].push_back({-id, *text});
    }
    TestDatabase source(from(), migrated_hard), target(to(), test::nothing);
    target.close();
    fill(source.options(), tables);
    const Stored before = stored(source.options());
    backup_to_file(backup_of(source.options(), hard_steps()), folder_ / "b", Existing::replace);
    restore(restore_into(target.options(), hard_steps()), folder_ / "b");
    RC_ASSERT(stored(target.options()) == before);
  };
  // A database of PostgreSQL takes a hundred times as long to make as one of SQLite.
  rc::detail::TestParams few = rc::detail::configuration().testParams;
  few.maxSuccess = from() == db::Engine::sqlite && to() == db::Engine::sqlite ? 30 : 8;
  const auto result = rc::detail::checkTestable(survives, rc::detail::TestMetadata(), few);
  std::ostringstream words;
  rc::detail::printResultMessage(result, words);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << words.str();
}

TEST_P(RoundTrip, ABackupOfAnEarlierStepIsRestoredAndBroughtUpToDate) {
  const std::span<const db::Migration> first = std::span(hard_steps()).subspan(0, 1);
  TestDatabase source(from(), test::nothing), target(to(), test::nothing);
  target.close();
  db::migrate(*source, first);
  fill(source.options(), {{"pair", {{1, "one"}}}});
  backup_to_file(backup_of(source.options(), first), folder_ / "b", Existing::refuse);
  const Restored restored = restore(restore_into(target.options(), hard_steps()), folder_ / "b");
  EXPECT_THAT(restored.applied, ::testing::ElementsAre("0002_seed"));
  const Stored after = stored(target.options());
  EXPECT_EQ(after.at("pair").size(), 1U);
  EXPECT_EQ(after.at("journal").size(), 1U) << "the step that followed put its row there";
}

TEST_P(RoundTrip, TheProgramsOwnSchemaCanBeBackedUpInEveryColumn) {
  TestDatabase source(from(), test::migrated), target(to(), test::nothing);
  target.close();
  const Manifest manifest = backup_to_file(backup_of(source.options()), folder_ / "b", Existing::refuse);
  EXPECT_GT(manifest.tables.size(), 30U);
  restore(restore_into(target.options()), folder_ / "b");
  target.reopen();
  EXPECT_THAT(db::differences(db::read_schema(*target), "restored", db::read_schema(*source), "source"),
              IsEmpty());
}

// What one engine bears and the other does not is said with its place.
TEST(RoundTripRefusals, ATextThatPostgresqlDoesNotTakeIsNamedWithItsPlace) {
  const Folder folder;
  for (const auto& [value, why] :
       {std::pair{Value(std::string("a\0b", 3)), "zero byte"}, std::pair{Value("\xff\xfe"), "no UTF-8"},
        std::pair{Value(Bytes{"raw"}), "bytes where PostgreSQL takes a text"}}) {
    TestDatabase source(db::Engine::sqlite, migrated_hard), target(db::Engine::postgresql, test::nothing),
        other(db::Engine::sqlite, test::nothing);
    target.close();
    fill(source.options(),
         {{"everything",
           {{1, none, none, none, none, "good", none}, {2, none, none, none, none, value, none}}}});
    backup_to_file(backup_of(source.options(), hard_steps()), folder / "b", Existing::replace);
    const std::string message =
        refusal([&] { restore(restore_into(target.options(), hard_steps()), folder / "b"); });
    EXPECT_THAT(message, HasSubstr("everything.words, row 2"));
    EXPECT_THAT(message, HasSubstr(why));
    for (const auto& [table, rows] : stored(target.options()))
      EXPECT_EQ(rows.size(), table == "journal" ? 1U : table == "tree" ? 1U : 0U) << table;
    // SQLite takes it as it was.
    restore(restore_into(other.options(), hard_steps()), folder / "b");
    EXPECT_TRUE(stored(other.options()) == stored(source.options()));
  }
}

}  // namespace
}  // namespace plenary::backup::testing
