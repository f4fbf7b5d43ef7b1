// Orders: reading them, and the one place where their status changes. source: 20, 11 and D18.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/registration/cart.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// By the secret link: reference and token_hash of the token. Nothing for a wrong pair, whichever half is
// wrong.
std::optional<Order> find_by_secret(db::Tx& tx, Id conference_id, std::string_view reference,
                                    std::string_view secret_hash);
// Of a signed-in user.
std::optional<Order> find_of_user(db::Tx& tx, Id conference_id, std::string_view reference, Id user_id);
std::optional<Order> find_order(db::Tx& tx, Id order_id);
// What a browser ordered last and what came of it: for whoever comes back to an empty cart by the back button
// or after a lost answer. Cancelled orders are left out.
struct LatestOrder {
  std::string reference;
  std::int64_t link_version = 1;
  bool is_pending = false;
};
std::optional<LatestOrder> latest_order_of_session(db::Tx& tx, Id conference_id,
                                                   std::string_view session_hash);
std::vector<Payment> payments_of(db::Tx& tx, Id order_id);
// On PostgreSQL by the reference: may be asked ahead (Tx::ask_ahead) while the id is not known yet.
std::vector<Payment> payments_of(db::Tx& tx, Id order_id, std::string_view reference);
std::vector<Seat> seats_of(db::Tx& tx, Id order_id);
// Sum of succeeded payments, minor units.
std::int64_t amount_paid(db::Tx& tx, Id order_id);

// The transitions of 20, 11. `revived` is the late-payment rule of 21, 10.2. refunded: no unit is left of it;
// partially_refunded: money went back of what its lines were worth. refund_failed: the status follows from
// the sums again. source: 21, 9.3.
enum class Transition {
  paid,
  cancelled_by_buyer,
  cancelled_by_staff,
  expired,
  revived,
  partially_refunded,
  refunded,
  refund_failed
};
// Where and why a transition happened, kept with it.
struct Cause {
  std::string source;  // "checkout", "sandbox", "sweep", "job", "site", "admin"
  std::string actor;   // "buyer", user name, "system"
  std::string reason;
};
// What an order, as it is now, takes of each stock row; none of vouchers and discounts.
std::vector<HoldChange> stock_of(db::Tx& tx, const Shop& shop, const Order& order);

// Access codes for seats. source: 20, 3.6.
std::vector<std::string> draw_access_codes(const Shop& shop, std::int64_t count);

// Refused("illegal_transition") when the status does not allow it. Runs the paid effects exactly once.
// `codes`: drawn already for the seats that paying gives; what is missing is drawn here. source: 21, 6.
void apply(db::Tx& tx, const Shop& shop, Order& order, Transition transition, const Cause& cause,
           std::vector<std::string> codes = {});

// Buyer's cancellation of a pending order. Refused telling the status otherwise.
void cancel(db::Tx& tx, const Shop& shop, Order& order, const Cause& cause);

// What a pending order holds is kept until then, which is never earlier than before. Its hold must be live.
void extend_hold(db::Tx& tx, Order& order, Instant until);

// Cancelled because its time to be paid was over.
bool is_lapsed(db::Tx& tx, Id order_id);

// Cancels pending orders and closes carts whose hold has elapsed; stock does not wait for it. In pieces of
// `limit`; the number of rows it changed. source: 21, 8.
std::int64_t sweep_expired(db::Tx& tx, const Shop& shop, Id conference_id, int limit = 500);
// Conferences that have something to sweep.
std::vector<Id> conferences_to_sweep(db::Tx& tx);

}  // namespace plenary::registration
