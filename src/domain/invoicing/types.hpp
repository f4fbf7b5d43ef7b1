// Shapes of the invoicing room: documents, what is printed on them, their numbers. Plain structs; money is
// minor units of the document's currency, below zero on credit notes. source: taxes and invoices 25, 3 and 4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/registration/types.hpp"

namespace plenary::invoicing {

using Id = std::int64_t;

enum class DocumentKind { invoice, credit_note };

// A line as printed.
struct Line {
  std::string description;
  std::int64_t quantity = 0;
  std::int64_t unit_price = 0;  // before discounts, with or without tax as the product's prices are
  std::int64_t discount = 0;
  std::int64_t net = 0, tax = 0, gross = 0;
  std::string tax_rate = "0";  // percent
  registration::TaxCategory tax_category = registration::TaxCategory::outside;
  std::string tax_country;
  bool reverse_charge = false;
  bool tax_inclusive = true;
  std::string account;  // of the bookkeeping
};

// The sums of one rate.
struct TaxSum {
  std::string rate, country;
  registration::TaxCategory category = registration::TaxCategory::outside;
  bool reverse_charge = false;
  std::int64_t net = 0, tax = 0, gross = 0;
};

// The tax in the seller's currency, on documents in another one.
struct ForeignTax {
  std::string currency;  // the seller's
  std::int64_t tax = 0;  // its minor units
  std::string rate;      // 1 of the document's currency is this much
  std::string source;    // "ECB"
  Date valid_on;
};

// Everything that is printed.
struct Snapshot {
  DocumentKind kind = DocumentKind::invoice;
  std::string number;
  bool is_test = false;
  std::string language, currency;
  Date issued_on;
  std::optional<Date> paid_on;  // when the buyer's money came; none: it is still to be paid
  std::int64_t paid = 0;        // of this invoice's total, when it was issued
  std::string payment_method;   // "stripe"; empty: none
  std::string conference_name, venue, address;
  Date event_from, event_to;  // of supply
  std::string order_reference;
  Date ordered_on;
  conference::Seller seller;
  registration::Billing buyer;
  std::vector<Line> lines;
  std::vector<TaxSum> taxes;
  std::int64_t net = 0, tax = 0, gross = 0;
  std::vector<std::string> texts;  // what the law wants printed
  std::string corrects_number;     // of credit notes
  std::optional<Date> corrects_date;
  std::string reason;  // why it was corrected, in staff's words; empty: nothing is said
  std::optional<ForeignTax> foreign_tax;
};

struct Document {
  Id id = 0, seller_id = 0, conference_id = 0, order_id = 0, series_id = 0;
  std::int64_t serial = 0;
  std::string number;
  DocumentKind kind = DocumentKind::invoice;
  bool is_test = false;
  std::optional<Id> corrects_id;
  Date issued_on;
  Instant issued_at;
  std::string language, currency;
  std::int64_t net = 0, tax = 0, gross = 0;
  std::string payment_method;
  std::string snapshot;  // read_snapshot
};

struct Series {
  Id id = 0, seller_id = 0;
  DocumentKind kind = DocumentKind::invoice;
  int year = 0;  // 0: numbers go on for ever
  bool is_test = false;
  std::int64_t last_number = 0;
};

// The file made of a document, once, and never again.
struct StoredFile {
  Id document_id = 0;
  std::string sha256;  // hex
  std::int64_t size = 0;
  std::string content;  // base64
  Instant stored_at;
};

struct ExchangeRate {
  Id id = 0;
  std::string currency, base;
  Date valid_on;
  Decimal rate;  // 1 of currency is this much of base
  std::string source;
  Instant created_at, updated_at;
};

// An order whose documents are to be looked at.
struct Due {
  Id order_id = 0, conference_id = 0;
  Instant due_at;
  std::string problem;  // why nothing could be issued the last time
};

std::string_view to_text(DocumentKind kind);

std::string snapshot_text(const Snapshot& snapshot);  // JSON
Snapshot read_snapshot(const std::string& text);      // std::runtime_error for a text that is none

}  // namespace plenary::invoicing
