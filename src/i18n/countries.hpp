// The names of countries in a language, for lists to choose from and addresses. Any thread: what was looked
// up once is kept for all. Errors: none; an unknown code is its own name, an unknown language is written like
// English. source: ISO 3166-1; Unicode CLDR.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenary::i18n {

struct NamedCountry {
  std::string code;  // "DE"
  std::string name;  // "Germany"
};

// All of them, in the order in which people of that language look them up. Lives as long as the process.
const std::vector<NamedCountry>& countries(std::string_view language);
std::string country_name(std::string_view language, std::string_view code);

}  // namespace plenary::i18n
