#include "base/sealing.hpp"

#include <sodium.h>

#include <algorithm>

#include "base/signing.hpp"

namespace plenary {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t id_length = 8;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

[[noreturn]] void broken(std::string_view place) {
  throw SealBroken("the stored secret " + std::string(place) +
                   " cannot be opened: it was sealed with another key file, or it is damaged");
}

}  // namespace

SealingKey::SealingKey(const Secret& secret) {
  static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32);
  const std::string derived = *base64url_decode(SigningKey(secret, "secrets-at-rest").mac("key"));
  std::copy_n(derived.begin(), key_.size(), key_.begin());
  id_ = SigningKey(secret, "secrets-at-rest").mac("id").substr(0, id_length);
}

std::string SealingKey::seal(const Secret& value, std::string_view place, Random& random) const {
  std::string sealed(nonce_bytes + value.reveal().size() + tag_bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  random.fill({out, nonce_bytes});
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + nonce_bytes, &written, bytes(value.reveal()),
                                             value.reveal().size(), bytes(place), place.size(), nullptr, out,
                                             key_.data());
  sealed.resize(nonce_bytes + written);
  return "1." + id_ + "." + base64url_encode(sealed);
}

Secret SealingKey::open(std::string_view token, std::string_view place) const {
  const std::string head = "1." + id_ + ".";
  if (!token.starts_with(head)) broken(place);
  const auto sealed = base64url_decode(token.substr(head.size()));
  if (!sealed || sealed->size() < nonce_bytes + tag_bytes) broken(place);
  std::string text(sealed->size() - nonce_bytes - tag_bytes, '\0');
  unsigned long long written = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(text.data()), &written, nullptr, bytes(*sealed) + nonce_bytes,
          sealed->size() - nonce_bytes, bytes(place), place.size(), bytes(*sealed), key_.data()) != 0) {
    broken(place);
  }
  text.resize(written);
  return Secret(std::move(text));
}

std::optional<std::string_view> key_id_of(std::string_view token) {
  if (!token.starts_with("1.") || token.size() < 3 + id_length || token[2 + id_length] != '.')
    return std::nullopt;
  const std::string_view id = token.substr(2, id_length);
  const auto is_base64url = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  const std::string_view rest = token.substr(3 + id_length);
  if (rest.empty() || !std::all_of(id.begin(), id.end(), is_base64url) ||
      !std::all_of(rest.begin(), rest.end(), is_base64url))
    return std::nullopt;
  return id;
}

}  // namespace plenary
