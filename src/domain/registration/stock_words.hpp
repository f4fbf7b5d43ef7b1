// How kinds of stock and owners of holds are stored. Private to the stock's files; any thread.
#pragma once

#include <array>
#include <stdexcept>
#include <string_view>

#include "db/gather.hpp"
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

// What carts take and orders sell, of everybody in a batch. Taking needs room; selling moves from held to
// sold.
#define OF_ROW(array) \
  "(SELECT CAST(" array " AS BIGINT[]))[array_position((SELECT CAST($1 AS BIGINT[])), id)]"
inline constexpr db::Tally held_and_sold{
    "UPDATE stock SET held = held + " OF_ROW("$2") ", sold = sold + " OF_ROW("$3")
    " WHERE id = ANY(CAST($1 AS BIGINT[])) AND (capacity IS NULL OR " OF_ROW("$2") " + " OF_ROW("$3")
    " <= 0 OR sold + held + " OF_ROW("$2") " + " OF_ROW("$3") " <= capacity)"};
#undef OF_ROW
// A row as it will be with what others of the batch have taken.
inline void add_taken(db::Tx& tx, StockLevel& level) {
  const db::Counted taken = db::added_so_far(tx, held_and_sold, level.stock_id);
  level.held += taken.first;
  level.sold += taken.second;
}

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
