#include "domain/payments/stripe_amounts.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/amounts.hpp"
#include "base/errors.hpp"

namespace plenary::payments {
namespace {

// Stripe's list of currencies without decimals. UGX is in it and, like ISK, counted in hundredths all the
// same: see counted_in_hundredths.
constexpr std::array<std::string_view, 15> without_decimals{
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"};
// Hundredths that are always 00.
constexpr std::array<std::string_view, 2> counted_in_hundredths{"ISK", "UGX"};

bool is_in(const auto& list, std::string_view code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

int stripe_exponent(Currency currency) {
  if (is_in(without_decimals, currency.code())) return 0;
  if (is_in(counted_in_hundredths, currency.code())) return 2;
  return currency.exponent() == 3 ? 3 : 2;
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

[[noreturn]] void cannot(const Money& money) {
  throw Refused("amount", "{amount} cannot be charged to a card in this currency ({currency}).",
                {{"amount", marked(money)}, {"currency", std::string(money.currency().code())}});
}

// `amount` counted with `from` decimals, with `to` decimals; nothing: a part would be lost.
std::optional<std::int64_t> rescaled(std::int64_t amount, int from, int to) {
  if (to >= from) {
    const std::int64_t factor = power_of_ten(to - from);
    std::int64_t result = 0;
    if (__builtin_mul_overflow(amount, factor, &result)) return std::nullopt;
    return result;
  }
  const std::int64_t factor = power_of_ten(from - to);
  if (amount % factor != 0) return std::nullopt;
  return amount / factor;
}

// The least amounts by Stripe's page on currencies, in our minor units.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 24> least{{
    {"AED", 200},  {"AUD", 50},  {"BGN", 100},  {"BRL", 50},  {"CAD", 50},   {"CHF", 50},
    {"CZK", 1500}, {"DKK", 250}, {"EUR", 50},   {"GBP", 30},  {"HKD", 400},  {"HUF", 17500},
    {"INR", 50},   {"JPY", 50},  {"MXN", 1000}, {"MYR", 200}, {"NOK", 300},  {"NZD", 50},
    {"PLN", 200},  {"RON", 200}, {"SEK", 300},  {"SGD", 50},  {"THB", 1000}, {"USD", 50},
}};
// Digits that an amount of Stripe's may have; 8 where nothing else is said.
constexpr std::array<std::pair<std::string_view, int>, 6> digits{
    {{"COP", 10}, {"HUF", 10}, {"IDR", 12}, {"INR", 9}, {"JPY", 10}, {"LBP", 12}}};

}  // namespace

std::int64_t to_stripe(const Money& money) {
  const Currency currency = money.currency();
  const auto amount = rescaled(money.minor(), currency.exponent(), stripe_exponent(currency));
  if (!amount || (currency.exponent() == 3 && *amount % 10 != 0)) cannot(money);
  return *amount;
}

Money from_stripe(std::int64_t amount, Currency currency) {
  const auto minor = rescaled(amount, stripe_exponent(currency), currency.exponent());
  if (!minor)
    throw Refused("amount", "Stripe's amount {amount} is no amount of {currency}.",
                  {{"amount", std::to_string(amount)}, {"currency", std::string(currency.code())}});
  return {*minor, currency};
}

std::optional<std::int64_t> least_charge(Currency currency) {
  const auto* found =
      std::find_if(least.begin(), least.end(), [&](const auto& row) { return row.first == currency.code(); });
  if (found == least.end()) return std::nullopt;
  return found->second;
}

std::int64_t most_charge(Currency currency) {
  const auto* found = std::find_if(digits.begin(), digits.end(),
                                   [&](const auto& row) { return row.first == currency.code(); });
  const std::int64_t most = power_of_ten(found == digits.end() ? 8 : found->second) - 1;
  const int from = stripe_exponent(currency), to = currency.exponent();
  return to >= from ? most * power_of_ten(to - from) : most / power_of_ten(from - to);
}

void check_chargeable(const Money& money) {
  const auto at_least = least_charge(money.currency());
  if (money.minor() <= 0 || (at_least && money.minor() < *at_least))
    throw Refused(
        "amount_too_small", "{amount} is too little for a card: the least is {least}.",
        {{"amount", marked(money)}, {"least", marked(Money(at_least.value_or(1), money.currency()))}});
  const std::int64_t at_most = most_charge(money.currency());
  if (money.minor() > at_most)
    throw Refused("amount_too_large", "{amount} is too much for one card payment: the most is {most}.",
                  {{"amount", marked(money)}, {"most", marked(Money(at_most, money.currency()))}});
  to_stripe(money);
}

}  // namespace plenary::payments
