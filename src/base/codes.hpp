// Random values from the system's cryptographic source, injected so that tests can repeat a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace plenary {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> bytes) = 0;  // any thread
  // Uniform in [0, bound).
  std::uint64_t below(std::uint64_t bound);
  static Random& system();
};

// Deterministic, for tests only. Not for several threads at once.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<unsigned char> bytes) override;

 private:
  std::uint64_t state_;
};

// `length` characters of A-Z0-9, each equally likely. source: registration 20, 10.8.
std::string random_code(Random& random, std::size_t length);
// URL-safe token of 128 random bits or more (22 characters of base64url for 16 bytes). source: 15, 2.4.
std::string random_token(Random& random, std::size_t bytes = 16);
// What is stored of a token: hex of BLAKE2b-256. 64 characters.
std::string token_hash(std::string_view token);
// Hex of SHA-256, 64 characters: what others can compute with any tool.
std::string sha256_hex(std::string_view text);
std::string to_hex(std::span<const unsigned char> bytes);
std::string base64url(std::span<const unsigned char> bytes);

}  // namespace plenary
