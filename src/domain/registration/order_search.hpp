// Finding orders of one conference for staff, newest first, page by page: by what identifies them (reference,
// address, access code of a seat, voucher, last four digits of the card, numbers of payments), which indexes
// answer, or by words of the buyer's and the holders' names, with filters. Functions of a transaction: one
// thread at a time; they read. source: staff pages 70, 11.3, 14.26 and 14.33; docs/dashboard.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

struct OrderSearch {
  std::string text = {};                         // as typed; empty: all
  std::vector<Id> also = {};                     // orders that the text names elsewhere (an invoice's number)
  std::optional<OrderStatus> status = {};        //
  bool needs_attention = false;                  // only those that staff should look at
  std::optional<PaymentMethod> method = {};      // money came in that way
  std::string channel = {};                      // of manual payments: "cash"; empty: any
  std::optional<Instant> from = {}, until = {};  // made then; `until` itself is not included
  std::optional<bool> is_test = {};              // only sandbox orders, or none
};

// Where a page ends: the next one begins behind it.
struct OrderPlace {
  Instant created_at;
  Id id = 0;
  std::string to_string() const;  // "1735689600000000-17"
  static std::optional<OrderPlace> parse(std::string_view text);
};

struct FoundOrder {
  Id id = 0;
  std::string reference, name, email, company, currency, voucher_code, attention, mail_problem;
  OrderStatus status = OrderStatus::pending;
  std::int64_t total = 0;
  Instant created_at;
  std::optional<Instant> paid_at, hold_expires_at;
  bool is_sandbox = false;
  OrderPlace place() const { return {created_at, id}; }
};

// At most `limit`, from behind `after`. Words are looked for in the newest `most_holders` tickets whose
// holder they name, and in all orders. `prefix` is that of references ("ORD"), which may be left out in the
// text.
inline constexpr int most_holders = 1000;
std::vector<FoundOrder> search_orders(db::Tx& tx, Id conference_id, const OrderSearch& search,
                                      std::string_view prefix, const std::optional<OrderPlace>& after,
                                      std::int64_t limit);

// Those of the conference with these ids, by id; a query for each 200 of them.
std::vector<FoundOrder> orders_with(db::Tx& tx, Id conference_id, std::span<const Id> ids);

}  // namespace plenary::registration
