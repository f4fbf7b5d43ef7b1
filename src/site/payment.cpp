// Paying an order: the sandbox's card form, played by ourselves.
// source: payments 21, 5.1 and 12; registration 20, D32; ground rules 15, 1.5.
#include <algorithm>

#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/registration/payment_fees.hpp"
#include "site/gathering.hpp"
#include "site/pages.hpp"
#include "site/pay_page.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using registration::ChargeOutcome;
using templating::Value;

PlayedCard card_of(const web::FormData& form) {
  return {std::string(trimmed(form["card_number"])), std::string(trimmed(form["card_expiry"])),
          std::string(trimmed(form["card_cvc"])), std::string(form["confirmation"])};
}

std::vector<Fault> check(const web::Request& request, const PlayedCard& card) {
  std::vector<Fault> faults;
  const auto digits =
      std::count_if(card.number.begin(), card.number.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool only = std::all_of(card.number.begin(), card.number.end(),
                                [](char c) { return (c >= '0' && c <= '9') || c == ' ' || c == '-'; });
  if (!only || digits < 12 || digits > 19) {
    faults.push_back({"card_number", tr(request, "Card number: enter the 12 to 19 digits of the card.")});
  }
  if (!card.confirmation.empty()) return faults;  // the answer to a challenge brings the number alone
  if (card.expiry.empty() || card.expiry.size() > 9) {
    faults.push_back({"card_expiry", tr(request, "Expiry: enter month and year, for example 12/29.")});
  }
  if (card.cvc.size() < 3 || card.cvc.size() > 4 || !whole_number(card.cvc)) {
    faults.push_back({"card_cvc", tr(request, "Security code: enter the 3 or 4 digits on the card.")});
  }
  return faults;
}

web::Response authentication_page(Site& site, web::Request& request, const OrderPage& order,
                                  const PlayedCard& card) {
  const Visit& visit = request.context<Visit>();
  Page page(site, request, "django_program/registration/pay_authenticate.html");
  set_order(page, site, order, visit);
  page.set("submission", Value(new_submission(request)));
  page.set("card", Value::dict({{"number", Value::borrowed(card.number)}}));
  return personal(page.html(), "authenticate");
}

web::Response show_pay(Site& site, web::Request& request) {
  const OrderPage* order = request.find_context<OrderPage>();
  if (!order) throw NotFound("no such order");
  if (order->order.status != registration::OrderStatus::pending && !(order->is_sold() && order->due() > 0))
    return see_other(order_url(site, request, OrderLink::detail), "");
  if (order->is_processing()) return see_other(order_url(site, request, OrderLink::confirmation), "");
  return pay_page(site, request, *order, {}, {}, 200, "");
}

std::string_view outcome_of(ChargeOutcome outcome) {
  switch (outcome) {
    case ChargeOutcome::succeeded:
      return "paid";
    case ChargeOutcome::processing:
      return "processing";
    case ChargeOutcome::declined:
      return "declined";
    case ChargeOutcome::needs_authentication:
      return "authenticate";
  }
  return {};
}

struct Paid {
  std::string outcome, message;
};

Task<web::Response> charge(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const PlayedCard card = card_of(request.form());
  std::vector<Fault> faults = check(request, card);
  if (!faults.empty()) {
    const std::optional<OrderPage> order = co_await read_order(site, request);
    if (!order) throw NotFound("no such order");
    co_return pay_page(site, request, *order, card, std::move(faults), 422, "invalid");
  }

  if (!site.plays_payments(visit.card_mode, *visit.catalogue))
    throw NotFound("cards are not played in this conference");
  const std::optional<Submission> submission = Submission::of(request, site.link_key);
  registration::ChargeRequest asked;
  asked.card_number = card.number;
  asked.confirmation = card.confirmation;
  if (!site.gateway.answers_at_once())
    throw std::logic_error("this page serves gateways that answer at once");
  const registration::Visitor visitor = visit.visitor(request, site.settings.security);
  const std::string account = account_key(visitor), form = submission ? submission->hash() : std::string();
  // Most orders have no more tickets; the codes of others are asked about with one trip more.
  const std::vector<std::string> codes = registration::draw_access_codes(site.shop, 2);
  auto asks = [&](db::Tx& tx) {
    if (submission) accounts::first_result(tx, submission->hash());
    find_order(tx, request, visit);
    registration::look_at_payment(tx, visit.conference->id, request.param("reference"), codes);
  };
  auto fn = [&](db::Tx& tx) {
    db::gather_for(tx, {form, visitor.session_hash, account});
    tx.ask_ahead([&] { asks(tx); });
    if (submission) {
      if (const auto first = accounts::first_result(tx, submission->hash())) {
        auto [outcome, message] = split_result(*first);
        return Paid{std::move(outcome), std::move(message)};
      }
    }
    std::optional<registration::Order> order = find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    // By its link, from elsewhere: its buyer may be ordering at this moment.
    const bool is_own =
        order->user_id ? order->user_id == visitor.user_id : order->session_hash == visitor.session_hash;
    if (!is_own) {
      db::gather_no_more(tx);
      order = find_order(tx, request, visit);
    }
    // Ways may be taken away from a real order: that makes it none for trying out.
    if (!order->is_sandbox && !site.is_development()) throw NotFound("a real order takes no play money");
    if (order->status == registration::OrderStatus::pending)
      registration::set_payment_fee(tx, *visit.catalogue, *order, registration::PayWay::card,
                                    {"site", "buyer", ""});
    const registration::PayResult result =
        registration::pay(tx, site.shop, site.gateway, *order, asked, codes);
    Paid paid{std::string(outcome_of(result.outcome)), result.message};
    if (submission && result.outcome != ChargeOutcome::needs_authentication) {
      accounts::record_result(tx, submission->hash(), order->conference_id, "pay",
                              paid.message.empty() ? paid.outcome : paid.outcome + " " + paid.message,
                              tx.now() + accounts::submission_life);
    }
    return paid;
  };
  std::optional<Refused> refused;
  Paid paid;
  try {
    paid = co_await site.db.write(visit.conference->id, "pay", asks, fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (!refused && (paid.outcome == "paid" || paid.outcome == "processing")) {
    co_return see_other(order_url(site, request, OrderLink::confirmation), paid.outcome);
  }

  const std::optional<OrderPage> order = co_await read_order(site, request);
  if (!order) throw NotFound("no such order");
  const bool is_open =
      order->order.status == registration::OrderStatus::pending || (order->is_sold() && order->due() > 0);
  if (refused && (!is_open || order->is_processing())) {
    web::flash(request, "info", tr(request, *refused));
    co_return see_other(order_url(site, request, OrderLink::confirmation), refused->code());
  }
  if (!refused && paid.outcome == "authenticate") co_return authentication_page(site, request, *order, card);
  faults.push_back({"", refused ? tr(request, *refused) : tr(request, paid.message)});
  co_return pay_page(site, request, *order, card, std::move(faults), 422,
                     refused ? refused->code() : paid.outcome);
}

}  // namespace

Task<web::Response> pay(Site& site, web::Request& request) {
  if (!web::is_safe(request.method())) co_return co_await charge(site, request);
  co_return show_pay(site, request);
}

}  // namespace plenary::site
