#include "base/iban.hpp"

#include <algorithm>
#include <array>

namespace plenary {
namespace {

struct CountryLength {
  std::string_view country;
  std::size_t length;
};
// source: SWIFT IBAN registry. Sorted by country.
constexpr std::array lengths{
    CountryLength{"AD", 24}, CountryLength{"AE", 23}, CountryLength{"AL", 28}, CountryLength{"AT", 20},
    CountryLength{"BA", 20}, CountryLength{"BE", 16}, CountryLength{"BG", 22}, CountryLength{"BR", 29},
    CountryLength{"CH", 21}, CountryLength{"CY", 28}, CountryLength{"CZ", 24}, CountryLength{"DE", 22},
    CountryLength{"DK", 18}, CountryLength{"EE", 20}, CountryLength{"ES", 24}, CountryLength{"FI", 18},
    CountryLength{"FO", 18}, CountryLength{"FR", 27}, CountryLength{"GB", 22}, CountryLength{"GI", 23},
    CountryLength{"GL", 18}, CountryLength{"GR", 27}, CountryLength{"HR", 21}, CountryLength{"HU", 28},
    CountryLength{"IE", 22}, CountryLength{"IL", 23}, CountryLength{"IS", 26}, CountryLength{"IT", 27},
    CountryLength{"LI", 21}, CountryLength{"LT", 20}, CountryLength{"LU", 20}, CountryLength{"LV", 21},
    CountryLength{"MC", 27}, CountryLength{"MD", 24}, CountryLength{"ME", 22}, CountryLength{"MK", 19},
    CountryLength{"MT", 31}, CountryLength{"NL", 18}, CountryLength{"NO", 15}, CountryLength{"PL", 28},
    CountryLength{"PT", 25}, CountryLength{"RO", 24}, CountryLength{"RS", 22}, CountryLength{"SA", 24},
    CountryLength{"SE", 24}, CountryLength{"SI", 19}, CountryLength{"SK", 24}, CountryLength{"SM", 27},
    CountryLength{"TR", 26}, CountryLength{"UA", 29}, CountryLength{"VA", 22}, CountryLength{"XK", 20}};

constexpr bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string normal_iban(std::string_view typed) {
  std::string normal;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const char c = typed[i];
    if (c == ' ' || c == '\t') continue;
    // A no-break space, which documents are full of.
    if (c == '\xC2' && i + 1 < typed.size() && typed[i + 1] == '\xA0') {
      ++i;
      continue;
    }
    normal += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return normal;
}

IbanFault iban_fault(std::string_view normal) {
  const auto known = [](char c) { return is_capital(c) || is_digit(c); };
  if (!std::all_of(normal.begin(), normal.end(), known)) return IbanFault::characters;
  if (normal.size() < 4 || !is_capital(normal[0]) || !is_capital(normal[1]) || !is_digit(normal[2]) ||
      !is_digit(normal[3]))
    return IbanFault::country;
  const std::string_view country = normal.substr(0, 2);
  const auto* found = std::find_if(lengths.begin(), lengths.end(),
                                   [&](const CountryLength& one) { return one.country == country; });
  if (found != lengths.end() ? normal.size() != found->length : normal.size() < 15 || normal.size() > 34)
    return IbanFault::length;
  unsigned rest = 0;
  const auto take = [&](char c) {
    const unsigned value = is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'A') + 10;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  };
  for (const char c : normal.substr(4)) take(c);
  for (const char c : normal.substr(0, 4)) take(c);
  return rest == 1 ? IbanFault::none : IbanFault::check_digits;
}

std::string shown_iban(std::string_view normal) {
  std::string shown;
  for (std::size_t i = 0; i < normal.size(); ++i) {
    if (i > 0 && i % 4 == 0) shown += ' ';
    shown += normal[i];
  }
  return shown;
}

bool is_bic(std::string_view normal) {
  if (normal.size() != 8 && normal.size() != 11) return false;
  for (std::size_t i = 0; i < normal.size(); ++i) {
    const bool letters_only = i >= 4 && i < 6;
    if (!is_capital(normal[i]) && (letters_only || !is_digit(normal[i]))) return false;
  }
  return true;
}

}  // namespace plenary
