// What happens to a guest's cart when its owner signs in: its items move into the account's cart, its holds
// with them, in one write and so without a gap. Quantities are cut to the person's limits and to what is
// there. Functions of a transaction, in the conference's lane. source: registration 20, D29.
#pragma once

#include <string_view>
#include <vector>

#include "domain/registration/cart.hpp"

namespace plenary::registration {

// Conferences in which this browser has a current cart without an account, or an order.
std::vector<Id> conferences_of_guest(db::Tx& tx, std::string_view session_hash);

// The orders that this browser made as a guest follow it into its new session: the token it had opens them no
// more. Those of somebody else who was signed in there do not follow.
void move_orders(db::Tx& tx, const Visitor& guest, const Visitor& owner);

struct MergedCart {
  bool moved = false;      // there was something to move
  std::vector<Gone> gone;  // what had to be cut
};
// `guest`: the conference and the session's hash, without a user; `owner`: the same conference, with the
// user. The hold of the merged cart lasts as long as the longer one of both. A conference that sells nothing
// now leaves both as they are.
MergedCart merge_carts(db::Tx& tx, const Shop& shop, const Visitor& guest, const Visitor& owner);

}  // namespace plenary::registration
