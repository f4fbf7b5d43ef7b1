// Whether a webhook comes from Stripe: the header Stripe-Signature over the bytes of the body. Pure, any
// thread. source: payments 21, 10.1; https://docs.stripe.com/webhooks#verify-manually.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "base/time.hpp"

namespace plenary::payments {

enum class SignatureCheck { good, malformed, too_old, wrong };

// Good when any v1 of the header matches with any of the secrets and it is not older than the tolerance.
SignatureCheck check_signature(std::string_view header, std::string_view body,
                               const std::vector<Secret>& secrets, Instant now, Duration tolerance);

// Two may be stored for a rotation: "whsec_new,whsec_old".
std::vector<Secret> webhook_secrets(const Secret& stored);

}  // namespace plenary::payments
