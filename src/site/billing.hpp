// Who an order is billed to, as a form: at checkout, on the review page as hidden fields, and on the order's
// page until an invoice is issued. Nothing due asks for name and address of mail alone. One thread, one
// request. source: taxes and invoices 25, 3; registration 20, 12.3; ground rules 15, 4.1 and 4.2.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/registration/types.hpp"
#include "site/page.hpp"
#include "templating/value.hpp"
#include "web/forms.hpp"
#include "web/request.hpp"

namespace plenary::site {

enum class BillingDetail {
  contact,  // name and address of mail
  full,
  later,      // of an order that is there: the address of mail is corrected elsewhere
  but_taxes,  // and what its taxes came from stays
};
inline BillingDetail billing_detail(std::int64_t total) {
  return total == 0 ? BillingDetail::contact : BillingDetail::full;
}

const web::FormSpec& billing_spec(BillingDetail detail);

struct BillingForm {
  web::Form form;
  registration::Billing billing;  // of a valid form
};
// The form's own checks first, then the registration room's rules, each field told once. What the form does
// not ask for is taken from `kept`.
BillingForm bind_billing(web::Request& request, BillingDetail detail, const registration::Billing& kept = {});
// Unbound, with what is known.
web::Form billing_form(BillingDetail detail, const registration::Billing& known);
// As it was typed, nothing checked: back from the review, or more time was asked for. Texts that are too long
// are left out.
registration::Billing typed_billing(const web::FormData& form);

// The variable `form`: as form_value, with the countries in the language of the page.
templating::Value billing_form_value(const web::Request& request, const web::Form& form);
// The variable `billing`: each member by its name, `country_name`, `address` as lines, and `fields`, the
// hidden ones ({name, value}) that carry it to the next step.
templating::Value billing_value(const web::Request& request, const registration::Billing& billing);

}  // namespace plenary::site
