// The SQL of the table of all answers. "conference_id + 0": see store_orders.cpp.
#include <algorithm>
#include <map>
#include <set>

#include "domain/registration/answer_sheet.hpp"

namespace plenary::registration {

std::vector<Question> every_question(db::Tx& tx, Id conference_id) {
  return question_table().select(tx, "WHERE conference_id = $1 ORDER BY target DESC, sort_order, id",
                                 conference_id);
}

SheetPiece answer_sheet(db::Tx& tx, Id conference_id, const std::vector<Question>& questions, Id after_order,
                        int orders) {
  using Text = std::string;
  SheetPiece piece;
  piece.last_order = after_order;
  std::vector<SheetRow> heads;
  for (auto& [id, reference, status, name, email] : tx.query<Id, Text, Text, Text, Text>(
           "SELECT id, reference, status, billing_name, billing_email FROM orders WHERE conference_id = $1 "
           "AND id > $2 AND status NOT IN ('cancelled', 'refunded') ORDER BY id LIMIT $3",
           conference_id, after_order, orders)) {
    SheetRow row;
    row.order_id = id;
    row.reference = std::move(reference);
    row.status = std::move(status);
    row.buyer_name = std::move(name);
    row.buyer_email = std::move(email);
    heads.push_back(std::move(row));
  }
  piece.is_last = heads.size() < static_cast<std::size_t>(orders);
  if (heads.empty()) return piece;
  const Id first = heads.front().order_id, last = heads.back().order_id;
  piece.last_order = last;

  std::map<std::pair<Id, std::int64_t>, SheetRow> rows;  // by order and position
  const auto head_of = [&](Id order_id) {
    const auto found = std::lower_bound(heads.begin(), heads.end(), order_id,
                                        [](const SheetRow& row, Id id) { return row.order_id < id; });
    return found != heads.end() && found->order_id == order_id ? &*found : nullptr;
  };
  const auto row_at = [&](Id order_id, std::int64_t position) -> SheetRow* {
    const SheetRow* head = head_of(order_id);
    if (!head) return nullptr;
    const auto [at, is_new] = rows.try_emplace({order_id, position}, *head);
    if (is_new) {
      at->second.position = position;
      at->second.shown.resize(questions.size());
      at->second.values.resize(questions.size());
    }
    return &at->second;
  };
  std::set<std::pair<Id, std::int64_t>> gone;  // tickets that were taken out: nobody comes with them
  for (auto& [order_id, position, name, email, type, status] :
       tx.query<Id, std::int64_t, Text, Text, Text, Text>(
           "SELECT s.order_id, s.position, s.name, s.email, COALESCE(t.name, ''), s.status FROM seat s LEFT "
           "JOIN ticket_type t ON t.id = s.ticket_type_id WHERE s.order_id >= $1 AND s.order_id <= $2 AND "
           "s.conference_id + 0 = $3",
           first, last, conference_id)) {
    if (status != "active") {
      gone.emplace(order_id, position);
      continue;
    }
    SheetRow* row = row_at(order_id, position);
    if (!row) continue;
    row->holder_name = std::move(name);
    row->holder_email = std::move(email);
    row->ticket_type = std::move(type);
  }
  struct OfOrder {
    Id order_id;
    std::size_t column;
    Text value, shown;
  };
  std::vector<OfOrder> of_orders;
  for (auto& [order_id, position, question_id, value, shown] : tx.query<Id, std::int64_t, Id, Text, Text>(
           "SELECT a.order_id, a.position, a.question_id, a.value, a.shown FROM answer a JOIN orders o ON "
           "o.id = a.order_id WHERE a.order_id >= $1 AND a.order_id <= $2 AND o.conference_id + 0 = $3 AND "
           "o.status NOT IN ('cancelled', 'refunded')",
           first, last, conference_id)) {
    if (gone.contains({order_id, position})) continue;
    const auto question = std::find_if(questions.begin(), questions.end(),
                                       [&, id = question_id](const Question& q) { return q.id == id; });
    if (question == questions.end()) continue;  // younger than the list of columns
    const auto column = static_cast<std::size_t>(question - questions.begin());
    if (position == 0) {
      of_orders.push_back({order_id, column, std::move(value), std::move(shown)});
    } else if (SheetRow* row = row_at(order_id, position)) {
      row->values[column] = std::move(value);
      row->shown[column] = std::move(shown);
    }
  }
  for (const OfOrder& one : of_orders) {
    auto at = rows.lower_bound({one.order_id, 0});
    if (at == rows.end() || at->first.first != one.order_id) {
      row_at(one.order_id, 0);
      at = rows.lower_bound({one.order_id, 0});
    }
    for (; at != rows.end() && at->first.first == one.order_id; ++at) {
      at->second.values[one.column] = one.value;
      at->second.shown[one.column] = one.shown;
    }
  }
  for (auto& [key, row] : rows) piece.rows.push_back(std::move(row));
  return piece;
}

}  // namespace plenary::registration
