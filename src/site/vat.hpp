// The VAT number of a business buyer at the review: asked for at the service outside of any transaction, its
// answer kept as evidence and used for a day. A service that is silent means that tax is charged. One
// request. Errors: Overloaded where the slow pool is full. source: taxes and invoices 25, 1.
#pragma once

#include <optional>
#include <string>

#include "base/task.hpp"
#include "domain/registration/taxes.hpp"
#include "domain/registration/vat_checks.hpp"
#include "site/values.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"

namespace plenary::site {

struct VatAnswer {
  // not_needed: nothing in the cart is taxed by who buys it, or they gave no number.
  enum class State { not_needed, confirmed, unknown, unavailable } state = State::not_needed;
  std::optional<registration::Id> check_id;  // of a confirmed one
  bool is_confirmed() const { return state == State::confirmed; }
};

// `cart` decides whether the number matters; null: only what is known already counts.
Task<VatAnswer> ask_about_vat_id(Site& site, web::Request& request, const CartPage* cart,
                                 const registration::Billing& billing);

// Asks the service about a number in normal form, whatever is known already, and keeps the answer. Silent, or
// none is there: `unavailable`.
Task<registration::VatCheck> look_up_vat_id(Site& site, web::Request& request, std::string vat_id);

registration::TaxParty tax_party(const registration::Billing& billing, const VatAnswer& answer);

}  // namespace plenary::site
