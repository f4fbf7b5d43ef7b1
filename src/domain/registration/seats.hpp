// Seats: one for each ticket unit of a paid order, each with its access code. The buyer names them and mails
// their links; a holder sees and manages one seat alone; a seat changes hands until a deadline, which voids
// its code and its link. Every change leaves a seat_event. Functions of a transaction: one thread at a time;
// changes run in the conference's lane. Refused codes: seat_void, checked_in, too_late, needs_transfer,
// seat_changed, too_many_mails, same_holder, invalid_name, invalid_email. source: registration 20, D26 and
// D33; onsite 30, 2.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/signing.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

inline constexpr std::size_t longest_holder_name = 200;  // characters
inline constexpr std::int64_t seat_mails_per_hour = 20;  // of one order, and at least two a seat

// Staff are held up by no deadline, and correct what holders have confirmed.
enum class SeatActor { buyer, holder, staff };
// open: nobody is named. named: the buyer wrote a name. invited: the link was mailed. confirmed: the holder
// has named themselves.
enum class SeatState { open, named, invited, confirmed };
std::string_view to_text(SeatState);
SeatState state_of(const Seat& seat);

// A seat with what its order says about it.
struct HeldSeat {
  Seat seat;
  Id conference_id = 0;
  OrderStatus order_status = OrderStatus::pending;
  std::string order_reference, order_language;
  std::string buyer_name, buyer_email;
  std::optional<Id> buyer_user_id;
  bool is_sandbox = false;
  std::int64_t seats_in_order = 0;  // active ones
  // Whether it opens a door: active, of an order that is paid, wholly or in part still.
  bool is_valid() const;
};

// Of any conference: for mail and documents, which have the id from a row.
std::optional<HeldSeat> find_seat(db::Tx& tx, Id seat_id);
// By its own link (links.hpp). Nothing for a wrong token, a replaced link, a seat of another conference.
std::optional<HeldSeat> find_seat_by_link(db::Tx& tx, const SigningKey& key, Id conference_id, Id seat_id,
                                          std::string_view token);
// Of an order that the caller has found through its owner or its link. Active seats alone.
std::optional<HeldSeat> find_seat_of_order(db::Tx& tx, const Order& order, Id seat_id);

// Until when seats change hands: as the conference says, else until its first day begins in its zone.
Instant transfer_deadline(const Catalogue& catalogue);

struct Holder {
  std::string name, email;
};
// All problems together; empty: all right. A name is needed unless only the link is mailed.
std::vector<Refused> check_holder(const Holder& holder, bool name_needed, bool email_needed);

// What every change needs to know.
struct SeatChange {
  const Shop& shop;
  const Catalogue& catalogue;
  SeatActor actor = SeatActor::buyer;
  std::int64_t link_version = 0;  // as the form showed the seat; another one refuses ("seat_changed"). 0: any
  std::string language = {};      // of the person who acts; a holder's is kept
};

// The buyer writes who sits there. Another address than the one its link was mailed to needs a transfer. With
// the buyer's own address the seat is the buyer's account's too.
void name_seat(db::Tx& tx, const SeatChange& change, HeldSeat& seat, Holder holder);
// The same, and the link is mailed to the address. Again to the same address: mailed again.
void send_seat_link(db::Tx& tx, const SeatChange& change, HeldSeat& seat, Holder holder);
// The holder says who they are. The address stays: another one needs a transfer. `user_id` of a signed-in
// person whose verified address this is.
void confirm_seat(db::Tx& tx, const SeatChange& change, HeldSeat& seat, std::string name,
                  std::optional<Id> user_id = {});
// To somebody else: the access code and the link so far are void, the new holder is mailed theirs and the
// former one a note.
void transfer_seat(db::Tx& tx, const SeatChange& change, HeldSeat& seat, Holder holder);
// Who holds it stays, answers stay; access code and link so far are void: for a ticket that was lost, or seen
// by others. `mails_link`: the holder is mailed the new link; Refused ("no_address") without an address.
void reissue_seat(db::Tx& tx, const SeatChange& change, HeldSeat& seat, bool mails_link);
// The buyer takes it back: nobody is named, code and link so far are void, who was invited is told.
void withdraw_seat(db::Tx& tx, const SeatChange& change, HeldSeat& seat);

// What a page offers; the functions above decide.
struct SeatOffer {
  bool may_name = false;  // or confirm
  bool may_send = false;
  bool may_transfer = false;
  bool may_withdraw = false;
  bool may_reissue = false;  // by staff
};
SeatOffer offer_of(const HeldSeat& seat, const Catalogue& catalogue, SeatActor actor, Instant now);

struct SeatEvent {
  Instant created_at;
  std::string kind, actor, detail;
};
std::vector<SeatEvent> seat_events(db::Tx& tx, Id seat_id);  // oldest first
// What reissue_seat leaves: an event "assigned" with this detail, which begins with a blank, as no name does.
inline constexpr std::string_view reissued_detail = " new code";
inline bool is_reissue(const SeatEvent& event) {
  return event.detail == reissued_detail;
}

// Own orders of a person in a conference, newest first, at most `limit`.
struct ListedOrder {
  std::string reference;
  OrderStatus status = OrderStatus::pending;
  std::int64_t total = 0;
  std::string currency;
  Instant created_at;
  bool is_sandbox = false;
};
std::vector<ListedOrder> orders_of_user(db::Tx& tx, Id conference_id, Id user_id, int limit = 200);
// Valid seats in orders of others that this person holds: as their account, or under their address where that
// was verified (normalized; empty: it was not). Newest first.
std::vector<HeldSeat> seats_held_by(db::Tx& tx, Id conference_id, Id user_id, std::string_view verified_email,
                                    int limit = 200);

// Valid seats that nobody is named for: for reminders and lists of the staff.
std::vector<HeldSeat> unassigned_seats(db::Tx& tx, Id conference_id, Id after_id = 0, int limit = 500);

}  // namespace plenary::registration
