// Mailed one-use links: their tokens are derived with the server's key from a random nonce in the row, so that a
// mail can be rendered from its row alone; the row holds the token's hash. Any thread. source: ground rules 15, 2.4.
#pragma once

#include <string>
#include <string_view>

#include "base/signing.hpp"

namespace plenary::accounts {

std::string account_link_token(const SigningKey& key, std::string_view kind, std::string_view nonce);

}  // namespace plenary::accounts
