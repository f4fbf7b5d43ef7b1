// Countries in the words and the order of a language.
#include "i18n/countries.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/countries.hpp"

namespace plenary::i18n {
namespace {

TEST(Countries, AreNamedInEachLanguage) {
  EXPECT_EQ(country_name("en", "DE"), "Germany");
  EXPECT_EQ(country_name("de", "DE"), "Deutschland");
  EXPECT_EQ(country_name("de", "AT"), "Österreich");
  EXPECT_NE(country_name("en-XA", "DE"), "Germany");
  EXPECT_EQ(country_name("xx", "FR"), "France");
  EXPECT_EQ(country_name("en", "QQ"), "QQ");
}

TEST(Countries, AreAllThereInTheOrderOfTheLanguage) {
  const auto& english = countries("en");
  const auto& german = countries("de");
  EXPECT_EQ(english.size(), country_codes().size());
  EXPECT_EQ(german.size(), country_codes().size());
  const auto place = [](const std::vector<NamedCountry>& list, std::string_view code) {
    return std::find_if(list.begin(), list.end(), [&](const auto& c) { return c.code == code; }) -
           list.begin();
  };
  EXPECT_LT(place(english, "AT"), place(english, "DE"));  // Austria, Germany
  EXPECT_LT(place(german, "DE"), place(german, "AT"));    // Deutschland, Österreich
  // Not by bytes: Ö is an O.
  EXPECT_LT(place(german, "AT"), place(german, "PL"));
}

}  // namespace
}  // namespace plenary::i18n
