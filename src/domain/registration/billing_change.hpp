// Who an order is billed to, changed by its buyer until an invoice says it; afterwards by staff, who correct
// the invoice with it.
// What the taxes of the order came from stays as it was ordered. Functions of a transaction: one thread at a
// time; Refused before anything is written. source: taxes and invoices 25, 3.
#pragma once

#include <functional>

#include "db/tx.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

enum class BillingChange {
  none,        // invoiced, over, or nothing was due
  but_taxes,   // country, VAT number and business or not decided about its taxes: they stay
  everything,  // but the address of mail, which is corrected elsewhere (claims.hpp)
};
BillingChange billing_change(db::Tx& tx, const Catalogue& catalogue, const Order& order);
// What staff may change of an order that an invoice was issued of: they correct the invoice with it. `none`
// where nothing was issued, or the order is over.
BillingChange billing_correction(db::Tx& tx, const Catalogue& catalogue, const Order& order);

// `version` is that of the order as it was shown. Refused: "invoiced", "changed_meanwhile", or the first
// fault of check_billing with its field.
void change_billing(db::Tx& tx, const Catalogue& catalogue, Order& order, const Billing& wanted,
                    std::int64_t version, const Cause& cause);

// The same of an order that is invoiced; whoever calls issues the correction in the same transaction.
void correct_billing(db::Tx& tx, const Catalogue& catalogue, Order& order, const Billing& wanted,
                     std::int64_t version, const Cause& cause);

// Whether an invoice of an order was issued: the invoicing room says it. Until somebody is asked, none was.
// Not thread-safe: call at start only (domain/events.cpp).
using IsInvoiced = std::function<bool(db::Tx&, Id order_id)>;
void ask_whether_invoiced(IsInvoiced is_invoiced);

}  // namespace plenary::registration
