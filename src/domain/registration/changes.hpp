// What changes at a conference, for programs that follow it: what became of orders, and what staff changed of
// products, vouchers, discounts and orders. There is no table of its own, and selling writes nothing for it:
// the events of orders and the record of changes are read side by side, each from its own position on. A
// function of a transaction: one thread at a time. source: registration 20, D18; docs/api.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// Up to where somebody has read. As a text: "1042.77".
struct ChangePosition {
  std::int64_t order_event = 0, record = 0;
  std::string to_string() const;
  static std::optional<ChangePosition> parse(std::string_view text);
  bool operator==(const ChangePosition&) const = default;
};

struct Change {
  std::string id;         // "o1042", "r77": never another change's
  std::string kind;       // "created", "paid", "changed", "cancelled", "refunded", "deleted"
  std::string entity;     // "order", "voucher", "condition", "ticket_type", …
  std::string entity_id;  // an order's reference, else the number
  Instant happened_at;
};

struct Changes {
  std::vector<Change> changes;  // oldest first
  ChangePosition next;          // where to go on
  bool more = false;            // at once, there is more
};

// `orders`, `others`: whether to tell of them; the position moves on all the same.
Changes changes_after(db::Tx& tx, Id conference_id, const ChangePosition& position, std::int64_t limit,
                      bool orders, bool others);

}  // namespace plenary::registration
