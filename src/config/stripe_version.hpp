// Stripe's API versions: a date, from 2024-09-30 on with the name of a release. source: payments 21, P31.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plenary::config {

struct StripeVersionFault {
  std::string allowed, advice;
};
// What is wrong with a configured version, if anything.
std::optional<StripeVersionFault> stripe_version_fault(std::string_view version);
// The form Stripe wants: a bare date of a named release gets its name. Anything else stays as it is.
std::string stripe_wire_version(std::string_view version);

}  // namespace plenary::config
