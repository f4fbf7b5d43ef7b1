// Which currency and symbol a conference's amounts are shown with. source: ground rules 15, 3.1.
#include "domain/conference/currency.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "config/settings.hpp"

namespace plenary::conference {
namespace {

config::ProgramSettings settings(std::string_view currency, std::optional<std::string> symbol) {
  config::ProgramSettings s;
  s.currency = Currency::of(currency);
  s.currency_symbol = std::move(symbol);
  return s;
}

TEST(ConferenceCurrency, ItsOwnWinsOverTheSettings) {
  EXPECT_EQ(currency_of("EUR", settings("USD", {})), Currency::of("EUR"));
  EXPECT_EQ(currency_of(std::nullopt, settings("USD", {})), Currency::of("USD"));
  EXPECT_THROW(currency_of("EURO", settings("USD", {})), std::invalid_argument);
}

TEST(ConferenceCurrency, TheGivenSymbolHoldsForItsCurrencyOnly) {
  EXPECT_EQ(display(Money(12550, Currency::of("USD")), settings("USD", {})), "$125.50");
  EXPECT_EQ(display(Money(12550, Currency::of("USD")), settings("USD", "US$")), "US$125.50");
  EXPECT_EQ(display(Money(12550, Currency::of("EUR")), settings("USD", "US$")), "€125.50");
  EXPECT_EQ(display(Money(500, Currency::of("JPY")), settings("USD", {})), "¥500");
}

}  // namespace
}  // namespace plenary::conference
