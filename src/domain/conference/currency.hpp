// Which currency a conference sells in, and how its amounts are written. Pure functions;
// std::invalid_argument for a code that is not ISO 4217. source: ground rules 15, 3.1; registration 20, D24;
// configuration 10, 6.10.12.
#pragma once

#include <optional>
#include <string>

#include "base/money.hpp"

namespace plenary::config {
struct ProgramSettings;
}

namespace plenary::conference {

// The conference's own currency, fixed when it was created; the settings' where it has none.
Currency currency_of(const std::optional<std::string>& conference_currency,
                     const config::ProgramSettings& settings);

// With the symbol given in the settings where it is theirs, else with the currency's own.
std::string display(const Money& amount, const config::ProgramSettings& settings);

}  // namespace plenary::conference
