#include "domain/conference/sellers.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <vector>

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

// "PY27-" of the yearly "PY27-2027-"; empty: it is none.
std::string_view before_year(std::string_view beginning) {
  if (beginning.size() < 6 || beginning.back() != '-') return {};
  const std::string_view year = beginning.substr(beginning.size() - 5, 4);
  const bool digits = std::all_of(year.begin(), year.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits ? beginning.substr(0, beginning.size() - 5) : std::string_view();
}

[[noreturn]] void refuse_old_numbers(std::string_view beginning, const char* field) {
  throw Refused("not_unique",
                "There are documents whose numbers begin with {beginning}, of another series: new ones would "
                "get their numbers again. Choose another prefix.",
                {{"beginning", std::string(beginning)}}, field);
}

// How the numbers of the seller's documents begin, each series for itself. Prefixes may have changed under
// one.
struct Numbered {
  std::string beginning, kind;
  int year = 0;
  bool is_test = false;
};
std::vector<Numbered> numbered(db::Tx& tx, std::int64_t seller_id) {
  std::vector<Numbered> all;
  for (auto& [beginning, kind, year, is_test] : tx.query<std::string, std::string, int, bool>(
           "SELECT DISTINCT substr(d.number, 1, CAST(length(d.number) - CASE WHEN d.serial > 99999 THEN "
           "length(CAST(d.serial AS TEXT)) ELSE 5 END AS INTEGER)), s.kind, s.year, s.is_test FROM "
           "invoice_document d JOIN invoice_series s ON s.id = d.series_id WHERE d.seller_id = $1",
           seller_id))
    all.push_back({std::move(beginning), std::move(kind), year, is_test});
  return all;
}

// Each series counts for itself: where two begin alike, the later one would draw numbers that are used.
void refuse_met_numbers(db::Tx& tx, const Seller& seller) {
  const std::vector<Numbered> used = seller.id == 0 ? std::vector<Numbered>() : numbered(tx, seller.id);
  for (const auto& [prefix, kind, field] :
       {std::tuple(seller.invoice_prefix, "invoice", "invoice_prefix"),
        std::tuple(seller.credit_note_prefix, "credit_note", "credit_note_prefix")})
    for (const bool is_test : {false, true}) {
      const std::string begins = (is_test ? "TEST-" : "") + prefix;
      for (const Numbered& one : used) {
        const std::string_view beginning = one.beginning;
        const bool meets = seller.restarts_yearly ? before_year(beginning) == begins : beginning == begins;
        const int year =
            seller.restarts_yearly && meets ? std::stoi(one.beginning.substr(begins.size(), 4)) : 0;
        if (meets && !(one.kind == kind && one.year == year && one.is_test == is_test))
          refuse_old_numbers(beginning, field);
      }
    }
  // What goes on may be the year of one that begins anew, the seller's own or another's.
  for (const auto& [prefix, field] : {std::pair(seller.invoice_prefix, "invoice_prefix"),
                                      std::pair(seller.credit_note_prefix, "credit_note_prefix")}) {
    const std::string_view yearly = before_year(prefix);
    if (!seller.restarts_yearly && !yearly.empty() &&
        tx.one<std::int64_t>("SELECT COUNT(*) FROM seller WHERE id <> $1 AND restarts_yearly = 1 AND "
                             "(invoice_prefix = $2 OR credit_note_prefix = $2)",
                             seller.id, yearly) != 0)
      throw Refused("not_unique", "Another seller numbers its documents with {prefix}.", {{"prefix", prefix}},
                    field);
    if (seller.restarts_yearly)
      for (const auto& [other, one, two] : tx.query<std::string, std::string, std::string>(
               "SELECT name, invoice_prefix, credit_note_prefix FROM seller WHERE id <> $1 AND "
               "restarts_yearly = 0",
               seller.id))
        if (before_year(one) == prefix || before_year(two) == prefix)
          throw Refused("not_unique", "Another seller numbers its documents with {prefix}.",
                        {{"prefix", before_year(one) == prefix ? one : two}}, field);
  }
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
  refuse_met_numbers(tx, seller);
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
  refuse_met_numbers(tx, seller);
  tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1 WHERE seller_id = $1", seller.id);
}

}  // namespace plenary::conference
