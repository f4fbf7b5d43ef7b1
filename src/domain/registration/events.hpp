// What happened in this room that others may care about. Subscribers are registered at one visible place,
// domain/events.cpp, before the first transaction; they run inside the transaction and may only write rows
// (an outbox row, usually): work that can fail belongs behind the outbox. source: design, 2; payments 21, 6.
#pragma once

#include <functional>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

using OnOrder = std::function<void(db::Tx&, const Order&)>;
using OnOrderPaid = OnOrder;

// Each is published in the transaction of what happened, after its rows are written: status, totals and
// lines. placed: by a buyer or by staff, payment to come. changed: lines were added, or what its documents
// say about the buyer. cancelled: before or after payment, with the reversing lines and the kept fee.
// refunded: money went back, with the reversing lines where the order is worth less than before.
enum class OrderEvent { placed, paid, changed, cancelled, refunded };

// Not thread-safe: call at start only.
void subscribe(OrderEvent event, OnOrder subscriber);
void publish(OrderEvent event, db::Tx& tx, const Order& order);

void subscribe_order_paid(OnOrderPaid subscriber);
void publish_order_paid(db::Tx& tx, const Order& order);

}  // namespace plenary::registration
