// What every administered table knows about people, for erasing somebody from the record of changes. Constant
// after the first use, any thread. source: docs/audit.md.
#pragma once

#include <string_view>

#include "domain/conference/audit_erase.hpp"

namespace plenary::admin {

conference::PersonalColumn personal_column(std::string_view entity, std::string_view column);

}  // namespace plenary::admin
