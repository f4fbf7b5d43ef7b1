// The schemas of both engines, held against each other, and the comparison with entity tables on planted
// faults.
#include "db/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/entity.hpp"
#include "db/migrations.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(Schema, BothEnginesHaveTheSame) {
  test::TestDatabase sqlite(Engine::sqlite), postgresql(Engine::postgresql);
  const SchemaShape a = read_schema(*sqlite), b = read_schema(*postgresql);
  EXPECT_GT(a.size(), 15u);
  EXPECT_THAT(differences(a, "SQLite", b, "PostgreSQL"), IsEmpty());
}

class SchemaOf : public test::DatabaseTest {};
ON_BOTH_ENGINES(SchemaOf);

TEST_P(SchemaOf, ATableIsReadWithAllItsRules) {
  const SchemaShape schema = read_schema(db());
  ASSERT_TRUE(schema.contains("cart"));
  const TableShape& cart = schema.at("cart");
  EXPECT_EQ(cart.columns.at("id").type, "BIGINT");
  EXPECT_FALSE(cart.columns.at("id").nullable);
  EXPECT_TRUE(cart.columns.at("user_id").nullable);
  EXPECT_EQ(cart.columns.at("status").default_value, "'open'");
  EXPECT_THAT(cart.primary_key, UnorderedElementsAre("id"));
  EXPECT_TRUE(cart.foreign_keys.contains({{"conference_id"}, {"id"}, "conference", OnDelete::cascade}));
  EXPECT_THAT(cart.checks, Contains("status in 'open' , 'checked_out' , 'expired' , 'abandoned'"));
  EXPECT_THAT(cart.checks, Contains("user_id is null <> session_hash is null"));
  EXPECT_TRUE(schema.at("section").indexes.contains({{"conference_id", "lower slug"}, true, ""}));
  EXPECT_TRUE(schema.at("outbox").indexes.contains({{"run_at"}, false, "done_at is null and is_dead = 0"}));
  EXPECT_TRUE(schema.at("outbox").indexes.contains({{"kind", "dedup_key"}, true, "dedup_key is not null"}));
  EXPECT_FALSE(schema.contains("schema_migration"));
}

// Planted faults: what two schemas may differ in, one by one.
TEST(SchemaDifferences, EveryKindOfDifferenceIsFound) {
  const std::string_view plain =
      "CREATE TABLE parent (id BIGINT NOT NULL PRIMARY KEY); CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, "
      "a TEXT NOT "
      "NULL DEFAULT 'x', b INTEGER, p BIGINT REFERENCES parent (id) ON DELETE CASCADE, CHECK (b > 0)); "
      "CREATE UNIQUE INDEX t_a ON t (a);";
  const auto shape = [](std::string_view sql) {
    test::TestDatabase database(Engine::sqlite, test::nothing);
    const Migration steps[] = {{1, "t", sql, sql}};
    migrate(*database, steps);
    return read_schema(*database);
  };
  const SchemaShape base = shape(plain);
  struct Case {
    std::string_view from, to;
  };
  for (const Case& c :
       {Case{"a TEXT NOT NULL", "a TEXT"}, Case{"DEFAULT 'x'", "DEFAULT 'X'"}, Case{"b INTEGER", "b BIGINT"},
        Case{"ON DELETE CASCADE", "ON DELETE SET NULL"}, Case{"CHECK (b > 0)", "CHECK (b >= 0)"},
        Case{"CREATE UNIQUE INDEX", "CREATE INDEX"}, Case{"t (a);", "t (lower(a));"},
        Case{"t (a);", "t (a) WHERE b IS NULL;"}, Case{"b INTEGER,", "b INTEGER, c TEXT,"}}) {
    std::string sql(plain);
    const std::size_t at = sql.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.from;
    sql.replace(at, c.from.size(), c.to);
    EXPECT_THAT(differences(base, "a", shape(sql), "b"), ::testing::Not(IsEmpty()))
        << c.from << " -> " << c.to;
  }
  EXPECT_THAT(differences(base, "a", shape(plain), "b"), IsEmpty());
}

TEST(SchemaExpressions, BothEnginesWaysOfWritingAreOne) {
  EXPECT_EQ(normal_expression("(status IN ('Open', 'done'))"),
            normal_expression("((status = ANY (ARRAY['Open'::text, 'done'::text])))"));
  EXPECT_EQ(normal_expression("(x IN (0, 1))"), normal_expression("((x = ANY (ARRAY[0, 1])))"));
  EXPECT_EQ(normal_expression("(kind = 'a' OR kind = 'b' OR kind = 'c')"),
            normal_expression("(kind IN ('a', 'b', 'c'))"));
  EXPECT_NE(normal_expression("(kind = 'a' OR kind = 'b' OR name = 'c')"),
            normal_expression("(kind IN ('a', 'b', 'c'))"));
  EXPECT_EQ(normal_expression("a IS NOT NULL AND b <> ''"),
            normal_expression("((a IS NOT NULL) AND (b <> ''::text))"));
  EXPECT_EQ(normal_expression("lower(slug)"), "lower slug");
  EXPECT_EQ(normal_expression("'it''s (x)'"), "'it''s (x)'");
  EXPECT_EQ(normal_expression("'UTC'::character varying"), "'UTC'");
}

