// Checkout: the billing form, the review of everything once more, and the order.
// source: registration 20, 10 and 12.3; D28, D31, D32, D36; ground rules 15, 4.1 and 4.6.
#include "site/billing.hpp"
#include "site/campaign.hpp"
#include "site/consents.hpp"
#include "site/forms.hpp"
#include "site/gathering.hpp"
#include "site/pages.hpp"
#include "site/questions.hpp"
#include "site/shown_amount.hpp"
#include "site/text.hpp"
#include "site/vat.hpp"

#include <algorithm>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/accounts/typos.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/draft.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "i18n/countries.hpp"
#include "web/flash.hpp"
#include "web/forms.hpp"

namespace plenary::site {
namespace {

using templating::Value;

web::Response billing_page(Site& site, web::Request& request, const CartPage& cart, const web::Form& form,
                           const AnswerForm& answers, int status, std::string_view outcome) {
  Page page(site, request, "django_program/registration/checkout.html");
  set_cart(page, cart, request.context<Visit>());
  page.set("form", billing_form_value(request, form));
  set_questions(page, answers);
  std::vector<Fault> faults = faults_of(request, form);
  for (Fault& fault : answer_faults(request, answers)) faults.push_back(std::move(fault));
  page.faults(std::move(faults));
  return personal(page.html(status), outcome);
}

// Who buys, as far as the review knows, and the cart's prices for them.
struct Review {
  CartPage cart;
  registration::Billing billing;
  VatAnswer vat;
  std::int64_t total_before = 0, tax_before = 0;  // of a buyer whose country is not known
};

void reprice(const web::Request& request, Review& review) {
  const Visit& visit = request.context<Visit>();
  review.total_before = review.cart.view.quote.total;
  review.tax_before = review.cart.view.quote.tax;
  const registration::TaxParty party = tax_party(review.billing, review.vat);
  review.cart.view.quote = registration::quote_for(*visit.catalogue, review.cart.view, party, visit.now);
}

// What the buyer's country and number have changed, and what they have not.
void say_taxes(Page& page, const web::Request& request, const Review& review) {
  const registration::Quote& quote = review.cart.view.quote;
  const bool is_reverse = std::any_of(quote.lines.begin(), quote.lines.end(),
                                      [](const auto& line) { return line.applied_tax.reverse_charge; });
  if (is_reverse) {
    page.set("tax_notice", Value(tr(request,
                                    "Your VAT number is confirmed. You owe the tax in your own country "
                                    "(reverse charge), so none is charged here.")));
  } else if (quote.total != review.total_before || quote.tax != review.tax_before) {
    const std::string country = i18n::country_name(language_of(request), review.billing.country);
    page.set("tax_notice",
             Value(tr(request, "The tax is that of your country: {country}.", {{"country", country}})));
  }
  if (review.vat.state == VatAnswer::State::unavailable)
    page.set("vat_notice", Value(tr(request,
                                    "Your VAT number could not be checked at the moment, so tax is charged. "
                                    "Try again later, or order now and ask us to correct the invoice.")));
  if (review.vat.state == VatAnswer::State::not_needed) return;
  const bool is_confirmed = review.vat.is_confirmed();
  const std::string label = is_confirmed ? tr(request, "Confirmed") : tr(request, "Not confirmed");
  page.set("vat_state", Value::dict({{"is_confirmed", is_confirmed}, {"label", Value(label)}}));
}

web::Response review_page(Site& site, web::Request& request, const Review& review, const AnswerForm& answers,
                          std::vector<Fault> faults, const std::vector<registration::Gone>& gone, int status,
                          std::string_view outcome) {
  Page page(site, request, "django_program/registration/checkout_review.html");
  const Visit& visit = request.context<Visit>();
  set_cart(page, review.cart, visit);
  say_taxes(page, request, review);
  set_answers(page, answers);
  page.set("billing", billing_value(request, review.billing));
  page.set("email_suggestion", Value(accounts::likely_address(review.billing.email)));
  page.set("shown_total", review.cart.view.quote.total);
  page.set("submission", Value(new_submission(request)));
  const auto given = given_consents(request.form(), visit.catalogue->consents);
  page.set("consents", consents_value(site, request, visit, given, status != 200));
  page.set("sandbox", site.makes_test_orders(visit.card_mode, *visit.catalogue));
  for (std::string& text : gone_messages(request, gone)) faults.push_back({"", std::move(text)});
  page.faults(std::move(faults));
  return personal(page.html(status), outcome);
}

web::Response back_to_cart(Site& site, web::Request& request, std::string_view message,
                           std::string_view outcome) {
  web::flash(request, "error", message);
  return see_other(url(site, request.context<Visit>(), "registration:cart"), outcome);
}

// What has to be put right in the cart before anybody types a name. source: 20, 10; D3 and D37.
std::optional<std::string> cart_problem(const web::Request& request, const CartPage& cart) {
  const Visit& visit = request.context<Visit>();
  for (const registration::QuoteLine& line : cart.view.quote.lines) {
    if (line.needs_voucher)
      return tr(request, "{name} needs a voucher that unlocks it.", {{"name", line.description}});
  }
  if (cart.view.voucher && !cart.view.quote.voucher_is_valid)
    return tr(request, "The voucher {code} can no longer be used. Remove it from the cart to go on.",
              {{"code", cart.view.voucher->voucher.code}});
  const bool has_bought =
      visit.session && visit.session->user_id;  // perhaps: their minimums count at the end
  for (const Refused& broken :
       registration::broken_rules(*visit.catalogue, cart.view.items, {}, "", registration::Asked::ordering)) {
    if (!has_bought || broken.code() != "minimum") return tr(request, broken);
  }
  return std::nullopt;
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
  if (const auto problem = cart_problem(request, cart))
    return back_to_cart(site, request, *problem, "cart_problem");
  // What was typed before the cart lapsed, else what the account knows: nothing is asked twice.
  registration::Billing known = registration::draft_of(*cart.view.cart);
  const auto& session = request.context<Visit>().session;
  if (known.name.empty() && known.email.empty() && session && session->user_id) {
    known.name = session->user_name;
    known.email = session->user_email;
  }
  const web::Form form = billing_form(billing_detail(cart.view.quote.total), known);
  const AnswerForm answers =
      checkout_answers(request.context<Visit>(), cart, registration::answers_in(*cart.view.cart, cart.view.items));
  return billing_page(site, request, cart, form, answers, 200, "");
}

// An address that some product is not for is told beside its field.
void check_addresses(const web::Request& request, const CartPage& cart, BillingForm& bound) {
  if (!bound.form.errors("billing_email").empty()) return;
  for (const Refused& broken :
       registration::broken_rules(*request.context<Visit>().catalogue, cart.view.items, {},
                                  normalized_email(bound.billing.email), registration::Asked::ordering)) {
    if (broken.code() == "email_domain") bound.form.add_error(broken);
  }
}

Task<web::Response> show_review(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  CartPage* read = request.find_context<CartPage>();
  Review review;
  if (read) {
    review.cart = std::move(*read);
  } else {
    review.cart = co_await read_cart(site, request);
  }
  CartPage& cart = review.cart;
  if (cart.view.items.empty()) co_return back_to_cart(site, request, tr(request, empty_cart), "empty_cart");
  if (const auto problem = cart_problem(request, cart))
    co_return back_to_cart(site, request, *problem, "cart_problem");
  const BillingDetail detail = billing_detail(cart.view.quote.total);
  if (request.form().has("change")) {
    const registration::Billing typed = typed_billing(request.form());
    const web::Form form = billing_form(detail, typed);
    const AnswerForm before = checkout_answers(visit, cart, given_answers(request.form()));
    co_return billing_page(site, request, cart, form, before, 200, "");
  }
  BillingForm bound = bind_billing(request, detail);
  check_addresses(request, cart, bound);
  const AnswerForm answers = co_await bind_checkout_answers(site, request, cart);
  if (!bound.form.valid() || !answers.valid()) {
    co_await keep_typed_answers(site, request, answers);
    co_return billing_page(site, request, cart, bound.form, answers, 422, "invalid");
  }

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
      if (!answers.given.empty()) registration::keep_answers(tx, visitor, answers.given);
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
  review.billing = bound.billing;
  review.vat = co_await ask_about_vat_id(site, request, &cart, review.billing);
  if (review.vat.state == VatAnswer::State::unknown) {
    bound.form.add_error(
        "billing_vat_id", "unknown_vat_id",
        message("This number is not known to the VAT service. Correct it, or leave it empty: "
                "then tax is charged."));
    co_return billing_page(site, request, cart, bound.form, answers, 422, "invalid");
  }
  reprice(request, review);
  std::vector<Fault> faults;
  co_return review_page(site, request, review, answers, faults, gone, 200, "review");
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
  const auto shown_total = shown_amount(shown);
  if (shown.empty()) co_return co_await show_review(site, request);
  const BillingDetail detail = shown_total == 0 ? BillingDetail::contact : BillingDetail::full;
  const BillingForm bound = bind_billing(request, detail);
  if (!bound.form.valid()) {
    const CartPage cart = co_await read_cart(site, request);
    if (cart.view.items.empty()) co_return back_to_cart(site, request, tr(request, empty_cart), "empty_cart");
    const AnswerForm answers = co_await bind_checkout_answers(site, request, cart);
    co_return billing_page(site, request, cart, bound.form, answers, 422, "invalid");
  }

  const std::optional<Submission> submission = Submission::of(request, site.link_key);
  const registration::Visitor visitor = visit.visitor(request, site.settings.security);
  registration::CheckoutForm form;
  form.billing = bound.billing;
  const VatAnswer vat = co_await ask_about_vat_id(site, request, nullptr, form.billing);
  form.vat_check_id = vat.check_id;
  form.shown_total = shown_total.value_or(-1);  // no total of ours: refused as changed
  form.link_key = &site.link_key;
  form.language = language_of(request);
  form.is_sandbox = site.makes_test_orders(visit.card_mode, *visit.catalogue);
  form.consents = given_consents(request.form(), visit.catalogue->consents);
  form.campaign = kept_campaign(site, request);
  if (!visit.catalogue->questions.empty()) form.answers = given_answers(request.form());

  const std::string account = account_key(visitor), address = normalized_email(form.billing.email);
  const std::string sent = submission ? submission->hash() : std::string();
  auto asks = [&](db::Tx& tx) {
    if (submission) accounts::first_result(tx, submission->hash());
    registration::look_at_checkout(tx, site.shop, visitor, form.billing.email);
  };
  auto fn = [&](db::Tx& tx) {
    db::gather_for(tx, {sent, visitor.session_hash, account, address});
    tx.ask_ahead([&] { asks(tx); });
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
    placed = co_await site.db.write(visit.conference->id, "place order", asks, fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (!refused && !placed.outcome.empty()) {
    const OrderLink next = placed.outcome == "paid" ? OrderLink::confirmation : OrderLink::pay;
    const std::string token = registration::order_link_token(site.link_key, placed.order.reference, 1);
    co_return see_other(order_url(site, visit, next, placed.order.reference, token), placed.outcome);
  }

  // Nothing was ordered: everything once more, with what has changed and what was typed.
  Review again;
  again.cart = co_await read_cart(site, request);
  if (again.cart.view.items.empty()) {
    for (const std::string& text : gone_messages(request, placed.order.gone))
      web::flash(request, "warning", text);
    co_return back_to_cart(site, request, refused ? tr(request, *refused) : tr(request, nothing_left),
                           refused ? refused->code() : "sold_out");
  }
  AnswerForm answers = co_await bind_checkout_answers(site, request, again.cart);
  if (refused && refused->field().starts_with("answer_")) {  // a question that is new, a file that is gone
    if (answers.valid()) answers.faults.push_back(*refused);
    co_return billing_page(site, request, again.cart, bound.form, answers, 422, refused->code());
  }
  again.billing = bound.billing;
  again.vat = co_await ask_about_vat_id(site, request, &again.cart, again.billing);
  reprice(request, again);
  // The consents each with its box, whatever else was refused.
  std::vector<Fault> faults = consent_faults(request, visit.catalogue->consents, form.consents);
  if (refused && (refused->code() != "consent_required" || faults.empty()))
    faults.insert(faults.begin(), {"", refusal_text(request, *refused, again.cart, *visit.catalogue)});
  co_return review_page(site, request, again, answers, faults, placed.order.gone, 422,
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
