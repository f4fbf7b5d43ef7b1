#include "base/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <stdexcept>
#include <string>

namespace plenary {
namespace {

Decimal d(std::string_view text) {
  const auto value = Decimal::parse(text);
  if (!value) ADD_FAILURE() << text << " is not read";
  return value.value_or(Decimal());
}

struct Reading {
  const char* text;
  const char* printed;  // nullptr: refused
};

TEST(Decimal, ReadsWhatIsWrittenAndNothingElse) {
  const Reading table[] = {
      {"12", "12"},
      {"-0.50", "-0.50"},
      {"+3", "3"},
      {"1_000.25", "1000.25"},
      {"150_000.00", "150000.00"},
      {"1.0e1", "10"},
      {"1.25e1", "12.5"},
      {"1e3", "1000"},
      {"1E3", "1000"},
      {"1e-3", "0.001"},
      {"12.5e-1", "1.25"},
      {"10.000", "10.000"},
      {"007", "7"},
      {"0", "0"},
      {"-0", "0"},
      {"-0.0", "0.0"},
      {"0e999999999999999999999", "0"},
      {"0.000000000000000001", "0.000000000000000001"},
      {"1.0000000000000000000000000000", "1.000000000000000000"},
      {"170141183460469231731687303715884105727", "170141183460469231731687303715884105727"},
      {"170141183460469231731687303715884105728", nullptr},
      {"0.0000000000000000001", nullptr},
      {"1e39", nullptr},
      {"1e-19", nullptr},
      {"1e99999999999999999999", nullptr},
      {"", nullptr},
      {"-", nullptr},
      {".5", nullptr},
      {"5.", nullptr},
      {"1.e5", nullptr},
      {"1e", nullptr},
      {"1e+", nullptr},
      {"_1", nullptr},
      {"1_", nullptr},
      {"1__0", nullptr},
      {"1_.5", nullptr},
      {"1._5", nullptr},
      {" 1", nullptr},
      {"1 ", nullptr},
      {"nan", nullptr},
      {"inf", nullptr},
      {"0x10", nullptr},
      {"1,000", nullptr},
      {"--1", nullptr},
      {"1.2.3", nullptr},
      {"\xd9\xa1", nullptr},
  };
  for (const Reading& row : table) {
    const auto value = Decimal::parse(row.text);
    ASSERT_EQ(value.has_value(), row.printed != nullptr) << row.text;
    if (value) {
      EXPECT_EQ(value->to_string(), row.printed) << row.text;
    }
  }
}

TEST(Decimal, RoundsHalvesAwayFromZero) {
  EXPECT_EQ(d("2.345").rounded(2).to_string(), "2.35");
  EXPECT_EQ(d("2.344").rounded(2).to_string(), "2.34");
  EXPECT_EQ(d("-2.345").rounded(2).to_string(), "-2.35");
  EXPECT_EQ(d("0.5").rounded(0).to_string(), "1");
  EXPECT_EQ(d("-0.5").rounded(0).to_string(), "-1");
  EXPECT_EQ(d("0.4999").rounded(0).to_string(), "0");
  EXPECT_EQ(d("1.5").rounded(5).to_string(), "1.5");
  EXPECT_EQ(d("9.995").to_string(2), "10.00");
  EXPECT_EQ(d("-0.001").to_string(2), "0.00");
  EXPECT_EQ(d("7").to_string(3), "7.000");
  EXPECT_EQ(d("170141183460469231731687303715884105727").rounded(0).to_string(),
            "170141183460469231731687303715884105727");
}

TEST(Decimal, KnowsWhetherRoundingWouldChangeIt) {
  EXPECT_TRUE(d("100.50").fits_scale(1));
  EXPECT_FALSE(d("100.50").fits_scale(0));
  EXPECT_TRUE(d("10.000").fits_scale(0));
  EXPECT_FALSE(d("1.2345").fits_scale(3));
}

TEST(Decimal, ComparesByValueWhateverTheScale) {
  EXPECT_EQ(d("10"), d("10.000"));
  EXPECT_LT(d("-0.2"), d("-0.1"));
  EXPECT_LT(d("0.1"), d("0.11"));
  EXPECT_GT(d("170141183460469231731687303715884105727"), d("0.000000000000000001"));
  EXPECT_LT(d("-170141183460469231731687303715884105727"), d("-0.000000000000000001"));
}

TEST(Decimal, OverflowIsAnErrorAndNeverAWrongNumber) {
  const Decimal largest = d("170141183460469231731687303715884105727");
  EXPECT_THROW(largest + Decimal(1), std::overflow_error);
  EXPECT_THROW(-largest - Decimal(2), std::overflow_error);
  EXPECT_THROW(largest * Decimal(2), std::overflow_error);
  EXPECT_THROW(largest + d("0.1"), std::overflow_error);
  EXPECT_THROW(d("0.000000000000000001") * d("0.1"), std::overflow_error);
  EXPECT_EQ((d("0.000000000000000010") * d("0.10")).to_string(), "0.000000000000000001");
  EXPECT_EQ(d("0.1") + d("0.2"), d("0.3"));
}

// Decimals of few digits, as a pair of integers a slow model can follow.
struct Small {
  std::int64_t coefficient;
  int scale;
  Decimal decimal() const { return Decimal::scaled(coefficient, scale); }
};

Small any_small() {
  return {*rc::gen::inRange<std::int64_t>(-1'000'000'000, 1'000'000'001), *rc::gen::inRange(0, 7)};
}

std::int64_t pow10(int n) {
  return n == 0 ? 1 : 10 * pow10(n - 1);
}

TEST(Decimal, PrintingAndReadingGivesTheSameValueAndScale) {
  EXPECT_TRUE(rc::check([] {
    const Small small = any_small();
    const Decimal value = small.decimal();
    const auto again = Decimal::parse(value.to_string());
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == value);
    RC_ASSERT(again->scale() == value.scale());
    RC_ASSERT(value.normalized() == value);
  }));
}

TEST(Decimal, RoundingAgreesWithASlowModel) {
  EXPECT_TRUE(rc::check([] {
    const Small small = any_small();
    const int scale = *rc::gen::inRange(0, 7);
    // In units of 10^-7: the nearest multiple, found by trying both neighbours.
    const std::int64_t value = small.coefficient * pow10(7 - small.scale);
    const std::int64_t unit = pow10(7 - scale);
    const std::int64_t size = value < 0 ? -value : value;
    std::int64_t nearest = size / unit * unit;
    if (nearest + unit - size <= size - nearest) nearest += unit;
    if (scale >= small.scale) nearest = size;
    const Decimal expected = Decimal::scaled(value < 0 ? -nearest : nearest, 7);
    RC_ASSERT(small.decimal().rounded(scale) == expected);
  }));
}

TEST(Decimal, ArithmeticAgreesWithASlowModel) {
  EXPECT_TRUE(rc::check([] {
    const Small a = any_small(), b = any_small();
    const __int128 x = static_cast<__int128>(a.coefficient) * pow10(6 - a.scale);
    const __int128 y = static_cast<__int128>(b.coefficient) * pow10(6 - b.scale);
    RC_ASSERT(a.decimal() + b.decimal() == Decimal::scaled(x + y, 6));
    RC_ASSERT(a.decimal() - b.decimal() == Decimal::scaled(x - y, 6));
    RC_ASSERT(a.decimal() * b.decimal() == Decimal::scaled(x * y, 12));
    RC_ASSERT((a.decimal() < b.decimal()) == (x < y));
  }));
}

}  // namespace
}  // namespace plenary
