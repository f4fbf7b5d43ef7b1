// Mail about money and what follows from it: what is due, what came in, what did not, what went back. Each
// function writes rows in the caller's transaction, once for each cause however often it is called; the mail
// room (src/mail/messages.hpp) renders and sends after the commit and drops what is moot by then. Orders that
// nobody is told of (Order::tells_buyer): none. source: payments 21, 10.5, 11, P20, P30 and P34.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

struct Credit;

// The order is made and waits for a bank transfer: what is due until when, and how to pay it. Not for orders
// that are paid at once. Once an order.
void mail_order_placed(db::Tx& tx, const Order& order);
// It is still unpaid. Once for each order and number of days that are left.
void mail_payment_reminder(db::Tx& tx, const Order& order, std::int64_t days_left);
// It was cancelled because it was not paid in time.
void mail_order_expired(db::Tx& tx, const Order& order);

// A payment was refused. `was_processing`: the buyer thought that it was on its way, and hears at once; else
// they saw it, and are written to after five minutes if nothing was paid by then.
void mail_payment_failed(db::Tx& tx, const Order& order, Id payment_id, bool was_processing);
// Money came in: a part of what is due, or the rest of it for an order that was paid before.
void mail_payment_received(db::Tx& tx, const Order& order, Id payment_id);

// Money came when it could not be used, and goes back.
enum class LatePayment {
  no_room,     // the tickets were sold to others
  not_needed,  // the order was paid or cancelled already
  change_gone  // for a change that was no longer possible
};
void mail_late_payment_refunded(db::Tx& tx, const Order& order, Id payment_id, LatePayment why);

// Somebody was given a credit, not by a refund that they hear of anyway.
void mail_credit_issued(db::Tx& tx, const Credit& credit);

// The conference does not take place: what goes back, and how.
void mail_conference_cancelled(db::Tx& tx, const Order& order);

// To staff: a buyer's bank takes a payment back. To everybody who may change this conference's finances, in
// their language; once for each dispute. How many are written to: 0 is for the caller to notice.
struct DisputeNews {
  std::string dispute_id;   // the provider's
  std::int64_t amount = 0;  // minor units
  std::string currency, reason;
  std::optional<Instant> respond_by;
};
int mail_dispute_opened(db::Tx& tx, const Order& order, const DisputeNews& news);

// To whoever holds a seat that is void now, at the address that it had. In the write that voids it.
void mail_seat_cancelled(db::Tx& tx, Id conference_id, Id seat_id, std::string_view email,
                         std::string_view name, std::string_view language);

}  // namespace plenary::registration
