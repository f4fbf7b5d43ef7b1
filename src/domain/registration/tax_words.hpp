// The taxes of a sale in words, one for each rate: what a price contains, what comes on top, what the buyer
// owes. Pages, mails and documents show the same ones. English with {name} places, translated when shown.
// Pure; any thread. source: taxes and invoices 25, 1 and 2.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/registration/pricing.hpp"
#include "domain/registration/taxes.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// One rate of one kind, summed over the lines that have it. Lines outside of the scope of tax are in none.
struct TaxSum {
  Decimal rate;  // percent
  TaxCategory category = TaxCategory::standard;
  bool inclusive = true, reverse_charge = false;
  std::string country, legal_text;
  std::int64_t net = 0, tax = 0, gross = 0;
  std::int64_t priced = 0;  // after discounts, as the prices are written
};
std::vector<TaxSum> tax_sums(const Quote& quote);
std::vector<TaxSum> tax_sums(std::span<const OrderLine> lines);  // those taken back count below zero

// A row of a summary. {rate} is a number, {text} what the law wants printed.
struct TaxWords {
  std::string text;
  Decimal rate;
  std::string legal_text;
  std::optional<std::int64_t> amount;  // none: only said
  bool counts = false;  // it is part of what adds up to the total, before it; else the total contains it
};
std::vector<TaxWords> tax_words(std::span<const TaxSum> sums);

// Beside a price: "incl. {rate} % VAT", "plus {rate} % VAT". Empty text: nothing to say.
TaxWords price_note(const AppliedTax& applied);

}  // namespace plenary::registration
