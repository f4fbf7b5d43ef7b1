// An invoice or a credit note as pages of PDF, from a plain struct of texts that are in their language
// already: tagged (headings, tables with their heads), titled, with its language and embedded fonts; the
// address fits a window envelope. The same struct gives the same bytes. Slow (tens of milliseconds): run it
// on the slow pool; any thread, no shared state of ours. Errors: std::runtime_error when Cairo fails. source:
// ground rules 15, 4.7; taxes and invoices 25, 4.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"

namespace plenary::documents {

struct InvoiceFact {
  std::string label, value;
};

struct InvoiceRow {
  std::string description, detail;  // detail: smaller, below; may be empty
  std::string quantity, net, rate, tax, gross;
};

struct InvoiceTotal {
  std::string label, value;
  bool is_strong = false;
};

struct InvoiceTaxRow {
  std::string rate, net, tax, gross;
};

struct InvoiceLabels {
  std::string description = "Description", quantity = "Qty", net = "Net", rate = "Tax rate", tax = "Tax",
              gross = "Total";
  std::string taxes = "Tax by rate";
  std::string page = "Page {page} of {pages}";  // on each page, where there is more than one
};

struct InvoiceDocument {
  std::string language = "en";  // BCP 47
  std::string title;            // of the document: "Invoice PY27-00001"
  std::string heading;          // "Invoice PY27-00001"
  std::string test_mark;        // "TEST: not an invoice"; empty for a real one
  std::string seller_name;
  std::vector<std::string> seller_lines;  // beside its name at the top
  std::string sender_line;                // above the buyer's address, small
  std::vector<std::string> buyer_lines;
  std::vector<InvoiceFact> facts;  // number, dates
  std::vector<std::string> intro;  // what is sold
  std::vector<InvoiceRow> rows;
  std::vector<InvoiceTotal> totals;
  std::vector<InvoiceTaxRow> taxes;              // none: no table
  std::vector<std::string> notes;                // what the law wants said, one paragraph each
  std::vector<std::vector<std::string>> footer;  // up to three columns of lines
  InvoiceLabels labels;
  Instant created_at;  // the document's date
};

// A whole PDF file.
std::string invoice_pdf(const InvoiceDocument& invoice);

}  // namespace plenary::documents
