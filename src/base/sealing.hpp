// Secrets at rest: XChaCha20-Poly1305 under a key derived from the server's secret. The place a value belongs
// to (table, column, row) is bound to it, so a token copied elsewhere does not open. A token carries the id
// of its key. Any thread. source: configuration 10, 4.5; Do better 8.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/codes.hpp"
#include "base/secret.hpp"

namespace plenary {

// The stored token cannot be opened: another key, another place, or damaged. Names the place, nothing else.
class SealBroken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class SealingKey {
 public:
  explicit SealingKey(const Secret& secret);

  // "1.KEYID.base64url(nonce, ciphertext)". `place`: "conference.stripe_secret_key.17".
  std::string seal(const Secret& value, std::string_view place, Random& random) const;
  Secret open(std::string_view token, std::string_view place) const;  // throws SealBroken
  const std::string& id() const { return id_; }                       // eight characters; no secret

 private:
  std::array<unsigned char, 32> key_{};
  std::string id_;
};

// The id of the key that sealed a token. Nothing: the text has not the form of a token, it stands there
// readable.
std::optional<std::string_view> key_id_of(std::string_view token);

}  // namespace plenary
