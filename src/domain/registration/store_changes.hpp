// The SQL of changes of orders: lines that are added, seats that go, move or come, refunds, waiting changes.
// Nothing here decides anything. Private to the room.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/order_lines.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/self_service.hpp"

namespace plenary::registration::store {

Id add_line(db::Tx& tx, Id order_id, const OrderLine& line, Id replaces = 0);
// Lines of an order that stand for units of earlier ones: line, the earlier one.
std::map<Id, Id> replaced_lines(db::Tx& tx, Id order_id);
// Sums, and the version counted up.
void set_order_sums(db::Tx& tx, Id order_id, const OrderSums& sums);
void set_order_status(db::Tx& tx, Id order_id, OrderStatus status);
void set_comment(db::Tx& tx, Id order_id, std::string_view comment);
void set_vat_confirmed(db::Tx& tx, Id order_id, Id vat_check_id);

struct LineSeat {
  Id id = 0, line_id = 0;
  std::int64_t position = 0;
  bool is_named = false, is_checked_in = false;
  bool knows = false;  // its holder was mailed the link, or has named themselves
  std::string name = {}, email = {}, language = {};
};
std::vector<LineSeat> line_seats(db::Tx& tx, Id order_id);  // active ones, by position
std::int64_t last_position(db::Tx& tx, Id order_id);        // void ones too
void void_seat(db::Tx& tx, Id seat_id);
void move_seat(db::Tx& tx, Id seat_id, Id line_id);

std::vector<PaymentMoney> payments_money(db::Tx& tx, Id order_id);  // by id
Id insert_refund(db::Tx& tx, const Refund& refund);
void set_refund(db::Tx& tx, const Refund& refund);  // status, provider's id, failure, credit, time
std::optional<Refund> refund_by_id(db::Tx& tx, Id refund_id);
std::vector<Refund> refunds_of(db::Tx& tx, Id order_id);

Id insert_change(db::Tx& tx, const OrderChange& change);
std::optional<OrderChange> change_by_id(db::Tx& tx, Id change_id);
std::optional<OrderChange> waiting_change(db::Tx& tx, Id order_id);  // elapsed or not
void set_change_status(db::Tx& tx, Id change_id, ChangeStatus status);
// What the order's waiting change holds at this moment.
std::vector<HoldChange> held_by_waiting_change(db::Tx& tx, Id order_id);
std::vector<Id> elapsed_changes(db::Tx& tx, Id conference_id, int limit);
std::optional<Id> change_of_payment(db::Tx& tx, Id payment_id);
void set_payment_change(db::Tx& tx, Id payment_id, Id change_id);

struct EventRow {
  Instant created_at;
  std::string from, to, source, actor, reason;
};
std::vector<EventRow> events_of_order(db::Tx& tx, Id order_id);  // oldest first
struct DatedLine {
  Id id = 0;
  Instant created_at;
};
std::vector<DatedLine> line_dates(db::Tx& tx, Id order_id);

}  // namespace plenary::registration::store
