// Sponsor levels on both engines.
#include "domain/sponsors/levels.hpp"

#include <gtest/gtest.h>

#include "domain/conference/conferences.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::sponsors {
namespace {

class Levels : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  void SetUp() override {
    DatabaseTest::SetUp();
    for (auto [slug, id] : {std::pair("one", &one_), std::pair("two", &two_)}) {
      conference::Conference c;
      c.name = c.slug = slug;
      c.start_date = c.end_date = *Date::of(2027, 5, 14);
      *id = write([&](db::Tx& tx) { return conference::create(tx, c); }).value();
    }
  }
  std::vector<SponsorLevel> stored(std::int64_t conference_id) {
    return db().read_now([&](db::Tx& tx) { return levels(tx, conference_id); });
  }
  SponsorLevel level(std::int64_t conference_id, std::string slug, std::int64_t cost, std::int64_t order) {
    SponsorLevel l;
    l.conference_id = conference_id;
    l.name = slug;
    l.slug = std::move(slug);
    l.cost = cost;
    l.order = order;
    return l;
  }
  std::int64_t one_ = 0, two_ = 0;
};
ON_BOTH_ENGINES(Levels);

TEST_P(Levels, TheyAreListedByOrderWithinTheirConference) {
  write([&](db::Tx& tx) {
    create_level(tx, level(one_, "gold", 500'000, 1));
    create_level(tx, level(one_, "visionary", 15'000'000, 0));
    create_level(tx, level(two_, "gold", 1, 0));
  });
  auto all = stored(one_);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].slug, "visionary");
  EXPECT_EQ(all[0].cost, 15'000'000);
  EXPECT_EQ(all[1].slug, "gold");
}

TEST_P(Levels, UpsertGoesByTheSlugWhateverItsCase) {
  SponsorLevel gold = level(one_, "Gold", 500'000, 0);
  gold.comp_ticket_count = 5;
  EXPECT_EQ(write([&](db::Tx& tx) { return upsert_level(tx, gold); }), Upserted::created);
  gold.slug = "gold";
  gold.name = "Golden";
  gold.cost = 600'000;
  gold.comp_ticket_count = 6;
  gold.order = 3;
  EXPECT_EQ(write([&](db::Tx& tx) { return upsert_level(tx, gold); }), Upserted::updated);
  auto all = stored(one_);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].slug, "Gold");
  EXPECT_EQ(all[0].name, "Golden");
  EXPECT_EQ(all[0].cost, 600'000);
  EXPECT_EQ(all[0].comp_ticket_count, 6);
  EXPECT_EQ(all[0].order, 3);
  EXPECT_TRUE(stored(two_).empty());
}

}  // namespace
}  // namespace plenary::sponsors
