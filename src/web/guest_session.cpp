#include "web/guest_session.hpp"

#include <sodium.h>

#include <algorithm>

#include "base/codes.hpp"

namespace plenary::web {
namespace {

constexpr std::size_t stamp_bytes = 5, bytes_length = 22, token_length = 43;
constexpr std::size_t seal_length = token_length - bytes_length;
constexpr Duration clocks_differ = Duration::minutes(5);  // between the nodes of one installation

// Of one keyed digest the first half, 126 bits, is the seal, which the browser carries, and the rest the
// hash, which is stored: neither tells anything of the other.
struct Sealed {
  std::string seal, hash;
};
Sealed sealed(const SigningKey& key, std::string_view text, const TimedBytes& bytes) {
  std::string named = "guest.";
  named += text;
  const std::string digest = key.mac(named);
  return {digest.substr(0, seal_length),
          to_hex(std::span(bytes).first(stamp_bytes)) + digest.substr(seal_length)};
}

std::optional<TimedBytes> bytes_of(std::string_view text) {
  const auto decoded = base64url_decode(text);
  TimedBytes bytes{};
  if (!decoded || decoded->size() != bytes.size()) return std::nullopt;
  std::copy(decoded->begin(), decoded->end(), bytes.begin());
  return bytes;
}

}  // namespace

void stamp(std::span<unsigned char> bytes, Instant now) {
  auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(now.micros / 1'000'000, 0));
  for (std::size_t i = stamp_bytes; i-- > 0; seconds >>= 8) bytes[i] = static_cast<unsigned char>(seconds);
}

Instant stamped_at(std::span<const unsigned char> bytes) {
  std::int64_t seconds = 0;
  for (std::size_t i = 0; i < stamp_bytes; ++i) seconds = seconds << 8 | bytes[i];
  return Instant{seconds * 1'000'000};
}

std::string timed_hash(std::string_view token, Instant at) {
  std::array<unsigned char, stamp_bytes> bytes{};
  stamp(bytes, at);
  std::string hash = token_hash(token);
  return hash.replace(0, 2 * stamp_bytes, to_hex(bytes));
}

NewGuest new_guest(const SigningKey& key, const TimedBytes& bytes) {
  NewGuest guest{base64url(bytes), {}, stamped_at(bytes)};
  Sealed seal = sealed(key, guest.token, bytes);
  guest.token += seal.seal;
  guest.hash = std::move(seal.hash);
  return guest;
}

std::optional<GuestSession> open_guest_token(const SigningKey& key, std::string_view token, Instant now,
                                             Duration life) {
  if (token.size() != token_length) return std::nullopt;
  const std::string_view text = token.substr(0, bytes_length);
  const auto bytes = bytes_of(text);
  if (!bytes) return std::nullopt;
  Sealed right = sealed(key, text, *bytes);
  if (sodium_memcmp(right.seal.data(), token.data() + bytes_length, right.seal.size()) != 0)
    return std::nullopt;
  const Instant began = stamped_at(*bytes);
  if (now - began >= life || began - now > clocks_differ) return std::nullopt;
  return GuestSession{std::move(right.hash), began};
}

}  // namespace plenary::web
