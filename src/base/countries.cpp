#include "base/countries.hpp"

#include <unicode/uloc.h>

#include <algorithm>

namespace plenary {

const std::vector<std::string>& country_codes() {
  static const std::vector<std::string> codes = [] {
    std::vector<std::string> all;
    for (const char* const* code = uloc_getISOCountries(); *code; ++code) all.emplace_back(*code);
    std::sort(all.begin(), all.end());
    return all;
  }();
  return codes;
}

bool is_country(std::string_view code) {
  const auto& codes = country_codes();
  return std::binary_search(codes.begin(), codes.end(), code);
}

}  // namespace plenary
