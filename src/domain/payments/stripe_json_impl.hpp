// Reading Stripe's JSON: members of objects that may be missing or of another shape, which is the same as
// missing. Private to the room, for its .cpp files alone. Pure functions; std::invalid_argument for objects
// without an id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "domain/payments/stripe.hpp"

namespace plenary::payments {

using Json = nlohmann::json;

const Json& object_at(const Json& object, std::string_view name);  // an empty object where there is none
std::string text_at(const Json& object, std::string_view name);
std::int64_t integer_at(const Json& object, std::string_view name);
bool flag_at(const Json& object, std::string_view name);
std::string id_at(const Json& object, std::string_view name);  // an id, or the id of a whole object

StripeCharge charge_of(const Json& json);
StripeIntent intent_of(const Json& json);
StripeRefund refund_of(const Json& json);
StripeDispute dispute_of(const Json& json);
StripePayout payout_of(const Json& json);
StripeMovement movement_of(const Json& json);
StripeEvent event_of(const Json& json);

}  // namespace plenary::payments
