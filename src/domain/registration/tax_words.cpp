#include "domain/registration/tax_words.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/errors.hpp"

namespace plenary::registration {
namespace {

// Where the tax on sales goes by another name than VAT.
bool is_called_vat(std::string_view country) {
  constexpr std::array<std::string_view, 9> others{"AU", "CA", "IN", "JP", "MY", "NZ", "PR", "SG", "US"};
  return !country.empty() && std::find(others.begin(), others.end(), country) == others.end();
}

void add(std::vector<TaxSum>& sums, TaxSum line) {
  if (line.category == TaxCategory::outside) return;
  for (TaxSum& sum : sums) {
    if (sum.rate != line.rate || sum.category != line.category || sum.inclusive != line.inclusive ||
        sum.reverse_charge != line.reverse_charge || sum.country != line.country ||
        sum.legal_text != line.legal_text)
      continue;
    sum.net += line.net;
    sum.tax += line.tax;
    sum.gross += line.gross;
    sum.priced += line.priced;
    return;
  }
  sums.push_back(std::move(line));
}

// The highest rate first, what is not taxed last.
std::vector<TaxSum> sorted(std::vector<TaxSum> sums) {
  std::stable_sort(sums.begin(), sums.end(), [](const TaxSum& a, const TaxSum& b) {
    if (a.reverse_charge != b.reverse_charge) return b.reverse_charge;
    return a.rate > b.rate;
  });
  return sums;
}

}  // namespace

std::vector<TaxSum> tax_sums(const Quote& quote) {
  std::vector<TaxSum> sums;
  for (const QuoteLine& line : quote.lines) {
    const AppliedTax& tax = line.applied_tax;
    add(sums,
        {percent_of(tax.rate), tax.category, tax.inclusive, tax.reverse_charge, std::string(tax.country),
         std::string(tax.text), line.net, line.tax, line.gross, line.line_total});
  }
  return sorted(std::move(sums));
}

std::vector<TaxSum> tax_sums(std::span<const OrderLine> lines) {
  std::vector<TaxSum> sums;
  for (const OrderLine& line : lines) {
    const Decimal rate = Decimal::parse(line.tax_rate).value_or(Decimal()).normalized();
    add(sums, {rate, line.tax_category, line.tax_inclusive, line.reverse_charge, line.tax_country,
               line.tax_text, line.net, line.tax, line.gross, line.line_total});
  }
  std::erase_if(sums, [](const TaxSum& sum) { return sum.gross == 0 && sum.net == 0 && sum.priced == 0; });
  return sorted(std::move(sums));
}

std::vector<TaxWords> tax_words(std::span<const TaxSum> sums) {
  std::vector<TaxWords> words;
  for (const TaxSum& sum : sums) {
    const bool is_vat = is_called_vat(sum.country);
    TaxWords row;
    row.rate = sum.rate;
    row.legal_text = sum.legal_text;
    if (sum.reverse_charge) {
      row.text = message("VAT that you owe in your country (reverse charge)");
      // A price that contains the tax is less without it.
      if (sum.priced != sum.gross) {
        row.amount = sum.gross - sum.priced;
        row.counts = true;
      }
    } else if (sum.category == TaxCategory::exempt) {
      row.text = message("Exempt from tax");
    } else if (sum.inclusive) {
      row.text = is_vat ? message("Includes {rate} % VAT") : message("Includes {rate} % tax");
      row.amount = sum.tax;
    } else {
      row.text = is_vat ? message("Plus {rate} % VAT") : message("Plus {rate} % tax");
      row.amount = sum.tax;
      row.counts = true;
    }
    words.push_back(std::move(row));
  }
  return words;
}

TaxWords price_note(const AppliedTax& applied) {
  TaxWords note;
  if (!applied.rule || applied.category == TaxCategory::outside) return note;
  note.rate = percent_of(applied.rate);
  note.legal_text = std::string(applied.text);
  const bool is_vat = is_called_vat(applied.country);
  if (applied.category == TaxCategory::exempt)
    note.text = message("exempt from tax");
  else if (applied.inclusive)
    note.text = is_vat ? message("incl. {rate} % VAT") : message("incl. {rate} % tax");
  else
    note.text = is_vat ? message("plus {rate} % VAT") : message("plus {rate} % tax");
  return note;
}

}  // namespace plenary::registration
