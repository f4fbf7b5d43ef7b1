#include "base/money.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>
#include <map>
#include <set>
#include <stdexcept>

namespace plenary {
namespace {

const Currency usd = Currency::of("USD");
const Currency jpy = Currency::of("JPY");
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

Money usd_minor(std::int64_t minor) {
  return {minor, usd};
}

TEST(Currency, TheListHoldsEveryActiveCodeOnceInOrder) {
  std::string before;
  std::map<int, int> by_exponent;
  for (const CurrencyInfo& info : Currency::all()) {
    const std::string code = info.code;
    EXPECT_LT(before, code);
    before = code;
    ++by_exponent[info.exponent];
    EXPECT_NE(std::string(info.name), "") << code;
    const auto found = Currency::find(code);
    ASSERT_TRUE(found) << code;
    EXPECT_EQ(found->code(), code);
    EXPECT_EQ(found->exponent(), info.exponent);
  }
  EXPECT_EQ(Currency::all().size(), 165u);
  EXPECT_EQ(by_exponent[0], 17);
  EXPECT_EQ(by_exponent[3], 7);
  EXPECT_EQ(by_exponent[4], 2);
}

TEST(Currency, DecimalsFollowIso4217) {
  for (const char* code : {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                           "VND", "VUV", "XAF", "XOF", "XPF"}) {
    EXPECT_EQ(Currency::of(code).exponent(), 0) << code;
    EXPECT_EQ(Currency::of(code).minor_per_unit(), 1) << code;
  }
  for (const char* code : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}) {
    EXPECT_EQ(Currency::of(code).exponent(), 3) << code;
    EXPECT_EQ(Currency::of(code).minor_per_unit(), 1000) << code;
  }
  for (const char* code : {"USD", "EUR", "GBP", "CHF", "INR", "BRL", "HUF", "MGA", "MRU"}) {
    EXPECT_EQ(Currency::of(code).exponent(), 2) << code;
  }
}

TEST(Currency, NothingElseIsACurrency) {
  for (const char* code :
       {"", "US", "usd", "Usd", "USD ", " USD", "USDX", "XXX", "XTS", "XAU", "DEM", "HRK", "ABC", "$"}) {
    EXPECT_FALSE(Currency::find(code)) << code;
    EXPECT_THROW(Currency::of(code), std::invalid_argument) << code;
  }
}

struct Display {
  const char* code;
  std::int64_t minor;
  const char* symbol;
  const char* shown;
};

TEST(Money, IsShownWithItsSymbolAndDecimals) {
  const Display table[] = {
      {"USD", 123450, "", "$1,234.50"},
      {"USD", 0, "", "$0.00"},
      {"USD", 5, "", "$0.05"},
      {"USD", 99999, "", "$999.99"},
      {"USD", 100000, "", "$1,000.00"},
      {"USD", -52500, "", "-$525.00"},
      {"USD", 123456789012345678, "", "$1,234,567,890,123,456.78"},
      {"EUR", 12500, "", "€125.00"},
      {"GBP", 100, "", "£1.00"},
      {"JPY", 500, "", "¥500"},
      {"JPY", 1234567, "", "¥1,234,567"},
      {"KRW", 10000, "", "₩10,000"},
      {"CAD", 100, "", "CA$1.00"},
      {"AUD", 100, "", "A$1.00"},
      {"CHF", 1200, "", "CHF 12.00"},
      {"CHF", -1200, "", "-CHF 12.00"},
      {"KWD", 1234, "", "KWD 1.234"},
      {"ISK", 1500, "", "ISK 1,500"},
      {"CLF", 12345, "", "CLF 1.2345"},
      {"CHF", 1200, "Fr. ", "Fr. 12.00"},
      {"USD", 1200, "US$", "US$12.00"},
  };
  for (const Display& row : table) {
    EXPECT_EQ(Money(row.minor, Currency::of(row.code)).display(row.symbol), row.shown);
  }
}

TEST(Money, EveryCurrencyShowsAsManyDecimalsAsItHas) {
  for (const CurrencyInfo& info : Currency::all()) {
    const Currency currency = Currency::of(info.code);
    const std::string text = Money(1, currency).to_string();
    const std::size_t point = text.find('.');
    const std::size_t decimals = point == std::string::npos ? 0 : text.size() - point - 1;
    EXPECT_EQ(decimals, static_cast<std::size_t>(info.exponent)) << info.code;
    EXPECT_EQ(Money::exact(*Decimal::parse(text), currency).minor(), 1) << info.code;
    EXPECT_NE(Money(1, currency).display().find(text), std::string::npos) << info.code;
  }
}

TEST(Money, ExactAmountsOnly) {
  EXPECT_EQ(Money::exact(*Decimal::parse("150_000.00"), usd).minor(), 15'000'000);
  EXPECT_EQ(Money::exact(*Decimal::parse("1.0e1"), usd).minor(), 1000);
  EXPECT_EQ(Money::exact(*Decimal::parse("10.000"), usd).minor(), 1000);
  EXPECT_EQ(Money::exact(*Decimal::parse("100.0"), jpy).minor(), 100);
  EXPECT_EQ(Money::exact(*Decimal::parse("1.234"), Currency::of("KWD")).minor(), 1234);
  EXPECT_THROW(Money::exact(*Decimal::parse("0.005"), Currency::of("EUR")), std::domain_error);
  EXPECT_THROW(Money::exact(*Decimal::parse("100.50"), jpy), std::domain_error);
  EXPECT_THROW(Money::exact(*Decimal::parse("92233720368547758.08"), usd), std::overflow_error);
  EXPECT_EQ(Money::exact(*Decimal::parse("92233720368547758.07"), usd).minor(), largest);
  EXPECT_EQ(Money::exact(*Decimal::parse("-92233720368547758.08"), usd).minor(), smallest);
}

TEST(Money, LeavingTheRangeIsAnError) {
  EXPECT_THROW(usd_minor(largest) + usd_minor(1), std::overflow_error);
  EXPECT_THROW(usd_minor(smallest) - usd_minor(1), std::overflow_error);
  EXPECT_THROW(usd_minor(largest) * 2, std::overflow_error);
  EXPECT_THROW(-usd_minor(smallest), std::overflow_error);
  EXPECT_THROW(usd_minor(largest).percentage(10001), std::overflow_error);
  EXPECT_EQ((usd_minor(largest) - usd_minor(largest)).minor(), 0);
  EXPECT_EQ(usd_minor(largest).percentage(10000).minor(), largest);
}

TEST(Money, TwoCurrenciesNeverMix) {
  EXPECT_THROW(usd_minor(1) + Money(1, jpy), std::invalid_argument);
  EXPECT_THROW(usd_minor(1) - Money(1, jpy), std::invalid_argument);
  EXPECT_THROW((void)(usd_minor(1) < Money(1, jpy)), std::invalid_argument);
  EXPECT_FALSE(usd_minor(1) == Money(1, jpy));
}

TEST(Money, PercentagesRoundHalvesUp) {
  EXPECT_EQ(usd_minor(10000).percentage(2000).minor(), 2000);
  EXPECT_EQ(usd_minor(1).percentage(5000).minor(), 1);
  EXPECT_EQ(usd_minor(1).percentage(4999).minor(), 0);
  EXPECT_EQ(usd_minor(-1).percentage(5000).minor(), -1);
  EXPECT_EQ(usd_minor(333).percentage(3333).minor(), 111);
  EXPECT_EQ(usd_minor(2500).percentage(1900).minor(), 475);
}

std::vector<std::int64_t> minors(const std::vector<Money>& parts) {
  std::vector<std::int64_t> result;
  for (const Money& part : parts) result.push_back(part.minor());
  return result;
}

TEST(Money, SplitsGiveTheRestToTheLargestRemainderAndTiesToTheLaterShare) {
  using Weights = std::vector<std::int64_t>;
  EXPECT_EQ(minors(usd_minor(100).split(Weights{1, 1, 1})), (Weights{33, 33, 34}));
  EXPECT_EQ(minors(usd_minor(101).split(Weights{1, 1, 1})), (Weights{33, 34, 34}));
  EXPECT_EQ(minors(usd_minor(-100).split(Weights{1, 1, 1})), (Weights{-33, -33, -34}));
  EXPECT_EQ(minors(usd_minor(10).split(Weights{0, 0, 0})), (Weights{3, 3, 4}));
  EXPECT_EQ(minors(usd_minor(10).split(Weights{0, 5})), (Weights{0, 10}));
  EXPECT_EQ(minors(usd_minor(10).split(Weights{7, 2})), (Weights{8, 2}));
  EXPECT_EQ(minors(usd_minor(0).split(Weights{3, 4})), (Weights{0, 0}));
  EXPECT_EQ(minors(usd_minor(largest).split(Weights{largest, largest, largest})),
            (Weights{3074457345618258602, 3074457345618258602, 3074457345618258603}));
  EXPECT_THROW(usd_minor(1).split(Weights{}), std::invalid_argument);
  EXPECT_THROW(usd_minor(1).split(Weights{1, -1}), std::invalid_argument);
}

TEST(Money, PartsOfASplitAddUpAndAreFair) {
  EXPECT_TRUE(rc::check([] {
    const Money total = usd_minor(*rc::gen::arbitrary<std::int64_t>());
    const auto weights = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1'000'000)));
    const auto parts = total.split(weights);
    RC_ASSERT(parts.size() == weights.size());
    __int128 sum = 0, weight_sum = 0;
    for (const Money& part : parts) sum += part.minor();
    for (const std::int64_t weight : weights) weight_sum += weight;
    RC_ASSERT(sum == total.minor());
    // No part is a whole unit away from its exact share.
    for (std::size_t i = 0; i < parts.size() && weight_sum > 0; ++i) {
      const __int128 difference = static_cast<__int128>(parts[i].minor()) * weight_sum -
                                  static_cast<__int128>(total.minor()) * weights[i];
      RC_ASSERT(difference < weight_sum);
      RC_ASSERT(-difference < weight_sum);
    }
  }));
}

TEST(Money, PercentagesAgreeWithDecimals) {
  EXPECT_TRUE(rc::check([] {
    const auto minor = *rc::gen::inRange<std::int64_t>(-1'000'000'000'000, 1'000'000'000'000);
    const auto points = *rc::gen::inRange<std::int64_t>(0, 20'001);
    const Decimal exact = Decimal::scaled(minor, 2) * Decimal::scaled(points, 4);
    RC_ASSERT(usd_minor(minor).percentage(points).amount() == exact.rounded(2));
  }));
}

}  // namespace
}  // namespace plenary
