#include "domain/accounts/passwords.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>

#include "base/embedded.hpp"
#include "base/text.hpp"

namespace plenary {

const EmbeddedTree& embedded_passwords();

}  // namespace plenary

namespace plenary::accounts {
namespace {

// The list is one word a line, sorted by bytes: searched where it lies in the binary.
bool is_in_list(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t middle = list.size() / 2;
    const std::size_t before = middle == 0 ? std::string_view::npos : list.rfind('\n', middle - 1);
    const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t end = std::min(list.find('\n', start), list.size());
    const std::string_view line = list.substr(start, end - start);
    if (line == word) return true;
    if (word < line) {
      list = list.substr(0, start);
    } else {
      list = list.substr(std::min(end + 1, list.size()));
    }
  }
  return false;
}

void start_sodium() {
  static const int started = sodium_init();
  if (started < 0) throw std::runtime_error("libsodium cannot be started");
}

}  // namespace

std::string normalized_password(std::string_view typed) {
  return normalized_nfc(typed);
}

std::string hash_password(std::string_view typed, const HashCost& cost) {
  start_sodium();
  const std::string password = normalized_password(typed);
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), cost.passes, cost.memory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw std::bad_alloc();
  return hash.data();
}

bool verify_password(std::string_view hash, std::string_view typed) {
  if (hash.size() >= crypto_pwhash_STRBYTES) return false;
  start_sodium();
  const std::string password = normalized_password(typed);
  return crypto_pwhash_str_verify(std::string(hash).c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(std::string_view hash, const HashCost& cost) {
  if (hash.size() >= crypto_pwhash_STRBYTES) return true;
  return crypto_pwhash_str_needs_rehash(std::string(hash).c_str(), cost.passes, cost.memory) != 0;
}

bool is_common_password(std::string_view typed) {
  const std::string folded = ascii_lower(normalized_password(typed));
  const auto list = embedded_passwords().find("common_passwords.txt");
  if (!list) throw std::logic_error("the list of common passwords is not in the binary");
  return !folded.empty() && is_in_list(*list, folded);
}

std::optional<Refused> password_problem(std::string_view typed, std::span<const std::string_view> own) {
  const auto refused = [](const char* code, const char* text, Refused::Arguments arguments = {}) {
    return Refused(code, text, std::move(arguments), "password");
  };
  if (typed.size() > longest_password)
    return refused("too_long", "Use a password of at most {longest} characters.",
                   {{"longest", std::to_string(longest_password)}});
  if (!is_valid_utf8(typed)) return refused("invalid", "This password has characters that cannot be read.");
  if (character_count(normalized_password(typed)) < shortest_password)
    return refused("too_short", "Use a password of at least {shortest} characters.",
                   {{"shortest", std::to_string(shortest_password)}});
  if (is_common_password(typed))
    return refused("too_common",
                   "Many people use this password, so it is among the first to be tried. "
                   "Please choose another one.");
  const std::string folded = ascii_lower(normalized_password(typed));
  for (const std::string_view text : own) {
    if (!is_blank(text) && ascii_lower(trimmed(text)) == folded)
      return refused("too_near",
                     "Your own name or address is easily guessed. Please choose another password.");
  }
  return std::nullopt;
}

}  // namespace plenary::accounts
