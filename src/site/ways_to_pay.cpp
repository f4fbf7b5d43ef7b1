// What the page to pay asks for besides a played card: the provider's form, bank transfer, credits; and a
// person's own credits. The provider is asked on a pool of its own, never on an I/O thread or inside a
// transaction. source: payments 21, 5.1, 5.4, 12 and P30.
#include "base/pool.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/conference/credentials.hpp"
#include "domain/payments/card_payments.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/payment_terms.hpp"
#include "jobs/outbox.hpp"
#include "site/pages.hpp"
#include "site/pay_page.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using templating::Value;

web::Response told(web::Response response, std::string_view outcome) {
  response.no_store();
  response.set(outcome_header, std::string(outcome));
  return response;
}

// {"error": "hold_elapsed", "message": "…"}: the sentence is for the buyer.
web::Response problem(int status, std::string_view code, const std::string& text) {
  return told(web::Response::json(jobs::payload({{"error", code}, {"message", text}}), status), code);
}

// What came of asking the provider: a form, or why not.
struct Begun {
  payments::CardForm form;
  std::optional<Refused> refused;
  bool is_down = false, is_busy = false;
};

Begun begin(payments::CardPayments& cards, registration::Id conference, registration::Id order,
            const std::string& ip, Duration since) {
  Begun begun;
  try {
    begun.form = cards.begin(conference, order, ip, since);
  } catch (const Refused& refused) {
    begun.refused = refused;
  } catch (const payments::ProviderDown&) {
    begun.is_down = true;
  } catch (const conference::CredentialFault&) {
    begun.is_down = true;  // the organisers' pages say which key is wrong
  }
  return begun;
}

struct Found {
  registration::Id id = 0;
  std::string return_url;
};

// The provider does not answer: what the buyer can do instead, now.
std::string other_ways(db::Tx& tx, const web::Request& request, const Visit& visit,
                       registration::Id order_id) {
  const auto order = registration::find_order(tx, order_id);
  const bool transfer = order && (registration::payment_term_of(tx, *order) ||
                                  registration::transfer_term(*visit.catalogue, tx.now()));
  const bool credit = order && !registration::spendable_credits(tx, *visit.catalogue, *order).empty();
  if (transfer && credit)
    return tr(request,
              "Nothing was charged. You can pay by bank transfer or with your credit meanwhile, or try "
              "the card again in a minute.");
  if (transfer)
    return tr(request,
              "Nothing was charged. You can pay by bank transfer, or try the card again in a minute.");
  if (credit)
    return tr(request, "Nothing was charged. You can use your credit, or try the card again in a minute.");
  return tr(request, "Nothing was charged. Please try again in a minute.");
}

}  // namespace

Task<web::Response> begin_card(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  if (!site.cards || !visit.card_mode.is_offered || !visit.catalogue->payment.offers_card)
    co_return problem(409, "not_offered", tr(request, "Cards are not taken here at the moment."));
  const registration::Visitor visitor = visit.visitor(request, site.settings.security);
  auto find = [&](db::Tx& tx) {
    const std::optional<registration::Order> order = find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    const auto rates = registration::card_form_rates(site.shop, visitor, order->id);
    if (const auto again = accounts::count_rate(tx, registration::card_form_rate, rates))
      throw registration::too_many("too_many_tries", tx.now(), *again);
    return Found{order->id, payment_return_url(site, visit, *order)};
  };
  Found found;
  std::optional<Refused> refused;
  try {
    found = co_await site.db.write(visit.conference->id, "count card forms", find);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) co_return problem(429, refused->code(), tr(request, *refused));

  const std::string ip(request.client_address());
  // What counts is when they asked, not when somebody of the pool was free.
  const Duration since = site.cards->now();
  auto ask = [&] { return begin(*site.cards, visit.conference->id, found.id, ip, since); };
  Begun begun;
  try {
    begun = co_await site.cards->pool().run(ask);
  } catch (const Overloaded&) {
    begun.is_busy = true;
  }
  if (begun.refused) co_return problem(409, begun.refused->code(), tr(request, *begun.refused));
  if (begun.is_busy)
    co_return problem(503, "busy",
                      tr(request, "Many people are paying at this moment. Please try again in a minute."));
  if (begun.is_down) {
    auto look_for_ways = [&](db::Tx& tx) { return other_ways(tx, request, visit, found.id); };
    const std::string ways = co_await site.db.read(look_for_ways);
    co_return problem(
        503, "provider_down",
        tr(request, "Card payments are not available at this moment: the payment provider does not answer.") +
            " " + ways);
  }
  // The form may have been given more time.
  auto look = [&](db::Tx& tx) {
    const auto order = registration::find_order(tx, found.id);
    return order && order->hold_expires_at ? order->hold_expires_at->micros / 1'000'000 : std::int64_t{0};
  };
  const std::int64_t held_until = co_await site.db.read(look);
  const payments::CardForm& form = begun.form;
  const std::string amount =
      price_text(request, form.amount, visit.catalogue->currency, visit.catalogue->currency_symbol);
  const std::string body = jobs::payload({{"client_secret", form.client_secret},
                                          {"publishable_key", form.publishable_key},
                                          {"intent", form.intent_id},
                                          {"amount", form.amount},
                                          {"currency", form.currency},
                                          {"amount_text", amount},
                                          {"return_url", found.return_url},
                                          {"held_until", held_until},
                                          {"is_test", form.is_test}});
  co_return told(web::Response::json(body), "begun");
}

