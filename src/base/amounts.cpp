#include "base/amounts.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.hpp"

namespace plenary {
namespace {

// A control character, which no name has: mark, "EUR", minor units, ':', symbol, mark.
constexpr char mark = '\x1f';
constexpr std::size_t code_length = 3;

std::optional<std::pair<Money, std::string_view>> read(std::string_view inside) {
  const std::size_t colon = inside.find(':');
  if (colon == std::string_view::npos || colon <= code_length) return std::nullopt;
  const auto currency = Currency::find(inside.substr(0, code_length));
  std::int64_t minor = 0;
  const char* end = inside.data() + colon;
  const auto number = std::from_chars(inside.data() + code_length, end, minor);
  if (!currency || number.ec != std::errc() || number.ptr != end) return std::nullopt;
  return std::pair(Money(minor, *currency), inside.substr(colon + 1));
}

// "1,234,567" without its signs: groups of three, but for the first.
std::optional<std::string> without_groups(std::string_view text, char sign) {
  std::string plain;
  for (bool is_first = true;; is_first = false) {
    const std::string_view group = text.substr(0, text.find(sign));
    const bool is_last = group.size() == text.size();
    const bool is_negative = is_first && group.starts_with('-');
    const std::size_t digits = group.size() - (is_negative ? 1 : 0);
    if (is_first ? digits < 1 || digits > 3 : digits != 3) return std::nullopt;
    plain += group;
    if (is_last) return plain;
    text.remove_prefix(group.size() + 1);
  }
}

}  // namespace

std::string marked(const Money& amount, std::string_view symbol) {
  std::string text(1, mark);
  text += amount.currency().code();
  text += std::to_string(amount.minor());
  text += ':';
  text += symbol;
  return text += mark;
}

bool has_marks(std::string_view text) {
  return text.find(mark) != std::string_view::npos;
}

std::string with_amounts(std::string_view text, const WriteAmount& write) {
  std::string result;
  while (!text.empty()) {
    const std::size_t begin = text.find(mark);
    result += text.substr(0, begin);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = text.find(mark, 1);
    const auto amount = end == std::string_view::npos ? std::nullopt : read(text.substr(1, end - 1));
    if (amount) {
      result += write(amount->first, amount->second);
      text.remove_prefix(end + 1);
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

std::optional<Decimal> typed_decimal(std::string_view typed) {
  std::string text(trimmed(typed));
  if (text.find_first_not_of("0123456789.,-") != std::string::npos) return std::nullopt;
  const std::size_t last = text.find_last_of(".,");
  if (last == std::string::npos) return Decimal::parse(text);
  const char sign = text[last], other = sign == '.' ? ',' : '.';
  if (std::count(text.begin(), text.end(), sign) > 1) {
    if (text.find(other) != std::string::npos) return std::nullopt;
    const auto plain = without_groups(text, sign);
    return plain ? Decimal::parse(*plain) : std::nullopt;
  }
  if (text.find(other) == std::string::npos) {
    text[last] = '.';
    return Decimal::parse(text);
  }
  const auto plain = without_groups(std::string_view(text).substr(0, last), other);
  return plain ? Decimal::parse(*plain + "." + text.substr(last + 1)) : std::nullopt;
}

bool may_be_thousands(std::string_view typed) {
  std::string_view text = trimmed(typed);
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t sign = text.find_first_of(".,");
  if (sign == std::string_view::npos || text.size() != sign + 4) return false;
  return sign >= 1 && sign <= 3 && text.front() != '0' && text.find_first_not_of("0123456789") == sign &&
         text.find_first_not_of("0123456789", sign + 1) == std::string_view::npos;
}

std::optional<Money> typed_money(std::string_view typed, Currency currency) {
  const Decimal most(1'000'000'000'000);
  const std::optional<Decimal> number = typed_decimal(typed);
  if (!number || !number->fits_scale(currency.exponent()) || *number > most || *number < -most)
    return std::nullopt;
  if (currency.exponent() < 3 && may_be_thousands(typed)) return std::nullopt;
  return Money::exact(*number, currency);
}

std::string with_amounts(std::string_view text) {
  return with_amounts(text,
                      [](const Money& amount, std::string_view symbol) { return amount.display(symbol); });
}

}  // namespace plenary
