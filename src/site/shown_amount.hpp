// The amount that a page showed, in minor units, as its form brings it back: "1250", "-300". Totals of some
// currencies have more digits than any number or count of a form. Pure. Nothing: it is none.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plenary::site {

inline std::optional<std::int64_t> shown_amount(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace plenary::site
