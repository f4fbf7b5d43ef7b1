// What bookkeeping gets of a seller's documents: a CSV with a line for each rate and account of each
// document, and DATEV's booking file (EXTF, "Buchungsstapel", version 700, category 21). TEST documents are
// in neither. Rows come in pieces by key, so that any number of documents takes little memory and no
// statement runs long. Functions of reads; any thread. Errors: Refused where the file cannot be made as it
// must be. source: taxes and invoices 25, 4; DATEV developer portal, "DATEV-Format", Header and
// Buchungsstapel.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "domain/invoicing/types.hpp"

namespace plenary::invoicing {

enum class BookFormat { csv, datev };

struct Period {
  Id seller_id = 0;
  Date from, to;                         // both included, by date of issue
  std::optional<Id> conference_id = {};  // of this conference alone
  // DATEV: the account that every document is booked against, of the receivables; digits.
  std::string receivables = "10000";
};

// Lines of one document with the same rate, category, country and account.
struct BookEntry {
  std::string exchange_rate;  // 1 of its currency is this much of the seller's; empty: not known, or the same
  Id document_id = 0;
  Date issued_on;
  std::string number;
  DocumentKind kind = DocumentKind::invoice;
  std::string order_reference, buyer, country, vat_id, currency, payment_method;
  std::int64_t net = 0, tax = 0, gross = 0;
  std::string tax_rate, tax_country, account;
  registration::TaxCategory category = registration::TaxCategory::outside;
  bool reverse_charge = false;
};
// Of documents with an id above `after`, at most so many documents; empty at the end.
std::vector<BookEntry> book_entries(db::Tx& tx, const Period& period, Id after, int documents);

// Gives the file to `sink` piece by piece, in the file's encoding: UTF-8 with a mark for CSV, Windows-1252
// for DATEV. The number of documents. `made_at` goes into DATEV's header. Refused: "no_seller"; for DATEV
// "datev_numbers" (the seller's consultant and client numbers are missing), "datev_account" (a line without
// an account of digits, with its document), "datev_year" (a period over two calendar years), "datev_rate" (a
// document in another currency without a rate), "datev_receivables", "datev_currency".
using Sink = std::function<void(std::string_view bytes)>;
std::int64_t export_books(db::Database& database, const Period& period, BookFormat format, Instant made_at,
                          const Sink& sink);
// "PY27_2027-01-01_2027-03-31.csv", "EXTF_Buchungsstapel_2027-01-01_2027-03-31.csv".
std::string export_name(const conference::Seller& seller, const Period& period, BookFormat format);

// Windows-1252; what it lacks is written in plain Latin letters ("Łódź" is "Lódz"), else it becomes "?".
std::string windows_1252(std::string_view utf8);

}  // namespace plenary::invoicing
