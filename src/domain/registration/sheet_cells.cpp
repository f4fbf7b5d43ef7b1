#include "domain/registration/sheet_cells.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <stdexcept>

#include "base/text.hpp"

namespace plenary::registration {
namespace {

CellProblem wrong(const char* text, std::string_view found) {
  return {text, {{"found", std::string(found)}}};
}

// A number with one comma and no point has it as its decimal sign.
std::optional<Decimal> decimal(std::string_view text) {
  std::string number(text);
  if (std::count(number.begin(), number.end(), ',') == 1 && number.find('.') == std::string::npos)
    std::replace(number.begin(), number.end(), ',', '.');
  return Decimal::parse(number);
}

std::optional<int> two_digits(std::string_view text) {
  if (text.size() != 2 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

}  // namespace

std::optional<CellProblem> read_choice(std::string_view text, VoucherType& type) {
  if (text.empty()) {
    type = VoucherType::comp;
    return std::nullopt;
  }
  const std::string word = ascii_lower(text);
  for (const VoucherType known : {VoucherType::comp, VoucherType::percentage, VoucherType::fixed_amount}) {
    if (word != to_text(known)) continue;
    type = known;
    return std::nullopt;
  }
  return wrong(message("“{found}” is no type: write comp, percentage or fixed_amount."), text);
}

std::optional<CellProblem> read_percent(std::string_view text, Decimal& percent) {
  if (text.ends_with('%')) text = trimmed(text.substr(0, text.size() - 1));
  if (text.empty()) {
    percent = Decimal();
    return std::nullopt;
  }
  const auto number = decimal(text);
  if (!number) return wrong(message("“{found}” is no percentage, such as 20 or 12.5."), text);
  percent = number->normalized();
  return std::nullopt;
}

std::optional<CellProblem> read_amount(std::string_view text, Currency currency,
                                       std::optional<std::int64_t>& minor) {
  if (text.empty()) {
    minor.reset();
    return std::nullopt;
  }
  const auto number = decimal(text);
  if (!number || number->is_negative() || *number > Money(largest_amount, currency).amount() ||
      !number->fits_scale(currency.exponent())) {
    CellProblem problem = wrong(message("“{found}” is no amount in {currency}, such as {example}."), text);
    problem.arguments.emplace_back("currency", std::string(currency.code()));
    problem.arguments.emplace_back("example", Money(25 * currency.minor_per_unit(), currency).to_string());
    return problem;
  }
  minor = Money::exact(*number, currency).minor();
  return std::nullopt;
}

std::optional<CellProblem> read_count(std::string_view text, std::optional<std::int64_t>& count) {
  if (text.empty()) {
    count.reset();
    return std::nullopt;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    return wrong(message("“{found}” is no whole number."), text);
  count = number;
  return std::nullopt;
}

std::optional<CellProblem> read_flag(std::string_view text, bool usual, bool& value) {
  const std::string word = ascii_lower(text);
  constexpr std::array<std::string_view, 4> yes{"yes", "true", "1", "x"}, no{"no", "false", "0", "-"};
  if (word.empty()) {
    value = usual;
  } else if (std::find(yes.begin(), yes.end(), word) != yes.end()) {
    value = true;
  } else if (std::find(no.begin(), no.end(), word) != no.end()) {
    value = false;
  } else {
    return wrong(message("“{found}” is neither yes nor no."), text);
  }
  return std::nullopt;
}

std::optional<CellProblem> read_moment(std::string_view text, TimeZone zone, bool end,
                                       std::optional<Instant>& moment) {
  if (text.empty()) {
    moment.reset();
    return std::nullopt;
  }
  if (const auto day = Date::parse(text)) {
    moment = end ? zone.day_end(*day) : zone.day_start(*day);
    return std::nullopt;
  }
  if (const auto instant = Instant::parse(text)) {
    moment = instant;
    return std::nullopt;
  }
  // "2027-05-14 09:30" and "2027-05-14 09:30:15", on the clocks of the conference.
  if ((text.size() == 16 || (text.size() == 19 && text[16] == ':')) && (text[10] == ' ' || text[10] == 'T') &&
      text[13] == ':') {
    const auto day = Date::parse(text.substr(0, 10));
    const auto hour = two_digits(text.substr(11, 2)), minute = two_digits(text.substr(14, 2));
    const auto second = text.size() == 19 ? two_digits(text.substr(17, 2)) : std::optional(0);
    if (day && hour && minute && second && *hour < 24 && *minute < 60 && *second < 60) {
      moment = zone.instant(*day, *hour, *minute, *second);
      return std::nullopt;
    }
  }
  return wrong(message("“{found}” is no day or time, such as 2027-05-14 or 2027-05-14 18:00."), text);
}

std::string moment_cell(const std::optional<Instant>& moment, TimeZone zone, bool end) {
  if (!moment) return {};
  const LocalTime local = zone.local(*moment);
  if (*moment == (end ? zone.day_end(local.date) : zone.day_start(local.date))) return local.date.to_string();
  const bool is_plain =
      local.microsecond == 0 && zone.instant(local.date, local.hour, local.minute, local.second) == *moment;
  if (!is_plain) return moment->to_string();
  std::array<char, 16> clock{};
  std::snprintf(clock.data(), clock.size(), " %02d:%02d:%02d", local.hour, local.minute, local.second);
  return local.date.to_string() + clock.data();
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  constexpr std::string_view between = " ,;\t";
  for (std::size_t at = 0; (at = text.find_first_not_of(between, at)) != std::string_view::npos;) {
    const std::size_t stop = std::min(text.find_first_of(between, at), text.size());
    words.emplace_back(text.substr(at, stop - at));
    at = stop;
  }
  return words;
}

}  // namespace plenary::registration
