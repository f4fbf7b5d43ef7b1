// The tax of an order whose buyer's VAT number could not be confirmed when it was ordered, because the
// service was silent: staff have it asked about again, and what the buyer owes the tax of is said anew
// without tax. What was paid for the tax is owed back then; documents follow. Functions of a transaction in
// the lane of the order's conference. source: taxes and invoices 25, 1.
#pragma once

#include "domain/registration/order_changes.hpp"
#include "domain/registration/vat_checks.hpp"

namespace plenary::registration {

// A business of another country with a number that was not confirmed, and a line whose tax it would owe.
bool may_owe_tax(const Catalogue& catalogue, const Order& order);

// By a check that says so; the order names it as its evidence. Refused before anything is written:
// "not_confirmed" (another number, or not valid), "no_change" (no line is of that kind), and what changes of
// lines are refused for.
ChangePlan take_tax_off(db::Tx& tx, const Shop& shop, Order& order, const VatCheck& check,
                        std::int64_t version, const Cause& cause);

}  // namespace plenary::registration
