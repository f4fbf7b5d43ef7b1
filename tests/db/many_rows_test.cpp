// Several rows of one table in one go.
#include "db/many_rows.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

class ManyRowsAtOnce : public test::DatabaseTest {
 public:
  ManyRowsAtOnce()
      : DatabaseTest([](Database& database) {
          database.write_now(global_lane, "table", [](Tx& tx) {
            tx.exec(
                "CREATE TABLE badge (hall TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NULL, UNIQUE "
                "(hall, number))");
          });
        }) {}

 protected:
  static const ManyRows& insert() {
    static const ManyRows rows("INSERT INTO badge (hall, number, name) VALUES ", "($1, ?, ?)", 1,
                               " ON CONFLICT (hall, number) DO UPDATE SET name = excluded.name");
    return rows;
  }
};
ON_BOTH_ENGINES(ManyRowsAtOnce);

TEST_P(ManyRowsAtOnce, AreAllThereHoweverMany) {
  for (const std::int64_t count : {0, 1, 2, 7, 8, 9, 16, 100}) {
    db().write_now(global_lane, "badges", [&](Tx& tx) {
      tx.exec("DELETE FROM badge");
      const std::string hall = "west";
      std::vector<Param> values{hall};
      for (std::int64_t i = 1; i <= count; ++i)
        values.insert(values.end(),
                      {i, i % 2 ? Param(std::string_view("odd")) : Param(std::optional<std::string_view>())});
      insert().run_later(tx, values);
      EXPECT_EQ((tx.one<std::int64_t, std::int64_t, std::int64_t>(
                    "SELECT COUNT(*), COALESCE(CAST(SUM(number) AS BIGINT), 0), COUNT(name) FROM badge WHERE "
                    "hall = 'west'")),
                std::tuple(count, count * (count + 1) / 2, (count + 1) / 2));
    });
  }
}

TEST_P(ManyRowsAtOnce, ARowThatIsThereIsWrittenOver) {
  db().write_now(global_lane, "badges", [&](Tx& tx) {
    const Param first[] = {std::string_view("west"), std::int64_t{7}, std::string_view("Ada")};
    const Param then[] = {std::string_view("west"), std::int64_t{7}, std::string_view("Grace"),
                          std::int64_t{8}, std::string_view("Edsger")};
    insert().run_later(tx, first);
    insert().run_later(tx, then);
    EXPECT_EQ((tx.query<std::int64_t, std::string>("SELECT number, name FROM badge ORDER BY number")),
              (std::vector<std::tuple<std::int64_t, std::string>>{{7, "Grace"}, {8, "Edsger"}}));
  });
}

TEST_P(ManyRowsAtOnce, ARowThatIsCutShortIsRefused) {
  EXPECT_THROW(db().write_now(global_lane, "badges",
                              [&](Tx& tx) {
                                const Param values[] = {std::string_view("west"), std::int64_t{7}};
                                insert().run_later(tx, values);
                              }),
               std::logic_error);
}

}  // namespace
}  // namespace plenary::db
