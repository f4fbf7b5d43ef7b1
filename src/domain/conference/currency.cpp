#include "domain/conference/currency.hpp"

namespace plenary::conference {

Currency currency_of(std::string_view conference_currency, std::string_view settings_currency) {
  return Currency::of(conference_currency.empty() ? settings_currency : conference_currency);
}

std::string symbol_of(Currency currency, std::string_view settings_currency,
                      const std::optional<std::string>& settings_symbol) {
  if (settings_symbol && currency.code() == settings_currency) return *settings_symbol;
  return std::string(currency.symbol());
}

}  // namespace plenary::conference
