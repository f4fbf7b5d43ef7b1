// The SQL of what buyers agreed to.
#include "db/gather.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration::store {

void insert_consent(db::Tx& tx, Id order_id, const KeptConsent& consent) {
  db::write_later(
      tx, "INSERT INTO consent (order_id, slug, text, text_version, given_at) VALUES ($1, $2, $3, $4, $5)",
      order_id, consent.slug, consent.text, consent.version, consent.given_at);
}

std::vector<KeptConsent> consents_of(db::Tx& tx, Id order_id) {
  std::vector<KeptConsent> kept;
  for (auto& [slug, text, version, given_at] : tx.query<std::string, std::string, std::int64_t, Instant>(
           "SELECT slug, text, text_version, given_at FROM consent WHERE order_id = $1 ORDER BY id",
           order_id)) {
    kept.push_back({std::move(slug), std::move(text), version, given_at});
  }
  return kept;
}

}  // namespace plenary::registration::store
