// What invoices and credit notes say in words, from their snapshots alone.
#include "mail/invoice_pdf.hpp"

#include <gmock/gmock.h>

namespace plenary::mail {
namespace {

using documents::InvoiceDocument;
using invoicing::Document;
using invoicing::DocumentKind;
using invoicing::Snapshot;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Snapshot snapshot() {
  Snapshot s;
  s.number = "PY27-00042";
  s.language = "en";
  s.currency = "EUR";
  s.issued_on = *Date::parse("2027-05-14");
  s.paid_on = *Date::parse("2027-05-14");
  s.paid = 24800;
  s.payment_method = "stripe";
  s.conference_name = "Fair 2027";
  s.venue = "Old Harbour Hall";
  s.event_from = *Date::parse("2027-05-20");
  s.event_to = *Date::parse("2027-05-22");
  s.order_reference = "ORD-8F2K4M1X";
  s.ordered_on = *Date::parse("2027-05-13");
  s.seller.name = "Python Community e. V.";
  s.seller.street = "Hafenstraße 12";
  s.seller.postcode = "20457";
  s.seller.city = "Hamburg";
  s.seller.country = "DE";
  s.seller.vat_id = "DE123456789";
  s.seller.bank_iban = "DE89370400440532013000";
  s.buyer = {"Ada Lovelace", "ada@example.org", "Analytical Engines"};
  s.buyer.city = "Paris";
  s.buyer.country = "FR";
  s.buyer.vat_id = "FR40303265045";
  s.buyer.reference = "PO 4711";
  invoicing::Line line;
  line.description = "Individual ticket";
  line.quantity = 2;
  line.unit_price = 13400;
  line.discount = 2000;
  line.net = 20840;
  line.tax = 3960;
  line.gross = 24800;
  line.tax_rate = "19";
  line.tax_category = registration::TaxCategory::standard;
  line.tax_country = "DE";
  s.lines = {line};
  s.taxes = {{"19", "DE", registration::TaxCategory::standard, false, 20840, 3960, 24800}};
  s.net = 20840;
  s.tax = 3960;
  s.gross = 24800;
  return s;
}

InvoiceDocument said(const Snapshot& s) {
  Document document;
  document.number = s.number;
  document.kind = s.kind;
  document.issued_at = *Instant::parse("2027-05-14T09:00:00Z");
  document.snapshot = invoicing::snapshot_text(s);
  return invoice_document(document);
}

std::string fact(const InvoiceDocument& d, std::string_view label) {
  for (const auto& one : d.facts)
    if (one.label == label) return one.value;
  return "(none)";
}

std::string total(const InvoiceDocument& d, std::string_view label) {
  for (const auto& one : d.totals)
    if (one.label.starts_with(label)) return one.value;
  return "(none)";
}

TEST(InvoiceWords, SayWhatTheLawAsksFor) {
  const InvoiceDocument d = said(snapshot());
  EXPECT_EQ(d.heading, "Invoice PY27-00042");
  EXPECT_EQ(d.test_mark, "");
  EXPECT_EQ(fact(d, "Number"), "PY27-00042");
  EXPECT_EQ(fact(d, "Issued on"), "14 May 2027");
  EXPECT_EQ(fact(d, "Paid on"), "14 May 2027");
  EXPECT_EQ(fact(d, "Date of supply"), "20–22 May 2027");
  EXPECT_EQ(fact(d, "Your reference"), "PO 4711");
  EXPECT_THAT(d.buyer_lines, ElementsAre("Analytical Engines", "Ada Lovelace", "Paris", "France",
                                         "VAT number: FR40303265045"));
  ASSERT_THAT(d.rows, SizeIs(1));
  EXPECT_EQ(d.rows[0].detail, "2 × €134.00, less €20.00");
  EXPECT_EQ(d.rows[0].net, "208.40");
  EXPECT_EQ(d.rows[0].rate, "19 %");
  EXPECT_EQ(total(d, "Net"), "€208.40");
  EXPECT_EQ(total(d, "Tax 19 %"), "€39.60");
  EXPECT_EQ(total(d, "Total"), "€248.00");
  EXPECT_EQ(total(d, "Received on 14 May 2027 by card"), "-€248.00");
  EXPECT_EQ(total(d, "Still to pay"), "€0.00");
  EXPECT_THAT(d.taxes, IsEmpty()) << "one rate stands in the totals";
  EXPECT_THAT(d.notes, Contains(HasSubstr("received in advance")));
  EXPECT_THAT(d.notes, Not(Contains(HasSubstr("Please pay"))));
}

TEST(InvoiceWords, AskForWhatIsStillToPay) {
  Snapshot s = snapshot();
  s.paid_on.reset();
  s.paid = 0;
  const InvoiceDocument d = said(s);
  EXPECT_EQ(fact(d, "Paid on"), "(none)");
  EXPECT_EQ(total(d, "Still to pay"), "€248.00");
  EXPECT_THAT(d.notes, Contains("Please pay €248.00 to the account named below and state ORD-8F2K4M1X."));
}

TEST(InvoiceWords, ACreditNoteNamesWhatItCorrects) {
  Snapshot s = snapshot();
  s.kind = DocumentKind::credit_note;
  s.number = "PY27-C-00001";
  s.corrects_number = "PY27-00042";
  s.corrects_date = *Date::parse("2027-05-14");
  s.reason = "Another company was meant.";
  const InvoiceDocument d = said(s);
  EXPECT_EQ(d.heading, "Credit note PY27-C-00001");
  EXPECT_EQ(fact(d, "Corrects"), "PY27-00042, 14 May 2027");
  EXPECT_THAT(d.intro, Contains(HasSubstr("PY27-00042")));
  EXPECT_THAT(d.intro, Contains("Another company was meant."));
  EXPECT_EQ(total(d, "Still to pay"), "(none)");
}

// The signs stand in the columns; a lower price is of no units, and says so.
TEST(InvoiceWords, WhatIsTakenBackIsMadeUpAsItWas) {
  Snapshot s = snapshot();
  s.kind = DocumentKind::credit_note;
  invoicing::Line& line = s.lines[0];
  line.quantity = -2;
  line.discount = -line.discount;
  line.net = -line.net;
  line.tax = -line.tax;
  line.gross = -line.gross;
  EXPECT_EQ(said(s).rows[0].detail, "2 × €134.00, less €20.00");
  EXPECT_EQ(said(s).rows[0].quantity, "-2");
  line.discount = 0;
  EXPECT_EQ(said(s).rows[0].detail, "2 × €134.00");
  line.quantity = -1;
  EXPECT_EQ(said(s).rows[0].detail, "");
  line.quantity = 0;
  EXPECT_EQ(said(s).rows[0].detail, "price reduction");
}

TEST(InvoiceWords, ExemptionsReverseChargeAndForeignTaxAreSaid) {
  Snapshot s = snapshot();
  s.texts = {"Exempt under § 4 Nr. 22 UStG.", "Reverse charge: the customer owes the tax."};
  s.lines[0].reverse_charge = true;
  s.taxes = {{"0", "", registration::TaxCategory::standard, true, 20840, 0, 20840},
             {"0", "", registration::TaxCategory::exempt, false, 100, 0, 100}};
  s.foreign_tax =
      invoicing::ForeignTax{"CHF", 1782, "0.9377", "European Central Bank", *Date::parse("2027-05-12")};
  const InvoiceDocument d = said(s);
  EXPECT_THAT(d.notes, Contains("Exempt under § 4 Nr. 22 UStG."));
  EXPECT_THAT(d.notes, Contains("Reverse charge: the customer owes the tax."));
  EXPECT_THAT(d.notes,
              Contains(HasSubstr("1 EUR is 0.9377 CHF; source: European Central Bank, 12 May 2027.")));
  ASSERT_THAT(d.taxes, SizeIs(2));
  EXPECT_EQ(d.taxes[0].rate, "0 % · reverse charge");
  EXPECT_EQ(d.taxes[1].rate, "Exempt from tax");
  // The price of the line holds a tax that is not charged: nothing multiplies to 208.40 with it.
  s.lines[0].tax_inclusive = true;
  EXPECT_EQ(said(s).rows[0].detail, "2 × €104.20");
  s.lines[0].net = s.lines[0].gross = 20841;
  EXPECT_EQ(said(s).rows[0].detail, "");
  s.lines[0].tax_inclusive = false;
  EXPECT_EQ(said(s).rows[0].detail, "2 × €134.00, less €20.00");
}

TEST(InvoiceWords, PlayMoneyIsMarkedAndEveryCurrencyHasItsDecimals) {
  Snapshot s = snapshot();
  s.is_test = true;
  EXPECT_THAT(said(s).test_mark, HasSubstr("TEST"));
  s.currency = "JPY";
  EXPECT_EQ(said(s).rows[0].gross, "24,800");
  s.currency = "KWD";
  EXPECT_EQ(said(s).rows[0].gross, "24.800");
}

TEST(InvoiceWords, AreDrawnAsAFileWithASafeName) {
  Document document;
  document.number = "PY/27.00042";
  document.snapshot = invoicing::snapshot_text(snapshot());
  EXPECT_TRUE(invoice_pdf(document).starts_with("%PDF-"));
  EXPECT_EQ(invoice_file_name(document), "PY-27-00042.pdf");
}

TEST(InvoiceWords, ASnapshotThatCannotBeReadIsAnError) {
  Document document;
  document.snapshot = "{}";
  EXPECT_THROW(invoice_document(document), std::runtime_error);
  document.snapshot = "no JSON";
  EXPECT_THROW(invoice_document(document), std::runtime_error);
}

}  // namespace
}  // namespace plenary::mail
