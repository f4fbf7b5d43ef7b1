#include "domain/registration/shares.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

namespace plenary::registration {
namespace {

std::int64_t narrowed(__int128 value) {
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min())
    throw std::overflow_error("amount out of range");
  return static_cast<std::int64_t>(value);
}

struct Remainder {
  std::int64_t left = 0;
  std::uint32_t place = 0;
};

}  // namespace

void share(std::int64_t amount, std::span<const std::int64_t> weights, std::span<std::int64_t> parts) {
  __int128 sum = 0;
  for (const std::int64_t weight : weights) sum += weight;
  if (sum == 0 || amount == 0) {
    std::fill(parts.begin(), parts.end(), 0);
    return;
  }
  std::array<Remainder, 16> few;
  std::vector<Remainder> many;
  if (weights.size() > few.size()) many.resize(weights.size());
  const std::span<Remainder> remainders =
      weights.size() > few.size() ? std::span(many) : std::span(few).first(weights.size());
  std::int64_t given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const __int128 product = static_cast<__int128>(amount) * weights[i];
    parts[i] = narrowed(product / sum);
    remainders[i] = {narrowed(product % sum), static_cast<std::uint32_t>(i)};
    given += parts[i];
  }
  std::int64_t over = amount - given;  // fewer than there are remainders above zero
  if (over == 0) return;
  std::sort(remainders.begin(), remainders.end(), [](const Remainder& a, const Remainder& b) {
    return a.left != b.left ? a.left > b.left : a.place > b.place;
  });
  for (const Remainder& remainder : remainders) {
    if (over-- == 0) break;
    ++parts[remainder.place];
  }
}

std::int64_t half_up(std::int64_t a, std::int64_t b, std::int64_t c) {
  return narrowed((static_cast<__int128>(a) * b * 2 + c) / (static_cast<__int128>(c) * 2));
}

std::int64_t part_of(std::int64_t whole, std::int64_t total, std::int64_t before, std::int64_t more) {
  if (total == 0) return 0;
  const auto up_to = [&](std::int64_t taken) {
    return taken >= total ? whole : half_up(whole, taken, total);
  };
  return up_to(before + more) - up_to(before);
}

}  // namespace plenary::registration
