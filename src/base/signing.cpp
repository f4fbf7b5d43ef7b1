#include "base/signing.hpp"

#include <sodium.h>

#include <array>
#include <stdexcept>

#include <fmt/format.h>

namespace plenary {
namespace {
constexpr std::size_t mac_length = 43;
}

// The keyed state is kept ready: a token costs two compressions instead of four.
struct SigningKey::State {
  crypto_auth_hmacsha256_state keyed;
};

SigningKey::SigningKey(const Secret& secret, std::string_view purpose) : state_(std::make_unique<State>()) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium could not be initialised.");
  if (secret.reveal().size() < 16)
    throw std::invalid_argument("A signing key needs at least 16 bytes of secret.");
  std::array<unsigned char, 32> key{};
  crypto_generichash_state hash;
  std::array<unsigned char, 32> seed{};
  const std::string& bytes = secret.reveal();
  crypto_generichash(seed.data(), seed.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  crypto_generichash_init(&hash, seed.data(), seed.size(), key.size());
  crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size());
  crypto_generichash_final(&hash, key.data(), key.size());
  crypto_auth_hmacsha256_init(&state_->keyed, key.data(), key.size());
  sodium_memzero(key.data(), key.size());
  sodium_memzero(seed.data(), seed.size());
}

SigningKey::SigningKey(const SigningKey& other) : state_(std::make_unique<State>(*other.state_)) {}
SigningKey& SigningKey::operator=(const SigningKey& other) {
  if (this != &other) *state_ = *other.state_;
  return *this;
}
SigningKey::~SigningKey() {
  if (state_) sodium_memzero(state_.get(), sizeof(State));
}

std::string SigningKey::mac(std::string_view text) const {
  crypto_auth_hmacsha256_state state = state_->keyed;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> out{};
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  crypto_auth_hmacsha256_final(&state, out.data());
  return base64url_encode({reinterpret_cast<const char*>(out.data()), out.size()});
}

bool SigningKey::verify(std::string_view text, std::string_view claimed) const {
  if (claimed.size() != mac_length) return false;
  std::string right = mac(text);
  return sodium_memcmp(right.data(), claimed.data(), mac_length) == 0;
}

std::string SigningKey::sign(std::string_view text) const {
  return base64url_encode(text) + "." + mac(text);
}

std::optional<std::string> SigningKey::open(std::string_view signed_text) const {
  std::size_t dot = signed_text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::optional<std::string> text = base64url_decode(signed_text.substr(0, dot));
  if (!text || !verify(*text, signed_text.substr(dot + 1))) return std::nullopt;
  return text;
}

std::string base64url_encode(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.pop_back();  // libsodium's terminating NUL
  return out;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(),
                        nullptr, &length, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
    return std::nullopt;
  }
  out.resize(length);
  return out;
}

}  // namespace plenary
