#include "base/codes.hpp"

#include <pthread.h>

#include <sodium.h>

#include <array>
#include <atomic>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace plenary {
namespace {

// Each thread draws from the system's source in advance, because a page needs a few bytes several times and
// each draw is a system call. What was handed out is wiped; a forked child begins anew.
class SystemRandom : public Random {
 public:
  SystemRandom() {
    if (sodium_init() < 0) throw std::runtime_error("the system's random source is not available");
    pthread_atfork(nullptr, nullptr, [] { ++forks_; });
  }

  void fill(std::span<unsigned char> bytes) override {
    if (bytes.size() > reserve) {
      randombytes_buf(bytes.data(), bytes.size());
      return;
    }
    thread_local Drawn drawn;
    if (drawn.left < bytes.size() || drawn.forks != forks_) {
      randombytes_buf(drawn.bytes.data(), drawn.bytes.size());
      drawn.left = drawn.bytes.size();
      drawn.forks = forks_;
    }
    unsigned char* from = drawn.bytes.data() + drawn.left - bytes.size();
    std::memcpy(bytes.data(), from, bytes.size());
    sodium_memzero(from, bytes.size());
    drawn.left -= bytes.size();
  }

 private:
  static constexpr std::size_t reserve = 512;
  struct Drawn {
    std::array<unsigned char, reserve> bytes{};
    std::size_t left = 0;
    std::uint32_t forks = 0;
    ~Drawn() { sodium_memzero(bytes.data(), bytes.size()); }
  };
  static inline std::atomic<std::uint32_t> forks_ = 0;
};

}  // namespace

Random& Random::system() {
  static SystemRandom random;
  return random;
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) throw std::invalid_argument("random: the bound must be above zero");
  // Values under 2^64 mod bound are drawn again, so that every result has the same number of sources.
  const std::uint64_t reject_under = (0 - bound) % bound;
  for (;;) {
    std::array<unsigned char, 8> bytes;
    fill(bytes);
    std::uint64_t value = 0;
    for (const unsigned char byte : bytes) value = value << 8 | byte;
    if (value >= reject_under) return value % bound;
  }
}

void SeededRandom::fill(std::span<unsigned char> bytes) {
  // SplitMix64.
  for (std::size_t i = 0; i < bytes.size();) {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    for (int shift = 0; shift < 64 && i < bytes.size(); shift += 8) {
      bytes[i++] = static_cast<unsigned char>(z >> shift & 0xff);
    }
  }
}

std::string random_code(Random& random, std::size_t length) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  constexpr unsigned usable = 256 / letters.size() * letters.size();  // 252: above it a byte is drawn again
  std::string code;
  code.reserve(length);
  std::array<unsigned char, 16> bytes;
  while (code.size() < length) {
    random.fill(bytes);
    for (const unsigned char byte : bytes) {
      if (byte < usable && code.size() < length) code.push_back(letters[byte % letters.size()]);
    }
  }
  return code;
}

std::string random_token(Random& random, std::size_t bytes) {
  std::vector<unsigned char> value(bytes);
  random.fill(value);
  return base64url(value);
}

std::string token_hash(std::string_view token) {
  std::array<unsigned char, 32> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()),
                     token.size(), nullptr, 0);
  return to_hex(hash);
}

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return to_hex(hash);
}

std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

std::string base64url(std::span<const unsigned char> bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text((bytes.size() * 4 + 2) / 3, '\0');
  char* to = text.data();
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t three =
        std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8 | bytes[i + 2];
    *to++ = letters[three >> 18];
    *to++ = letters[three >> 12 & 63];
    *to++ = letters[three >> 6 & 63];
    *to++ = letters[three & 63];
  }
  if (i + 1 == bytes.size()) {
    *to++ = letters[bytes[i] >> 2];
    *to++ = letters[bytes[i] << 4 & 63];
  } else if (i + 2 == bytes.size()) {
    const std::uint32_t two = std::uint32_t{bytes[i]} << 8 | bytes[i + 1];
    *to++ = letters[two >> 10];
    *to++ = letters[two >> 4 & 63];
    *to++ = letters[two << 2 & 63];
  }
  return text;
}

}  // namespace plenary
