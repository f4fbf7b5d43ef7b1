#include "mail/invoice_pdf.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/decimal.hpp"
#include "base/errors.hpp"
#include "base/money.hpp"
#include "domain/registration/types.hpp"
#include "i18n/countries.hpp"
#include "i18n/formats.hpp"
#include "i18n/languages.hpp"
#include "mail/line_name.hpp"

namespace plenary::mail {
namespace {

using documents::InvoiceDocument;
using invoicing::DocumentKind;
using invoicing::Snapshot;
using invoicing::TaxSum;
using registration::TaxCategory;

const char* method_word(std::string_view method) {
  if (method == "stripe" || method == "terminal") return message("card");
  if (method == "credit") return message("credit");
  if (method == "manual") return message("transfer or cash");
  if (method == "sandbox") return message("play money");
  return "";
}

std::string joined(std::initializer_list<std::string_view> parts, std::string_view between) {
  std::string all;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    if (!all.empty()) all += between;
    all += part;
  }
  return all;
}

void add(std::vector<std::string>& lines, std::string line) {
  if (!line.empty()) lines.push_back(std::move(line));
}

class Filling {
 public:
  explicit Filling(const invoicing::Document& document)
      : issued_at_(document.issued_at),
        s_(invoicing::read_snapshot(document.snapshot)),
        language_(s_.language.empty() ? "en" : s_.language),
        currency_(Currency::of(s_.currency)) {}

  InvoiceDocument fill() {
    InvoiceDocument d;
    d.language = language_;
    const bool is_invoice = s_.kind == DocumentKind::invoice;
    d.heading = kind_name(language_, s_.kind) + " " + s_.number;
    d.title = d.heading;
    if (s_.is_test) d.test_mark = in(message("TEST: paid with play money. This is no invoice."));
    d.seller_name = s_.seller.name;
    const conference::Seller& seller = s_.seller;
    const std::string seller_city = joined({seller.postcode, seller.city}, " ");
    const std::string seller_country = country(seller.country);
    add(d.seller_lines, seller.street);
    add(d.seller_lines, joined({seller_city, seller.region, seller_country}, ", "));
    d.sender_line = joined({seller.name, seller.street, seller_city}, " · ");
    d.buyer_lines = buyer();
    d.facts = facts();
    d.intro = intro();
    for (const invoicing::Line& line : s_.lines) d.rows.push_back(row(line));
    d.totals = totals(is_invoice);
    if (s_.taxes.size() > 1)
      for (const TaxSum& sum : s_.taxes)
        d.taxes.push_back({rate_of(sum), amount(sum.net), amount(sum.tax), amount(sum.gross)});
    d.notes = notes(is_invoice);
    d.footer = footer(seller_city, seller_country);
    d.labels = labels();
    d.created_at = issued_at_;
    return d;
  }

 private:
  std::string in(std::string_view words, const Refused::Arguments& arguments = {}) const {
    return i18n::translated(language_, words, arguments);
  }
  std::string day(Date date) const { return i18n::day(language_, date); }
  std::string money(std::int64_t minor) const { return i18n::money(language_, Money(minor, currency_)); }
  std::string amount(std::int64_t minor) const {
    return i18n::number(language_, Decimal::scaled(minor, currency_.exponent()));
  }
  std::string percent(const std::string& rate) const {
    const Decimal value = Decimal::parse(rate).value_or(Decimal()).normalized();
    return i18n::number(language_, value) + " %";
  }
  std::string country(const std::string& code) const {
    return code.empty() ? std::string() : i18n::country_name(language_, code);
  }

  std::string rate_of(const TaxSum& sum) const {
    if (sum.reverse_charge) return percent(sum.rate) + " · " + in(message("reverse charge"));
    if (sum.category == TaxCategory::exempt) return in(message("Exempt from tax"));
    if (sum.category == TaxCategory::outside) return in(message("Not taxed"));
    return sum.country.empty() ? percent(sum.rate) : percent(sum.rate) + " · " + country(sum.country);
  }

