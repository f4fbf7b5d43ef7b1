#include "base/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <stdexcept>

namespace plenary {
namespace {

Instant at(std::string_view text) {
  const auto instant = Instant::parse(text);
  if (!instant) ADD_FAILURE() << text << " is not read";
  return instant.value_or(Instant{});
}

Date day(std::string_view text) {
  const auto date = Date::parse(text);
  if (!date) ADD_FAILURE() << text << " is not read";
  return date.value_or(Date());
}

TEST(Instant, ReadsRfc3339AndPrintsUtc) {
  EXPECT_EQ(at("2027-05-14T09:00:00Z").micros, 1'810'285'200'000'000);
  EXPECT_EQ(at("2027-05-14T09:00:00+02:00").to_string(), "2027-05-14T07:00:00Z");
  EXPECT_EQ(at("2027-05-14T09:00:00-04:30").to_string(), "2027-05-14T13:30:00Z");
  EXPECT_EQ(at("2027-05-14 09:00:00.25Z").to_string(), "2027-05-14T09:00:00.25Z");
  EXPECT_EQ(at("1969-12-31T23:59:59.999999Z").micros, -1);
  EXPECT_EQ(Instant{-1}.to_string(), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(Instant{0}.to_string(), "1970-01-01T00:00:00Z");
  for (const char* wrong :
       {"", "2027-05-14", "2027-05-14T09:00:00", "2027-05-14T24:00:00Z", "2027-02-29T00:00:00Z",
        "2027-05-14T09:00:60Z", "2027-05-14T09:00:00.Z", "2027-05-14T09:00:00.1234567Z",
        "2027-05-14T09:00:00+2:00", "2027-05-14T09:00:00Zx", "27-05-14T09:00:00Z"}) {
    EXPECT_FALSE(Instant::parse(wrong)) << wrong;
  }
}

TEST(Instant, PrintingAndReadingGivesTheSameInstant) {
  EXPECT_TRUE(rc::check([] {
    const Instant t{*rc::gen::inRange<std::int64_t>(-60'000'000'000'000'000, 250'000'000'000'000'000)};
    const auto again = Instant::parse(t.to_string());
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->micros == t.micros);
  }));
}

TEST(Date, KnowsItsParts) {
  const Date date = day("2027-05-14");
  EXPECT_EQ(date.year(), 2027);
  EXPECT_EQ(date.month(), 5);
  EXPECT_EQ(date.day(), 14);
  EXPECT_EQ(date.weekday(), 5);
  EXPECT_EQ(date.day_of_year(), 134);
  EXPECT_EQ(day("2028-12-31").day_of_year(), 366);
  EXPECT_EQ(day("1969-12-28").weekday(), 0);
  EXPECT_EQ(date.plus_days(18).to_string(), "2027-06-01");
  EXPECT_EQ(day("0001-01-01").to_string(), "0001-01-01");
  EXPECT_EQ(Date().to_string(), "1970-01-01");
  for (const char* wrong : {"2027-02-29", "2027-13-01", "2027-00-10", "2027-04-31", "0000-01-01", "2027-5-14",
                            "2027-05-14 ", "20270514", ""}) {
    EXPECT_FALSE(Date::parse(wrong)) << wrong;
  }
}

TEST(Date, EveryDayFollowsTheOneBefore) {
  Date date = day("1999-12-31");
  int weekday = date.weekday();
  for (int i = 0; i < 20'000; ++i) {
    const Date next = date.plus_days(1);
    const bool same_month = next.day() == date.day() + 1 && next.month() == date.month();
    const bool new_month = next.day() == 1 && (next.month() == date.month() + 1 || next.month() == 1);
    ASSERT_TRUE(same_month || new_month) << date.to_string();
    ASSERT_EQ(next.weekday(), (weekday + 1) % 7);
    ASSERT_EQ(Date::of(next.year(), next.month(), next.day()), next);
    ASSERT_EQ(Date::parse(next.to_string()), next);
    date = next;
    weekday = date.weekday();
  }
}

struct DayBounds {
  const char* zone;
  const char* day;
  const char* start;
  const char* end;
};

TEST(TimeZone, ADayBeginsAtItsFirstInstantAndEndsAtItsLastMicrosecond) {
  const DayBounds table[] = {
      // source: configuration 10, 6.5.3
      {"America/New_York", "2025-01-15", "2025-01-15T05:00:00Z", "2025-01-16T04:59:59.999999Z"},
      {"America/New_York", "2027-05-13", "2027-05-13T04:00:00Z", "2027-05-14T03:59:59.999999Z"},
      // 23 and 25 hours
      {"Europe/Berlin", "2027-03-28", "2027-03-27T23:00:00Z", "2027-03-28T21:59:59.999999Z"},
      {"Europe/Berlin", "2027-10-31", "2027-10-30T22:00:00Z", "2027-10-31T22:59:59.999999Z"},
      // midnight is skipped: the day begins at 01:00
      {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T01:59:59.999999Z"},
      {"Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z", "2022-03-27T20:59:59.999999Z"},
      {"America/Havana", "2024-03-10", "2024-03-10T05:00:00Z", "2024-03-11T03:59:59.999999Z"},
      // midnight comes twice: the first one counts
      {"America/Havana", "2024-11-03", "2024-11-03T04:00:00Z", "2024-11-04T04:59:59.999999Z"},
      // 23:00 of the day before comes twice
      {"America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T02:59:59.999999Z"},
      {"UTC", "2027-01-01", "2027-01-01T00:00:00Z", "2027-01-01T23:59:59.999999Z"},
      {"Asia/Kathmandu", "2027-01-01", "2026-12-31T18:15:00Z", "2027-01-01T18:14:59.999999Z"},
      {"Pacific/Kiritimati", "2027-01-01", "2026-12-31T10:00:00Z", "2027-01-01T09:59:59.999999Z"},
  };
  for (const DayBounds& row : table) {
    const TimeZone zone = TimeZone::of(row.zone);
    EXPECT_EQ(zone.day_start(day(row.day)).to_string(), row.start) << row.zone << " " << row.day;
    EXPECT_EQ(zone.day_end(day(row.day)).to_string(), row.end) << row.zone << " " << row.day;
  }
}

TEST(TimeZone, ADayThatNeverWasBeginsWhereTheNextOneDoes) {
  const TimeZone apia = TimeZone::of("Pacific/Apia");
  EXPECT_EQ(apia.day_start(day("2011-12-30")), apia.day_start(day("2011-12-31")));
  EXPECT_LT(apia.day_end(day("2011-12-30")), apia.day_start(day("2011-12-30")));
}

TEST(TimeZone, WallClocksAreReadBothWays) {
  const TimeZone zone = TimeZone::of("America/New_York");
  const LocalTime local = zone.local(at("2027-07-04T16:30:15.000125Z"));
  EXPECT_EQ(local.date, day("2027-07-04"));
  EXPECT_EQ(local.hour, 12);
  EXPECT_EQ(local.minute, 30);
  EXPECT_EQ(local.second, 15);
  EXPECT_EQ(local.microsecond, 125);
  EXPECT_EQ(local.offset_seconds, -4 * 3600);
  EXPECT_EQ(local.abbreviation, "EDT");
  EXPECT_EQ(zone.local(Instant{-1}).microsecond, 999'999);
  // 02:30 does not exist on this day: the first instant after the gap.
  EXPECT_EQ(zone.instant(day("2027-03-14"), 2, 30).to_string(), "2027-03-14T07:00:00Z");
  // 01:30 exists twice: the earlier.
  EXPECT_EQ(zone.instant(day("2027-11-07"), 1, 30).to_string(), "2027-11-07T05:30:00Z");
}

TEST(TimeZone, NamesAndAliasesOfTheIanaListAreKnown) {
  EXPECT_TRUE(TimeZone::database_available());
  EXPECT_EQ(TimeZone::of("US/Eastern").name(), "US/Eastern");
  EXPECT_EQ(TimeZone::utc().name(), "UTC");
  EXPECT_TRUE(TimeZone::of("UTC") == TimeZone::utc());
  for (const char* wrong : {"", "Mars/Olympus", "america/new_york", "EST5", "localtime", "posixrules",
                            "../../etc/passwd", "America", "zone.tab", "America/New_York "}) {
    EXPECT_FALSE(TimeZone::find(wrong)) << wrong;
    EXPECT_THROW(TimeZone::of(wrong), std::invalid_argument) << wrong;
  }
  const auto names = TimeZone::names();
  EXPECT_GT(names.size(), 400u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST(TimeZone, DayStartsAreTheFirstInstantOfTheirDayInEveryZone) {
  const auto names = TimeZone::names();
  ASSERT_FALSE(names.empty());
  EXPECT_TRUE(rc::check([&] {
    const auto zone = TimeZone::find(names[*rc::gen::inRange<std::size_t>(0, names.size())]);
    RC_PRE(zone.has_value());
    const Date date = Date::from_days(*rc::gen::inRange(3'653, 24'837));  // 1980 to 2037
    const Instant start = zone->day_start(date);
    const LocalTime first = zone->local(start);
    const LocalTime before = zone->local(start - Duration::microseconds(1));
    RC_ASSERT(before.date < date);
    RC_ASSERT(first.date >= date);
    RC_ASSERT((first.date == date || zone->day_start(first.date) == start));  // else the zone skipped the day
    RC_ASSERT(zone->day_end(date) + Duration::microseconds(1) == zone->day_start(date.plus_days(1)));
  }));
}

TEST(TimeZone, AWallClockLeadsBackToItsInstantUnlessItComesTwice) {
  const auto names = TimeZone::names();
  EXPECT_TRUE(rc::check([&] {
    const auto zone = TimeZone::find(names[*rc::gen::inRange<std::size_t>(0, names.size())]);
    RC_PRE(zone.has_value());
    const Instant t{*rc::gen::inRange<std::int64_t>(315'532'800, 2'145'916'800) * 1'000'000};
    const LocalTime local = zone->local(t);
    const Instant back = zone->instant(local.date, local.hour, local.minute, local.second);
    RC_ASSERT(back <= t);
    RC_ASSERT(t - back <= Duration::hours(24));
    if (back != t) {
      const LocalTime earlier = zone->local(back);
      RC_ASSERT((earlier.date == local.date && earlier.hour == local.hour && earlier.minute == local.minute));
    }
  }));
}

}  // namespace
}  // namespace plenary
