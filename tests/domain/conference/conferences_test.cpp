// Conferences, sections and flags in the database, on both engines.
#include "domain/conference/conferences.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "db/errors.hpp"
#include "domain/conference/features.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::conference {
namespace {

Date day(int month, int number) {
  return *Date::of(2027, month, number);
}

Conference plain(std::string slug) {
  Conference c;
  c.name = "PyCon " + slug;
  c.slug = std::move(slug);
  c.start_date = day(5, 14);
  c.end_date = day(5, 22);
  c.timezone = "America/New_York";
  c.currency = "USD";
  return c;
}

class Conferences : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  template <class F>
  auto read(F fn) {
    return db().read_now(fn);
  }
  std::int64_t made(const Conference& c) {
    return write([&](db::Tx& tx) { return create(tx, c); }).value();
  }
  std::int64_t flag_rows(std::int64_t id) {
    return read([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT COUNT(*) FROM feature_flags WHERE conference_id = $1", id);
    });
  }
};
ON_BOTH_ENGINES(Conferences);

TEST_P(Conferences, OneIsCreatedWithItsFlagsRowAllNull) {
  Conference wanted = plain("pycon-2077");
  wanted.venue = "Hall";
  wanted.total_capacity = 2500;
  wanted.revenue_budget = 5'000'000;
  std::int64_t id = made(wanted);
  std::optional<Conference> stored = read([&](db::Tx& tx) { return load(tx, id); });
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->name, wanted.name);
  EXPECT_EQ(stored->start_date, day(5, 14));
  EXPECT_EQ(stored->end_date, day(5, 22));
  EXPECT_EQ(stored->timezone, "America/New_York");
  EXPECT_EQ(stored->venue, "Hall");
  EXPECT_EQ(stored->currency, "USD");
  EXPECT_EQ(stored->total_capacity, 2500);
  EXPECT_EQ(stored->revenue_budget, 5'000'000);
  EXPECT_EQ(stored->grant_budget, std::nullopt);
  EXPECT_TRUE(stored->is_active);
  EXPECT_TRUE(stored->sales_open);
  EXPECT_EQ(stored->max_tickets_per_cart, 10);
  EXPECT_EQ(stored->created_at, clock().now());
  EXPECT_EQ(flag_rows(id), 1);
  EXPECT_EQ(read([&](db::Tx& tx) { return load_overrides(tx, id); }), FeatureOverrides());
}

TEST_P(Conferences, ATakenSlugWritesNothingWhateverItsCase) {
  made(plain("pycon"));
  EXPECT_EQ(write([&](db::Tx& tx) { return create(tx, plain("PyCon")); }), std::nullopt);
  EXPECT_EQ(read([&](db::Tx& tx) { return list_keys(tx); }).size(), 1u);
}

TEST_P(Conferences, OfTwoCreatesAtOnceOneWins) {
  auto other = db::Database::open(database().options());
  std::atomic<int> won{0}, lost{0};
  auto attempt = [&](db::Database& database) {
    auto id =
        database.write_now(db::global_lane, "test", [&](db::Tx& tx) { return create(tx, plain("pycon")); });
    ++(id ? won : lost);
  };
  std::thread rival([&] { attempt(*other); });
  attempt(db());
  rival.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 1);
}

TEST_P(Conferences, TheStateOfARequestHoldsWhatItNeeds) {
  std::int64_t id = made(plain("PyCon-US"));
  write([&](db::Tx& tx) { return set_feature(tx, id, Feature::sponsors, false); });
  std::optional<ConferenceState> state = read([](db::Tx& tx) { return find_state(tx, "pycon-us"); });
  ASSERT_TRUE(state);
  EXPECT_EQ(state->id, id);
  EXPECT_EQ(state->slug, "PyCon-US");
  EXPECT_TRUE(state->sells());
  EXPECT_GE(state->catalogue_version, 1);
  EXPECT_EQ(state->flags[Feature::sponsors], false);
  EXPECT_EQ(state->flags[Feature::registration], std::nullopt);
  EXPECT_EQ(read([&](db::Tx& tx) { return find_state(tx, id); })->slug, "PyCon-US");
  EXPECT_FALSE(read([](db::Tx& tx) { return find_state(tx, "pycon-eu"); }));
}

