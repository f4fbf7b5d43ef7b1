// Checkout: a cart becomes an order, all of it or nothing. source: 20, 10 with D2-D7, D16, D28, D29, D32-D36.
#pragma once

#include <string>
#include <vector>

#include "base/signing.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/consents.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// Where the buyer came from: utm_source and so on of the first address that was opened. Each at most 200
// characters without control characters. source: 20, 3.5 and D19.
struct Campaign {
  std::string source, medium, campaign;
};

struct CheckoutForm {
  Billing billing;
  std::int64_t shown_total =
      0;  // minor units the review page displayed; another total refuses ("price_changed")
  const SigningKey* link_key = nullptr;  // derives the order's secret link (links.hpp); never null
  std::string language = "en";
  std::vector<GivenConsent> consents;  // what was ticked
  std::vector<GivenAnswer> answers;    // to the questions of order and tickets
  Campaign campaign;
  std::optional<Id> vat_check_id;  // what a service said about billing.vat_id, for this conference
  bool is_sandbox = true;          // the conference takes sandbox payments: the order is marked for ever
};

struct PlacedOrder {
  Id order_id = 0;  // 0: nothing was ordered, see gone
  std::string reference;
  bool is_paid = false;    // nothing was due
  std::vector<Gone> gone;  // the cart had lapsed and this is no longer to be had; the rest is held again
};

// The reads that place_order begins with; for Tx::ask_ahead.
void look_at_checkout(db::Tx& tx, const Shop& shop, const Visitor& visitor, std::string_view email);

// Refused codes: empty_cart, already_ordered, unavailable, sold_out, limit, requires_ticket, price_changed,
// too_many_held, sales_closed, consent_required (lists all of them), voucher_required, voucher_invalid,
// used_up (a discount's last units went to others: look at the price again), variation, minimum,
// email_domain, and the first of those of questions.hpp, with its field. Holds move from the cart to the
// order without a gap.
PlacedOrder place_order(db::Tx& tx, const Shop& shop, const Visitor& visitor, const CheckoutForm& form);

// Checks of the billing form; empty list: all right. Each entry is a field and a message, with {name} places.
struct FieldFault {
  std::string field, text;
  Refused::Arguments arguments = {};
};
std::vector<FieldFault> check_billing(const Billing& billing);

}  // namespace plenary::registration
