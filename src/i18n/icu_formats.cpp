#include "i18n/icu_formats.hpp"

#include <unicode/dcfmtsym.h>
#include <unicode/decimfmt.h>
#include <unicode/dtitvfmt.h>
#include <unicode/dtptngen.h>
#include <unicode/fieldpos.h>
#include <unicode/locid.h>
#include <unicode/simpletz.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>
#include <unicode/tzfmt.h>
#include <unicode/unistr.h>

#include <cmath>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

namespace plenary::i18n {
namespace {

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

void must(UErrorCode status, std::string_view what) {
  if (U_FAILURE(status)) throw std::runtime_error(fmt::format("ICU: {}: {}", what, u_errorName(status)));
}

// Wall-clock readings go to ICU as if they were UTC.
UDate as_utc(Date date, int hour = 0, int minute = 0) {
  return (date.days_since_1970() * 24.0 + hour) * 3'600'000.0 + minute * 60'000.0;
}

NumberMarks marks_of(const icu::Locale& locale) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::NumberFormat> made(icu::NumberFormat::createCurrencyInstance(locale, status));
  must(status, "the locale's number format");
  const auto* format = dynamic_cast<const icu::DecimalFormat*>(made.get());
  if (!format) throw std::runtime_error("ICU: the locale's numbers have no pattern");
  const icu::DecimalFormatSymbols& symbols = *format->getDecimalFormatSymbols();
  using S = icu::DecimalFormatSymbols;
  NumberMarks marks;
  marks.decimal = utf8(symbols.getConstSymbol(S::kMonetarySeparatorSymbol));
  marks.group = utf8(symbols.getConstSymbol(S::kMonetaryGroupingSeparatorSymbol));
  marks.minus = utf8(symbols.getConstSymbol(S::kMinusSignSymbol));
  marks.primary = format->getGroupingSize();
  marks.secondary =
      format->getSecondaryGroupingSize() > 0 ? format->getSecondaryGroupingSize() : marks.primary;
  marks.minimum = format->getMinimumGroupingDigits() > 0 ? format->getMinimumGroupingDigits() : 1;
  // "#,##0.00 ¤": what lies between the digits and the sign of the currency.
  icu::UnicodeString pattern;
  format->toPattern(pattern);
  if (const int32_t second = pattern.indexOf(u';'); second >= 0) pattern.truncate(second);
  const int32_t sign = pattern.indexOf(u'\u00A4');
  int32_t first = 0, last = pattern.length() - 1;
  const auto is_digit = [&](int32_t at) {
    const char16_t c = pattern.charAt(at);
    return c == u'#' || c == u'0';
  };
  while (first < pattern.length() && !is_digit(first)) ++first;
  while (last >= 0 && !is_digit(last)) --last;
  marks.symbol_first = sign >= 0 && sign < first;
  if (marks.symbol_first) {
    marks.before_number = utf8(icu::UnicodeString(pattern, sign + 1, first - sign - 1));
  } else if (sign > last) {
    marks.after_number = utf8(icu::UnicodeString(pattern, last + 1, sign - last - 1));
  }
  return marks;
}

}  // namespace

struct IcuFormats::State {
  icu::Locale locale;
  std::unique_ptr<icu::SimpleDateFormat> day, clock;
  std::unique_ptr<icu::DateIntervalFormat> days;
  std::unique_ptr<icu::TimeZoneFormat> zones;
  std::map<std::string, std::unique_ptr<icu::TimeZone>, std::less<>> known_zones;
  icu::UnicodeString glue;  // "{1}, {0}": day and clock
  NumberMarks marks;

