// Dates, numbers and prices in English and by ICU's data.
#include "i18n/formats.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "i18n/library.hpp"
#include "templating/engine.hpp"

namespace plenary::i18n {
namespace {

const Instant may = *Instant::parse("2027-05-14T10:00:00Z");
const Instant january = *Instant::parse("2027-01-04T23:05:00Z");

Date date(const char* text) {
  return *Date::parse(text);
}

TEST(Moment, IsWrittenInTheLanguageAndTheZone) {
  const TimeZone berlin = TimeZone::of("Europe/Berlin"), new_york = TimeZone::of("America/New_York");
  EXPECT_EQ(moment("en", may, berlin), "14 May 2027, 12:00 CEST");
  EXPECT_EQ(moment("en", january, new_york), "4 January 2027, 18:05 EST");
  EXPECT_EQ(moment("de", may, berlin), "14. Mai 2027, 12:00 MESZ");
  EXPECT_EQ(moment("de", january, berlin), "5. Januar 2027, 00:05 MEZ");
  EXPECT_EQ(moment("de", may, new_york), "14. Mai 2027, 06:00 GMT-4");
  EXPECT_EQ(clock("en", may, berlin), "12:00 CEST");
  EXPECT_EQ(clock("de", may, berlin), "12:00 MESZ");
  EXPECT_EQ(moment("tlh", may, berlin), "14 May 2027, 12:00 CEST");
}

TEST(Moment, OfAZoneWithoutLettersTellsTheDistance) {
  EXPECT_EQ(clock("en", may, TimeZone::of("America/Sao_Paulo")), "07:00 UTC−3");
  EXPECT_EQ(clock("en", may, TimeZone::of("Asia/Kathmandu")), "15:45 UTC+5:45");
  EXPECT_EQ(clock("en", may, TimeZone::utc()), "10:00 UTC");
  EXPECT_EQ(clock("de", may, TimeZone::of("America/Sao_Paulo")), "07:00 GMT-3");
}

TEST(Days, AreNamedOnceWhereTheyShareMonthOrYear) {
  EXPECT_EQ(day("en", date("2027-05-20")), "20 May 2027");
  EXPECT_EQ(day("de", date("2027-05-20")), "20. Mai 2027");
  EXPECT_EQ(days("en", date("2027-05-20"), date("2027-05-22")), "20–22 May 2027");
  EXPECT_EQ(days("en", date("2027-05-30"), date("2027-06-02")), "30 May – 2 June 2027");
  EXPECT_EQ(days("en", date("2027-12-30"), date("2028-01-02")), "30 December 2027 – 2 January 2028");
  EXPECT_EQ(days("en", date("2027-05-20"), date("2027-05-20")), "20 May 2027");
  EXPECT_EQ(days("de", date("2027-05-20"), date("2027-05-22")), "20.–22. Mai 2027");
  EXPECT_EQ(days("de", date("2027-05-20"), date("2027-05-20")), "20. Mai 2027");
}

TEST(Numbers, CarryTheLanguagesMarks) {
  EXPECT_EQ(number("en", std::int64_t{1234567}), "1,234,567");
  EXPECT_EQ(number("de", std::int64_t{1234567}), "1.234.567");
  EXPECT_EQ(number("de", std::int64_t{-999}), "-999");
  EXPECT_EQ(number("de", *Decimal::parse("-1234.50")), "-1.234,50");
  EXPECT_EQ(number("en", *Decimal::parse("0.05")), "0.05");
}

TEST(Prices, StandWhereTheLanguagePutsThem) {
  const auto of = [](const char* amount, const char* code) {
    return Money::exact(*Decimal::parse(amount), Currency::of(code));
  };
  EXPECT_EQ(money("en", of("1234.50", "EUR")), "€1,234.50");
  EXPECT_EQ(money("de", of("1234.50", "EUR")), "1.234,50\u00A0€");
  EXPECT_EQ(money("de", of("1234.50", "USD"), "US$"), "1.234,50\u00A0US$");
  EXPECT_EQ(money("de", of("-12", "EUR")), "-12,00\u00A0€");
  EXPECT_EQ(money("de", of("500", "JPY")), "500\u00A0¥");
  EXPECT_EQ(money("de", of("12", "CHF")), "12,00\u00A0CHF");
  EXPECT_EQ(money("en", of("12", "CHF")), "CHF 12.00");
  EXPECT_EQ(money("en", of("-12", "USD")), of("-12", "USD").display());
}

TEST(FormatFilters, UseThePagesLanguageAndZone) {
  templating::EngineOptions options;
  options.libraries.emplace("formats", formats_library());
  const templating::Engine engine(std::move(options));
  const auto page = engine.compile(
      "{% load formats %}{{ at|moment }}|{{ at|clock }}|{{ at|day }}|{{ at|iso }}|{{ from|day }}|{{ "
      "from|days:to "
      "}}|{{ fair|days }}|{{ 12345|figure }}|{{ 12.5|money:'EUR' }}|{{ nothing|moment }}|{{ none|days }}|{{ "
      "'text'|moment }}");
  const auto rendered = [&](const char* language) {
    templating::Context context;
    context.locale = language;
    context.time_zone = TimeZone::of("Europe/Berlin");
    context.set("at", may);
    context.set("from", date("2027-05-20"));
    context.set("to", date("2027-05-22"));
    context.set("none", templating::Value());
    context.set("fair", templating::Value::dict(
                            {{"start_date", date("2027-05-20")}, {"end_date", date("2027-05-22")}}));
    return engine.render(page, context);
  };
  EXPECT_EQ(
      rendered("en"),
      "14 May 2027, 12:00 CEST|12:00 CEST|14 May 2027|2027-05-14T10:00:00Z|20 May 2027|20–22 May 2027|20–22 "
      "May 2027|12,345|€12.50|||text");
  EXPECT_EQ(rendered("de"),
            "14. Mai 2027, 12:00 MESZ|12:00 MESZ|14. Mai 2027|2027-05-14T10:00:00Z|20. Mai 2027|20.–22. Mai "
            "2027|20.–22. Mai 2027|12.345|12,50\u00A0€|||text");
}

TEST(Formats, AreUsedByManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<std::string> seen(4);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    threads.emplace_back([&seen, i] {
      for (int n = 0; n < 200; ++n) seen[i] = moment("de", may, TimeZone::of("Europe/Berlin"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : seen) EXPECT_EQ(text, "14. Mai 2027, 12:00 MESZ");
}

}  // namespace
}  // namespace plenary::i18n
