#include "domain/registration/listing.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "domain/registration/store_discounts.hpp"
#include "domain/registration/store_waiting.hpp"

namespace plenary::registration {

std::vector<OrderRow> orders_page(db::Tx& tx, Id conference_id, const OrderFilter& filter, Id after,
                                  std::int64_t limit) {
  constexpr std::int64_t forever = INT64_MAX;
  const std::string email = normalized_email(filter.email), code = normal_code(filter.voucher_code);
  return order_table().select(tx,
                              "WHERE conference_id = $1 AND id > $2 AND ($3 = '' OR status = $3) AND ($4 = "
                              "'' OR email_normalized = $4) AND "
                              "($5 = '' OR voucher_code = $5) AND ($6 = 0 OR attention <> '') AND created_at "
                              ">= $7 AND created_at <= $8 ORDER "
                              "BY id LIMIT $9",
                              conference_id, after, filter.status, email, code, filter.needs_attention,
                              filter.created_from ? filter.created_from->micros : -forever,
                              filter.created_until ? filter.created_until->micros : forever, limit);
}

std::optional<OrderRow> find_order_row(db::Tx& tx, Id conference_id, std::string_view reference) {
  auto row = order_table().maybe(tx, "WHERE reference = $1", reference);
  if (row && row->conference_id != conference_id) row.reset();
  return row;
}

std::vector<OrderLineRow> order_line_rows(db::Tx& tx, Id order_id) {
  return order_line_table().select(tx, "WHERE order_id = $1 ORDER BY id", order_id);
}

std::vector<PaymentRow> payment_rows(db::Tx& tx, Id order_id) {
  return payment_table().select(tx, "WHERE order_id = $1 ORDER BY id", order_id);
}

std::vector<SeatRow> seat_rows(db::Tx& tx, Id order_id) {
  return seat_table().select(tx, "WHERE order_id = $1 ORDER BY position, id", order_id);
}

std::optional<OrderRow> note_order(db::Tx& tx, const OrderRow& order, std::string_view comment,
                                   std::string_view attention) {
  if (order.comment == comment && order.attention == attention)
    return order;  // nothing to write, nor to tell
  const std::int64_t changed = tx.exec(
      "UPDATE orders SET comment = $3, attention = $4, version = version + 1, updated_at = $5 WHERE id = $1 "
      "AND version "
      "= $2",
      order.id, order.version, comment, attention, tx.now());
  if (changed == 0) return std::nullopt;
  return order_table().find(tx, order.id);
}

std::vector<Voucher> vouchers_page(db::Tx& tx, Id conference_id, const VoucherFilter& filter, Id after,
                                   std::int64_t limit) {
  const std::int64_t active = filter.is_active ? (*filter.is_active ? 1 : 0) : -1;
  return voucher_table().select(
      tx,
      "WHERE conference_id = $1 AND id > $2 AND ($3 = '' OR code = $3) AND ($4 < 0 OR "
      "is_active = $4) ORDER BY id LIMIT $5",
      conference_id, after, normal_code(filter.code), active, limit);
}

std::map<Id, VoucherFacts> facts_of(db::Tx& tx, Id conference_id, const std::vector<Voucher>& vouchers) {
  std::map<Id, VoucherFacts> facts;
  if (vouchers.empty()) return facts;
  for (const Voucher& voucher : vouchers) facts[voucher.id] = {};
  const auto each = [&](const auto& rows, auto&& take) {
    for (const auto& [voucher, value] : rows)
      if (const auto found = facts.find(voucher); found != facts.end()) take(found->second, value);
  };
  const Id after = vouchers.front().id - 1, last = vouchers.back().id;
  each(store::ticket_types_between(tx, conference_id, after, last),
       [](VoucherFacts& one, Id id) { one.products.ticket_types.push_back(id); });
  each(store::addons_between(tx, conference_id, after, last),
       [](VoucherFacts& one, Id id) { one.products.addons.push_back(id); });
  each(store::uses_between(tx, conference_id, after, last),
       [](VoucherFacts& one, std::int64_t times) { one.times_used = times; });
  for (auto& [voucher, one] : facts) {
    std::sort(one.products.ticket_types.begin(), one.products.ticket_types.end());
    std::sort(one.products.addons.begin(), one.products.addons.end());
  }
  return facts;
}

std::optional<Voucher> find_voucher_by_id(db::Tx& tx, Id conference_id, Id id) {
  return voucher_table().maybe(tx, "WHERE id = $1 AND conference_id = $2", id, conference_id);
}

std::vector<WaitingEntry> waiting_page(db::Tx& tx, Id conference_id, std::string_view status, Id after,
                                       std::int64_t limit) {
  return waiting_entry_table().select(
      tx, "WHERE conference_id = $1 AND id > $2 AND ($3 = '' OR status = $3) ORDER BY id LIMIT $4",
      conference_id, after, status, limit);
}

std::vector<WaitingPlace> waiting_places(db::Tx& tx, Id conference_id, std::string_view status,
                                         std::vector<WaitingEntry> entries) {
  std::vector<WaitingPlace> places;
  if (entries.empty()) return places;
  std::map<Id, std::vector<WaitingPlace::Choice>> choices =
      store::choices_between(tx, conference_id, status, entries.front().id, entries.back().id);
  for (WaitingEntry& entry : entries) {
    WaitingPlace& place = places.emplace_back();
    place.entry = std::move(entry);
    place.choices = std::move(choices[place.entry.id]);
  }
  return places;
}

std::vector<Condition> conditions_page(db::Tx& tx, Id conference_id, Id after, std::int64_t limit) {
  return condition_table().select(tx, "WHERE conference_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                                  conference_id, after, limit);
}

std::map<Id, ConditionLinks> links_of(db::Tx& tx, Id conference_id,
                                      const std::vector<Condition>& conditions) {
  std::map<Id, ConditionLinks> links;
  if (conditions.empty()) return links;
  const Id after = conditions.front().id - 1, last = conditions.back().id;
  const store::LinksBetween all = store::links_of_conditions_between(tx, conference_id, after, last);
  for (const auto& [condition, id] : all.ticket_types) links[condition].products.ticket_types.push_back(id);
  for (const auto& [condition, id] : all.addons) links[condition].products.addons.push_back(id);
  for (const auto& [condition, id] : all.enabling) links[condition].enabling_ticket_types.push_back(id);
  for (const auto& [condition, id] : all.groups) links[condition].groups.push_back(id);
  return links;
}

}  // namespace plenary::registration
