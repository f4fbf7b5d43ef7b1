// Checkout: the billing form, the review of everything once more, and the order.
// source: registration 20, 10 and 12.3; D28, D31, D32, D36; ground rules 15, 4.1 and 4.6.
#include "site/campaign.hpp"
#include "site/consents.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

#include <map>

#include "base/codes.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/accounts/typos.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/draft.hpp"
#include "domain/registration/links.hpp"
#include "web/flash.hpp"
#include "web/forms.hpp"

namespace plenary::site {
namespace {

using templating::Value;

const web::FormSpec& billing_spec() {
  static const web::FormSpec spec({
      {.name = "billing_name", .label = message("Name"), .max_length = 200, .autocomplete = "name"},
      {.name = "billing_email",
       .label = message("E-mail address"),
       .kind = web::FieldKind::email,
       .max_length = 254,
       .help = message("The confirmation and your tickets go to this address."),
       .autocomplete = "email"},
      {.name = "billing_company",
       .label = message("Company"),
       .required = false,
       .max_length = 200,
       .autocomplete = "organization"},
  });
  return spec;
}

struct BillingForm {
  web::Form form;
  registration::Billing billing;
};

// The form's own checks first, then the registration room's rules, each field told once.
BillingForm billing_of(web::Request& request) {
  BillingForm bound{web::Form::bind(billing_spec(), request.form()), {}};
  if (!bound.form.valid()) return bound;
  bound.billing = {bound.form.text("billing_name"), bound.form.text("billing_email"),
                   bound.form.text("billing_company")};
  for (const registration::FieldFault& fault : registration::check_billing(bound.billing)) {
    bound.form.add_error(fault.field, "invalid", fault.text, fault.arguments);
  }
  return bound;
}

// Back from the review to the form: nothing is asked twice. source: ground rules 15, 4.2.
std::map<std::string, std::string> typed_before(web::Request& request) {
  std::map<std::string, std::string> typed;
  for (const web::Field& field : billing_spec().fields()) typed[field.name] = request.form()[field.name];
  return typed;
}

void set_cart(Page& page, const CartPage& cart, const registration::Catalogue& catalogue) {
  page.set("cart", cart_value(cart, catalogue));
  page.set("items", cart_items_value(cart, catalogue));
  page.set("subtotal", amount_value(cart.view.quote.subtotal, catalogue.currency));
  page.set("discount", amount_value(cart.view.quote.discount, catalogue.currency));
  page.set("total", amount_value(cart.view.quote.total, catalogue.currency));
}

web::Response billing_page(Site& site, web::Request& request, const CartPage& cart, const web::Form& form,
                           int status, std::string_view outcome) {
  Page page(site, request, "django_program/registration/checkout.html");
  set_cart(page, cart, *request.context<Visit>().catalogue);
  page.set("form", form_value(request, form));
  page.faults(faults_of(request, form));
  return personal(page.html(status), outcome);
}

web::Response review_page(Site& site, web::Request& request, const CartPage& cart,
                          const registration::Billing& billing, std::vector<Fault> faults,
                          const std::vector<registration::Gone>& gone, int status, std::string_view outcome) {
  Page page(site, request, "django_program/registration/checkout_review.html");
  set_cart(page, cart, *request.context<Visit>().catalogue);
  page.set("billing", Value::dict({{"name", Value::borrowed(billing.name)},
                                   {"email", Value::borrowed(billing.email)},
                                   {"company", Value::borrowed(billing.company)}}));
  page.set("email_suggestion", Value(accounts::likely_address(billing.email)));
  page.set("shown_total", cart.view.quote.total);
  page.set("submission", Value(new_submission(request)));
  const Visit& visit = request.context<Visit>();
  const auto given = given_consents(request.form(), visit.catalogue->consents);
  page.set("consents", consents_value(site, request, visit, given, status != 200));
  page.set("sandbox", site.gateway.method() == registration::PaymentMethod::sandbox);
  for (std::string& text : gone_messages(request, gone)) faults.push_back({"", std::move(text)});
  page.faults(std::move(faults));
  return personal(page.html(status), outcome);
}

web::Response back_to_cart(Site& site, web::Request& request, std::string_view message,
                           std::string_view outcome) {
  web::flash(request, "error", message);
  return see_other(url(site, request.context<Visit>(), "registration:cart"), outcome);
}

constexpr const char* empty_cart = message("Your cart is empty. Choose a ticket first.");
constexpr const char* nothing_left = message("Nothing of your cart is available any more.");

// A total is written as the page's language writes prices.
std::string refusal_text(const web::Request& request, const Refused& refused, const CartPage& cart,
                         const registration::Catalogue& catalogue) {
  if (refused.code() != "price_changed") return tr(request, refused);
  return tr(
      request, refused.text(),
      {{"total", price_text(request, cart.view.quote.total, catalogue.currency, catalogue.currency_symbol)}});
}

web::Response show_billing(Site& site, web::Request& request) {
  const CartPage& cart = request.context<CartPage>();
  if (cart.view.items.empty()) return back_to_cart(site, request, tr(request, empty_cart), "empty_cart");
  // What was typed before the cart lapsed, else what the account knows: nothing is asked twice.
  registration::Billing known = registration::draft_of(*cart.view.cart);
  const auto& session = request.context<Visit>().session;
  if (known.name.empty() && known.email.empty() && session && session->user_id)
    known = {session->user_name, session->user_email, {}};
  const web::Form form(
      billing_spec(),
      {{"billing_name", known.name}, {"billing_email", known.email}, {"billing_company", known.company}});
  return billing_page(site, request, cart, form, 200, "");
}

Task<web::Response> show_review(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  CartPage* read = request.find_context<CartPage>();
  CartPage cart;
  if (read) {
    cart = std::move(*read);
  } else {
    cart = co_await read_cart(site, request);
  }
  if (cart.view.items.empty()) co_return back_to_cart(site, request, tr(request, empty_cart), "empty_cart");
  if (request.form().has("change")) {
    const web::Form typed(billing_spec(), typed_before(request));
    co_return billing_page(site, request, cart, typed, 200, "");
  }
  const BillingForm bound = billing_of(request);
  if (!bound.form.valid()) co_return billing_page(site, request, cart, bound.form, 422, "invalid");

  // Nothing is written here but a hold that is about to lapse. source: 20, D31.
  std::vector<registration::Gone> gone;
  if (registration::is_about_to_lapse(*cart.view.cart, visit.now)) {
    const registration::Visitor visitor = visit.visitor(request, site.settings.security);
    const bool lapsed = cart.view.lapsed;
    auto fn = [&](db::Tx& tx) {
      std::vector<registration::Gone> lost;
      if (lapsed) {
        lost = registration::renew(tx, site.shop, visitor).gone;
      } else {
        registration::renew_if_about_to_lapse(tx, site.shop, visitor);
      }
      registration::keep_draft(tx, visitor, bound.billing);
      return lost;
    };
    std::optional<Refused> refused;
    try {
      gone = co_await site.db.write(visit.conference->id, "renew cart", fn);
    } catch (const Refused& reason) {
      refused = reason;
    }
    if (refused) co_return back_to_cart(site, request, tr(request, *refused), refused->code());
    cart = co_await read_cart(site, request);
    if (cart.view.items.empty()) {
      for (const std::string& text : gone_messages(request, gone)) web::flash(request, "warning", text);
      co_return back_to_cart(site, request, tr(request, nothing_left), "sold_out");
    }
  }
  co_return review_page(site, request, cart, bound.billing, {}, gone, 200, "review");
}

struct Placed {
  registration::PlacedOrder order;
  std::string outcome;
  bool repeated = false;
};

Task<web::Response> place_order(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  // A form that does not say which total it showed was no review: show it. source: 20, D28 and D36.
  const std::string_view shown = request.form()["shown_total"];
  const auto shown_total = whole_number(shown.substr(0, 9));
  if (shown.empty()) co_return co_await show_review(site, request);
  const BillingForm bound = billing_of(request);
  if (!bound.form.valid()) {
    const CartPage cart = co_await read_cart(site, request);
    if (cart.view.items.empty()) co_return back_to_cart(site, request, tr(request, empty_cart), "empty_cart");
    co_return billing_page(site, request, cart, bound.form, 422, "invalid");
  }

  const std::optional<Submission> submission = Submission::of(request, site.link_key);
  const registration::Visitor visitor = visit.visitor(request, site.settings.security);
  registration::CheckoutForm form;
  form.billing = bound.billing;
  form.shown_total = shown_total.value_or(-1);  // no total of ours: refused as changed
  form.link_key = &site.link_key;
  form.language = language_of(request);
  form.is_sandbox = site.gateway.method() == registration::PaymentMethod::sandbox;
  form.consents = given_consents(request.form(), visit.catalogue->consents);
  form.campaign = kept_campaign(site, request);

  auto fn = [&](db::Tx& tx) {
    tx.ask_ahead([&] {
      if (submission) accounts::first_result(tx, submission->hash());
      registration::look_at_checkout(tx, site.shop, visitor, form.billing.email);
    });
    if (submission) {
      if (const auto first = accounts::first_result(tx, submission->hash())) {
        auto [outcome, reference] = split_result(*first);
        Placed placed;
        placed.order.reference = std::move(reference);
        placed.outcome = std::move(outcome);
        placed.repeated = true;
        return placed;
      }
    }
    Placed placed;
    placed.order = registration::place_order(tx, site.shop, visitor, form);
    if (placed.order.order_id == 0) return placed;
    placed.outcome = placed.order.is_paid ? "paid" : "ordered";
    if (submission) {
      accounts::record_result(tx, submission->hash(), visitor.conference_id, "order",
                              placed.outcome + " " + placed.order.reference,
                              tx.now() + accounts::submission_life);
    }
    return placed;
  };
  std::optional<Refused> refused;
  Placed placed;
  try {
    placed = co_await site.db.write(visit.conference->id, "place order", fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (!refused && !placed.outcome.empty()) {
    const OrderLink next = placed.outcome == "paid" ? OrderLink::confirmation : OrderLink::pay;
    const std::string token = registration::order_link_token(site.link_key, placed.order.reference, 1);
    co_return see_other(order_url(site, visit, next, placed.order.reference, token), placed.outcome);
  }

  // Nothing was ordered: everything once more, with what has changed and what was typed.
  const CartPage cart = co_await read_cart(site, request);
  if (cart.view.items.empty()) {
    for (const std::string& text : gone_messages(request, placed.order.gone))
      web::flash(request, "warning", text);
    co_return back_to_cart(site, request, refused ? tr(request, *refused) : tr(request, nothing_left),
                           refused ? refused->code() : "sold_out");
  }
  // The consents each with its box, whatever else was refused.
  std::vector<Fault> faults = consent_faults(request, visit.catalogue->consents, form.consents);
  if (refused && (refused->code() != "consent_required" || faults.empty()))
    faults.insert(faults.begin(), {"", refusal_text(request, *refused, cart, *visit.catalogue)});
  co_return review_page(site, request, cart, bound.billing, std::move(faults), placed.order.gone, 422,
                        refused ? refused->code() : "sold_out");
}

}  // namespace

Task<web::Response> checkout(Site& site, web::Request& request) {
  if (auto answer = sign_in_first(request)) co_return std::move(*answer);
  if (!web::is_safe(request.method())) co_return co_await place_order(site, request);
  if (!request.context<Visit>().conference->sells()) {
    web::flash(request, "warning", tr(request, message("Ticket sales for this conference are closed.")));
    co_return see_other(url(site, request.context<Visit>(), "registration:ticket-select"), "sales_closed");
  }
  co_return show_billing(site, request);
}

Task<web::Response> review(Site& site, web::Request& request) {
  if (auto answer = sign_in_first(request)) co_return std::move(*answer);
  if (!web::is_safe(request.method())) co_return co_await show_review(site, request);
  co_return see_other(url(site, request.context<Visit>(), "registration:checkout"), "");
}

}  // namespace plenary::site
