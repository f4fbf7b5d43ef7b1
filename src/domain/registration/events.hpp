// What happened in this room that others may care about. Subscribers are registered at one visible place,
// domain/events.cpp, before the first transaction; they run inside the transaction and may only write rows
// (an outbox row, usually): work that can fail belongs behind the outbox. source: design, 2; payments 21, 6.
#pragma once

#include <functional>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

using OnOrderPaid = std::function<void(db::Tx&, const Order&)>;

// Not thread-safe: call at start only.
void subscribe_order_paid(OnOrderPaid subscriber);
void publish_order_paid(db::Tx& tx, const Order& order);

}  // namespace plenary::registration
