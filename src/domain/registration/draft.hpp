// What a buyer typed at checkout, kept with the cart: a cart that lapses keeps its list and this. Written
// only where something is written anyway, gone when the cart becomes an order. source: registration 20, D31.
#pragma once

#include "db/tx.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// With the visitor's current cart; nothing happens without one. Part of the caller's write.
void keep_draft(db::Tx& tx, const Visitor& visitor, const Billing& billing);
// Empty texts where nothing was typed.
Billing draft_of(const Cart& cart);

}  // namespace plenary::registration
