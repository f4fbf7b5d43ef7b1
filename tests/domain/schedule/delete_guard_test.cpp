// The guard against mass deletion: every row of configuration 10, 2.6.
#include "domain/schedule/delete_guard.hpp"

#include <gtest/gtest.h>

namespace plenary::schedule {
namespace {

bool proceeds(std::int64_t existing, std::int64_t stale, const DeleteGuard& guard = {}, bool allow = false) {
  return may_delete(existing, stale, guard, allow).proceed;
}

TEST(DeleteGuard, FewStoredSlotsAreNotLookedAt) {
  EXPECT_TRUE(proceeds(4, 4));
  EXPECT_FALSE(proceeds(5, 5));
}

TEST(DeleteGuard, ThirtyPercentGoesThrough) {
  EXPECT_TRUE(proceeds(10, 3));
}

TEST(DeleteGuard, ExactlyTheFractionGoesThrough) {
  EXPECT_TRUE(proceeds(10, 4));
  EXPECT_TRUE(proceeds(5, 2));
}

TEST(DeleteGuard, MoreThanTheFractionIsStopped) {
  EXPECT_FALSE(proceeds(10, 5));
  EXPECT_FALSE(proceeds(5, 3));
}

TEST(DeleteGuard, NothingToRemoveGoesThrough) {
  EXPECT_TRUE(proceeds(0, 0));
  EXPECT_TRUE(proceeds(1000, 0));
  DeleteGuard strict;
  strict.max_fraction_removed = Decimal(0);
  EXPECT_TRUE(proceeds(1000, 0, strict));
  EXPECT_FALSE(proceeds(1000, 1, strict));
}

TEST(DeleteGuard, SwitchedOffOrOverriddenItLetsEverythingThrough) {
  DeleteGuard off;
  off.enabled = false;
  EXPECT_TRUE(proceeds(100, 100, off));
  EXPECT_TRUE(proceeds(100, 100, {}, true));
  DeleteGuard everything;
  everything.max_fraction_removed = Decimal(1);
  EXPECT_TRUE(proceeds(100, 100, everything));
}

TEST(DeleteGuard, NoMinimumStillMeansNothingOfNothing) {
  DeleteGuard guard;
  guard.min_existing_slots = 0;
  EXPECT_TRUE(proceeds(0, 0, guard));
  EXPECT_FALSE(proceeds(1, 1, guard));
}

// With doubles 0.07 * 100 is 7.000000000000001 and 0.29 * 100 is 28.999999999999996.
TEST(DeleteGuard, FractionsAreExact) {
  DeleteGuard guard;
  for (const auto& [fraction, most] : {std::pair("0.07", 7), std::pair("0.29", 29), std::pair("0.57", 57)}) {
    guard.max_fraction_removed = *Decimal::parse(fraction);
    EXPECT_TRUE(proceeds(100, most, guard)) << fraction;
    EXPECT_FALSE(proceeds(100, most + 1, guard)) << fraction;
  }
}

TEST(DeleteGuard, ItSaysWhatItFoundAndHowToOverride) {
  const DeleteVerdict verdict = may_delete(120, 61, {});
  EXPECT_FALSE(verdict.proceed);
  EXPECT_EQ(verdict.removed, 61);
  EXPECT_EQ(verdict.existing, 120);
  EXPECT_EQ(verdict.percentage, *Decimal::parse("50.8"));
  EXPECT_EQ(
      verdict.message(),
      "This sync would remove 61 of 120 stored schedule slots (50.8 %); at most 40 % may go at once. "
      "Nothing was changed. If the schedule really shrank that much, run the sync again and allow large "
      "deletions.");
  EXPECT_EQ(may_delete(10, 4, {}).message(), "");
}

}  // namespace
}  // namespace plenary::schedule
