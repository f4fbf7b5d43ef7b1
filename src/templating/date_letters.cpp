// The letters of date and time formats. source: the Django template language, `date` filter.
#include <fmt/format.h>
#include <unicode/dtfmtsym.h>
#include <unicode/locid.h>

#include <array>

#include "templating/formats.hpp"
#include "templating/python.hpp"
#include "templating/translation.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating::formats {
namespace {

constexpr std::string_view letters = "aAbcdDeEfFgGhHiIjlLmMnNoOPrsStTUuwWyYzZ";
constexpr std::string_view time_letters = "aAefgGhHiOPsTuZ";
constexpr std::string_view zone_letters = "eOTZI";  // empty for what has no zone

constexpr std::array<std::string_view, 12> months = {"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 12> short_months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                           "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 12> press_months = {"Jan.", "Feb.", "March", "April", "May",  "June",
                                                           "July", "Aug.", "Sept.", "Oct.",  "Nov.", "Dec."};
constexpr std::array<std::string_view, 7> days = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                  "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 7> short_days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

// What a value is for formatting: any of the parts may be missing.
struct Moment {
  Value::Kind kind = Value::Kind::undefined;
  LocalTime t;
  bool has_date = false, has_time = false, has_zone = false;
  const Value* value = nullptr;
};

int offset_at(const Value& value, Instant at) {
  return value.has_fixed_offset() ? value.local().offset_seconds : value.zone().local(at).offset_seconds;
}

// A wall-clock time that a clock change makes happen twice: no zone is told, as it would be a guess.
bool is_ambiguous(const Value& value, const LocalTime& t) {
  if (value.has_fixed_offset()) return false;
  const Instant at = value.instant();
  for (const int hours : {-26, 26}) {
    const int other = offset_at(value, at + Duration::hours(hours));
    if (other == t.offset_seconds) continue;
    const Instant twin = at + Duration::seconds(t.offset_seconds - other);
    if (offset_at(value, twin) == other) return true;
  }
  return false;
}

Moment moment_of(const Value& value) {
  Moment m;
  m.kind = value.kind();
  m.value = &value;
  if (m.kind == Value::Kind::date) {
    m.t.date = value.date();
    m.has_date = true;
  } else if (m.kind == Value::Kind::time) {
    const TimeOfDay clock = value.time();
    m.t.hour = clock.hour;
    m.t.minute = clock.minute;
    m.t.second = clock.second;
    m.t.microsecond = clock.microsecond;
    m.has_time = true;
  } else if (m.kind == Value::Kind::datetime) {
    m.t = value.local();
    m.has_date = m.has_time = true;
    m.has_zone = !is_ambiguous(value, m.t);
  }
  return m;
}

// The catalogue's word; without one, ICU's for languages other than English.
std::string name_of(const Context& context, std::string_view message_context, std::string_view english,
                    icu::DateFormatSymbols::DtContextType form, icu::DateFormatSymbols::DtWidthType width,
                    bool is_month, int index) {
  std::string text = gettext(context, message_context, english);
  if (text != english || language_of(context.locale) == "en") return text;
  UErrorCode status = U_ZERO_ERROR;
  const icu::DateFormatSymbols symbols(icu::Locale::createFromName(context.locale.c_str()), status);
  if (U_FAILURE(status)) return text;
  int32_t count = 0;
  const icu::UnicodeString* names =
      is_month ? symbols.getMonths(count, form, width) : symbols.getWeekdays(count, form, width);
  const int at = is_month ? index : index + 1;
  if (at >= count) return text;
  std::string found;
  names[at].toUTF8String(found);
  if (width == icu::DateFormatSymbols::ABBREVIATED && !found.empty() && found.back() == '.') found.pop_back();
  return found.empty() ? text : found;
}

using Symbols = icu::DateFormatSymbols;

std::string month_name(const Context& c, int month) {
  return name_of(c, {}, months[static_cast<std::size_t>(month)], Symbols::STANDALONE, Symbols::WIDE, true,
                 month);
}
std::string alternative_month_name(const Context& c, int month) {
  return name_of(c, "alt. month", months[static_cast<std::size_t>(month)], Symbols::FORMAT, Symbols::WIDE,
                 true, month);
}
std::string short_month_name(const Context& c, int month) {
  return name_of(c, {}, short_months[static_cast<std::size_t>(month)], Symbols::STANDALONE,
                 Symbols::ABBREVIATED, true, month);
}
std::string press_month_name(const Context& c, int month) {
  return name_of(c, "abbrev. month", press_months[static_cast<std::size_t>(month)], Symbols::FORMAT,
                 Symbols::ABBREVIATED, true, month);
}
std::string day_name(const Context& c, int day) {
  return name_of(c, {}, days[static_cast<std::size_t>(day)], Symbols::STANDALONE, Symbols::WIDE, false, day);
}
std::string short_day_name(const Context& c, int day) {
  return name_of(c, {}, short_days[static_cast<std::size_t>(day)], Symbols::STANDALONE, Symbols::ABBREVIATED,
                 false, day);
}

// The ISO week: 1 to 53, and the year it belongs to.
std::pair<int, int> iso_week(Date d) {
  const int weekday = (d.weekday() + 6) % 7;  // Monday first
  const Date thursday = d.plus_days(3 - weekday);
  return {thursday.year(), (thursday.day_of_year() - 1) / 7 + 1};
}

bool is_leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(int year, int month) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Daylight saving time: further east than the zone's least offset of the year.
bool is_daylight(const Value& value, const LocalTime& t) {
  if (value.has_fixed_offset()) return false;
  const int year = t.date.year();
  const auto offset = [&](int month) {
    return offset_at(value, TimeZone::utc().instant(*Date::of(year, month, 1), 0, 0));
  };
  return t.offset_seconds > std::min(offset(1), offset(7));
}

std::string offset_text(int seconds) {
  const int s = std::abs(seconds);
  return fmt::format("{}{:02}{:02}", seconds < 0 ? '-' : '+', s / 3600, s / 60 % 60);
}

std::string twelve_hours(const LocalTime& t) {
  const int hour = t.hour % 12 == 0 ? 12 : t.hour % 12;
  return t.minute != 0 ? fmt::format("{}:{:02}", hour, t.minute) : fmt::format("{}", hour);
}

std::string_view ordinal_suffix(int day) {
  if (day >= 11 && day <= 13) return "th";
  return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

std::string time_letter(char letter, const LocalTime& t, const Context& c) {
  switch (letter) {
    case 'a':
      return t.hour > 11 ? gettext(c, {}, "p.m.") : gettext(c, {}, "a.m.");
    case 'A':
      return t.hour > 11 ? gettext(c, {}, "PM") : gettext(c, {}, "AM");
    case 'f':
      return twelve_hours(t);
    case 'g':
      return fmt::format("{}", t.hour % 12 == 0 ? 12 : t.hour % 12);
    case 'G':
      return fmt::format("{}", t.hour);
    case 'h':
      return fmt::format("{:02}", t.hour % 12 == 0 ? 12 : t.hour % 12);
    case 'H':
      return fmt::format("{:02}", t.hour);
    case 'i':
      return fmt::format("{:02}", t.minute);
    case 'P':
      if (t.minute == 0 && t.hour == 0) return gettext(c, {}, "midnight");
      if (t.minute == 0 && t.hour == 12) return gettext(c, {}, "noon");
      return twelve_hours(t) + " " + (t.hour > 11 ? gettext(c, {}, "p.m.") : gettext(c, {}, "a.m."));
    case 's':
      return fmt::format("{:02}", t.second);
    default:
      return fmt::format("{:06}", t.microsecond);  // u
  }
}

std::string zone_letter(char letter, const Moment& m) {
  if (!m.has_zone) return {};
  switch (letter) {
    case 'e':
    case 'T':
      return m.t.abbreviation;
    case 'I':
      return is_daylight(*m.value, m.t) ? "1" : "0";
    case 'O':
      return offset_text(m.t.offset_seconds);
    default:
      return fmt::format("{}", m.t.offset_seconds);  // Z
  }
}

std::string date_letter(char letter, const Moment& m, const Context& c) {
  const Date d = m.t.date;
  const int month = d.month() - 1;
  switch (letter) {
    case 'b':
      return short_month_name(c, month);
    case 'c':
      return python::isoformat(*m.value);
    case 'd':
      return fmt::format("{:02}", d.day());
    case 'D':
      return short_day_name(c, d.weekday());
    case 'E':
      return alternative_month_name(c, month);
    case 'F':
      return month_name(c, month);
    case 'j':
      return fmt::format("{}", d.day());
    case 'l':
      return day_name(c, d.weekday());
    case 'L':
      return is_leap(d.year()) ? "True" : "False";
    case 'm':
      return fmt::format("{:02}", d.month());
    case 'M':
      return unicode::title(short_month_name(c, month));
    case 'n':
      return fmt::format("{}", d.month());
    case 'N':
      return press_month_name(c, month);
    case 'o':
      return fmt::format("{}", iso_week(d).first);
    case 'r': {
      // E-mail dates are English everywhere. A day without time is midnight in the default zone.
      LocalTime t = m.t;
      if (!m.has_time)
        t.offset_seconds = c.default_time_zone.local(c.default_time_zone.instant(d, 0, 0)).offset_seconds;
      return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} {}",
                         short_days[static_cast<std::size_t>(d.weekday())], d.day(),
                         months[static_cast<std::size_t>(month)].substr(0, 3), d.year(), t.hour, t.minute,
                         t.second, offset_text(t.offset_seconds));
    }
    case 'S':
      return std::string(ordinal_suffix(d.day()));
    case 't':
      return fmt::format("{}", days_in_month(d.year(), d.month()));
    case 'U': {
      const Instant at = m.has_time ? m.value->instant() : c.default_time_zone.instant(d, 0, 0);
      return fmt::format("{}", at.micros / 1'000'000);
    }
    case 'w':
      return fmt::format("{}", d.weekday());
    case 'W':
      return fmt::format("{}", iso_week(d).second);
    case 'y':
      return fmt::format("{:02}", d.year() % 100);
    case 'Y':
      return fmt::format("{:04}", d.year());
    default:
      return fmt::format("{}", d.day_of_year());  // z
  }
}

// A backslash takes the next character as it is.
void append_literal(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '\n') ++i;
    out += text[i];
  }
}

