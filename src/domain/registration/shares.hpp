// Dividing an amount so that the parts add up: by largest remainder, ties to the later part, no part above
// its own weight where that is asked for. Pure; minor units. std::overflow_error out of range. source:
// registration 20, D15; taxes 25, 2.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plenary::registration {

// `amount` over `weights` in proportion, into `parts` (as many). 0 <= amount; each weight >= 0; a zero sum
// gives zeros, and no part is larger than its weight when amount <= the sum.
void share(std::int64_t amount, std::span<const std::int64_t> weights, std::span<std::int64_t> parts);

// round(a * b / c), ties away from zero; 0 <= a, b and 0 < c.
std::int64_t half_up(std::int64_t a, std::int64_t b, std::int64_t c);

// What a further part takes of `whole` when `before` of `total` was taken already and `more` is taken now, so
// that all parts together never differ from `whole`: the last one takes the remainder. Everything >= 0.
std::int64_t part_of(std::int64_t whole, std::int64_t total, std::int64_t before, std::int64_t more);

}  // namespace plenary::registration
