#include "domain/conference/currency.hpp"

#include "config/settings.hpp"

namespace plenary::conference {

Currency currency_of(const std::optional<std::string>& conference_currency,
                     const config::ProgramSettings& settings) {
  return conference_currency ? Currency::of(*conference_currency) : settings.currency;
}

std::string display(const Money& amount, const config::ProgramSettings& settings) {
  return amount.display(settings.symbol_for(amount.currency()));
}

}  // namespace plenary::conference
