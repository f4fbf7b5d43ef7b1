#include "base/codes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <map>
#include <set>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "base/secret.hpp"

namespace plenary {
namespace {

TEST(Codes, HoldOnlyCapitalsAndDigitsEachAboutEquallyOften) {
  SeededRandom random(1);
  std::map<char, int> counts;
  for (int i = 0; i < 3600; ++i) {
    const std::string code = random_code(random, 10);
    ASSERT_EQ(code.size(), 10u);
    for (const char c : code) ++counts[c];
  }
  EXPECT_EQ(counts.size(), 36u);
  for (const auto& [c, count] : counts) {
    EXPECT_TRUE((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) << c;
    EXPECT_NEAR(count, 1000, 160) << c;  // five standard deviations
  }
  EXPECT_EQ(random_code(random, 0), "");
}

TEST(Codes, TokensCarryTheirBytesUnpadded) {
  SeededRandom random(2);
  EXPECT_EQ(random_token(random).size(), 22u);
  EXPECT_EQ(random_token(random, 32).size(), 43u);
  const std::string token = random_token(random);
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

std::string encoded(std::vector<unsigned char> bytes) {
  return base64url(bytes);
}

TEST(Codes, EncodingsFollowTheirStandards) {
  EXPECT_EQ(encoded({}), "");
  EXPECT_EQ(encoded({'f'}), "Zg");
  EXPECT_EQ(encoded({'f', 'o'}), "Zm8");
  EXPECT_EQ(encoded({'f', 'o', 'o'}), "Zm9v");
  EXPECT_EQ(encoded({0xff, 0xff, 0xfe}), "___-");
  EXPECT_EQ(to_hex(std::vector<unsigned char>{0, 0xab, 0xff}), "00abff");
  // BLAKE2b-256 of "abc".
  EXPECT_EQ(token_hash("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Random, BoundedNumbersAreUniformAndInRange) {
  SeededRandom random(3);
  std::array<int, 7> counts{};
  for (int i = 0; i < 7000; ++i) ++counts[random.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.below(1), 0u);
  EXPECT_LT(random.below(1ull << 63), 1ull << 63);
  EXPECT_THROW(random.below(0), std::invalid_argument);
}

TEST(Random, TheSystemNeverRepeatsAndASeedAlwaysDoes) {
  std::set<std::string> tokens;
  for (int i = 0; i < 1000; ++i) tokens.insert(random_token(Random::system()));
  EXPECT_EQ(tokens.size(), 1000u);
  SeededRandom a(42), b(42), c(43);
  const std::string from_a = random_code(a, 20);
  EXPECT_EQ(from_a, random_code(b, 20));
  EXPECT_NE(from_a, random_code(c, 20));
}

template <class T, class = void>
struct IsStreamable : std::false_type {};
template <class T>
struct IsStreamable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<T>())>>
    : std::true_type {};
template <class T, class = void>
struct IsComparable : std::false_type {};
template <class T>
struct IsComparable<T, std::void_t<decltype(std::declval<T>() == std::declval<T>())>> : std::true_type {};

TEST(Secret, CannotBePrintedOrComparedByAccident) {
  static_assert(!IsStreamable<Secret>::value);
  static_assert(!IsComparable<Secret>::value);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  EXPECT_EQ(Secret("sk_test_abcdefgh").masked(), "****efgh");
  EXPECT_EQ(Secret("abcd").masked(), "****abcd");
  EXPECT_EQ(Secret("abc").masked(), "****");
  EXPECT_EQ(Secret().masked(), "****");
}

TEST(Secret, ComparesWhole) {
  const Secret secret("hunter2");
  EXPECT_TRUE(secret.equals("hunter2"));
  EXPECT_FALSE(secret.equals("hunter3"));
  EXPECT_FALSE(secret.equals("Hunter2"));
  EXPECT_FALSE(secret.equals("hunter"));
  EXPECT_FALSE(secret.equals(""));
  EXPECT_TRUE(Secret().equals(""));
}

}  // namespace
}  // namespace plenary
