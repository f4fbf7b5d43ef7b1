// The list of sealed columns is whole, and sealing anew loses nothing: not to a crash, not to somebody who
// saves at the same moment. On both engines. source: configuration 10, 4.5; docs/keys.md.
#include "domain/sealed_columns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include <fmt/format.h>

#include "db/schema.hpp"
#include "domain/accounts/drafts.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Secret old_key("the oldest key, of a one-line file."), new_key("the newest of them, that seals now."),
    lost_key("a key that is in no file any more.....");

std::string id_of(const Secret& secret) {
  return SealingKey(secret).id();
}

class SealedColumns : public test::DatabaseTest {
 protected:
  std::int64_t make(int number) {
    conference::Conference c;
    c.name = fmt::format("Fair {}", number);
    c.slug = fmt::format("fair-{}", number);
    c.start_date = *Date::parse("2027-05-20");
    c.end_date = *Date::parse("2027-05-22");
    return db()
        .write_now(db::global_lane, "make", [&](db::Tx& tx) { return conference::create(tx, c); })
        .value();
  }
  static std::string place(std::int64_t id, std::string_view column = "stripe_secret_key") {
    return fmt::format("conference.{}.{}", column, id);
  }
  void put(std::int64_t id, const std::string& stored, const std::string& column = "stripe_secret_key") {
    const char* sql = db::intern_sql("UPDATE conference SET " + column + " = $1 WHERE id = $2");
    db().write_now(id, "put", [&](db::Tx& tx) { tx.exec(sql, stored, id); });
  }
  std::string stored(std::int64_t id) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::string>("SELECT stripe_secret_key FROM conference WHERE id = $1", id);
    });
  }
  std::int64_t count(const char* sql) {
    return db().read_now([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  SealingKeys old_{old_key}, both_{std::vector<Secret>{new_key, old_key}};
};
ON_BOTH_ENGINES(SealedColumns);

// A column whose name speaks of a secret is sealed, or is here with the reason why it need not be.
TEST_P(SealedColumns, NoneIsForgotten) {
  const std::set<std::string> others{"hash", "lease"};  // nothing comes back out of them; locks
  std::set<std::string> listed;
  for (const SealedColumn& column : sealed_columns())
    EXPECT_TRUE(listed.insert(fmt::format("{}.{}", column.table, column.column)).second);
  const db::SchemaShape schema = db::read_schema(db());
  for (const std::string& name : listed) {
    const std::size_t dot = name.find('.');
    const auto table = schema.find(name.substr(0, dot));
    ASSERT_NE(table, schema.end()) << name;
    EXPECT_EQ(table->second.columns.count(name.substr(dot + 1)), 1u) << name;
  }
  std::vector<std::string> forgotten;
  for (const auto& [table, shape] : schema) {
    for (const auto& [column, type] : shape.columns) {
      const std::string name = table + "." + column;
      bool speaks = false;
      for (const char* word : {"secret", "token", "password", "api_key"})
        speaks |= type.type == "TEXT" && column.find(word) != std::string::npos;
      bool is_other = false;
      for (const std::string& word : others) is_other |= column.find(word) != std::string::npos;
      if (table == "submission") is_other = true;  // one-use tokens of forms
      if (speaks && !is_other && !listed.contains(name)) forgotten.push_back(name);
    }
  }
  EXPECT_THAT(forgotten, IsEmpty()) << "list them in domain/sealed_columns.cpp, or say here why not";
}

TEST_P(SealedColumns, AreCountedByTheirKey) {
  const std::int64_t a = make(1), b = make(2);
  put(a, old_.seal(Secret("sk_live_a"), place(a), Random::system()));
  put(b, both_.seal(Secret("sk_live_b"), place(b), Random::system()));
  put(a, "1/realm", "qbo_access_token");
  const SealUse use = seal_use(db());
  EXPECT_EQ(use.by_key, (std::map<std::string, std::int64_t>{{id_of(old_key), 1}, {id_of(new_key), 1}}));
  EXPECT_THAT(use.readable, ElementsAre(place(a, "qbo_access_token")));
}

TEST_P(SealedColumns, SealingAnewOpensTheSameAndTouchesNothingElse) {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 7; ++i) {
    ids.push_back(make(i));
    put(ids.back(), old_.seal(Secret(fmt::format("sk_live_{}", i)), place(ids.back()), Random::system()));
  }
  put(ids[3], both_.seal(Secret("sk_live_3"), place(ids[3]), Random::system()));
  const std::string untouched = stored(ids[3]);
  put(ids[5], "sk_live_5");  // readable, from an import
  const std::int64_t versions = count("SELECT sum(version + catalogue_version) FROM conference");
  std::vector<std::int64_t> heard;
  const Resealed result =
      reseal(db(), both_, Random::system(), [&](const SealedColumn& column, std::int64_t done) {
        if (column.column == "stripe_secret_key") heard.push_back(done);
      });
  EXPECT_EQ(result.sealed, 5);
  EXPECT_EQ(result.were_readable, 1);
  EXPECT_THAT(result.broken, IsEmpty());
  EXPECT_THAT(result.restless, IsEmpty());
  EXPECT_THAT(heard, ElementsAre(7));
  EXPECT_EQ(stored(ids[3]), untouched);
  const SealingKeys only_new(new_key);
  for (int i = 0; i < 7; ++i) {
    const std::int64_t id = ids[static_cast<std::size_t>(i)];
    EXPECT_EQ(only_new.open(stored(id), place(id)).reveal(), fmt::format("sk_live_{}", i));
  }
  EXPECT_EQ(count("SELECT sum(version + catalogue_version) FROM conference"), versions);
  const Resealed again = reseal(db(), both_, Random::system());
  EXPECT_EQ(again.sealed + again.were_readable, 0);
}

// What is bound to a person and a path opens in the place that its owner names.
TEST_P(SealedColumns, ThoseOfPeopleOpenWhereTheyAreLookedFor) {
  const std::string path = "/admin/ü/?a=b", draft = accounts::draft_place(1, path);
  db().write_now(db::global_lane, "make", [&](db::Tx& tx) {
    const std::int64_t user = accounts::become_account(tx, {"ada@example.org", "Ada", "", "hash"}).id;
    ASSERT_EQ(user, 1);
    accounts::keep_draft(tx, user, path, old_.seal(Secret("typed"), draft, Random::system()));
    accounts::set_second_factor(
        tx, user, old_.seal(Secret("shared"), accounts::second_factor_place(user), Random::system()), 1);
  });
  const Resealed result = reseal(db(), both_, Random::system());
  EXPECT_EQ(result.sealed, 2);
  EXPECT_THAT(result.broken, IsEmpty());
  const SealingKeys only_new(new_key);
  db().read_now([&](db::Tx& tx) {
    EXPECT_EQ(only_new.open(accounts::find_draft(tx, 1, path)->body, draft).reveal(), "typed");
    EXPECT_EQ(
        only_new.open(accounts::find_second_factor(tx, 1)->secret, accounts::second_factor_place(1)).reveal(),
        "shared");
  });
}

TEST_P(SealedColumns, MoreThanAPageIsSealedInSeveralWrites) {
  std::vector<std::int64_t> ids;
  db().write_now(db::global_lane, "make many", [&](db::Tx& tx) {
    ids.clear();
    for (int i = 0; i < 450; ++i) {
      conference::Conference c;
      c.name = c.slug = fmt::format("many-{}", i);
      c.start_date = c.end_date = *Date::parse("2027-05-20");
      ids.push_back(*conference::create(tx, c));
      tx.exec("UPDATE conference SET stripe_secret_key = $1 WHERE id = $2",
              old_.seal(Secret("sk"), place(ids.back()), Random::system()), ids.back());
    }
  });
  // Cut off in the middle: what was written stays, the next run goes on.
  struct PowerCut {};
  EXPECT_THROW(reseal(db(), both_, Random::system(),
                      [](const SealedColumn&, std::int64_t done) {
                        if (done >= 200) throw PowerCut();
                      }),
               PowerCut);
  EXPECT_EQ(seal_use(db()).by_key[id_of(new_key)], 200);
  EXPECT_EQ(reseal(db(), both_, Random::system()).sealed, 250);
  EXPECT_EQ(seal_use(db()).by_key, (std::map<std::string, std::int64_t>{{id_of(new_key), 450}}));
}

TEST_P(SealedColumns, WhatCannotBeOpenedStaysAndIsNamed) {
  const std::int64_t a = make(1), b = make(2);
  const std::string lost = SealingKeys(lost_key).seal(Secret("x"), place(a), Random::system());
  put(a, lost);
  put(b, old_.seal(Secret("sk_live_b"), place(b), Random::system()));
  const Resealed result = reseal(db(), both_, Random::system());
  EXPECT_EQ(result.sealed, 1);
  ASSERT_THAT(result.broken, SizeIs(1));
  EXPECT_THAT(result.broken[0], HasSubstr(place(a)));
  EXPECT_THAT(result.broken[0], HasSubstr(id_of(lost_key)));
  EXPECT_EQ(stored(a), lost);
}

// Somebody saves while everything is sealed anew, again and again, sometimes still with the old key.
TEST_P(SealedColumns, AnEditAtTheSameMomentIsNeverOverwritten) {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(make(i));
    put(ids.back(), old_.seal(Secret("0"), place(ids.back()), Random::system()));
  }
  std::vector<std::string> last(ids.size(), "0");
  std::jthread editor([&](const std::stop_token& stop) {
    for (int round = 1; !stop.stop_requested(); ++round) {
      const std::size_t i = static_cast<std::size_t>(round) % ids.size();
      const SealingKeys& keys = round % 3 == 0 ? both_ : old_;
      last[i] = std::to_string(round);
      put(ids[i], keys.seal(Secret(last[i]), place(ids[i]), Random::system()));
    }
  });
  std::int64_t sealed = 0;
  for (int i = 0; i < 10; ++i) sealed += reseal(db(), both_, Random::system()).sealed;
  editor.request_stop();
  editor.join();
  EXPECT_GT(sealed, 0);
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(both_.open(stored(ids[i]), place(ids[i])).reveal(), last[i]);
  EXPECT_THAT(reseal(db(), both_, Random::system()).restless, IsEmpty());
  EXPECT_EQ(seal_use(db()).by_key, (std::map<std::string, std::int64_t>{{id_of(new_key), 5}}));
}

}  // namespace
}  // namespace plenary::domain
