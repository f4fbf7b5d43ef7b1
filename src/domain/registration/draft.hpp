// What a buyer typed at checkout, kept with the cart: a cart that lapses keeps its list and this. Written
// only where something is written anyway, gone when the cart becomes an order. source: registration 20, D31.
#pragma once

#include <span>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// With the visitor's current cart; nothing happens without one. Part of the caller's write.
void keep_draft(db::Tx& tx, const Visitor& visitor, const Billing& billing);
// Empty texts where nothing was typed.
Billing draft_of(const Cart& cart);

// The answers of the same page, beside it, and of which ticket each is: for the cart's items as they are now.
void keep_answers(db::Tx& tx, const Visitor& visitor, std::span<const GivenAnswer> answers);
// At the positions that their tickets have among `items`: whatever was added or taken out since, each ticket
// keeps its own. Of several of one kind the last ones are those that went.
std::vector<GivenAnswer> answers_in(const Cart& cart, std::span<const CartItem> items);

}  // namespace plenary::registration
