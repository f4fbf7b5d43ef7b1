// Sellers: the legal entities that conferences belong to, with what their invoices must say. A change reaches
// the catalogues of all their conferences. Functions of a transaction: one thread at a time. source: taxes
// and invoices 25, 3 and 4.
#pragma once

#include <optional>
#include <string>

#include "db/entity.hpp"

namespace plenary::conference {

struct Seller {
  std::int64_t id = 0;
  std::string name, street, postcode, city, region;
  std::string country;  // ISO 3166-1 alpha-2
  std::string email, vat_id, register_number;
  std::string bank_holder, bank_iban, bank_bic;
  std::string small_business_note;
  std::string currency = "EUR";  // of its bookkeeping
  // Of the numbers of its documents. No two sellers share one, and invoices and credit notes are apart.
  std::string invoice_prefix, credit_note_prefix;
  bool restarts_yearly = false;
  std::string datev_consultant, datev_client;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

const db::Entity<Seller>& seller_table();

std::optional<Seller> find_seller(db::Tx& tx, std::int64_t id);
// Inserts (id == 0) or updates. Refused: the first rule that does not hold, with its field; "not_unique" for
// a prefix that another series has; "changed_meanwhile". Returns the id.
std::int64_t save(db::Tx& tx, const Seller& seller);
// For who writes the row by other ways (the data admin): checks the prefixes, and renews the catalogues.
void written(db::Tx& tx, const Seller& seller);

}  // namespace plenary::conference
