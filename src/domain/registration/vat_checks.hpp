// VAT ids: what they look like, and what a service said about one, kept as evidence of why no tax was
// charged. Whoever asks a service (VatService; domain/invoicing/vies.hpp has the EU's) does so outside of any
// transaction, then records the answer. A service that is silent means: tax is charged. Shape functions are
// pure; the others are functions of a transaction. source: taxes and invoices 25, 1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/entity.hpp"
#include "domain/registration/types.hpp"

namespace plenary {
class Pool;
}

namespace plenary::registration {

enum class VatStatus { valid, invalid, unavailable };

struct VatCheck {
  Id id = 0, conference_id = 0;
  std::string vat_id;  // normal_vat_id
  VatStatus status = VatStatus::unavailable;
  std::string name, address;        // as the service knows them; empty: it does not say
  std::string consultation_number;  // proof that it was asked, by whom; empty: none was given
  Instant checked_at;
};
const db::Entity<VatCheck>& vat_check_table();

// Capital letters and digits alone, as it is stored and compared: "de 123.456.789" is "DE123456789".
std::string normal_vat_id(std::string_view typed);
// Whether the normal form could be an id of this country (ISO 3166-1), by letters, digits and length; no
// check digits. Countries outside the EU have ids of any shape.
bool is_vat_id_shaped(std::string_view country, std::string_view vat_id);

// An id of those that the EU's service knows: "EL" and "094019245".
struct EuVatId {
  std::string state, number;
};
std::optional<EuVatId> eu_vat_id(std::string_view vat_id);

// Who answers whether an id is valid. Blocking, some seconds at the most: for a pool, outside of any
// transaction. It throws nothing: what cannot be asked or answered is `unavailable`. Any thread.
class VatService {
 public:
  virtual ~VatService() = default;
  // Threads of its own, where it has some: others do not wait for a slow service then. Null: the slow pool.
  virtual Pool* pool() { return nullptr; }
  // Both in normal form; the requester is the seller's own, and may be empty: then there is no number of the
  // consultation. The answer has no id, conference or time yet.
  virtual VatCheck check(const std::string& vat_id, const std::string& requester_vat_id) = 0;
};

// Keeps an answer, with the conference's id and the transaction's time. Returns the row.
VatCheck record_vat_check(db::Tx& tx, Id conference_id, const VatCheck& answer);
// The newest answer about an id, "unavailable" ones left out, from `since` on.
std::optional<VatCheck> latest_vat_check(db::Tx& tx, Id conference_id, std::string_view vat_id,
                                         Instant since);
std::optional<VatCheck> find_vat_check(db::Tx& tx, Id conference_id, Id id);

}  // namespace plenary::registration
