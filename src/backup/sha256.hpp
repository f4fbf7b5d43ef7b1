// The SHA-256 of a stream, as hex. One thread. No errors.
#pragma once

#include <sodium.h>

#include <array>
#include <string>
#include <string_view>

#include "base/codes.hpp"

namespace plenary::backup {

class Sha256 {
 public:
  Sha256() { crypto_hash_sha256_init(&state_); }
  void add(std::string_view bytes) {
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  // Once, at the end.
  std::string hex() {
    std::array<unsigned char, crypto_hash_sha256_BYTES> out{};
    crypto_hash_sha256_final(&state_, out.data());
    return to_hex(out);
  }
  static std::string of(std::string_view bytes) {
    Sha256 one;
    one.add(bytes);
    return one.hex();
  }

 private:
  crypto_hash_sha256_state state_;
};

}  // namespace plenary::backup
