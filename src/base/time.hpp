// Instants, calendar dates and IANA time zones. Instants are UTC microseconds; a date has no zone.
// Known limit: clock changes are known up to the end of 2037, as far as the system's zone files list them.
// source: design 6; configuration 10, 6.5.3 and Do better 34.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

struct Duration {
  std::int64_t micros = 0;
  static constexpr Duration microseconds(std::int64_t n) { return {n}; }
  static constexpr Duration milliseconds(std::int64_t n) { return {n * 1000}; }
  static constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000}; }
  static constexpr Duration minutes(std::int64_t n) { return {n * 60'000'000}; }
  static constexpr Duration hours(std::int64_t n) { return {n * 3'600'000'000}; }
  static constexpr Duration days(std::int64_t n) { return {n * 86'400'000'000}; }
  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.micros + b.micros}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.micros - b.micros}; }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return {a.micros * n}; }
};

// Microseconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t micros = 0;
  static Instant system_now();
  // RFC 3339 with offset or Z ("2027-05-14T09:00:00Z", "…+02:00", fraction up to 6 digits).
  static std::optional<Instant> parse(std::string_view text);
  // "2027-05-14T09:00:00Z"; with the fraction only when there is one.
  std::string to_string() const;
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant a, Duration d) { return {a.micros + d.micros}; }
  friend constexpr Instant operator-(Instant a, Duration d) { return {a.micros - d.micros}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return {a.micros - b.micros}; }
};

// A day of the proleptic Gregorian calendar, years 1 to 9999.
class Date {
 public:
  constexpr Date() = default;
  // Empty when there is no such day.
  static std::optional<Date> of(int year, int month, int day);
  static std::optional<Date> parse(std::string_view text);  // "2027-05-14"
  static Date from_days(std::int32_t days_since_1970) { return Date(days_since_1970); }

  int year() const;
  int month() const;        // 1..12
  int day() const;          // 1..31
  int weekday() const;      // 0 = Sunday
  int day_of_year() const;  // 1..366
  std::int32_t days_since_1970() const { return days_; }
  Date plus_days(std::int32_t n) const { return Date(days_ + n); }
  std::string to_string() const;  // "2027-05-14"
  friend constexpr auto operator<=>(const Date&, const Date&) = default;

 private:
  constexpr explicit Date(std::int32_t days) : days_(days) {}
  std::int32_t days_ = 0;
};

// A wall-clock reading in some zone.
struct LocalTime {
  Date date;
  int hour = 0, minute = 0, second = 0, microsecond = 0;
  int offset_seconds = 0;    // east of UTC
  std::string abbreviation;  // "EDT"
};

// An IANA zone from the system's tzdata; cheap to copy, alive for the whole process.
class TimeZone {
 public:
  static std::optional<TimeZone> find(std::string_view name);  // canonical and alias names ("US/Eastern")
  static TimeZone of(std::string_view name);                   // throws std::invalid_argument naming it
  static TimeZone utc();
  // False when tzdata is missing; `check` says how to mend it.
  static bool database_available();
  // All names, sorted: for forms and for "did you mean".
  static std::vector<std::string> names();

  std::string_view name() const;
  LocalTime local(Instant t) const;
  // The first instant of the day: where midnight is skipped by a clock change, the first instant that exists;
  // where it happens twice, the first of the two.
  Instant day_start(Date day) const;
  // The last microsecond of the day; before day_start for a day that a zone skipped altogether (Apia,
  // 2011-12-30).
  Instant day_end(Date day) const;
  // A wall-clock time as an instant; a skipped time is the first instant after the gap, a doubled one the
  // earlier.
  Instant instant(Date day, int hour, int minute, int second = 0) const;
  friend bool operator==(TimeZone a, TimeZone b) { return a.zone_ == b.zone_; }

 private:
  explicit TimeZone(const void* zone) : zone_(zone) {}
  const void* zone_;  // date::time_zone, kept out of this header
};

// Where "now" comes from. Injected everywhere; tests set it by hand.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;  // any thread
};

class SystemClock : public Clock {
 public:
  Instant now() const override { return Instant::system_now(); }
};

}  // namespace plenary
