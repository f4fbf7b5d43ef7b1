// A guest's session is its token: when it began, what tells it apart from all others, and the server's
// seal over both. Nothing is stored of it and nothing read at a request; carts and orders know it by its
// hash. A person's session, which can be ended, is a row (accounts/sessions.hpp). The hash begins with the
// time, so that rows of one moment stand together in the indexes.
// Values; any thread. source: docs/transactions.md, section 5; ground rules 15, 5.1.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/signing.hpp"
#include "base/time.hpp"

namespace plenary::web {

// 16 bytes: the second in the first five, randomness in the rest.
using TimedBytes = std::array<unsigned char, 16>;
void stamp(std::span<unsigned char> bytes, Instant now);  // five bytes or more
Instant stamped_at(std::span<const unsigned char> bytes);
// token_hash, ordered by the time: 64 characters as well.
std::string timed_hash(std::string_view token, Instant at);

struct GuestSession {
  std::string hash;  // what carts and orders know it by
  Instant began_at;
};

struct NewGuest {
  std::string token;  // to the browser, nowhere else: 43 characters, as every session token
  std::string hash;
  Instant began_at;
};
NewGuest new_guest(const SigningKey& key, const TimedBytes& bytes);
// Nothing for a token of another kind, a forged one, and one that has outlived `life`.
std::optional<GuestSession> open_guest_token(const SigningKey& key, std::string_view token, Instant now,
                                             Duration life);

}  // namespace plenary::web
