// Plural rules as catalogues of many languages write them, and rules that are none.
#include "i18n/plural_rule.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace plenary::i18n {
namespace {

std::string forms(const char* rule, const std::vector<std::int64_t>& numbers) {
  const PluralRule parsed = PluralRule::parse(rule);
  std::string out;
  for (const std::int64_t n : numbers) out += std::to_string(parsed.form_of(n));
  return out;
}

TEST(PluralRule, OfGermanAndEnglishHasTwoForms) {
  EXPECT_EQ(forms("nplurals=2; plural=n != 1;", {0, 1, 2, 21, 100}), "10111");
  EXPECT_EQ(PluralRule().form_of(1), 0);
  EXPECT_EQ(PluralRule().form_of(5), 1);
  EXPECT_EQ(PluralRule().forms(), 2);
}

TEST(PluralRule, OfFrenchJapaneseAndOthersFollowsTheirHeaders) {
  EXPECT_EQ(forms("nplurals=2; plural=(n > 1);", {0, 1, 2}), "001");
  EXPECT_EQ(forms("nplurals=1; plural=0;", {0, 1, 7}), "000");
}

TEST(PluralRule, OfRussianDependsOnTheLastTwoDigits) {
  EXPECT_EQ(forms("nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || "
                  "n%100>=20) ? 1 : 2);",
                  {1, 2, 4, 5, 11, 12, 14, 20, 21, 22, 25, 101, 111, 112, 122}),
            "011222220120221");
}

TEST(PluralRule, OfPolishAndArabicHasManyForms) {
  EXPECT_EQ(forms("nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
                  {1, 2, 5, 12, 22, 25, 100}),
            "0122122");
  EXPECT_EQ(forms("nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
                  "n%100>=11 ? 4 : 5);",
                  {0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111}),
            "01233445534");
}

TEST(PluralRule, TakesArithmeticNegationAndNestedChoices) {
  EXPECT_EQ(forms("nplurals=3; plural=!n ? 2 : (n + 1) * 2 / 4 - 1 <= 0 ? 0 : 1", {0, 1, 3, 4}), "2011");
  EXPECT_EQ(forms("nplurals=2; plural=n == 1 || !(n != 21) ;", {1, 21, 2}), "110");
}

TEST(PluralRule, ThatFailsAtRunTimeGivesTheFirstForm) {
  EXPECT_EQ(forms("nplurals=2; plural=n / (n - n);", {0, 1, 5}), "000");
  EXPECT_EQ(forms("nplurals=2; plural=n;", {0, 1, 5}), "010");
  EXPECT_EQ(forms("nplurals=2; plural=n != 1;", {-1, -3}), "01");
}

TEST(PluralRule, ThatCannotBeReadTellsThePlace) {
  const auto message_of = [](const std::string& rule) -> std::string {
    try {
      PluralRule::parse(rule);
      return "";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  for (const std::string rule :
       {"", "nplurals=2;", "nplurals=2; plural=", "nplurals=0; plural=0;", "nplurals=9; plural=0;",
        "nplurals=2; plural=n ? 1;", "nplurals=2; plural=(n", "nplurals=2; plural=n != 1; x",
        "nplurals=2; plural=m"}) {
    EXPECT_NE(message_of(rule).find("expected"), std::string::npos) << rule;
  }
  // Neither deep nesting nor length can exhaust the stack.
  EXPECT_NE(message_of("nplurals=2; plural=" + std::string(100'000, '(') + "n").find("nesting"),
            std::string::npos);
  EXPECT_NE(message_of("nplurals=2; plural=" + std::string(100'000, '!') + "n").find("nesting"),
            std::string::npos);
  std::string sum = "nplurals=2; plural=n";
  for (int i = 0; i < 5000; ++i) sum += "+n";
  EXPECT_NE(message_of(sum).find("shorter"), std::string::npos);
}

}  // namespace
}  // namespace plenary::i18n
