#include "base/decimal.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace plenary {
namespace {

using Wide = __int128;
using Magnitude = unsigned __int128;

constexpr Magnitude max_magnitude = (Magnitude{1} << 127) - 1;

Magnitude magnitude(Wide value) {
  return value < 0 ? Magnitude{0} - static_cast<Magnitude>(value) : static_cast<Magnitude>(value);
}

[[noreturn]] void overflow() {
  throw std::overflow_error("decimal: the result has more digits than fit");
}

Wide with_sign(Magnitude value, bool negative) {
  if (value > max_magnitude) overflow();
  return negative ? -static_cast<Wide>(value) : static_cast<Wide>(value);
}

// By magnitudes: the checked signed product of 128 bits would need a runtime library that GCC's Clang users
// lack.
bool multiply(Magnitude a, Magnitude b, Magnitude& result) {
  if (a != 0 && b > max_magnitude / a) return false;
  result = a * b;
  return true;
}

Magnitude power_of_ten(int n) {
  Magnitude result = 1;
  while (n-- > 0) result *= 10;
  return result;
}

Wide scaled_up(Wide value, int digits) {
  Magnitude result = 0;
  if (!multiply(magnitude(value), power_of_ten(digits), result)) overflow();
  return with_sign(result, value < 0);
}

std::string digits_of(Magnitude value) {
  // Nearly all: division of 128 bits takes many times as long.
  if (value <= std::numeric_limits<std::uint64_t>::max())
    return std::to_string(static_cast<std::uint64_t>(value));
  std::string text;
  do {
    text.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads digits with underscores between them, calling `digit` for each; false when there is none or an
// underscore has no digit on both sides.
template <class F>
bool read_digits(std::string_view text, std::size_t& at, F digit) {
  const std::size_t first = at;
  while (at < text.size() && (is_digit(text[at]) || text[at] == '_')) {
    if (text[at] == '_') {
      if (at == first || !is_digit(text[at - 1]) || at + 1 == text.size() || !is_digit(text[at + 1]))
        return false;
    } else if (!digit(text[at] - '0')) {
      return false;
    }
    ++at;
  }
  return at != first;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  std::size_t at = 0;
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    ++at;
  }
  // Zeros are counted, not multiplied in, until a digit follows: a long tail of zeros costs nothing.
  Magnitude value = 0;
  long zeros = 0;
  auto take = [&](int digit) {
    if (digit == 0) {
      if (value != 0) ++zeros;
      return true;
    }
    for (; zeros > 0; --zeros) {
      if (!multiply(value, 10, value)) return false;
    }
    if (!multiply(value, 10, value) || value > max_magnitude - static_cast<Magnitude>(digit)) return false;
    value += static_cast<Magnitude>(digit);
    return true;
  };
  if (!read_digits(text, at, take)) return std::nullopt;
  long fraction = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    auto take_fraction = [&](int digit) {
      ++fraction;
      return take(digit);
    };
    if (!read_digits(text, at, take_fraction)) return std::nullopt;
  }
  long exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool negative_exponent = false;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
      negative_exponent = text[at] == '-';
      ++at;
    }
    auto take_exponent = [&](int digit) {
      exponent = std::min(exponent * 10 + digit, 1'000'000'000L);
      return true;
    };
    if (!read_digits(text, at, take_exponent)) return std::nullopt;
    if (negative_exponent) exponent = -exponent;
  }
  if (at != text.size()) return std::nullopt;

  // The number is value * 10^(zeros + exponent - fraction); keep the written scale where it fits.
  if (value == 0) {
    return scaled(0, static_cast<int>(std::clamp(fraction - exponent, 0L, static_cast<long>(max_scale))));
  }
  long power = zeros + exponent - fraction;
  const long wanted = std::clamp(fraction - exponent, 0L, static_cast<long>(max_scale));
  if (power < -max_scale) return std::nullopt;
  for (; power > -wanted; --power) {
    if (!multiply(value, 10, value)) {
      if (power > 0) return std::nullopt;
      // The trailing zeros of the fraction do not fit; the value does.
      return scaled(negative ? -static_cast<Wide>(value) : static_cast<Wide>(value),
                    static_cast<int>(-power));
    }
  }
  return scaled(negative ? -static_cast<Wide>(value) : static_cast<Wide>(value), static_cast<int>(-power));
}