  std::vector<std::string> buyer() const {
    const registration::Billing& b = s_.buyer;
    std::vector<std::string> lines;
    add(lines, b.company);
    add(lines, b.name);
    add(lines, b.street);
    add(lines, joined({b.postcode, b.city}, " "));
    add(lines, b.region);
    add(lines, country(b.country));
    if (!b.vat_id.empty()) lines.push_back(in(message("VAT number: {id}"), {{"id", b.vat_id}}));
    if (lines.empty()) add(lines, b.email);
    return lines;
  }

  std::vector<documents::InvoiceFact> facts() const {
    std::vector<documents::InvoiceFact> all;
    all.push_back({in(message("Number")), s_.number});
    all.push_back({in(message("Issued on")), day(s_.issued_on)});
    if (!s_.corrects_number.empty())
      all.push_back({in(message("Corrects")), s_.corrects_date
                                                  ? s_.corrects_number + ", " + day(*s_.corrects_date)
                                                  : s_.corrects_number});
    if (s_.paid_on) all.push_back({in(message("Paid on")), day(*s_.paid_on)});
    all.push_back({in(message("Date of supply")), i18n::days(language_, s_.event_from, s_.event_to)});
    all.push_back({in(message("Order")), s_.order_reference});
    all.push_back({in(message("Ordered on")), day(s_.ordered_on)});
    if (!s_.buyer.reference.empty()) all.push_back({in(message("Your reference")), s_.buyer.reference});
    return all;
  }

  std::vector<std::string> intro() const {
    std::vector<std::string> lines;
    if (!s_.corrects_number.empty())
      lines.push_back(
          in(message("This credit note takes back what invoice {number} said, as far as it stands here."),
             {{"number", s_.corrects_number}}));
    add(lines, s_.reason);
    add(lines,
        joined({s_.conference_name, i18n::days(language_, s_.event_from, s_.event_to), s_.venue}, " · "));
    return lines;
  }

  // How the amount is made up. Of what is taken back as it was: the signs stand in the columns.
  std::string made_up(const invoicing::Line& line) const {
    const std::int64_t units = std::abs(line.quantity), discount = std::abs(line.discount);
    if (units == 0) return in(message("price reduction"));
    std::int64_t price = line.unit_price;
    if (line.reverse_charge && line.tax_inclusive) {
      // Its price names a tax that is not charged.
      if (units == 1 || line.net % line.quantity != 0) return {};
      price = line.net / line.quantity;
    } else if (discount != 0) {
      return in(message("{quantity} × {price}, less {discount}"),
                {{"quantity", i18n::number(language_, units)},
                 {"price", money(price)},
                 {"discount", money(discount)}});
    }
    if (units == 1) return {};
    return in(message("{quantity} × {price}"),
              {{"quantity", i18n::number(language_, units)}, {"price", money(price)}});
  }

  documents::InvoiceRow row(const invoicing::Line& line) const {
    documents::InvoiceRow row;
    row.description = line_name(language_, line.description);
    row.detail = made_up(line);
    row.quantity = i18n::number(language_, line.quantity);
    row.net = amount(line.net);
    row.rate = line.tax_category == TaxCategory::outside || line.tax_category == TaxCategory::exempt
                   ? std::string("–")
                   : percent(line.tax_rate);
    row.tax = amount(line.tax);
    row.gross = amount(line.gross);
    return row;
  }

  std::vector<documents::InvoiceTotal> totals(bool is_invoice) const {
    std::vector<documents::InvoiceTotal> all;
    all.push_back({in(message("Net")), money(s_.net), false});
    for (const TaxSum& sum : s_.taxes)
      if (sum.tax != 0)
        all.push_back({in(message("Tax {rate}"), {{"rate", percent(sum.rate)}}), money(sum.tax), false});
    all.push_back({is_invoice ? in(message("Total")) : in(message("Total credited")), money(s_.gross), true});
    if (!is_invoice) return all;
    if (s_.paid > 0 && s_.paid_on) {
      const std::string method = method_word(s_.payment_method);
      all.push_back({method.empty() ? in(message("Received on {day}"), {{"day", day(*s_.paid_on)}})
                                    : in(message("Received on {day} by {method}"),
                                         {{"day", day(*s_.paid_on)}, {"method", in(method)}}),
                     money(-s_.paid), false});
    }
    all.push_back({in(message("Still to pay")), money(s_.gross - s_.paid), true});
    return all;
  }

