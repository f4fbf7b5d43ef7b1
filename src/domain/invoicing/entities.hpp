// The entity tables of the room, for the data admin, backups and the schema test. Immutable, any thread.
#pragma once

#include "base/decimal.hpp"
#include "db/entity.hpp"
#include "domain/invoicing/types.hpp"

namespace plenary::invoicing {

// A line as stored, with its document.
struct LineRow {
  Id document_id = 0;
  int position = 0;
  std::string description;
  std::int64_t quantity = 0, unit_price = 0, discount = 0, net = 0, tax = 0, gross = 0;
  Decimal tax_rate;
  registration::TaxCategory tax_category = registration::TaxCategory::outside;
  std::string tax_country;
  bool reverse_charge = false;
  std::string account;
};
struct CoverRow {
  Id document_id = 0, order_line_id = 0;
  int direction = 1;
};

const db::Entity<Series>& series_table();
const db::Entity<Document>& document_table();
const db::Entity<LineRow>& line_table();
const db::Entity<CoverRow>& cover_table();
const db::Entity<StoredFile>& file_table();
const db::Entity<Due>& due_table();
const db::Entity<ExchangeRate>& exchange_rate_table();

}  // namespace plenary::invoicing
