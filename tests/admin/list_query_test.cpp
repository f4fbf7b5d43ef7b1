// The parts that a list's question is made of.
#include "admin/list_query.hpp"

#include <gtest/gtest.h>

#include "admin/list_state.hpp"
#include "domain/conference/types.hpp"

namespace plenary::admin {
namespace {

using Terms = std::vector<std::pair<std::string, bool>>;

TEST(ListQuery, AnOrderIsTakenApartAtItsOwnCommasOnly) {
  EXPECT_EQ(order_terms("sort_order, name"), (Terms{{"sort_order", false}, {"name", false}}));
  EXPECT_EQ(order_terms("t.created_at DESC, coalesce(a, b) ASC,id"),
            (Terms{{"t.created_at", true}, {"coalesce(a, b)", false}, {"id", false}}));
  EXPECT_EQ(order_terms("(SELECT l.a FROM l WHERE l.b IN (1, 2)) DESC"),
            (Terms{{"(SELECT l.a FROM l WHERE l.b IN (1, 2))", true}}));
  EXPECT_EQ(order_terms(""), Terms{});
}

TEST(ListQuery, ASearchHasAtMostTenWordsOfAHundredCharacters) {
  EXPECT_EQ(words_of("  ada   lovelace\t"), (std::vector<std::string>{"ada", "lovelace"}));
  EXPECT_EQ(words_of("1 2 3 4 5 6 7 8 9 10 11 12").size(), 10u);
  const std::string umlauts = [] {
    std::string text;
    for (int i = 0; i < 150; ++i) text += "ä";
    return text;
  }();
  EXPECT_EQ(words_of(umlauts).front().size(), 200u);
  EXPECT_TRUE(words_of("").empty());
}

TEST(ListQuery, WildcardsAreWordsLikeOthers) {
  Conditions conditions;
  add_search(conditions, db::Engine::sqlite, {"t.name"}, {"50%_\\"});
  ASSERT_EQ(conditions.values().size(), 1u);
  EXPECT_EQ(conditions.values()[0].text, "%50\\%\\_\\\\%");
  EXPECT_EQ(conditions.where(), " WHERE (t.name LIKE $1 ESCAPE '\\')");
}

TEST(ListQuery, WhatStandsInOtherRowsIsLookedForThereOnce) {
  const std::vector<std::string> texts{
      "(SELECT u.email FROM user_account u WHERE u.id = t.user_id)", "t.name",
      "coalesce((SELECT v.text FROM audit_value v WHERE v.entry_id = t.id AND v.position = 0), '')",
      "(SELECT a.x || a.y FROM other a WHERE a.id = t.other_id)"};
  Conditions on_sqlite;
  add_search(on_sqlite, db::Engine::sqlite, texts, {"ada"});
  EXPECT_EQ(
      on_sqlite.where(),
      " WHERE (t.name LIKE $1 ESCAPE '\\' OR (SELECT a.x || a.y FROM other a WHERE a.id = t.other_id) LIKE "
      "$1 ESCAPE '\\' OR t.user_id IN (SELECT u.id FROM user_account u WHERE u.email LIKE $1 ESCAPE '\\') "
      "OR t.id IN (SELECT v.entry_id FROM audit_value v WHERE v.text LIKE $1 ESCAPE '\\' AND v.position = "
      "0))");
  // Figures first, and without folding letters.
  Conditions on_postgresql;
  add_search(on_postgresql, db::Engine::postgresql, {"t.name"}, {"Lovelace", "7"});
  EXPECT_EQ(
      on_postgresql.where(),
      " WHERE (strpos((t.name) COLLATE \"C\", $1) > 0) AND (strpos(lower((t.name) COLLATE \"C\"), $2) > 0)");
  ASSERT_EQ(on_postgresql.values().size(), 2u);
  EXPECT_EQ(on_postgresql.values()[0].text, "7");
  EXPECT_EQ(on_postgresql.values()[1].text, "lovelace");
}

TEST(ListQuery, TheAddressOfAListSaysAllOfItsState) {
  const Model* model = model_of_table("section");
  ASSERT_TRUE(model);
  const std::string query = "q=a%26b%20c&conference_id=7&o=-name&p=3";
  const ListState state = read_state(*model, query);
  EXPECT_EQ(state.query(), "?" + query);
  EXPECT_EQ(state.with_page(1), "?q=a%26b%20c&conference_id=7&o=-name");
  EXPECT_EQ(state.with_filter("conference_id", ""), "?q=a%26b%20c&o=-name");
  EXPECT_EQ(state.with_filter("conference_id", "8"), "?q=a%26b%20c&conference_id=8&o=-name");
  EXPECT_EQ(state.with_sort("slug", false), "?q=a%26b%20c&conference_id=7&o=slug");
  EXPECT_EQ(read_state(*model, "").query(), "");
  EXPECT_TRUE(state.ignored.empty());
}

}  // namespace
}  // namespace plenary::admin
