// What lines of fees are called. They are stored so, in English, and shown in the language of who reads them.
#pragma once

#include <string_view>

namespace plenary::registration {

// Of the fee that is kept of a cancelled order. Those of ways to pay: payment_fees.hpp.
const char* cancellation_fee_name();
// Whether this is one of these texts.
bool is_fee_text(std::string_view description);

}  // namespace plenary::registration
