// Lists of a conference page by page, each page going on behind the last row of the one before, so that
// nothing is skipped or seen twice while rows are added. And the notes that staff keep with an order.
// Functions of a transaction: one thread at a time. source: registration 20, 13; docs/api.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/records.hpp"
#include "domain/registration/vouchers.hpp"
#include "domain/registration/waiting_list.hpp"

namespace plenary::registration {

struct OrderFilter {
  std::string status = {};                                       // empty: any
  std::string email = {};                                        // the buyer's, any case; empty: any
  std::string voucher_code = {};                                 // as typed; empty: any
  bool needs_attention = false;                                  // only those that staff should look at
  std::optional<Instant> created_from = {}, created_until = {};  // inclusive
};
// By id, from behind `after` on.
std::vector<OrderRow> orders_page(db::Tx& tx, Id conference_id, const OrderFilter& filter, Id after,
                                  std::int64_t limit);
std::optional<OrderRow> find_order_row(db::Tx& tx, Id conference_id, std::string_view reference);
std::vector<OrderLineRow> order_line_rows(db::Tx& tx, Id order_id);
std::vector<PaymentRow> payment_rows(db::Tx& tx, Id order_id);
std::vector<SeatRow> seat_rows(db::Tx& tx, Id order_id);

// What staff note: their own comment, and why the order should be looked at (empty: no longer). `order` as it
// was read. Nothing: somebody else changed it meanwhile.
std::optional<OrderRow> note_order(db::Tx& tx, const OrderRow& order, std::string_view comment,
                                   std::string_view attention);

struct VoucherFilter {
  std::string code = {};  // as typed; empty: any
  std::optional<bool> is_active = {};
};
std::vector<Voucher> vouchers_page(db::Tx& tx, Id conference_id, const VoucherFilter& filter, Id after,
                                   std::int64_t limit);
// What lists show of vouchers beside their rows.
struct VoucherFacts {
  ScopedProducts products = {};
  std::int64_t times_used = 0;
};
// By the voucher's id, all in three queries; `vouchers` of one conference, by id.
std::map<Id, VoucherFacts> facts_of(db::Tx& tx, Id conference_id, const std::vector<Voucher>& vouchers);
std::optional<Voucher> find_voucher_by_id(db::Tx& tx, Id conference_id, Id id);
// `status`: empty: any.
std::vector<WaitingEntry> waiting_page(db::Tx& tx, Id conference_id, std::string_view status, Id after,
                                       std::int64_t limit);
// With what they wait for and where they stand, in one query; extras and orders are left out. `entries` and
// `status` as of waiting_page.
std::vector<WaitingPlace> waiting_places(db::Tx& tx, Id conference_id, std::string_view status,
                                         std::vector<WaitingEntry> entries);
std::vector<Condition> conditions_page(db::Tx& tx, Id conference_id, Id after, std::int64_t limit);
// By the condition's id, all in four queries; `conditions` of one conference, by id.
std::map<Id, ConditionLinks> links_of(db::Tx& tx, Id conference_id, const std::vector<Condition>& conditions);

}  // namespace plenary::registration