  std::vector<std::string> notes(bool is_invoice) const {
    std::vector<std::string> all = s_.texts;
    if (s_.foreign_tax) {
      const invoicing::ForeignTax& f = *s_.foreign_tax;
      const Currency own = Currency::of(f.currency);
      all.push_back(
          in(message("Tax in {currency}: {amount}. 1 {other} is {rate} {currency}; source: {source}, {day}."),
             {{"currency", f.currency},
              {"amount", i18n::money(language_, Money(f.tax, own))},
              {"other", s_.currency},
              {"rate", i18n::number(language_, Decimal::parse(f.rate).value_or(Decimal(1)))},
              {"source", f.source},
              {"day", day(f.valid_on)}}));
    }
    if (is_invoice && s_.paid_on && *s_.paid_on < s_.event_from && s_.paid > 0)
      all.push_back(
          in(message("This invoice is final; the payment was received in advance, on the day named above.")));
    if (is_invoice && s_.gross > s_.paid && !s_.seller.bank_iban.empty())
      all.push_back(in(message("Please pay {amount} to the account named below and state {reference}."),
                       {{"amount", money(s_.gross - s_.paid)}, {"reference", s_.order_reference}}));
    return all;
  }

  std::vector<std::vector<std::string>> footer(const std::string& city, const std::string& land) const {
    const conference::Seller& seller = s_.seller;
    std::vector<std::string> who, register_, bank;
    add(who, seller.name);
    add(who, seller.street);
    add(who, joined({city, land}, ", "));
    if (!seller.vat_id.empty()) register_.push_back(in(message("VAT number: {id}"), {{"id", seller.vat_id}}));
    add(register_, seller.register_number);
    add(register_, seller.email);
    if (!seller.bank_iban.empty()) {
      add(bank, seller.bank_holder.empty() ? seller.name : seller.bank_holder);
      add(bank, "IBAN " + seller.bank_iban);
      if (!seller.bank_bic.empty()) add(bank, "BIC " + seller.bank_bic);
    }
    std::vector<std::vector<std::string>> columns;
    for (auto* column : {&who, &register_, &bank})
      if (!column->empty()) columns.push_back(std::move(*column));
    return columns;
  }

  documents::InvoiceLabels labels() const {
    documents::InvoiceLabels labels;
    labels.description = in(message("Description"));
    labels.quantity = in(message("Quantity"));
    labels.net = in(message("Net"));
    labels.rate = in(message("Tax rate"));
    labels.tax = in(message("Tax"));
    labels.gross = in(message("Total ({currency})"), {{"currency", s_.currency}});
    labels.taxes = in(message("Tax by rate"));
    labels.page = in(message("Page {page} of {pages}"), {{"page", "{page}"}, {"pages", "{pages}"}});
    return labels;
  }

  Instant issued_at_;
  Snapshot s_;
  std::string language_;
  Currency currency_;
};

}  // namespace

std::string kind_name(std::string_view language, DocumentKind kind) {
  return i18n::translated(language,
                          kind == DocumentKind::invoice ? message("Invoice") : message("Credit note"));
}

InvoiceDocument invoice_document(const invoicing::Document& document) {
  return Filling(document).fill();
}

std::string invoice_pdf(const invoicing::Document& document) {
  return documents::invoice_pdf(invoice_document(document));
}

std::string invoice_file_name(const invoicing::Document& document) {
  std::string name;
  for (const char c : document.number) {
    const bool is_fine =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name += is_fine ? c : '-';
  }
  return name + ".pdf";
}

}  // namespace plenary::mail
