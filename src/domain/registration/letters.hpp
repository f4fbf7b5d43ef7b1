// Mail about orders and seats, and what is known of mail that did not arrive. Each function writes rows in
// the caller's transaction; the mail room (src/mail/messages.hpp) renders and sends after the commit. source:
// ground rules 15, 6; payments 21, 6 and 11; registration 20, D29 and D33.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// The confirmation, once an order. In the write that pays it: one statement that nobody waits for.
void mail_confirmation(db::Tx& tx, const Order& order);
// The same again, because the buyer asked for it.
void mail_confirmation_again(db::Tx& tx, const Order& order);

// It was cancelled: what goes back, and what is kept. Orders that nobody is told of: none.
void mail_order_cancelled(db::Tx& tx, const Order& order);
// Money is going back, or was.
void mail_refund(db::Tx& tx, const Order& order, Id refund_id);
// The organisers, or the buyer, changed it: once for each version of the order.
void mail_order_changed(db::Tx& tx, const Order& order);

// The order's link again: after a correction of the address, or for "find my order". Dropped when the link
// was replaced meanwhile.
void mail_order_link(db::Tx& tx, Id order_id, Id conference_id, std::int64_t link_version);

// The holder's link of a seat, to the seat's address. Dropped when the link was replaced meanwhile.
void mail_seat_link(db::Tx& tx, Id seat_id, Id conference_id, std::int64_t link_version);
// To the address that held the seat until now: it is another's, and the link they had is void.
void mail_seat_transferred(db::Tx& tx, Id seat_id, Id conference_id, std::string_view former_email,
                           std::string_view former_name, std::string_view language);

// Of the waiting list: "you are on it"; "these are yours until"; "the time is over". Each is dropped when it
// is moot by then.
struct WaitingEntry;
void mail_waiting_joined(db::Tx& tx, const WaitingEntry& entry);
void mail_waiting_offer(db::Tx& tx, const WaitingEntry& entry);
void mail_waiting_lapsed(db::Tx& tx, const WaitingEntry& entry);

// Warns the buyers of unpaid orders whose hold lapses within five minutes, when it lasted longer than that.
// Transfers that are to come have their own reminder. Once for each order and hold, however often it is
// called. Orders with an id above `after`, at most `limit`; the last id that was looked at, or nothing at the
// end.
inline constexpr Duration expiry_warning_ahead = Duration::minutes(5);
std::optional<Id> warn_of_expiry(db::Tx& tx, Id conference_id, Id after, int limit = 500);
// Conferences that have such orders.
std::vector<Id> conferences_to_warn(db::Tx& tx);

// The orders of a normalised address, newest first, cancelled ones left out: for "find my order". In one
// conference where that is given.
std::vector<Id> orders_of_email(db::Tx& tx, std::string_view email_normalized,
                                std::optional<Id> conference_id, int limit);

// Where the buyer of an order is reached: its billing address; without one that of their account, else what a
// guest gave. Empty: nowhere.
std::string buyer_address(db::Tx& tx, const Order& order);
// The same of many; those that are not there are left out.
struct BuyerAddress {
  Id order_id = 0;
  std::string email;
};
std::vector<BuyerAddress> buyer_addresses(db::Tx& tx, Id conference_id, const std::vector<Id>& orders);

// What staff and the buyer's page say about mail that did not arrive: `why` in English, for people, without
// the address. Nothing changes when the address is another by now; clearing what is clear writes nothing.
void mark_mail_problem(db::Tx& tx, Id order_id, std::string_view email, std::string_view why);
void clear_mail_problem(db::Tx& tx, Id order_id, std::string_view email);
void mark_seat_mail_problem(db::Tx& tx, Id seat_id, std::string_view email, std::string_view why);
void clear_seat_mail_problem(db::Tx& tx, Id seat_id, std::string_view email);

}  // namespace plenary::registration
