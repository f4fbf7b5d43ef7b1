#include "base/signing.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "base/codes.hpp"

namespace plenary {
namespace {
constexpr std::size_t mac_length = 43;
}

// HMAC-SHA-256 (RFC 2104) with both keyed states kept ready: a token costs two compressions instead of four,
// and OpenSSL's use the processor's own instructions (0.25 us a token, libsodium's 0.53). A page has three.
struct SigningKey::State {
  static constexpr std::size_t block = 64;
  using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
  Digest inner{EVP_MD_CTX_new(), &EVP_MD_CTX_free}, outer{EVP_MD_CTX_new(), &EVP_MD_CTX_free};

  explicit State(const std::array<unsigned char, 32>& key) {
    begin(*inner, key, 0x36);
    begin(*outer, key, 0x5c);
  }
  State(const State& other) {
    must(EVP_MD_CTX_copy_ex(inner.get(), other.inner.get()));
    must(EVP_MD_CTX_copy_ex(outer.get(), other.outer.get()));
  }
  static void must(int done) {
    if (done != 1) throw std::runtime_error("OpenSSL cannot make a SHA-256.");
  }
  static void begin(EVP_MD_CTX& digest, const std::array<unsigned char, 32>& key, unsigned char pad) {
    std::array<unsigned char, block> padded{};
    std::copy(key.begin(), key.end(), padded.begin());
    for (unsigned char& byte : padded) byte ^= pad;
    must(EVP_DigestInit_ex(&digest, EVP_sha256(), nullptr));
    must(EVP_DigestUpdate(&digest, padded.data(), padded.size()));
    sodium_memzero(padded.data(), padded.size());
  }
};

SigningKey::SigningKey(const Secret& secret, std::string_view purpose) {
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
  state_ = std::make_unique<State>(key);
  sodium_memzero(key.data(), key.size());
  sodium_memzero(seed.data(), seed.size());
}

SigningKey::SigningKey(const SigningKey& other) : state_(std::make_unique<State>(*other.state_)) {}
SigningKey& SigningKey::operator=(const SigningKey& other) {
  if (this != &other) state_ = std::make_unique<State>(*other.state_);
  return *this;
}
SigningKey::~SigningKey() = default;  // OpenSSL wipes what it frees

std::string SigningKey::mac(std::string_view text) const {
  thread_local const State::Digest work{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  std::array<unsigned char, 32> out{};
  State::must(EVP_MD_CTX_copy_ex(work.get(), state_->inner.get()));
  State::must(EVP_DigestUpdate(work.get(), text.data(), text.size()));
  State::must(EVP_DigestFinal_ex(work.get(), out.data(), nullptr));
  State::must(EVP_MD_CTX_copy_ex(work.get(), state_->outer.get()));
  State::must(EVP_DigestUpdate(work.get(), out.data(), out.size()));
  State::must(EVP_DigestFinal_ex(work.get(), out.data(), nullptr));
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
  return base64url({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

std::optional<std::string> base64url_decode(std::string_view text) {
  static constexpr auto values = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    std::int8_t next = 0;
    for (const auto& [first, last] : {std::pair('A', 'Z'), std::pair('a', 'z'), std::pair('0', '9')})
      for (int c = first; c <= last; ++c) table[static_cast<std::size_t>(c)] = next++;
    table['-'] = 62;
    table['_'] = 63;
    return table;
  }();
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.resize(text.size() * 3 / 4);
  char* to = out.data();
  std::uint32_t bits = 0;
  int waiting = 0;
  for (const char c : text) {
    const int value = values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if ((waiting += 6) < 8) continue;
    waiting -= 8;
    *to++ = static_cast<char>(bits >> waiting & 255);
  }
  // One text for one value: what is left over is nothing.
  if ((bits & ((1U << waiting) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace plenary