TEST_P(Conferences, AnInactiveOrClosedOneDoesNotSell) {
  std::int64_t id = made(plain("pycon"));
  Conference c = read([&](db::Tx& tx) { return load(tx, id); }).value();
  c.sales_open = false;
  EXPECT_TRUE(write([&](db::Tx& tx) { return update(tx, c); }));
  EXPECT_FALSE(read([](db::Tx& tx) { return find_state(tx, "pycon"); })->sells());
  c = read([&](db::Tx& tx) { return load(tx, id); }).value();
  c.sales_open = true;
  c.is_active = false;
  EXPECT_TRUE(write([&](db::Tx& tx) { return update(tx, c); }));
  EXPECT_FALSE(read([](db::Tx& tx) { return find_state(tx, "pycon"); })->sells());
  EXPECT_TRUE(read([](db::Tx& tx) { return list_active(tx); }).empty());
}

TEST_P(Conferences, TheListShowsTheNewestFirst) {
  Conference early = plain("early"), late = plain("late");
  late.start_date = day(6, 1);
  late.end_date = day(6, 2);
  made(early);
  made(late);
  auto listed = read([](db::Tx& tx) { return list_active(tx); });
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].slug, "late");
  EXPECT_EQ(listed[1].slug, "early");
}

TEST_P(Conferences, AChangeRaisesTheCatalogueVersionAndKeepsTheCurrency) {
  std::int64_t id = made(plain("pycon"));
  Conference c = read([&](db::Tx& tx) { return load(tx, id); }).value();
  std::int64_t before = c.catalogue_version;
  c.name = "Another name";
  c.currency = "EUR";
  EXPECT_TRUE(write([&](db::Tx& tx) { return update(tx, c); }));
  Conference after = read([&](db::Tx& tx) { return load(tx, id); }).value();
  EXPECT_EQ(after.name, "Another name");
  EXPECT_EQ(after.currency, "USD");
  EXPECT_GT(after.catalogue_version, before);
}

TEST_P(Conferences, OfTwoEditsOfTheSameRowTheSecondIsRefused) {
  std::int64_t id = made(plain("pycon"));
  Conference mine = read([&](db::Tx& tx) { return load(tx, id); }).value();
  Conference theirs = mine;
  mine.venue = "North hall";
  theirs.venue = "South hall";
  EXPECT_TRUE(write([&](db::Tx& tx) { return update(tx, mine); }));
  EXPECT_FALSE(write([&](db::Tx& tx) { return update(tx, theirs); }));
  EXPECT_EQ(read([&](db::Tx& tx) { return load(tx, id); })->venue, "North hall");
}

TEST_P(Conferences, SectionsSortByOrderThenStart) {
  std::int64_t id = made(plain("pycon"));
  std::int64_t before = read([&](db::Tx& tx) { return load(tx, id); })->catalogue_version;
  auto section = [&](std::string name, int order, int start) {
    Section s;
    s.conference_id = id;
    s.slug = name;
    s.name = std::move(name);
    s.start_date = day(5, start);
    s.end_date = day(5, 22);
    s.order = order;
    return s;
  };
  write([&](db::Tx& tx) {
    create_section(tx, section("sprints", 2, 19));
    create_section(tx, section("late", 1, 16));
    create_section(tx, section("early", 1, 14));
  });
  auto stored = read([&](db::Tx& tx) { return sections(tx, id); });
  ASSERT_EQ(stored.size(), 3u);
  EXPECT_EQ(stored[0].slug, "early");
  EXPECT_EQ(stored[1].slug, "late");
  EXPECT_EQ(stored[2].slug, "sprints");
  EXPECT_GT(read([&](db::Tx& tx) { return load(tx, id); })->catalogue_version, before);
  stored[2].order = 0;
  EXPECT_TRUE(write([&](db::Tx& tx) { return update_section(tx, stored[2]); }));
  EXPECT_EQ(read([&](db::Tx& tx) { return sections(tx, id); })[0].slug, "sprints");
  EXPECT_THROW(write([&](db::Tx& tx) { create_section(tx, section("EARLY", 5, 14)); }), db::DatabaseError);
}

