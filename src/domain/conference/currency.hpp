// Which currency and symbol a conference shows its amounts with. Pure functions; std::invalid_argument for a code
// that is not ISO 4217. source: ground rules 15, 3.1; registration 20, D24; configuration 10, 6.10.12.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/money.hpp"

namespace plenary::conference {

// The conference's own currency, or the settings' where the conference has none yet.
Currency currency_of(std::string_view conference_currency, std::string_view settings_currency);

// The settings' symbol where it was given and the amount is in the settings' currency; else the currency's own.
std::string symbol_of(Currency currency, std::string_view settings_currency,
                      const std::optional<std::string>& settings_symbol);

}  // namespace plenary::conference