  explicit State(std::string_view language)
      : locale(icu::Locale::createFromName(std::string(language).c_str())), marks(marks_of(locale)) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::DateTimePatternGenerator> patterns(
        icu::DateTimePatternGenerator::createInstance(locale, status));
    must(status, "the locale's date patterns");
    const auto format = [&](const char16_t* skeleton) {
      const icu::UnicodeString pattern = patterns->getBestPattern(skeleton, status);
      auto made = std::make_unique<icu::SimpleDateFormat>(pattern, locale, status);
      must(status, "a date format");
      made->adoptTimeZone(icu::TimeZone::getGMT()->clone());
      return made;
    };
    day = format(u"yMMMMd");
    clock = format(u"HHmm");
    glue = patterns->getDateTimeFormat(UDAT_MEDIUM, status);
    days.reset(icu::DateIntervalFormat::createInstance(u"yMMMMd", locale, status));
    must(status, "the locale's ranges of days");
    days->adoptTimeZone(icu::TimeZone::getGMT()->clone());
    zones.reset(icu::TimeZoneFormat::createInstance(locale, status));
    must(status, "the locale's names of time zones");
  }

  std::string zone_name(const LocalTime& local, Instant at, std::string_view name) {
    auto found = known_zones.find(name);
    if (found == known_zones.end()) {
      if (known_zones.size() > 50) known_zones.clear();
      std::unique_ptr<icu::TimeZone> made(icu::TimeZone::createTimeZone(
          icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())))));
      found = known_zones.emplace(std::string(name), std::move(made)).first;
    }
    const icu::TimeZone& zone = *found->second;
    UErrorCode status = U_ZERO_ERROR;
    int32_t raw = 0, daylight = 0;
    const UDate when = std::floor(static_cast<double>(at.micros) / 1000.0);
    zone.getOffset(when, false, raw, daylight, status);
    // ICU's own zone files may be older than the system's.
    const bool agrees = U_SUCCESS(status) && (raw + daylight) / 1000 == local.offset_seconds &&
                        !(zone == icu::TimeZone::getUnknown());
    if (!agrees) return zone_letters(local);
    icu::UnicodeString text;
    zones->format(UTZFMT_STYLE_SPECIFIC_SHORT, zone, when, text);
    return text.isEmpty() ? zone_letters(local) : utf8(text);
  }

  static std::string written(const icu::SimpleDateFormat& format, UDate when) {
    icu::UnicodeString text;
    format.format(when, text);
    return utf8(text);
  }

  std::string clock_text(const LocalTime& local, Instant at, std::string_view zone) {
    return written(*clock, as_utc(local.date, local.hour, local.minute)) + " " + zone_name(local, at, zone);
  }
};

IcuFormats::IcuFormats(std::string_view language) : state_(std::make_unique<State>(language)) {}
IcuFormats::~IcuFormats() = default;

std::string IcuFormats::moment(const LocalTime& local, Instant at, std::string_view zone) {
  icu::UnicodeString text = state_->glue;
  text.findAndReplace(u"{1}", icu::UnicodeString::fromUTF8(day(local.date)));
  text.findAndReplace(u"{0}", icu::UnicodeString::fromUTF8(state_->clock_text(local, at, zone)));
  return utf8(text);
}

std::string IcuFormats::clock(const LocalTime& local, Instant at, std::string_view zone) {
  return state_->clock_text(local, at, zone);
}

std::string IcuFormats::day(Date date) {
  return State::written(*state_->day, as_utc(date));
}

std::string IcuFormats::days(Date from, Date to) {
  if (from == to) return day(from);
  UErrorCode status = U_ZERO_ERROR;
  const icu::DateInterval interval(as_utc(from), as_utc(to));
  icu::UnicodeString text;
  icu::FieldPosition place;
  state_->days->format(&interval, text, place, status);
  if (U_FAILURE(status)) return day(from) + " – " + day(to);
  return utf8(text);
}

const NumberMarks& IcuFormats::marks() const {
  return state_->marks;
}

IcuFormats& icu_formats(std::string_view language) {
  thread_local std::map<std::string, std::unique_ptr<IcuFormats>, std::less<>> made;
  const auto found = made.find(language);
  if (found != made.end()) return *found->second;
  return *made.emplace(std::string(language), std::make_unique<IcuFormats>(language)).first->second;
}

}  // namespace plenary::i18n
