#include "base/money.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace plenary {
namespace {

using Wide = __int128;

constexpr Wide min_minor = std::numeric_limits<std::int64_t>::min();
constexpr Wide max_minor = std::numeric_limits<std::int64_t>::max();

std::int64_t narrowed(Wide value) {
  if (value < min_minor || value > max_minor) throw std::overflow_error("money: the amount is out of range");
  return static_cast<std::int64_t>(value);
}

void same_currency(const Money& a, const Money& b) {
  if (a.currency() == b.currency()) return;
  throw std::invalid_argument("money: " + std::string(a.currency().code()) + " and " +
                              std::string(b.currency().code()) + " are two currencies");
}

}  // namespace

std::optional<Currency> Currency::find(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  const auto rows = all();
  const auto at = std::lower_bound(
      rows.begin(), rows.end(), code,
      [](const CurrencyInfo& row, std::string_view c) { return std::string_view(row.code, 3) < c; });
  if (at == rows.end() || std::string_view(at->code, 3) != code) return std::nullopt;
  return Currency(&*at);
}

Currency Currency::of(std::string_view code) {
  if (const auto currency = find(code)) return *currency;
  throw std::invalid_argument("\"" + std::string(code) + "\" is no active ISO 4217 currency code");
}

std::int64_t Currency::minor_per_unit() const {
  std::int64_t result = 1;
  for (int i = 0; i < info_->exponent; ++i) result *= 10;
  return result;
}

Money Money::exact(const Decimal& amount, Currency currency) {
  const Decimal value = amount.normalized();
  const int missing = currency.exponent() - value.scale();
  if (missing < 0) {
    throw std::domain_error("money: " + amount.to_string() + " has more decimals than " +
                            std::string(currency.code()) + " (" + std::to_string(currency.exponent()) + ")");
  }
  Wide minor = value.coefficient();
  for (int i = 0; i < missing; ++i) minor = Wide{narrowed(minor)} * 10;
  return {narrowed(minor), currency};
}

Money operator+(const Money& a, const Money& b) {
  same_currency(a, b);
  return {narrowed(Wide{a.minor_} + b.minor_), a.currency_};
}

Money operator-(const Money& a, const Money& b) {
  same_currency(a, b);
  return {narrowed(Wide{a.minor_} - b.minor_), a.currency_};
}

Money operator*(const Money& a, std::int64_t n) {
  return {narrowed(Wide{a.minor_} * n), a.currency_};
}

Money Money::operator-() const {
  return {narrowed(-Wide{minor_}), currency_};
}

std::strong_ordering operator<=>(const Money& a, const Money& b) {
  same_currency(a, b);
  return a.minor_ <=> b.minor_;
}

Money Money::percentage(std::int64_t basis_points) const {
  const Wide product = Wide{minor_} * basis_points;
  const Wide rounded = product < 0 ? -((-product + 5000) / 10000) : (product + 5000) / 10000;
  return {narrowed(rounded), currency_};
}

std::vector<Money> Money::split(std::span<const std::int64_t> weights) const {
  if (weights.empty()) throw std::invalid_argument("money: nothing to split among");
  Wide sum = 0;
  for (const std::int64_t weight : weights) {
    if (weight < 0) throw std::invalid_argument("money: a share's weight is negative");
    sum += weight;
  }
  const bool even = sum == 0;
  if (even) sum = static_cast<Wide>(weights.size());

  const bool negative = minor_ < 0;
  const Wide total = negative ? -Wide{minor_} : Wide{minor_};
  std::vector<Wide> shares(weights.size()), remainders(weights.size());
  Wide left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Wide product = total * (even ? 1 : weights[i]);
    shares[i] = product / sum;
    remainders[i] = product % sum;
    left -= shares[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a > b;
  });
  for (std::size_t i = 0; left > 0; ++i, --left) ++shares[order[i]];

  std::vector<Money> result;
  result.reserve(weights.size());
  for (const Wide share : shares) result.emplace_back(narrowed(negative ? -share : share), currency_);
  return result;
}

std::string Money::display(std::string_view symbol) const {
  std::string number = to_string();
  const bool negative = number.front() == '-';
  if (negative) number.erase(0, 1);
  const std::size_t point = std::min(number.find('.'), number.size());
  for (std::size_t at = point; at > 3;) {
    at -= 3;
    number.insert(at, 1, ',');
  }
  std::string result = negative ? "-" : "";
  if (symbol.empty()) symbol = currency_.symbol();
  if (symbol.empty()) {
    result.append(currency_.code()).push_back(' ');
  } else {
    result.append(symbol);
  }
  return result + number;
}

}  // namespace plenary
