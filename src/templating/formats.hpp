// Dates, times and numbers as text, by Django's format letters and by locale. No state; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "templating/context.hpp"
#include "templating/value.hpp"

namespace plenary::templating::formats {

struct Locale {
  std::string_view language;
  std::string_view date, time, datetime, year_month, month_day, short_date, short_datetime;
  std::string_view decimal_separator, thousand_separator;
  int grouping;  // digits; 0: none
};
const Locale& locale_of(std::string_view name);
// A double without exponent: "100000000000000000000"; more than 200 digits keep it.
std::string plain_float(double d);
// What counts with localization off.
const Locale& unlocalized();

// A value as {{ }} shows it: dates and numbers by the context's locale, moments in its time zone.
std::string localized(const Value& value, const Context& context, Context::Localization how);

// `digits` is a plain decimal text ("-1234.5"); decimals < 0: as many as it has.
std::string number(std::string_view digits, const Locale& locale, int decimals, bool group);

enum class Outcome : unsigned char { done, unknown_letter, time_in_date, needs_date };
// Django's date format letters. A datetime is taken in its own zone. `letter` is the one that did not fit.
Outcome date(const Value& value, std::string_view format, const Context& context, std::string& out,
             char& letter);
// The letters of the time filter only.
Outcome time(const Value& value, std::string_view format, const Context& context, std::string& out);
// "SHORT_DATE_FORMAT" and its like stand for the locale's format; anything else for itself.
std::string_view named_format(std::string_view format, const Locale& locale);

// "2 weeks, 3 days" between two readings of the same clock, up to two neighbouring units.
std::string elapsed(const LocalTime& from, const LocalTime& to, const Context& context);

}  // namespace plenary::templating::formats
