// Facts about invoices and credit notes as PDF.
#include "documents/invoice.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "documents/render.hpp"

namespace plenary::documents {
namespace {

using testing::info_of;
using testing::run_on;
using testing::text_of;

InvoiceDocument invoice() {
  InvoiceDocument i;
  i.title = i.heading = "Invoice PY27-00042";
  i.seller_name = "Python Community e. V.";
  i.seller_lines = {"Hafenstraße 12", "20457 Hamburg", "Germany"};
  i.sender_line = "Python Community e. V. · Hafenstraße 12 · 20457 Hamburg";
  i.buyer_lines = {"Analytical Engines Ltd.", "Ada Lovelace",   "12 St James's Square",
                   "London SW1Y 4JH",         "United Kingdom", "VAT ID GB123456789"};
  i.facts = {{"Invoice number", "PY27-00042"}, {"Issued on", "14 May 2027"},
             {"Paid on", "14 May 2027"},       {"Date of supply", "20–22 May 2027"},
             {"Order", "ORD-8F2K4M1X"},        {"Your reference", "PO 4711"}};
  i.intro = {"Fair 2027, 20–22 May 2027, Old Harbour Hall, Hamburg"};
  i.rows = {{"Individual ticket", "2 × €119.00, discount €20.00", "2", "183.19", "19 %", "34.81", "218.00"},
            {"Workshop lunch", "", "1", "28.04", "7 %", "1.96", "30.00"}};
  i.totals = {{"Net", "€211.23", false},
              {"Tax", "€36.77", false},
              {"Total", "€248.00", true},
              {"Payment received on 14 May 2027 (card)", "−€248.00", false},
              {"Still to pay", "€0.00", true}};
  i.taxes = {{"19 % (DE)", "183.19", "34.81", "218.00"}, {"7 % (DE)", "28.04", "1.96", "30.00"}};
  i.notes = {"Thank you for your order."};
  i.footer = {{"Python Community e. V.", "Hafenstraße 12", "20457 Hamburg"},
              {"VAT ID DE123456789", "Register VR 12345, Amtsgericht Hamburg", "invoices@fair.example"},
              {"Python Community e. V.", "IBAN DE89 3704 0044 0532 0130 00", "BIC COBADEFFXXX"}};
  i.created_at = *Instant::parse("2027-05-14T09:00:00Z");
  return i;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Invoice, IsAWellFormedTaggedFileWithItsTitleAndLanguage) {
  InvoiceDocument german = invoice();
  german.language = "de";
  const std::string pdf = invoice_pdf(german);
  EXPECT_TRUE(holds(run_on(pdf, "qpdf --check {}"), "No syntax or stream encoding errors"));
  const std::string info = info_of(pdf);
  EXPECT_TRUE(holds(info, "Title:           Invoice PY27-00042")) << info;
  EXPECT_TRUE(holds(info, "Author:          Python Community e. V.")) << info;
  EXPECT_TRUE(holds(info, "Tagged:          yes")) << info;
  EXPECT_TRUE(holds(info, "Pages:           1")) << info;
  EXPECT_TRUE(holds(run_on(pdf, "qpdf --qdf --object-streams=disable {} -"), "/Lang (de)"));
}

TEST(Invoice, ItsStructureHasAHeadingAndTablesWithHeads) {
  const std::string structure = run_on(invoice_pdf(invoice()), "pdfinfo -struct-text {}");
  EXPECT_TRUE(holds(structure, "H1 (block)")) << structure;
  EXPECT_TRUE(holds(structure, "H2 (block)")) << structure;
  EXPECT_TRUE(holds(structure, "Table")) << structure;
  for (const std::string_view part : {"TR", "TH", "TD", "\"Individual ticket\"", "\"Tax rate\""})
    EXPECT_TRUE(holds(structure, part)) << part << "\n" << structure;
}

TEST(Invoice, ShowsEverythingThatItMust) {
  const std::string text = text_of(invoice_pdf(invoice()));
  for (const std::string_view part : {"PY27-00042", "14 May 2027", "20–22 May 2027", "Python Community e. V.",
                                      "Analytical Engines Ltd.", "GB123456789", "Individual ticket", "218.00",
                                      "19 %", "34.81", "€248.00", "DE123456789", "IBAN", "PO 4711"})
    EXPECT_TRUE(holds(text, part)) << part << "\n" << text;
}

TEST(Invoice, ManyLinesGoOverPagesThatAreNumberedAndRepeatTheHeads) {
  InvoiceDocument i = invoice();
  for (int n = 0; n < 60; ++n)
    i.rows.push_back({"Ticket number " + std::to_string(n), "", "1", "100.00", "19 %", "19.00", "119.00"});
  const std::string pdf = invoice_pdf(i);
  EXPECT_TRUE(holds(info_of(pdf), "Pages:           3")) << info_of(pdf);
  const std::string last = run_on(pdf, "pdftotext -f 3 -layout {} -");
  EXPECT_TRUE(holds(last, "Page 3 of 3")) << last;
  EXPECT_TRUE(holds(last, "IBAN")) << last;
  EXPECT_TRUE(holds(run_on(pdf, "pdftotext -f 2 -l 2 {} -"), "Tax rate"));
  EXPECT_TRUE(holds(run_on(pdf, "qpdf --check {}"), "No syntax or stream encoding errors"));
}

TEST(Invoice, ATestOneSaysSoOnEveryPage) {
  InvoiceDocument i = invoice();
  i.test_mark = "TEST: not an invoice";
  for (int n = 0; n < 40; ++n) i.rows.push_back({"Line", "", "1", "1.00", "0 %", "0.00", "1.00"});
  const std::string pdf = invoice_pdf(i);
  for (const char* page : {"1", "2"})
    EXPECT_TRUE(holds(run_on(pdf, std::string("pdftotext -f ") + page + " -l " + page + " {} -"),
                      "TEST: not an invoice"));
}

TEST(Invoice, ALanguageThatReadsFromRightToLeftTurnsThePageRound) {
  InvoiceDocument i = invoice();
  i.language = "ar";
  const std::string boxes = run_on(invoice_pdf(i), "pdftotext -bbox {} -");
  const std::size_t at = boxes.find(">218.00");
  ASSERT_NE(at, std::string::npos) << boxes;
  EXPECT_LT(std::stod(boxes.substr(boxes.rfind("xMin=\"", at) + 6)), 200) << "totals stand at the left";
  // Figures begin where the heads of their columns do.
  const std::size_t head = boxes.find(">Total");
  ASSERT_NE(head, std::string::npos);
  EXPECT_NEAR(std::stod(boxes.substr(boxes.rfind("xMin=\"", at) + 6)),
              std::stod(boxes.substr(boxes.rfind("xMin=\"", head) + 6)), 3);
}

TEST(Invoice, LongWordsAndLargeSumsStayOnThePage) {
  InvoiceDocument i = invoice();
  i.seller_name = std::string(180, 'W');
  i.buyer_lines = {std::string(190, 'W'), std::string(60, 'i')};
  i.rows = {{std::string(300, 'M'), "", "1,000,000", "999,999,999,999.99", "8.8750 %", "99,999,999,999.99",
             "9,999,999,999,999.99"}};
  const std::string boxes = run_on(invoice_pdf(i), "pdftotext -bbox {} -");
  for (std::size_t at = boxes.find("<word"); at != std::string::npos; at = boxes.find("<word", at + 1)) {
    EXPECT_GE(std::stod(boxes.substr(boxes.find("xMin=\"", at) + 6)), 0);
    EXPECT_LE(std::stod(boxes.substr(boxes.find("xMax=\"", at) + 6)), 596) << boxes.substr(at, 120);
  }
}

TEST(Invoice, TheSameStructGivesTheSameBytes) {
  EXPECT_EQ(invoice_pdf(invoice()), invoice_pdf(invoice()));
}

}  // namespace
}  // namespace plenary::documents
