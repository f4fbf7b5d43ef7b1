// Money is an integer count of minor units together with its ISO 4217 currency.
// Adding two currencies or leaving the 64-bit range is an error, never a wrong number.
// source: design 6; registration 20, 1; payments 21, 3.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"

namespace plenary {

// One row of ISO 4217. Instances are static; compare by pointer or code.
struct CurrencyInfo {
  char code[4];
  int exponent;        // decimals: 0, 2 or 3 (4 for the accounting units CLF and UYW)
  const char* symbol;  // "$", "€", "CA$"; empty: the code and a blank go first
  const char* name;
};

class Currency {
 public:
  // Upper-case three-letter code of an active ISO 4217 currency.
  static std::optional<Currency> find(std::string_view code);
  // As find; throws std::invalid_argument naming the code.
  static Currency of(std::string_view code);
  static std::span<const CurrencyInfo> all();

  std::string_view code() const { return std::string_view(info_->code, 3); }
  int exponent() const { return info_->exponent; }
  std::string_view symbol() const { return info_->symbol; }
  std::int64_t minor_per_unit() const;
  friend bool operator==(Currency a, Currency b) { return a.info_ == b.info_; }

 private:
  explicit Currency(const CurrencyInfo* info) : info_(info) {}
  const CurrencyInfo* info_;
};

class Money {
 public:
  Money(std::int64_t minor, Currency currency) : minor_(minor), currency_(currency) {}
  static Money zero(Currency currency) { return {0, currency}; }
  // Exact: throws std::domain_error when the amount has more decimals than the currency, std::overflow_error
  // when it does not fit.
  static Money exact(const Decimal& amount, Currency currency);

  std::int64_t minor() const { return minor_; }
  Currency currency() const { return currency_; }
  Decimal amount() const { return Decimal::scaled(minor_, currency_.exponent()); }
  bool is_zero() const { return minor_ == 0; }
  bool is_negative() const { return minor_ < 0; }

  // Throw std::invalid_argument for two currencies, std::overflow_error out of range.
  friend Money operator+(const Money& a, const Money& b);
  friend Money operator-(const Money& a, const Money& b);
  friend Money operator*(const Money& a, std::int64_t n);
  Money operator-() const;
  friend bool operator==(const Money& a, const Money& b) {
    return a.minor_ == b.minor_ && a.currency_ == b.currency_;
  }
  // Only within one currency.
  friend std::strong_ordering operator<=>(const Money& a, const Money& b);

  // basis_points of this amount, half-up: (minor * bp + 5000) / 10000. source: registration 20, 1.
  Money percentage(std::int64_t basis_points) const;

  // Splits by weights so that the parts add up exactly: largest remainder, ties to the later share. All-zero
  // weights split evenly. source: design 6, registration 20 D15. Each weight >= 0; no weights:
  // std::invalid_argument.
  std::vector<Money> split(std::span<const std::int64_t> weights) const;

  // "1234.50", plain, with the currency's decimals.
  std::string to_string() const { return amount().to_string(currency_.exponent()); }
  // "$1,234.50", "¥500", "CHF 12.00"; `symbol` overrides the currency's own. source: registration 20, 14.
  std::string display(std::string_view symbol = {}) const;

 private:
  std::int64_t minor_;
  Currency currency_;
};

}  // namespace plenary
