#include "domain/conference/sellers.hpp"

#include <algorithm>

#include "base/countries.hpp"
#include "base/errors.hpp"
#include "base/money.hpp"

namespace plenary::conference {
namespace {

bool is_prefix(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '/' || c == '.' || c == '_';
  });
}

void refuse_shared_prefix(db::Tx& tx, const Seller& seller) {
  if (seller.invoice_prefix == seller.credit_note_prefix)
    throw Refused("not_unique", "Invoices and credit notes need prefixes of their own.", {},
                  "credit_note_prefix");
  for (const auto& [prefix, field] : {std::pair(seller.invoice_prefix, "invoice_prefix"),
                                      std::pair(seller.credit_note_prefix, "credit_note_prefix")})
    if (tx.one<std::int64_t>("SELECT COUNT(*) FROM seller WHERE id <> $1 AND (invoice_prefix = $2 OR "
                             "credit_note_prefix = $2)",
                             seller.id, prefix) != 0)
      throw Refused("not_unique", "Another seller numbers its documents with {prefix}.", {{"prefix", prefix}},
                    field);
}

}  // namespace

const db::Entity<Seller>& seller_table() {
  using S = Seller;
  static const db::Entity<S> table(
      "seller",
      {
          db::column("id", &S::id).generated_key(),
          db::column("name", &S::name).required().max_length(200),
          db::column("street", &S::street).max_length(300),
          db::column("postcode", &S::postcode).max_length(20),
          db::column("city", &S::city).max_length(200),
          db::column("region", &S::region).max_length(200),
          db::column("country", &S::country).max_length(2).help("Two letters, such as DE."),
          db::column("email", &S::email).max_length(254).format(db::TextFormat::email),
          db::column("vat_id", &S::vat_id).max_length(50).label("VAT number"),
          db::column("register_number", &S::register_number)
              .max_length(200)
              .help("Of the company register or the register of associations."),
          db::column("bank_holder", &S::bank_holder).max_length(200).label("Account holder"),
          db::column("bank_iban", &S::bank_iban).max_length(34).label("IBAN"),
          db::column("bank_bic", &S::bank_bic).max_length(11).label("BIC"),
          db::column("small_business_note", &S::small_business_note)
              .max_length(500)
              .help("What invoices say where no tax is charged because the seller is small."),
          db::column("currency", &S::currency).required().max_length(3).help("Of its bookkeeping."),
          db::column("invoice_prefix", &S::invoice_prefix)
              .required()
              .max_length(20)
              .help("Before the numbers of invoices: PY27-. No other series has it."),
          db::column("credit_note_prefix", &S::credit_note_prefix)
              .required()
              .max_length(20)
              .help("Before the numbers of credit notes: PY27-C-."),
          db::column("restarts_yearly", &S::restarts_yearly)
              .help("Numbers begin with the year, and at 1 in each."),
          db::column("datev_consultant", &S::datev_consultant).max_length(7).label("DATEV consultant"),
          db::column("datev_client", &S::datev_client).max_length(5).label("DATEV client"),
          db::column("version", &S::version).version(),
          db::column("created_at", &S::created_at).created(),
          db::column("updated_at", &S::updated_at).updated(),
      },
      db::Rules<S>()
          .titled("Seller", "Sellers")
          .ordered_by("name, id")
          .must("country", "Write the two capital letters of a country, such as DE.",
                [](const S& s) { return s.country.empty() || is_country(s.country); })
          .must("currency", "Write the three letters of a currency, such as EUR.",
                [](const S& s) { return Currency::find(s.currency).has_value(); })
          .must("invoice_prefix", "Use letters, digits and - / . _ only.",
                [](const S& s) { return is_prefix(s.invoice_prefix); })
          .must("credit_note_prefix", "Use letters, digits and - / . _ only.",
                [](const S& s) { return is_prefix(s.credit_note_prefix); }));
  return table;
}

std::optional<Seller> find_seller(db::Tx& tx, std::int64_t id) {
  return seller_table().find(tx, id);
}

std::int64_t save(db::Tx& tx, const Seller& seller) {
  refuse_first(seller_table().validate(seller));
  refuse_shared_prefix(tx, seller);
  if (seller.id == 0) return seller_table().insert(tx, seller).id;
  const auto stored = seller_table().update(tx, seller);
  if (!stored)
    throw Refused("changed_meanwhile", "{name} was changed by somebody else meanwhile.",
                  {{"name", seller.name}});
  written(tx, *stored);
  return stored->id;
}

void written(db::Tx& tx, const Seller& seller) {
  refuse_shared_prefix(tx, seller);
  tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1 WHERE seller_id = $1", seller.id);
}

}  // namespace plenary::conference
