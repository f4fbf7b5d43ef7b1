// How kinds of stock and owners of holds are stored. Private to the stock's files; any thread.
#pragma once

#include <array>
#include <stdexcept>
#include <string_view>

#include "domain/registration/stock.hpp"

namespace plenary::registration::stock {

inline constexpr std::array<std::string_view, 8> kinds{
    "conference", "ticket_type", "addon", "variation", "quota", "voucher", "voucher_budget", "condition"};
// stock_levels asks for a range of them.
static_assert([] {
  for (const std::string_view kind : kinds)
    if (kind >= "voucher" && !kind.starts_with("voucher")) return false;
  return true;
}());
inline constexpr std::array<std::string_view, 5> owners{"cart", "order", "offer", "voucher", "change"};

inline StockKind stock_kind(std::string_view text) {
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (kinds[i] == text) return static_cast<StockKind>(i);
  throw std::logic_error("unknown kind of stock");
}

constexpr std::string_view to_text(StockKind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}
constexpr std::string_view to_text(HoldOwner owner) {
  return owners[static_cast<std::size_t>(owner)];
}

}  // namespace plenary::registration::stock
