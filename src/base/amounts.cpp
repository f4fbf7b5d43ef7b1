#include "base/amounts.hpp"

#include <charconv>
#include <optional>
#include <utility>

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

std::string with_amounts(std::string_view text) {
  return with_amounts(text,
                      [](const Money& amount, std::string_view symbol) { return amount.display(symbol); });
}

}  // namespace plenary
