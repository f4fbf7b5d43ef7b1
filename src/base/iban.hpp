// Account numbers of banks as ISO 13616 writes them (IBAN), and the banks' own codes (BIC, ISO 9362). Plain
// functions, any thread. source: ISO 13616-1 (check digits by ISO 7064, modulus 97-10); ISO 9362.
#pragma once

#include <string>
#include <string_view>

namespace plenary {

// Without blanks, in capital letters: how it is stored and compared.
std::string normal_iban(std::string_view typed);

enum class IbanFault { none, characters, country, length, check_digits };
// Of a normal one. The length is checked for the countries of the registry that take part in SEPA and the
// larger ones beside; of others 15 to 34 characters.
IbanFault iban_fault(std::string_view normal);
inline bool is_iban(std::string_view normal) {
  return iban_fault(normal) == IbanFault::none;
}
// For people: in groups of four.
std::string shown_iban(std::string_view normal);

// 8 or 11 characters: bank, country, place and perhaps branch. Of a normal one (capital letters, no blanks).
bool is_bic(std::string_view normal);

}  // namespace plenary
