#include "i18n/formats.hpp"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "i18n/icu_formats.hpp"
#include "i18n/languages.hpp"
#include "i18n/pseudo.hpp"

namespace plenary::i18n {
namespace {

constexpr std::array<std::string_view, 12> months = {"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};

enum class Style { english, pseudo, icu };

Style style_of(std::string_view language) {
  if (language == "en") return Style::english;
  const Language* found = languages().find(language);
  if (!found || found->is_source) return Style::english;
  return found->is_pseudo ? Style::pseudo : Style::icu;
}

std::string in_style(Style style, std::string english) {
  return style == Style::pseudo ? pseudo_text(english) : english;
}

std::string_view month_name(Date date) {
  return months[static_cast<std::size_t>(date.month() - 1)];
}

std::string english_day(Date date) {
  return fmt::format("{} {} {}", date.day(), month_name(date), date.year());
}

std::string english_clock(const LocalTime& t) {
  return fmt::format("{:02}:{:02} {}", t.hour, t.minute, zone_letters(t));
}

std::string english_days(Date from, Date to) {
  if (from == to) return english_day(from);
  if (from.year() != to.year()) return english_day(from) + " – " + english_day(to);
  if (from.month() != to.month()) {
    return fmt::format("{} {} – {}", from.day(), month_name(from), english_day(to));
  }
  return fmt::format("{}–{}", from.day(), english_day(to));
}

// "1234.50" with the language's marks.
std::string grouped(std::string_view plain, const NumberMarks& marks) {
  std::string out;
  if (plain.starts_with('-')) {
    out = marks.minus;
    plain.remove_prefix(1);
  }
  const std::size_t point = plain.find('.');
  const std::string_view whole = plain.substr(0, point);
  const auto first = static_cast<std::size_t>(marks.primary),
             next = static_cast<std::size_t>(marks.secondary);
  const bool groups = first > 0 && whole.size() >= first + static_cast<std::size_t>(marks.minimum);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::size_t left = whole.size() - i;
    if (groups && i > 0 && left >= first && (left == first || (next > 0 && (left - first) % next == 0))) {
      out += marks.group;
    }
    out += whole[i];
  }
  if (point == std::string_view::npos) return out;
  return out.append(marks.decimal).append(plain.substr(point + 1));
}

const NumberMarks& marks_of(std::string_view language, Style style) {
  static const NumberMarks english;
  return style == Style::icu ? icu_formats(language).marks() : english;
}

}  // namespace

std::string zone_letters(const LocalTime& t) {
  const std::string& letters = t.abbreviation;
  if (!letters.empty() && letters.front() != '+' && letters.front() != '-') return letters;
  const int minutes = std::abs(t.offset_seconds) / 60;
  std::string out = fmt::format("UTC{}{}", t.offset_seconds < 0 ? "−" : "+", minutes / 60);
  if (minutes % 60 != 0) out += fmt::format(":{:02}", minutes % 60);
  return out;
}

std::string moment(std::string_view language, Instant at, TimeZone zone) {
  const Style style = style_of(language);
  const LocalTime t = zone.local(at);
  if (style == Style::icu) return icu_formats(language).moment(t, at, zone.name());
  return in_style(style, english_day(t.date) + ", " + english_clock(t));
}

std::string clock(std::string_view language, Instant at, TimeZone zone) {
  const Style style = style_of(language);
  const LocalTime t = zone.local(at);
  if (style == Style::icu) return icu_formats(language).clock(t, at, zone.name());
  return in_style(style, english_clock(t));
}

std::string day(std::string_view language, Date date) {
  const Style style = style_of(language);
  if (style == Style::icu) return icu_formats(language).day(date);
  return in_style(style, english_day(date));
}

std::string days(std::string_view language, Date from, Date to) {
  const Style style = style_of(language);
  if (style == Style::icu) return icu_formats(language).days(from, to);
  return in_style(style, english_days(from, to));
}

std::string number(std::string_view language, const Decimal& value) {
  return grouped(value.to_string(), marks_of(language, style_of(language)));
}

std::string number(std::string_view language, std::int64_t value) {
  return grouped(fmt::format("{}", value), marks_of(language, style_of(language)));
}

std::string money(std::string_view language, const Money& amount, std::string_view symbol) {
  const Style style = style_of(language);
  if (style != Style::icu) return amount.display(symbol);
  const NumberMarks& marks = marks_of(language, style);
  std::string text = grouped(amount.to_string(), marks);
  bool negative = false;
  if (amount.is_negative()) {
    text.erase(0, marks.minus.size());
    negative = true;
  }
  if (symbol.empty()) symbol = amount.currency().symbol();
  if (symbol.empty()) symbol = amount.currency().code();
  std::string out = negative ? marks.minus : std::string();
  if (marks.symbol_first) return out.append(symbol).append(marks.before_number).append(text);
  return out.append(text).append(marks.after_number).append(symbol);
}

}  // namespace plenary::i18n
