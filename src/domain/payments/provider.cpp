#include "domain/payments/provider.hpp"

namespace plenary::payments {

conference::StripeCredentials Provider::credentials(db::Tx& tx, std::int64_t conference_id) const {
  return conference::stripe_credentials(tx, conference_id, keys, settings());
}

std::optional<conference::StripeCredentials> Provider::find_credentials(db::Tx& tx,
                                                                        std::int64_t conference_id) const {
  try {
    return credentials(tx, conference_id);
  } catch (const conference::CredentialFault&) {
    return std::nullopt;
  }
}

Stripe Provider::stripe_of(std::int64_t conference_id) const {
  auto load = [&](db::Tx& tx) { return credentials(tx, conference_id); };
  return stripe(db.read_now(load));
}

}  // namespace plenary::payments
