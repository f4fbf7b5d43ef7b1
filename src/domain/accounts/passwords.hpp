// Passwords: what is accepted, and how they are kept (Argon2id by libsodium, 19 MiB and 2 passes). No rule
// about kinds of characters; short and common ones are refused, and the person's own address and names.
// Hashing takes tens of milliseconds: never inside a write, never on an I/O thread. Any thread. source:
// ground rules 15, 5.1.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/errors.hpp"

namespace plenary::accounts {

inline constexpr std::size_t shortest_password = 8;    // characters, after normalisation
inline constexpr std::size_t longest_password = 1024;  // bytes

struct HashCost {
  std::size_t memory = 19 * 1024 * 1024;  // bytes
  unsigned passes = 2;
};

// Unicode NFC, so that a password typed on another system is the same one. Empty when it is not UTF-8.
std::string normalized_password(std::string_view typed);

// Throws std::bad_alloc when the memory is not to be had.
std::string hash_password(std::string_view typed, const HashCost& cost = {});
// False for a hash of another kind as well.
bool verify_password(std::string_view hash, std::string_view typed);
// True when it was made at another cost: the next sign-in replaces it.
bool needs_rehash(std::string_view hash, const HashCost& cost = {});

// Whether it is in the list of common passwords; letters of either case.
bool is_common_password(std::string_view typed);

// What is wrong with a new password, worded for the person; field "password". `own`: the address, names and
// the like, none of which it may be.
std::optional<Refused> password_problem(std::string_view typed, std::span<const std::string_view> own = {});

}  // namespace plenary::accounts
