// What paying costs by its way: a fee that is a line of the order, with its tax. Of an order that waits for
// its first payment it is there from when the way is chosen; another way takes it back and adds its own. What
// is due of an order that is sold costs it too: the line comes with the money, so that a form that was opened
// and left changes nothing. The fee of a transfer is fixed when that is chosen (payment_terms.hpp): parts
// that come in do not change it. Functions of a transaction, in the conference's lane: one thread at a time;
// reckoning is pure. source: registration 20, D37; taxes 25.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "domain/registration/catalogue.hpp"
#include "domain/registration/orders.hpp"

namespace plenary::registration {

// In the history of the order.
inline constexpr std::string_view fee_reason = "payment fee";

enum class PayWay { card, transfer };
// What the line of the fee is called.
const char* fee_name(PayWay way);

// Gross, in minor units, for paying `amount` of this order that way; with the order's tax terms.
std::int64_t payment_fee(const Catalogue& catalogue, const Order& order, PayWay way, std::int64_t amount);
// What is in the order of such fees, gross. 0 for orders that are sold: it is a part of them then.
std::int64_t payment_fee_in(const Order& order);
// What is due of the order without the fee of a way that was only chosen, when so much came in. Not above
// zero: what came in has reached the fee.
std::int64_t due_without_fee(const Order& order, std::int64_t paid);
// The conference's catalogue as it is now.
std::shared_ptr<const Catalogue> catalogue_now(db::Tx& tx, const Shop& shop, Id conference_id);

// The order has the fee of this way and no other; nothing: none at all. True: its lines changed, and its
// total. Nothing happens to orders that are not pending, whose time is over, whose payment is being
// processed, or of which nothing but the fee is due.
bool set_payment_fee(db::Tx& tx, const Catalogue& catalogue, Order& order, std::optional<PayWay> way,
                     const Cause& cause);
// An order that is not sold has the fee of this way, of this gross and no other; 0: none at all. Whatever
// became of the order's time: pending, or lapsed.
bool set_known_fee(db::Tx& tx, const Catalogue& catalogue, Order& order, PayWay way, std::int64_t gross,
                   const Cause& cause);
// The fee of the payment that reaches the balance of a sold order: its line. How much more is due by that,
// gross; others are told by whoever takes the payment.
std::int64_t add_balance_fee(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, Order& order,
                             PayWay way, std::int64_t balance, const Cause& cause);
// The same for a transfer whose fee is fixed already.
void add_transfer_fee(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, Order& order,
                      std::int64_t gross, const Cause& cause);

}  // namespace plenary::registration
