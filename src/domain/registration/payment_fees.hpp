// What paying costs by its way: a fee that is a line of the order, with its tax, from when the way is chosen.
// It belongs to orders that wait for their first payment; another way takes it back and adds its own. What is
// due of orders that are sold costs no fee. Functions of a transaction, in the conference's lane: one thread
// at a time; reckoning is pure. source: registration 20, D37; taxes 25.
#pragma once

#include <optional>
#include <string_view>

#include "domain/registration/catalogue.hpp"
#include "domain/registration/orders.hpp"

namespace plenary::registration {

// In the history of the order.
inline constexpr std::string_view fee_reason = "payment fee";

enum class PayWay { card, transfer };

// Gross, in minor units, for paying `amount` of this order that way; with the order's tax terms.
std::int64_t payment_fee(const Catalogue& catalogue, const Order& order, PayWay way, std::int64_t amount);
// What is in the order of such fees, gross. 0 for orders that are sold: it is a part of them then.
std::int64_t payment_fee_in(const Order& order);
// What is due of a pending order without any fee, when so much came in.
std::int64_t due_without_fee(const Order& order, std::int64_t paid);

// The order has the fee of this way and no other; nothing: none at all. True: its lines changed, and its total.
// Nothing happens to orders that are not pending, whose time is over, or whose payment is being processed.
bool set_payment_fee(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, Order& order,
                     std::optional<PayWay> way, const Cause& cause);

}  // namespace plenary::registration
