// Signed texts: what we hand out and want back unchanged, and the secret halves of links. HMAC-SHA-256 under
// a key derived from the server's secret for one purpose, so that a signature for one place is worth nothing
// in another. Any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace plenary {

class SigningKey {
 public:
  // `secret`: at least 16 bytes of key material, the same on every node. `purpose`: "csrf", "flash".
  SigningKey(const Secret& secret, std::string_view purpose);
  SigningKey(const SigningKey&);
  SigningKey& operator=(const SigningKey&);
  ~SigningKey();

  std::string mac(std::string_view text) const;                    // base64url, 43 characters
  bool verify(std::string_view text, std::string_view mac) const;  // same time whatever differs

  // base64url(text) "." mac, fit for a cookie.
  std::string sign(std::string_view text) const;
  std::optional<std::string> open(std::string_view signed_text) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace plenary
