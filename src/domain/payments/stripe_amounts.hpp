// Amounts as Stripe counts them. Ours are minor units by ISO 4217; Stripe's are the same but for the
// currencies in its own lists: three-decimal ones end in 0, and a few that have no decimals any more are
// still counted in hundredths. Pure functions, any thread. Errors: Refused with the amount and the currency.
// source: payments 21, 3 and P21; https://docs.stripe.com/currencies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/money.hpp"

namespace plenary::payments {

// Minor units of ours to Stripe's integer. Refused("amount") when Stripe cannot charge this amount: a last
// digit that is not 0 in three-decimal currencies, part of a unit in currencies that have no parts.
std::int64_t to_stripe(const Money& money);
// And back; Refused("amount") for what cannot be an amount of ours.
Money from_stripe(std::int64_t amount, Currency currency);

// The least and the most that a card is charged, in our minor units. Nothing: Stripe names none for it.
std::optional<std::int64_t> least_charge(Currency currency);
std::int64_t most_charge(Currency currency);
// Refused("amount_too_small" | "amount_too_large" | "amount") before anything is asked.
void check_chargeable(const Money& money);

}  // namespace plenary::payments