Task<web::Response> choose_transfer(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  auto fn = [&](db::Tx& tx) {
    std::optional<registration::Order> order = find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    return registration::choose_transfer(tx, site.shop, *order, {"site", "buyer", ""}).is_new;
  };
  std::optional<Refused> refused;
  bool is_new = false;
  try {
    is_new = co_await site.db.write(visit.conference->id, "choose transfer", fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
    const OrderLink to = refused->code() == "no_transfer" ? OrderLink::pay : OrderLink::detail;
    co_return see_other(order_url(site, request, to), refused->code());
  }
  if (is_new)
    web::flash(
        request, "success",
        tr(request, "Your tickets are kept for you until the money is here. We mailed you the account."));
  co_return see_other(order_url(site, request, OrderLink::pay), "transfer");
}

Task<web::Response> apply_credit(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t credit = whole_number(request.form()["credit"]).value_or(0);
  const std::optional<Submission> submission = Submission::of(request, site.link_key);
  auto fn = [&](db::Tx& tx) {
    if (submission) {
      if (const auto first = accounts::first_result(tx, submission->hash())) return *first;
    }
    std::optional<registration::Order> order = find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    const registration::AppliedCredit applied =
        registration::apply_credit(tx, site.shop, *order, credit, {"site", "buyer", "paid with a credit"});
    // A card form that is open somewhere asks for more than is due now.
    if (site.cards && !applied.became_paid) site.cards->cancel_later(tx, order->id);
    const std::string outcome = applied.due == 0 ? "paid" : "credited";
    if (submission)
      accounts::record_result(tx, submission->hash(), order->conference_id, "credit", outcome,
                              tx.now() + accounts::submission_life);
    return outcome;
  };
  std::optional<Refused> refused;
  std::string outcome;
  try {
    outcome = co_await site.db.write(visit.conference->id, "apply credit", fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
    // The page to pay knows where somebody belongs whose order asks for nothing any more.
    co_return see_other(order_url(site, request, OrderLink::pay), refused->code());
  }
  if (outcome == "paid") co_return see_other(order_url(site, request, OrderLink::confirmation), outcome);
  web::flash(request, "success", tr(request, "Your credit was used. Please pay the rest."));
  co_return see_other(order_url(site, request, OrderLink::pay), outcome);
}

// ---- a person's own credits

struct OwnCredits {
  std::vector<registration::CreditStatement> statements;
};

void load_credits(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  if (!visit.session || !visit.session->user_id) return;
  request.attach(
      OwnCredits{registration::credit_statements(tx, visit.conference->id, *visit.session->user_id)});
}

Task<web::Response> show_credits(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const Currency currency = visit.catalogue->currency;
  const OwnCredits& own = request.context<OwnCredits>();
  const auto order_link = [&](const std::string& reference) {
    return Value::dict({{"reference", Value(reference)},
                        {"url", Value(order_url(site, visit, OrderLink::detail, reference, ""))}});
  };
  std::int64_t available = 0;
  std::vector<Value> credits;
  for (const registration::CreditStatement& statement : own.statements) {
    const registration::Credit& credit = statement.credit;
    const bool is_over = credit.status == registration::CreditStatus::expired ||
                         (credit.expires_at && *credit.expires_at <= visit.now);
    const bool is_spent = !is_over && credit.remaining == 0;
    if (!is_over) available += credit.remaining;
    std::vector<Value> spent_on;
    for (const std::string& reference : statement.spent_on) spent_on.push_back(order_link(reference));
    const std::string status = is_over    ? tr(request, "Expired")
                               : is_spent ? tr(request, "Spent")
                                          : tr(request, "Available");
    credits.push_back(Value::dict(
        {{"amount", amount_value(credit.amount, currency)},
         {"remaining", amount_value(is_over ? 0 : credit.remaining, currency)},
         {"status", Value(std::string(is_over    ? "failed"
                                      : is_spent ? "refunded"
                                                 : "succeeded"))},
         {"status_display", Value(status)},
         {"created_at", Value(credit.created_at)},
         {"expires_at", credit.expires_at ? Value(*credit.expires_at) : Value()},
         {"source", statement.source_reference.empty() ? Value() : order_link(statement.source_reference)},
         {"spent_on", Value::list(std::move(spent_on))}}));
  }
  Page page(site, request, "django_program/registration/credits.html");
  page.set("credits", Value::list(std::move(credits)));
  page.set("available", amount_value(available, currency));
  page.set("orders_url", Value(url(site, visit, "registration:order-list")));
  co_return personal(page.html(), "");
}

}  // namespace plenary::site
