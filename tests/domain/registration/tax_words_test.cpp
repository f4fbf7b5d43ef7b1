// Taxes in words: one row a rate, what counts towards the total and what it contains.
#include "domain/registration/tax_words.hpp"

#include <gtest/gtest.h>

namespace plenary::registration {
namespace {

OrderLine line(std::int64_t priced, std::int64_t gross, std::int64_t tax, const char* rate) {
  OrderLine made;
  made.line_total = priced;
  made.gross = gross;
  made.tax = tax;
  made.net = gross - tax;
  made.tax_rate = rate;
  made.tax_category = TaxCategory::standard;
  made.tax_country = "DE";
  return made;
}

TEST(TaxWords, AreOneRowForEachRateTheHighestFirst) {
  const std::vector<OrderLine> lines{line(5'000, 5'000, 327, "7"), line(10'000, 10'000, 1'597, "19"),
                                     line(2'000, 2'000, 319, "19.0000")};
  const auto words = tax_words(tax_sums(lines));
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].text, "Includes {rate} % VAT");
  EXPECT_EQ(words[0].rate.to_string(), "19");
  EXPECT_EQ(words[0].amount, 1'916);
  EXPECT_FALSE(words[0].counts);
  EXPECT_EQ(words[1].amount, 327);
}

TEST(TaxWords, AddedTaxCountsTowardsTheTotal) {
  std::vector<OrderLine> lines{line(10'000, 11'900, 1'900, "19")};
  lines[0].tax_inclusive = false;
  lines[0].tax_country = "US";
  const auto words = tax_words(tax_sums(lines));
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].text, "Plus {rate} % tax");
  EXPECT_EQ(words[0].amount, 1'900);
  EXPECT_TRUE(words[0].counts);
}

TEST(TaxWords, ReverseChargeTakesTheContainedTaxOffAndSaysTheLaw) {
  std::vector<OrderLine> lines{line(11'900, 10'000, 0, "19")};
  lines[0].reverse_charge = true;
  lines[0].tax_country = "";
  lines[0].tax_text = "The recipient owes the tax.";
  const auto inclusive = tax_words(tax_sums(lines));
  ASSERT_EQ(inclusive.size(), 1u);
  EXPECT_EQ(inclusive[0].amount, -1'900);
  EXPECT_TRUE(inclusive[0].counts);
  EXPECT_EQ(inclusive[0].legal_text, "The recipient owes the tax.");
  lines[0].tax_inclusive = false;
  lines[0].line_total = 10'000;
  const auto exclusive = tax_words(tax_sums(lines));
  ASSERT_EQ(exclusive.size(), 1u);
  EXPECT_EQ(exclusive[0].amount, std::nullopt);
  EXPECT_FALSE(exclusive[0].counts);
}

TEST(TaxWords, WhatWasTakenBackIsNoLongerTaxed) {
  std::vector<OrderLine> lines{line(10'000, 10'000, 1'597, "19"), line(-10'000, -10'000, -1'597, "19")};
  EXPECT_TRUE(tax_words(tax_sums(lines)).empty());
}

TEST(TaxWords, OutsideOfTheScopeNothingIsSaid) {
  OrderLine outside;
  outside.line_total = outside.gross = outside.net = 10'000;
  EXPECT_TRUE(tax_words(tax_sums(std::vector<OrderLine>{outside})).empty());
  EXPECT_EQ(price_note(AppliedTax{}).text, "");
  ReckonedRule rule;
  rule.rate = 190'000;
  AppliedTax applied;
  applied.rule = &rule;
  applied.rate = 190'000;
  applied.category = TaxCategory::standard;
  applied.country = "FR";
  EXPECT_EQ(price_note(applied).text, "incl. {rate} % VAT");
  EXPECT_EQ(price_note(applied).rate.to_string(), "19");
  applied.inclusive = false;
  EXPECT_EQ(price_note(applied).text, "plus {rate} % VAT");
  applied.category = TaxCategory::exempt;
  EXPECT_EQ(price_note(applied).text, "exempt from tax");
}

}  // namespace
}  // namespace plenary::registration
