// What the functions of this room that ask Stripe work with: the database, the shop, where keys come from,
// and the lines to Stripe. A plain bundle of references; whoever makes it keeps what it refers to alive. Any
// thread. Errors of the functions: conference::CredentialFault where keys are missing. source: payments
// 21, 4.
#pragma once

#include <optional>

#include "base/sealing_keys.hpp"
#include "config/settings.hpp"
#include "db/database.hpp"
#include "domain/conference/credentials.hpp"
#include "domain/payments/stripe.hpp"
#include "domain/registration/cart.hpp"

namespace plenary::payments {

struct Provider {
  db::Database& db;
  const registration::Shop& shop;
  SealingKeys keys;
  StripeLines& lines;
  const config::ProgramSettings& settings() const { return shop.program; }

  conference::StripeCredentials credentials(db::Tx& tx, std::int64_t conference_id) const;
  // Nothing where there are none, or they cannot be read.
  std::optional<conference::StripeCredentials> find_credentials(db::Tx& tx, std::int64_t conference_id) const;
  Stripe stripe(const conference::StripeCredentials& credentials) const { return {lines, credentials}; }
  // Read in a transaction of its own.
  Stripe stripe_of(std::int64_t conference_id) const;
};

}  // namespace plenary::payments
