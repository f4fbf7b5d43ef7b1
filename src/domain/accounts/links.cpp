#include "domain/accounts/links.hpp"

#include <fmt/format.h>

namespace plenary::accounts {

std::string account_link_token(const SigningKey& key, std::string_view kind, std::string_view nonce) {
  return key.mac(fmt::format("account.{}.{}", kind, nonce));
}

}  // namespace plenary::accounts
