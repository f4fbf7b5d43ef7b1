#include "templating/formats.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "templating/python.hpp"
#include "templating/translation.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating::formats {
namespace {

constexpr std::string_view nbsp = "\xC2\xA0";

// source: the locales' formats as Django has them; a language that is not here is shown like English.
constexpr Locale locales[] = {
    {"en", "N j, Y", "P", "N j, Y, P", "F Y", "F j", "m/d/Y", "m/d/Y P", ".", ",", 3},
    {"en-gb", "j M Y", "P", "j M Y, P", "F Y", "j F", "d/m/Y", "d/m/Y P", ".", ",", 3},
    {"cs", "j. E Y", "G:i", "j. E Y G:i", "F Y", "j. F", "d.m.Y", "d.m.Y G:i", ",", nbsp, 3},
    {"da", "j. F Y", "H:i", "j. F Y H:i", "F Y", "j. F", "d.m.Y", "d.m.Y H:i", ",", ".", 3},
    {"de", "j. F Y", "H:i", "j. F Y H:i", "F Y", "j. F", "d.m.Y", "d.m.Y H:i", ",", ".", 3},
    {"es", R"(j \d\e F \d\e Y)", "H:i", R"(j \d\e F \d\e Y \a \l\a\s H:i)", R"(F \d\e Y)", R"(j \d\e F)",
     "d/m/Y", "d/m/Y H:i", ",", nbsp, 3},
    {"fi", "j. E Y", "G.i", R"(j. E Y \k\e\l\l\o G.i)", "F Y", "j. F", "j.n.Y", "j.n.Y G.i", ",", nbsp, 3},
    {"fr", "j F Y", "H:i", "j F Y H:i", "F Y", "j F", "d/m/Y", "d/m/Y H:i", ",", nbsp, 3},
    {"it", "d F Y", "H:i", "l d F Y H:i", "F Y", "j F", "d/m/Y", "d/m/Y H:i", ",", ".", 3},
    {"ja", "Y年n月j日", "G:i", "Y年n月j日G:i", "Y年n月", "n月j日", "Y/m/d", "Y/m/d G:i", ".", ",", 3},
    {"nb", "j. F Y", "H:i", "j. F Y H:i", "F Y", "j. F", "d.m.Y", "d.m.Y H:i", ",", nbsp, 3},
    {"nl", "j F Y", "H:i", "j F Y H:i", "F Y", "j F", "j-n-Y", "j-n-Y H:i", ",", ".", 3},
    {"pl", "j E Y", "H:i", "j E Y H:i", "F Y", "j E", "d-m-Y", "d-m-Y  H:i", ",", nbsp, 3},
    {"pt", R"(j \d\e F \d\e Y)", "H:i", R"(j \d\e F \d\e Y à\s H:i)", R"(F \d\e Y)", R"(j \d\e F)", "d/m/Y",
     "d/m/Y H:i", ",", ".", 3},
    {"sv", "j F Y", "H:i", "j F Y H:i", "F Y", "j F", "Y-m-d", "Y-m-d H:i", ",", nbsp, 3},
};

constexpr Locale plain = {"", "N j, Y", "P", "N j, Y, P", "F Y", "F j", "m/d/Y", "m/d/Y P", ".", ",", 0};

std::string keep_together(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ') {
      out += nbsp;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

const Locale& unlocalized() {
  return plain;
}

const Locale& locale_of(std::string_view name) {
  if (name == "en" || name.empty()) return locales[0];
  std::string wanted = unicode::lower(name);
  for (char& c : wanted) {
    if (c == '_') c = '-';
  }
  for (std::string_view each : {std::string_view(wanted), language_of(wanted)}) {
    for (const Locale& locale : locales) {
      if (locale.language == each) return locale;
    }
  }
  return locales[0];
}

std::string number(std::string_view digits, const Locale& locale, int decimals, bool group) {
  std::string out;
  if (!digits.empty() && digits[0] == '-') {
    out = "-";
    digits.remove_prefix(1);
  }
  const std::size_t dot = digits.find('.');
  const std::string_view whole = digits.substr(0, dot);
  std::string fraction(dot == std::string_view::npos ? std::string_view() : digits.substr(dot + 1));
  if (decimals >= 0) fraction.resize(static_cast<std::size_t>(decimals), '0');
  if (group && locale.grouping > 0) {
    const auto size = static_cast<std::size_t>(locale.grouping);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (i != 0 && (whole.size() - i) % size == 0) out += locale.thousand_separator;
      out += whole[i];
    }
  } else {
    out += whole;
  }
  if (!fraction.empty()) {
    out += locale.decimal_separator;
    out += fraction;
  }
  return out;
}

std::string plain_float(double d) {
  const std::string text = python::float_repr(d);
  const std::size_t e = text.find('e');
  if (!std::isfinite(d) || e == std::string::npos) return text;
  const int exponent = std::atoi(text.c_str() + e + 1);
  std::string mantissa = text.substr(0, e);
  const bool negative = mantissa[0] == '-';
  if (negative) mantissa.erase(0, 1);
  const std::size_t dot = mantissa.find('.');
  const int fraction = dot == std::string::npos ? 0 : static_cast<int>(mantissa.size() - dot - 1);
  if (dot != std::string::npos) mantissa.erase(dot, 1);
  const int shift = exponent - fraction;
  if (std::abs(shift) + static_cast<int>(mantissa.size()) > 200) return text;
  if (shift >= 0) {
    mantissa.append(static_cast<std::size_t>(shift), '0');
  } else {
    const auto places = static_cast<std::size_t>(-shift);
    if (mantissa.size() <= places) mantissa.insert(0, places + 1 - mantissa.size(), '0');
    mantissa.insert(mantissa.size() - places, ".");
  }
  return (negative ? "-" : "") + mantissa;
}

std::string localized(const Value& value, const Context& context, Context::Localization how) {
  const bool off = how == Context::Localization::off;
  const Locale& locale = off ? unlocalized() : locale_of(context.locale);
  std::string out;
  char letter = 0;
  switch (value.kind()) {
    case Value::Kind::real: {
      if (off) return python::float_repr(value.real());
      const std::string text = plain_float(value.real());
      const std::size_t e = text.find('e');
      if (e == std::string::npos) return number(text, locale, -1, false);
      return number(std::string_view(text).substr(0, e), locale, -1, false) + text.substr(e);
    }
    case Value::Kind::decimal:
      if (off) return python::decimal_str(value.decimal());
      return number(value.decimal().to_string(), locale, -1, false);
    case Value::Kind::datetime:
      if (context.convert_time_zone && !value.is_pinned()) {
        date(value.in_zone(context.time_zone), locale.datetime, context, out, letter);
      } else {
        date(value, locale.datetime, context, out, letter);
      }
      return out;
    case Value::Kind::date:
      date(value, locale.date, context, out, letter);
      return out;
    case Value::Kind::time:
      time(value, locale.time, context, out);
      return out;
    default:
      return value.to_text();
  }
}

std::string_view named_format(std::string_view format, const Locale& locale) {
  if (format == "DATE_FORMAT") return locale.date;
  if (format == "TIME_FORMAT") return locale.time;
  if (format == "DATETIME_FORMAT") return locale.datetime;
  if (format == "YEAR_MONTH_FORMAT") return locale.year_month;
  if (format == "MONTH_DAY_FORMAT") return locale.month_day;
  if (format == "SHORT_DATE_FORMAT") return locale.short_date;
  if (format == "SHORT_DATETIME_FORMAT") return locale.short_datetime;
  return format;
}

namespace {

std::int64_t seconds_of(const LocalTime& t) {
  return std::int64_t{t.date.days_since_1970()} * 86400 + t.hour * 3600 + t.minute * 60 + t.second;
}

std::string units(const Context& context, std::string_view singular, std::string_view plural,
                  std::int64_t n) {
  std::string text = ngettext(context, {}, singular, plural, n);
  const std::string_view mark = "%(num)d";
  const std::size_t at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), fmt::format("{}", n));
  return keep_together(text);
}

