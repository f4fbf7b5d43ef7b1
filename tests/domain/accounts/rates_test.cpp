// Limits by account, address, session and network, on both engines.
#include "domain/accounts/rates.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/db/test_databases.hpp"

namespace plenary::accounts {
namespace {

using config::RateLimit;

class Rates : public test::DatabaseTest {
 protected:
  std::optional<Instant> counted(const std::vector<Rate>& rates, std::string_view kind = "test") {
    auto fn = [&](db::Tx& tx) { return count_rate(tx, kind, rates); };
    return db().write_now(db::global_lane, "test", fn);
  }
  std::int64_t rows() {
    auto fn = [](db::Tx& tx) { return tx.one<std::int64_t>("SELECT count(*) FROM rate_count"); };
    return db().read_now(fn);
  }
  Rate by(std::string_view value, std::int64_t count, Duration per = Duration::minutes(10)) {
    return rate("session", 0, value, RateLimit{count, per});
  }
};
ON_BOTH_ENGINES(Rates);

TEST_P(Rates, AllowAsManyAsTheyName) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(counted({by("ada", 3)})) << i;
  EXPECT_TRUE(counted({by("ada", 3)}));
  EXPECT_FALSE(counted({by("bob", 3)}));
  EXPECT_FALSE(counted({by("ada", 3)}, "another"));
}

TEST_P(Rates, SayWhenTheNextIsPossibleAndItIs) {
  for (const std::int64_t count : {1, 2, 7}) {
    const std::string who = "ada" + std::to_string(count);
    for (int i = 0; i < count; ++i) {
      EXPECT_FALSE(counted({by(who, count)}));
      clock().advance(Duration::seconds(11));
    }
    const auto again = counted({by(who, count)});
    ASSERT_TRUE(again);
    EXPECT_GT(*again, clock().now());
    EXPECT_LE(*again, clock().now() + Duration::minutes(20));
    clock().set(*again - Duration::seconds(1));
    EXPECT_TRUE(counted({by(who, count)})) << count;
    clock().set(*again);
    EXPECT_FALSE(counted({by(who, count)})) << count;
  }
}

// Whoever keeps just below the limit is never refused, over many windows.
TEST_P(Rates, ASteadyPaceBelowTheLimitIsNeverRefused) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(counted({by("ada", 10)})) << i;
    clock().advance(Duration::seconds(67));
  }
}

// At the turn of a window what was done before still counts.
TEST_P(Rates, TheTurnOfAWindowGivesNothingAway) {
  const std::int64_t ten = Duration::minutes(10).micros;
  clock().set({(clock().now().micros / ten + 1) * ten - 1'000'000});
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(counted({by("ada", 10)}));
  clock().advance(Duration::seconds(2));
  EXPECT_TRUE(counted({by("ada", 10)}));
}

TEST_P(Rates, ARefusalOfOneLimitCountsForNone) {
  EXPECT_FALSE(counted({by("ada", 1), by("network", 5)}));
  EXPECT_TRUE(counted({by("ada", 1), by("network", 5)}));
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(counted({by("network", 5)})) << i;
  EXPECT_TRUE(counted({by("network", 5)}));
}

TEST_P(Rates, FourLimitsWithWindowsOfDifferentLengthAreCountedTogether) {
  const std::vector<Rate> rates{by("a", 5), by("b", 5, Duration::hours(1)), by("c", 5), by("d", 2)};
  EXPECT_FALSE(counted(rates));
  EXPECT_FALSE(counted(rates));
  EXPECT_TRUE(counted(rates));
  EXPECT_EQ(rows(), 4);
}

TEST_P(Rates, NoLimitsAllowEverythingAndWriteNothing) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(counted({}));
  EXPECT_EQ(rows(), 0);
}

TEST_P(Rates, AreForgottenAfterASuccess) {
  EXPECT_FALSE(counted({by("ada", 1)}));
  auto forget = [&](db::Tx& tx) { forget_rate(tx, "test", by("ada", 1)); };
  db().write_now(db::global_lane, "test", forget);
  EXPECT_FALSE(counted({by("ada", 1)}));
}

TEST_P(Rates, TheRowsKnowNoValue) {
  counted({by("ada@example.org", 1)});
  auto fn = [](db::Tx& tx) { return tx.one<std::string>("SELECT counted_by FROM rate_count"); };
  const std::string key = db().read_now(fn);
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(key.find("ada"), std::string::npos);
}

TEST_P(Rates, AreSweptWhenNoWindowReachesThem) {
  counted({by("ada", 1)});
  auto sweep = [](db::Tx& tx) { return sweep_rates(tx, Duration::minutes(10)); };
  EXPECT_EQ(db().write_now(db::global_lane, "test", sweep), 0);
  clock().advance(Duration::minutes(31));
  EXPECT_EQ(db().write_now(db::global_lane, "test", sweep), 1);
  EXPECT_EQ(rows(), 0);
}

}  // namespace
}  // namespace plenary::accounts
