// An exact decimal number, parsed from text: prices and rates as they were written, never through a double.
// value = coefficient / 10^scale. Arithmetic that would overflow throws std::overflow_error.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plenary {

class Decimal {
 public:
  static constexpr int max_scale = 18;

  constexpr Decimal() = default;
  constexpr explicit Decimal(std::int64_t whole) : coefficient_(whole) {}
  // coefficient / 10^scale; scale in 0..max_scale.
  static constexpr Decimal scaled(__int128 coefficient, int scale) {
    Decimal d;
    d.coefficient_ = coefficient;
    d.scale_ = scale;
    return d;
  }

  // Accepts "12", "-0.50", "1_000.25" (underscores between digits), "1.0e1", "+3". Nothing else: no blanks,
  // no "nan", no "inf", no more digits than fit. Empty result: not a number or out of range.
  static std::optional<Decimal> parse(std::string_view text);

  __int128 coefficient() const { return coefficient_; }
  int scale() const { return scale_; }
  bool is_negative() const { return coefficient_ < 0; }
  bool is_zero() const { return coefficient_ == 0; }

  // The same value without trailing zeros in the fraction.
  Decimal normalized() const;
  // Rounded to `scale` decimals, ties away from zero. source: registration 20, 1 (half-up).
  Decimal rounded(int scale) const;
  // True when rounding to `scale` decimals changes nothing.
  bool fits_scale(int scale) const;

  // With its own scale: "12.50". to_string(2) rounds or pads to 2 decimals.
  std::string to_string() const;
  std::string to_string(int scale) const;
  double to_double() const;

  friend Decimal operator+(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  Decimal operator-() const { return scaled(-coefficient_, scale_); }
  friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

 private:
  __int128 coefficient_ = 0;
  int scale_ = 0;
};

}  // namespace plenary