// Calls `put` for each letter; false from it ends the walk.
template <class Put>
bool walk(std::string_view format, std::string& out, Put put) {
  std::size_t literal = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (letters.find(format[i]) == std::string_view::npos || (i > 0 && format[i - 1] == '\\')) continue;
    append_literal(format.substr(literal, i - literal), out);
    literal = i + 1;
    if (!put(format[i])) return false;
  }
  append_literal(format.substr(literal), out);
  return true;
}

bool contains(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

}  // namespace

Outcome date(const Value& value, std::string_view format, const Context& context, std::string& out,
             char& letter) {
  // What scripts count with asks no calendar.
  if (format == "U" && value.kind() == Value::Kind::datetime) {
    letter = 'U';
    fmt::format_to(std::back_inserter(out), "{}", value.instant().micros / 1'000'000);
    return Outcome::done;
  }
  const Moment m = moment_of(value);
  Outcome outcome = Outcome::done;
  walk(format, out, [&](char c) {
    letter = c;
    if (m.kind == Value::Kind::date && contains(time_letters, c)) {
      outcome = Outcome::time_in_date;
    } else if (contains(zone_letters, c)) {
      out += zone_letter(c, m);
    } else if (contains(time_letters, c)) {
      if (m.has_time) {
        out += time_letter(c, m.t, context);
      } else {
        outcome = Outcome::unknown_letter;
      }
    } else if (m.has_date) {
      out += date_letter(c, m, context);
    } else if (c == 'c' && m.has_time) {
      out += python::isoformat(value);
    } else if (c == 'r' || c == 'U') {
      outcome = Outcome::needs_date;
    } else {
      outcome = Outcome::unknown_letter;
    }
    return outcome == Outcome::done;
  });
  return outcome;
}

Outcome time(const Value& value, std::string_view format, const Context& context, std::string& out) {
  const Moment m = moment_of(value);
  Outcome outcome = Outcome::done;
  walk(format, out, [&](char c) {
    if (!contains(time_letters, c) || m.kind == Value::Kind::date) {
      outcome = Outcome::unknown_letter;
    } else if (contains(zone_letters, c)) {
      out += zone_letter(c, m);
    } else if (m.has_time) {
      out += time_letter(c, m.t, context);
    } else {
      outcome = Outcome::unknown_letter;
    }
    return outcome == Outcome::done;
  });
  return outcome;
}

}  // namespace plenary::templating::formats
