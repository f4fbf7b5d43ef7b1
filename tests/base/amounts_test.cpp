// Amounts that messages mark, for whoever writes them in a language.
#include "base/amounts.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"

namespace plenary {
namespace {

const Money twelve_fifty(123'450, Currency::of("EUR"));

TEST(Amounts, AMarkedOneIsWrittenByWhoeverMakesTheText) {
  const std::string text = "Pay " + marked(twelve_fifty) + ", not " + marked(-twelve_fifty, "EURO") + "!";
  EXPECT_TRUE(has_marks(text));
  EXPECT_EQ(with_amounts(text), "Pay €1,234.50, not -EURO1,234.50!");
  EXPECT_EQ(with_amounts(text,
                         [](const Money& amount, std::string_view symbol) {
                           return amount.to_string() + "/" + std::string(symbol);
                         }),
            "Pay 1234.50/, not -1234.50/EURO!");
}

TEST(Amounts, FillWritesThemTheEnglishWay) {
  EXPECT_EQ(fill("{amount} is due.", {{"amount", marked(twelve_fifty)}}), "€1,234.50 is due.");
  EXPECT_EQ(Refused("due", "{amount} is due.", {{"amount", marked(twelve_fifty)}}).message(),
            "€1,234.50 is due.");
}

TEST(Amounts, ATypedNumberIsReadInEveryLanguagesWay) {
  const std::pair<const char*, const char*> good[] = {{"12", "12"},
                                                      {"12.50", "12.50"},
                                                      {" 12,50 ", "12.50"},
                                                      {"1,234.50", "1234.50"},
                                                      {"1.234,50", "1234.50"},
                                                      {"1,234,567", "1234567"},
                                                      {"1.234.567,8", "1234567.8"},
                                                      {"1,234", "1.234"},
                                                      {"-1.234,50", "-1234.50"},
                                                      {"0,5", "0.5"}};
  for (const auto& [typed, meant] : good) EXPECT_EQ(typed_decimal(typed), Decimal::parse(meant)) << typed;
  for (const char* wrong :
       {"", ".", ",", "1,23,4", "12,34.50", "1.2345,6", "1,234.5.6", "1.234,5,6", ",234.50", "1234,567.8",
        "12 50", "1e3", "x", "--1", "1,,2", "1.234,", "1-2,345.6"})
    EXPECT_EQ(typed_decimal(wrong), std::nullopt) << wrong;
}

TEST(Amounts, WhatMayBeAThousandIsNoAmount) {
  const Currency euro = Currency::of("EUR"), yen = Currency::of("JPY"), dinar = Currency::of("KWD");
  for (const char* typed : {"1,000", "1.000", " 12.500 ", "-999,000"}) {
    EXPECT_TRUE(may_be_thousands(typed)) << typed;
    EXPECT_EQ(typed_money(typed, euro), std::nullopt) << typed;
    EXPECT_EQ(typed_money(typed, yen), std::nullopt) << typed;
    EXPECT_EQ(typed_money(typed, dinar), Money::exact(typed_decimal(typed).value(), dinar)) << typed;
  }
  const std::pair<const char*, std::int64_t> good[] = {
      {"1000", 100'000}, {"1,000.00", 100'000}, {"1.000,00", 100'000}, {"1,000,000", 100'000'000},
      {"0.500", 50},     {"1234.500", 123'450}, {"12.5", 1'250},       {"12.5000", 1'250},
      {"-1.00", -100}};
  for (const auto& [typed, minor] : good) {
    EXPECT_FALSE(may_be_thousands(typed)) << typed;
    EXPECT_EQ(typed_money(typed, euro), Money(minor, euro)) << typed;
  }
  for (const char* wrong : {"", "x", "1.005", "1.2345", "1,23456", "1000000000001", "-1000000000001",
                            "99999999999999999999999999999999999999", "1.000.0"})
    EXPECT_EQ(typed_money(wrong, euro), std::nullopt) << wrong;
  for (const char* wrong : {"", ".000", "1.00", "1.0000", "1234.000", "1.0a0", "a.000", "1,000.000"})
    EXPECT_FALSE(may_be_thousands(wrong)) << wrong;
}

TEST(Amounts, WhatIsNoMarkStays) {
  for (const char* text : {"", "plain", "\x1f", "\x1f\x1f",
                           "\x1f"
                           "EUR\x1f",
                           "\x1f"
                           "EUR1\x1f",
                           "\x1f"
                           "EURx:\x1f",
                           "\x1fXXQ12:\x1f",
                           "\x1f"
                           "EUR99999999999999999999:\x1f",
                           "\x1f"
                           "EUR12:"})
    EXPECT_EQ(with_amounts(text), text);
  EXPECT_EQ(with_amounts("\x1f" + marked(twelve_fifty)), "\x1f€1,234.50");
}

}  // namespace
}  // namespace plenary