// An entity table with one thing wrong at a time.
enum class Kind { conference, ticket_type, addon, variation, quota, voucher, voucher_budget, condition };
struct Stock {
  std::int64_t id = 0, conference_id = 0;
  Kind kind = Kind::conference;
  std::int64_t product_id = 0;
  std::optional<std::int64_t> capacity;
  std::int64_t sold = 0, held = 0, over_limit = 0;
  std::string name;
};
std::vector<std::string> stock_differences(
    const std::function<void(std::map<std::string, ColumnDraft>&)>& change, bool with_unique = true) {
  using T = Stock;
  std::map<std::string, ColumnDraft> columns;
  const auto add = [&](const ColumnDraft& draft) {
    columns.emplace(std::string(draft.column().name), draft);
  };
  add(column("id", &T::id).generated_key());
  add(column("conference_id", &T::conference_id).references("conference", OnDelete::cascade));
  add(column("kind", &T::kind)
          .choices({"conference", "ticket_type", "addon", "variation", "quota", "voucher", "voucher_budget",
                    "condition"}));
  add(column("product_id", &T::product_id));
  add(column("capacity", &T::capacity).minimum(0));
  add(column("sold", &T::sold).minimum(0));
  add(column("held", &T::held).minimum(0));
  add(column("over_limit", &T::over_limit).minimum(0));
  change(columns);
  const auto at = [&](const char* name) { return columns.at(name); };
  const Entity<T> table(
      "stock",
      {at("id"), at("conference_id"), at("kind"), at("product_id"), at("capacity"), at("sold"), at("held"),
       at("over_limit")},
      with_unique ? Rules<T>().unique({"conference_id", "kind", "product_id"}) : Rules<T>());
  const Table* tables[] = {&table};
  static test::TestDatabase database(Engine::sqlite);
  static const SchemaShape schema = read_schema(*database);
  return differences(schema, tables);
}

TEST(EntitySchema, ARightDescriptionHasNoDifferences) {
  EXPECT_THAT(stock_differences([](auto&) {}), IsEmpty());
}

TEST(EntitySchema, EveryFaultOfADescriptionIsNamed) {
  using Columns = std::map<std::string, ColumnDraft>;
  struct Case {
    std::function<void(Columns&)> change;
    std::string expected;
  };
  const auto replaced = [](const char* name, const ColumnDraft& draft) {
    return [name, draft](Columns& columns) { columns.insert_or_assign(name, draft); };
  };
  for (const Case& c : {
           Case{replaced("sold", column("sold", &Stock::name)), "stock.sold is BIGINT in the schema"},
           Case{replaced("sold", column("sold", &Stock::sold)), "needs minimum(0)"},
           Case{replaced("sold", column("sold", &Stock::capacity).minimum(0)),
                "stock.sold is an optional member"},
           Case{replaced("capacity", column("capacity", &Stock::sold).minimum(0)),
                "stock.capacity may be null"},
           Case{replaced("kind", column("kind", &Stock::kind).choices({"conference", "addon"})),
                "needs CHECK (kind IN"},
           Case{replaced("conference_id", column("conference_id", &Stock::conference_id)),
                "stock.conference_id refers to"},
           Case{replaced("conference_id",
                         column("conference_id", &Stock::conference_id).references("conference")),
                "rule of deletion"},
           Case{replaced("product_id", column("product_id", &Stock::product_id).references("addon")),
                "no foreign key"},
           Case{replaced("held", column("hold", &Stock::held)), "stock.held is in the schema but not"},
       }) {
    EXPECT_THAT(stock_differences(c.change), Contains(HasSubstr(c.expected)));
  }
  EXPECT_THAT(stock_differences([](auto&) {}, false), Contains(HasSubstr("is unique by")));
}

TEST(EntitySchema, AMissingTableIsNamed) {
  const Entity<Stock> table("stok", {column("id", &Stock::id).generated_key()});
  const Table* tables[] = {&table};
  EXPECT_THAT(differences(SchemaShape(), tables),
              UnorderedElementsAre("there is no table stok in the schema"));
}

}  // namespace
}  // namespace plenary::db
