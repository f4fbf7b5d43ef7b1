#include "domain/accounts/totp.hpp"

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

namespace plenary::accounts {
namespace {

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string only_digits(std::string_view typed) {
  std::string digits;
  for (const char c : typed) {
    if (c == ' ') continue;
    if (c < '0' || c > '9' || digits.size() == 6) return {};
    digits += c;
  }
  return digits;
}

}  // namespace

std::string new_totp_secret(Random& random) {
  std::array<unsigned char, totp_secret_bytes> bytes{};
  random.fill(bytes);
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::int64_t totp_step(Instant at) {
  const std::int64_t seconds = at.micros / 1'000'000;
  return seconds / totp_seconds;
}

std::string totp_code(std::string_view secret, std::int64_t step, int digits) {
  std::array<unsigned char, 8> counter{};
  for (int i = 7; i >= 0; --i) {
    counter[static_cast<std::size_t>(i)] = static_cast<unsigned char>(step & 0xFF);
    step >>= 8;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  if (!HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(),
            mac.data(), &size) ||
      size != 20)
    throw std::runtime_error("OpenSSL makes no HMAC-SHA-1, which codes of authenticator apps need.");
  const std::size_t at = mac[19] & 0x0F;
  const std::uint32_t number = (static_cast<std::uint32_t>(mac[at] & 0x7F) << 24) |
                               (static_cast<std::uint32_t>(mac[at + 1]) << 16) |
                               (static_cast<std::uint32_t>(mac[at + 2]) << 8) | mac[at + 3];
  std::uint32_t bound = 1;
  for (int i = 0; i < digits; ++i) bound *= 10;
  return fmt::format("{:0{}}", number % bound, digits);
}

std::optional<std::int64_t> matching_totp_step(std::string_view secret, std::string_view typed, Instant now,
                                               std::int64_t after) {
  const std::string digits = only_digits(typed);
  if (digits.size() != 6) return std::nullopt;
  std::optional<std::int64_t> found;
  const std::int64_t middle = totp_step(now);
  // All of them are computed and compared in the same time, whichever fits.
  for (std::int64_t step = middle - totp_window; step <= middle + totp_window; ++step) {
    const std::string code = totp_code(secret, step);
    const bool fits = sodium_memcmp(code.data(), digits.data(), digits.size()) == 0;
    if (fits && step > after && !found) found = step;
  }
  return found;
}

std::string base32(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += letters[(held >> bits) & 31];
    }
  }
  if (bits > 0) out += letters[(held << (5 - bits)) & 31];
  return out;
}

std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account) {
  const std::string site = percent_encoded(issuer);
  return fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}&algorithm=SHA1&digits=6&period={}", site,
                     percent_encoded(account), base32(secret), site, totp_seconds);
}

}  // namespace plenary::accounts
