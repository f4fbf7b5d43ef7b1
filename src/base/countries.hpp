// The countries of ISO 3166-1, as two upper-case letters. Their names are the i18n room's. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenary {

bool is_country(std::string_view code);
const std::vector<std::string>& country_codes();  // sorted

}  // namespace plenary