Decimal Decimal::normalized() const {
  Wide value = coefficient_;
  int scale = scale_;
  if (const auto narrow = static_cast<std::int64_t>(value); narrow == value) {
    std::int64_t rest = narrow;
    for (; scale > 0 && rest % 10 == 0; --scale) rest /= 10;
    return scaled(rest, scale);
  }
  while (scale > 0 && value % 10 == 0) {
    value /= 10;
    --scale;
  }
  return scaled(value, scale);
}

Decimal Decimal::rounded(int scale) const {
  scale = std::max(scale, 0);
  if (scale >= scale_) return *this;
  const Magnitude unit = power_of_ten(scale_ - scale);
  const Magnitude value = magnitude(coefficient_);
  Magnitude quotient = value / unit;
  if (value % unit >= unit - value % unit) ++quotient;
  return scaled(with_sign(quotient, coefficient_ < 0), scale);
}

bool Decimal::fits_scale(int scale) const {
  return normalized().scale_ <= scale;
}

std::string Decimal::to_string() const {
  std::string digits = digits_of(magnitude(coefficient_));
  if (scale_ > 0) {
    const std::size_t fraction = static_cast<std::size_t>(scale_);
    if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
    digits.insert(digits.size() - fraction, 1, '.');
  }
  return coefficient_ < 0 ? "-" + digits : digits;
}

std::string Decimal::to_string(int scale) const {
  scale = std::max(scale, 0);
  const Decimal value = rounded(scale);
  std::string text = value.to_string();
  if (value.scale_ < scale) {
    if (value.scale_ == 0) text.push_back('.');
    text.append(static_cast<std::size_t>(scale - value.scale_), '0');
  }
  return text;
}

double Decimal::to_double() const {
  return static_cast<double>(coefficient_) / static_cast<double>(power_of_ten(scale_));
}

Decimal operator+(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale_, b.scale_);
  const Wide x = scaled_up(a.coefficient_, scale - a.scale_);
  const Wide y = scaled_up(b.coefficient_, scale - b.scale_);
  if ((x < 0) != (y < 0)) return Decimal::scaled(x + y, scale);
  const Magnitude sum = magnitude(x) + magnitude(y);
  return Decimal::scaled(with_sign(sum, x < 0), scale);
}

Decimal operator-(const Decimal& a, const Decimal& b) {
  return a + -b;
}

Decimal operator*(const Decimal& a, const Decimal& b) {
  Decimal x = a, y = b;
  if (x.scale_ + y.scale_ > Decimal::max_scale) {
    x = x.normalized();
    y = y.normalized();
  }
  Magnitude product = 0;
  if (!multiply(magnitude(x.coefficient_), magnitude(y.coefficient_), product)) overflow();
  int scale = x.scale_ + y.scale_;
  while (scale > Decimal::max_scale && product % 10 == 0) {
    product /= 10;
    --scale;
  }
  if (scale > Decimal::max_scale) overflow();
  return Decimal::scaled(with_sign(product, (x.coefficient_ < 0) != (y.coefficient_ < 0)), scale);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  // Whole parts first, then fractions brought to one scale: never out of range.
  const Wide unit_a = static_cast<Wide>(power_of_ten(a.scale_));
  const Wide unit_b = static_cast<Wide>(power_of_ten(b.scale_));
  const Wide whole_a = a.coefficient_ / unit_a, whole_b = b.coefficient_ / unit_b;
  if (whole_a != whole_b)
    return whole_a < whole_b ? std::strong_ordering::less : std::strong_ordering::greater;
  const Wide rest_a =
      a.coefficient_ % unit_a * static_cast<Wide>(power_of_ten(Decimal::max_scale - a.scale_));
  const Wide rest_b =
      b.coefficient_ % unit_b * static_cast<Wide>(power_of_ten(Decimal::max_scale - b.scale_));
  if (rest_a == rest_b) return std::strong_ordering::equal;
  return rest_a < rest_b ? std::strong_ordering::less : std::strong_ordering::greater;
}

}  // namespace plenary