class Flags : public Conferences {};
ON_BOTH_ENGINES(Flags);

TEST_P(Flags, AnOverrideHoldsAtTheNextReadOfEveryProcess) {
  std::int64_t id = made(plain("pycon"));
  auto other = db::Database::open(database().options());
  auto elsewhere = [&] {
    return other->read_now([](db::Tx& tx) { return find_state(tx, "pycon"); })->flags[Feature::programs];
  };
  EXPECT_EQ(elsewhere(), std::nullopt);
  for (std::optional<bool> value : {std::optional(false), std::optional(true), std::optional<bool>(),
                                    std::optional(true), std::optional(false), std::optional<bool>()}) {
    EXPECT_TRUE(write([&](db::Tx& tx) { return set_feature(tx, id, Feature::programs, value); }));
    EXPECT_EQ(elsewhere(), value);
    EXPECT_FALSE(write([&](db::Tx& tx) { return set_feature(tx, id, Feature::programs, value); }));
  }
}

TEST_P(Flags, EachFeatureHasItsOwnColumn) {
  std::int64_t id = made(plain("pycon"));
  for (Feature feature : all_features()) {
    write([&](db::Tx& tx) { return set_feature(tx, id, feature, false); });
    FeatureOverrides expected;
    expected[feature] = false;
    EXPECT_EQ(read([](db::Tx& tx) { return find_state(tx, "pycon"); })->flags, expected)
        << feature_name(feature);
    EXPECT_EQ(read([&](db::Tx& tx) { return load_overrides(tx, id); }), expected) << feature_name(feature);
    std::string sql =
        "SELECT COUNT(*) FROM feature_flags WHERE " + std::string(feature_key(feature)) + " = 0";
    EXPECT_EQ(read([&](db::Tx& tx) { return tx.one<std::int64_t>(db::intern_sql(sql)); }), 1) << sql;
    write([&](db::Tx& tx) { return set_feature(tx, id, feature, std::nullopt); });
  }
}

TEST_P(Flags, SavingNotesTheTime) {
  std::int64_t id = made(plain("pycon"));
  clock().advance(Duration::hours(1));
  write([&](db::Tx& tx) { return set_feature(tx, id, Feature::all_ui, false); });
  auto updated = read([&](db::Tx& tx) {
    return tx.one<Instant>("SELECT updated_at FROM feature_flags WHERE conference_id = $1", id);
  });
  EXPECT_EQ(updated, clock().now());
}

TEST_P(Flags, ThereIsNeverASecondRow) {
  std::int64_t id = made(plain("pycon"));
  write([&](db::Tx& tx) { ensure_flags_row(tx, id); });
  EXPECT_EQ(flag_rows(id), 1);
  try {
    write([&](db::Tx& tx) {
      tx.exec("INSERT INTO feature_flags (conference_id, updated_at) VALUES ($1, $2)", id, tx.now());
    });
    FAIL() << "a second row was taken";
  } catch (const db::DatabaseError& e) {
    EXPECT_EQ(e.kind(), db::ErrorKind::unique);
  }
}

TEST_P(Flags, WithoutTheRowTheDefaultsHoldAndSettingMakesItAgain) {
  std::int64_t id = made(plain("pycon"));
  write([&](db::Tx& tx) {
    set_feature(tx, id, Feature::sponsors, false);
    tx.exec("DELETE FROM feature_flags WHERE conference_id = $1", id);
  });
  EXPECT_EQ(read([](db::Tx& tx) { return find_state(tx, "pycon"); })->flags, FeatureOverrides());
  write([&](db::Tx& tx) { return set_feature(tx, id, Feature::sponsors, true); });
  EXPECT_EQ(flag_rows(id), 1);
  EXPECT_EQ(read([](db::Tx& tx) { return find_state(tx, "pycon"); })->flags[Feature::sponsors], true);
}

TEST_P(Flags, TheyGoWithTheirConference) {
  std::int64_t id = made(plain("pycon"));
  write([&](db::Tx& tx) { tx.exec("DELETE FROM conference WHERE id = $1", id); });
  EXPECT_EQ(flag_rows(id), 0);
}

}  // namespace
}  // namespace plenary::conference
