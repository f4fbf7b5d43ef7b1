// Which customer of Stripe's an account of ours is, in one conference: made once, found ever after. Reading
// and writing are functions of a transaction; find_or_make asks Stripe and blocks. source: payments 21, 2.3
// and 4.
#pragma once

#include <cstdint>
#include <string>

#include "db/entity.hpp"
#include "domain/payments/provider.hpp"

namespace plenary::payments {

struct StripeCustomer {
  std::int64_t id = 0, conference_id = 0, user_id = 0;
  std::string stripe_customer_id;
  bool is_test = false;
  Instant created_at;
};
const db::Entity<StripeCustomer>& stripe_customer_table();

struct CustomerAsked {
  std::int64_t conference_id = 0, user_id = 0;
  std::string conference_slug, email, name;
};
// Stripe's id. Of two at once both get the one that was stored first.
std::string find_or_make_customer(const Provider& provider, Stripe& stripe, const CustomerAsked& asked);
// Stripe does not know it any more (another account): the next question makes a new one.
void forget_customer(const Provider& provider, std::int64_t conference_id, const std::string& customer_id);

}  // namespace plenary::payments