struct Unit {
  std::string_view one, many;
};
constexpr Unit message_n(std::string_view one, std::string_view many) {
  return {one, many};
}
constexpr Unit unit_names[] = {
    message_n("%(num)d year", "%(num)d years"), message_n("%(num)d month", "%(num)d months"),
    message_n("%(num)d week", "%(num)d weeks"), message_n("%(num)d day", "%(num)d days"),
    message_n("%(num)d hour", "%(num)d hours"), message_n("%(num)d minute", "%(num)d minutes")};

}  // namespace

std::string elapsed(const LocalTime& d, const LocalTime& now, const Context& context) {
  const auto micros = [](const LocalTime& t) { return seconds_of(t) * 1'000'000 + t.microsecond; };
  const auto no_time = [&] { return units(context, unit_names[5].one, unit_names[5].many, 0); };
  if (micros(now) - micros(d) < 1'000'000) return no_time();
  const auto clock = [](const LocalTime& t) {
    return ((t.hour * 60 + t.minute) * 60 + t.second) * 1'000'000LL + t.microsecond;
  };
  int months = (now.date.year() - d.date.year()) * 12 + now.date.month() - d.date.month();
  if (d.date.day() > now.date.day() || (d.date.day() == now.date.day() && clock(d) > clock(now))) --months;
  const int years = months / 12;
  months %= 12;
  LocalTime pivot = d;
  if (years != 0 || months != 0) {
    int year = d.date.year() + years, month = d.date.month() + months;
    if (month > 12) {
      month -= 12;
      ++year;
    }
    static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    pivot.date = *Date::of(year, month, std::min(days[month - 1], d.date.day()));
    pivot.microsecond = 0;
  }
  std::int64_t rest = micros(now) - micros(pivot);
  std::int64_t counts[6] = {years, months};
  std::size_t i = 2;
  for (const std::int64_t chunk : {604800, 86400, 3600, 60}) {
    const std::int64_t unit = chunk * 1'000'000;
    counts[i] = rest / unit;
    rest -= counts[i] * unit;
    ++i;
  }
  std::size_t first = 0;
  while (first < 6 && counts[first] == 0) ++first;
  if (first == 6) return no_time();
  std::string out = units(context, unit_names[first].one, unit_names[first].many, counts[first]);
  if (first + 1 < 6 && counts[first + 1] != 0) {
    out += gettext(context, {}, ", ");
    out += units(context, unit_names[first + 1].one, unit_names[first + 1].many, counts[first + 1]);
  }
  return out;
}

}  // namespace plenary::templating::formats
