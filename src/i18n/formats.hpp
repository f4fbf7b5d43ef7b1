// Moments, days, numbers and prices as people of a language write them. English has the house's own style
// ("14 May 2027, 12:00 CEST"), made without ICU because every page needs it; the other languages follow ICU's
// data. Any thread: what ICU needs is kept by each. Errors: none; an unknown language is written like
// English. source: ground rules 15, 3.1 and 3.2; Unicode CLDR.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/decimal.hpp"
#include "base/money.hpp"
#include "base/time.hpp"

namespace plenary::i18n {

// "14 May 2027, 12:00 CEST"; "14. Mai 2027, 12:00 MESZ". A zone without letters of its own is told by its
// distance from UTC: "UTC+5:30".
std::string moment(std::string_view language, Instant at, TimeZone zone);
// "12:00 CEST"
std::string clock(std::string_view language, Instant at, TimeZone zone);
// "14 May 2027"
std::string day(std::string_view language, Date date);
// "20–22 May 2027"; "20.–22. Mai 2027". One day when both are the same.
std::string days(std::string_view language, Date from, Date to);

// Digits in groups, all decimals that are given: "1,234.50"; "1.234,50".
std::string number(std::string_view language, const Decimal& value);
std::string number(std::string_view language, std::int64_t value);
// "$1,234.50"; "1.234,50 €". `symbol`: the configured one of that currency; empty: the currency's own. Where
// it stands goes by the language.
std::string money(std::string_view language, const Money& amount, std::string_view symbol = {});

}  // namespace plenary::i18n
