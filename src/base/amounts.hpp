// Amounts of money as people read and type them. In messages: a rule that refuses something, or tells what
// happened, knows no reader: it marks its amounts, and whoever makes the text for somebody writes them as
// that language does (fill: the English way). Marks stand in arguments and in ready texts alike. Pure.
// Errors: none; what is no mark, as in a text that somebody typed, stays as it is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/money.hpp"

namespace plenary {

// `symbol`: the configured one; empty: the currency's own.
std::string marked(const Money& amount, std::string_view symbol = {});

bool has_marks(std::string_view text);
using WriteAmount = std::function<std::string(const Money& amount, std::string_view symbol)>;
std::string with_amounts(std::string_view text, const WriteAmount& write);
// "$1,234.50"
std::string with_amounts(std::string_view text);

// What somebody typed, whatever their language: "12.50", "12,50", "1,234.50", "1.234,50", "1,234,567". A
// single sign is the decimal one. Nothing: no number, or a sign where none belongs.
std::optional<Decimal> typed_decimal(std::string_view typed);

// The same as an amount of a currency. Nothing also: more decimals than the currency has, "1.000" of one with
// fewer than three, which may be meant as a thousand, and what is beyond any price (a million million units).
std::optional<Money> typed_money(std::string_view typed, Currency currency);
// "1.000", "-12,500": a single sign, before it up to three digits, behind it exactly three.
bool may_be_thousands(std::string_view typed);

}  // namespace plenary
