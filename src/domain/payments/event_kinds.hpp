// What each kind of Stripe's events does. Private to the room. Functions of a transaction, in the
// conference's lane. source: payments 21, 10.2 to 10.9.
#pragma once

#include <string>

#include "domain/payments/stripe_events.hpp"
#include "domain/payments/stripe_json_impl.hpp"

namespace plenary::payments {

struct HandledEvent {
  bool concerns_us = true;  // false: ignored, on purpose
  std::string outcome;
};
HandledEvent handle_event(db::Tx& tx, const Provider& provider, const StoredEvent& event, const Json& object);

}  // namespace plenary::payments
