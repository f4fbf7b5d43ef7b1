#include "base/time.hpp"

// The library reads the system's zone files; its own downloader is never compiled in.
#define USE_OS_TZDB 1
#define HAS_REMOTE_API 0
#define ONLY_C_LOCALE 1
#include <date/date.h>
#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <stdexcept>

namespace plenary {
namespace {

constexpr std::int64_t micros_per_second = 1'000'000;
constexpr std::int64_t micros_per_day = 86'400 * micros_per_second;

struct FlooredDay {
  std::int32_t day;
  std::int64_t rest;  // microseconds into the day
};

FlooredDay floored(std::int64_t micros) {
  std::int64_t day = micros / micros_per_day;
  std::int64_t rest = micros % micros_per_day;
  if (rest < 0) {
    --day;
    rest += micros_per_day;
  }
  return {static_cast<std::int32_t>(day), rest};
}

date::year_month_day civil(std::int32_t days) {
  return date::sys_days(date::days(days));
}

void append_padded(std::string& text, int value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text.append(digits);
}

// Reads exactly `width` digits.
bool read_number(std::string_view text, std::size_t& at, std::size_t width, int& value) {
  if (text.size() - at < width) return false;
  value = 0;
  for (std::size_t end = at + width; at < end; ++at) {
    if (text[at] < '0' || text[at] > '9') return false;
    value = value * 10 + (text[at] - '0');
  }
  return true;
}

bool read_char(std::string_view text, std::size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

bool read_date(std::string_view text, std::size_t& at, std::optional<Date>& date) {
  int year = 0, month = 0, day = 0;
  if (!read_number(text, at, 4, year) || !read_char(text, at, '-') || !read_number(text, at, 2, month) ||
      !read_char(text, at, '-') || !read_number(text, at, 2, day)) {
    return false;
  }
  date = Date::of(year, month, day);
  return date.has_value();
}

const date::time_zone* as_zone(const void* zone) {
  return static_cast<const date::time_zone*>(zone);
}

// Files of the zone folder that are no zone of IANA: "localtime" is whatever the machine is set to.
bool is_zone_name(std::string_view name) {
  return !name.empty() && name != "localtime" && name != "posixrules" && name != "Factory";
}

Instant from_sys(date::sys_seconds t) {
  return {t.time_since_epoch().count() * micros_per_second};
}

}  // namespace

Instant Instant::system_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

std::optional<Instant> Instant::parse(std::string_view text) {
  std::size_t at = 0;
  std::optional<Date> day;
  int hour = 0, minute = 0, second = 0;
  if (!read_date(text, at, day)) return std::nullopt;
  if (at >= text.size() || (text[at] != 'T' && text[at] != 't' && text[at] != ' ')) return std::nullopt;
  ++at;
  if (!read_number(text, at, 2, hour) || !read_char(text, at, ':') || !read_number(text, at, 2, minute) ||
      !read_char(text, at, ':') || !read_number(text, at, 2, second) || hour > 23 || minute > 59 ||
      second > 59) {
    return std::nullopt;
  }
  std::int64_t fraction = 0;
  if (read_char(text, at, '.')) {
    const std::size_t first = at;
    std::int64_t unit = micros_per_second;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      unit /= 10;
      fraction += unit * (text[at] - '0');
    }
    if (at == first || at - first > 6) return std::nullopt;
  }
  std::int64_t offset = 0;
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else {
    if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return std::nullopt;
    const int sign = text[at++] == '-' ? -1 : 1;
    int hours = 0, minutes = 0;
    if (!read_number(text, at, 2, hours) || !read_char(text, at, ':') || !read_number(text, at, 2, minutes) ||
        hours > 23 || minutes > 59) {
      return std::nullopt;
    }
    offset = sign * (hours * 3600 + minutes * 60);
  }
  if (at != text.size()) return std::nullopt;
  const std::int64_t seconds =
      std::int64_t{day->days_since_1970()} * 86'400 + hour * 3600 + minute * 60 + second;
  return Instant{(seconds - offset) * micros_per_second + fraction};
}

std::string Instant::to_string() const {
  const FlooredDay split = floored(micros);
  const int seconds = static_cast<int>(split.rest / micros_per_second);
  const int fraction = static_cast<int>(split.rest % micros_per_second);
  std::string text = Date::from_days(split.day).to_string();
  text.push_back('T');
  append_padded(text, seconds / 3600, 2);
  text.push_back(':');
  append_padded(text, seconds / 60 % 60, 2);
  text.push_back(':');
  append_padded(text, seconds % 60, 2);
  if (fraction != 0) {
    text.push_back('.');
    append_padded(text, fraction, 6);
    while (text.back() == '0') text.pop_back();
  }
  text.push_back('Z');
  return text;
}

std::optional<Date> Date::of(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  const date::year_month_day ymd(date::year(year), date::month(static_cast<unsigned>(month)),
                                 date::day(static_cast<unsigned>(day)));
  if (!ymd.ok()) return std::nullopt;
  return Date(date::sys_days(ymd).time_since_epoch().count());
}

std::optional<Date> Date::parse(std::string_view text) {
  std::size_t at = 0;
  std::optional<Date> date;
  if (!read_date(text, at, date) || at != text.size()) return std::nullopt;
  return date;
}

int Date::year() const {
  return static_cast<int>(civil(days_).year());
}
int Date::month() const {
  return static_cast<int>(static_cast<unsigned>(civil(days_).month()));
}
int Date::day() const {
  return static_cast<int>(static_cast<unsigned>(civil(days_).day()));
}

int Date::weekday() const {
  const int from_thursday = ((days_ % 7) + 7) % 7;  // 1970-01-01 was a Thursday
  return (from_thursday + 4) % 7;
}

int Date::day_of_year() const {
  const date::sys_days first = date::sys_days(civil(days_).year() / date::January / 1);
  return days_ - static_cast<int>(first.time_since_epoch().count()) + 1;
}

std::string Date::to_string() const {
  const date::year_month_day ymd = civil(days_);
  std::string text;
  append_padded(text, static_cast<int>(ymd.year()), 4);
  text.push_back('-');
  append_padded(text, static_cast<int>(static_cast<unsigned>(ymd.month())), 2);
  text.push_back('-');
  append_padded(text, static_cast<int>(static_cast<unsigned>(ymd.day())), 2);
  return text;
}

std::optional<TimeZone> TimeZone::find(std::string_view name) {
  if (!is_zone_name(name)) return std::nullopt;
  try {
    const date::time_zone* zone = date::locate_zone(name);
    // The file is read at its first use: a broken one must show here, not in the middle of a page.
    (void)zone->get_info(date::sys_seconds());
    return TimeZone(zone);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

TimeZone TimeZone::of(std::string_view name) {
  if (const auto zone = find(name)) return *zone;
  throw std::invalid_argument("\"" + std::string(name) + "\" is no time zone of the IANA list" +
                              (database_available() ? "" : " (the system's tzdata package is missing)"));
}

TimeZone TimeZone::utc() {
  static const TimeZone zone = of("UTC");
  return zone;
}

bool TimeZone::database_available() {
  try {
    return !date::get_tzdb().zones.empty();
  } catch (const std::exception&) {
    return false;
  }
}

std::vector<std::string> TimeZone::names() {
  std::vector<std::string> result;
  if (!database_available()) return result;
  for (const date::time_zone& zone : date::get_tzdb().zones) {
    if (is_zone_name(zone.name())) result.push_back(zone.name());
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::string_view TimeZone::name() const {
  return as_zone(zone_)->name();
}

LocalTime TimeZone::local(Instant t) const {
  const std::int64_t second = (t.micros - floored(t.micros).rest % micros_per_second) / micros_per_second;
  const date::sys_seconds at{std::chrono::seconds(second)};
  // Moments of a page lie close together: between two changes of the clock the zone says the same.
  struct Known {
    decltype(zone_) zone = {};
    date::sys_info info = {};
  };
  thread_local Known known;
  if (known.zone != zone_ || at < known.info.begin || at >= known.info.end)
    known = {zone_, as_zone(zone_)->get_info(at)};
  const date::sys_info& info = known.info;
  LocalTime result;
  result.offset_seconds = static_cast<int>(info.offset.count());
  result.abbreviation = info.abbrev;
  const FlooredDay split = floored(t.micros + info.offset.count() * micros_per_second);
  const int seconds = static_cast<int>(split.rest / micros_per_second);
  result.date = Date::from_days(split.day);
  result.hour = seconds / 3600;
  result.minute = seconds / 60 % 60;
  result.second = seconds % 60;
  result.microsecond = static_cast<int>(split.rest % micros_per_second);
  return result;
}

Instant TimeZone::instant(Date day, int hour, int minute, int second) const {
  const date::local_seconds local(date::local_days(date::days(day.days_since_1970())) +
                                  std::chrono::seconds(hour * 3600 + minute * 60 + second));
  const date::local_info info = as_zone(zone_)->get_info(local);
  if (info.result == date::local_info::nonexistent) return from_sys(info.first.end);
  return from_sys(date::sys_seconds(local.time_since_epoch() - info.first.offset));
}

Instant TimeZone::day_start(Date day) const {
  return instant(day, 0, 0, 0);
}

Instant TimeZone::day_end(Date day) const {
  return day_start(day.plus_days(1)) - Duration::microseconds(1);
}

}  // namespace plenary
