// Codes of an authenticator app: six digits of an HMAC-SHA-1 over the number of the half minute. The secret
// is 160 random bits, written in base32 for the app. Pure functions, any thread. source: RFC 6238, RFC 4226;
// ground rules 15, 5.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/codes.hpp"
#include "base/time.hpp"

namespace plenary::accounts {

inline constexpr std::size_t totp_secret_bytes = 20;
inline constexpr std::int64_t totp_seconds = 30;
// How many half minutes a clock may be off, either way.
inline constexpr std::int64_t totp_window = 1;

std::string new_totp_secret(Random& random);  // bytes
std::int64_t totp_step(Instant at);
// `digits`: 6 for people, 8 in the RFC's examples.
std::string totp_code(std::string_view secret, std::int64_t step, int digits = 6);

// The first half minute around `now`, later than `after`, that has this code; blanks do not count.
std::optional<std::int64_t> matching_totp_step(std::string_view secret, std::string_view typed, Instant now,
                                               std::int64_t after);

// RFC 4648, without padding.
std::string base32(std::string_view bytes);
// What the QR code says. `account` names it in the app, `issuer` the site.
std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account);

}  // namespace plenary::accounts
