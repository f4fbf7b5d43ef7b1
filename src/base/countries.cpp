#include "base/countries.hpp"

#include <unicode/uloc.h>

#include <algorithm>
#include <iterator>

namespace plenary {

const std::vector<std::string>& country_codes() {
  static const std::vector<std::string> codes = [] {
    std::vector<std::string> all;
    // ICU has parts of some as well, which the standard only reserves.
    constexpr std::string_view reserved[] = {"AC", "CP", "DG", "EA", "IC", "TA"};
    for (const char* const* code = uloc_getISOCountries(); *code; ++code) {
      if (std::find(std::begin(reserved), std::end(reserved), *code) == std::end(reserved))
        all.emplace_back(*code);
    }
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
