#include "site/pay_page.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/iban.hpp"
#include "documents/qr_code.hpp"
#include "domain/payments/card_payments.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_terms.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::site {
namespace {

using templating::Value;

Value invalid_fields(const std::vector<Fault>& faults) {
  std::vector<std::pair<std::string, Value>> fields;
  for (const Fault& fault : faults) {
    if (!fault.field.empty()) fields.emplace_back(fault.field, Value::borrowed(fault.message));
  }
  return Value::dict(std::move(fields));
}

// "https://js.stripe.com" of "https://js.stripe.com/v3/".
std::string origin_of(std::string_view url) {
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos) return {};
  return std::string(url.substr(0, url.find('/', host + 3)));
}

// What the provider's script needs: its own scripts and frames, its interface, the banks' pages in its
// frames, and wallets. source: docs.stripe.com/security/guide, content security policy.
void admit_provider(web::Response& response, const std::string& origin) {
  response.allow("script-src", origin);
  response.allow("frame-src", origin);
  if (origin == "https://js.stripe.com") {
    response.allow("script-src", "https://*.js.stripe.com");
    response.allow("frame-src", "https://*.js.stripe.com");
    response.allow("frame-src", "https://hooks.stripe.com");
    response.allow("connect-src", "https://api.stripe.com");
  } else {
    response.allow("connect-src", origin);
  }
  response.set("Permissions-Policy",
               fmt::format("camera=(self), microphone=(), geolocation=(), payment=(self \"{}\")", origin));
}

// Before anybody has chosen a way. What is left of a fee whose way was chosen, where nothing else is.
std::int64_t due_without_fee(const OrderPage& order) {
  if (order.is_sold()) return order.due();
  const std::int64_t due = registration::due_without_fee(order.order, order.paid);
  return due > 0 ? due : order.due();
}

// As it was announced, whatever form was opened since.
std::int64_t due_by_transfer(const OrderPage& order, const registration::Catalogue& catalogue) {
  return registration::balance_of(catalogue, order.order, &*order.term, order.due() + order.paid, order.paid);
}

Value transfer_value(const OrderPage& order, const registration::Catalogue& catalogue) {
  const std::int64_t amount = due_by_transfer(order, catalogue);
  const registration::TransferDetails details =
      registration::transfer_details(catalogue, order.order, amount);
  const std::string code = registration::epc_text(details);
  return Value::dict({{"account_holder", Value(details.account_holder)},
                      {"iban", Value(shown_iban(details.iban))},
                      {"bic", Value(details.bic)},
                      {"bank_name", Value(details.bank_name)},
                      {"instructions", Value(details.instructions)},
                      {"reference", Value(details.reference)},
                      {"amount", amount_value(details.amount, catalogue.currency)},
                      {"until", Value(order.is_sold() ? order.term->ends_at : *order.order.hold_expires_at)},
                      {"code", code.empty() ? Value() : Value::safe(documents::qr_svg(code))}});
}

// What each way costs beside, before anybody chooses; and what is due without.
void set_fees(Page& page, const OrderPage& order, const registration::Catalogue& catalogue) {
  const std::int64_t base = due_without_fee(order);
  const bool is_fee_left = !order.is_sold() && registration::due_without_fee(order.order, order.paid) <= 0;
  bool any = false;
  const auto set = [&](std::string_view name, std::int64_t total) {
    if (total == base) return;
    any = true;
    page.set(name, Value::dict({{"fee", amount_value(total - base, catalogue.currency)},
                                {"total", amount_value(total, catalogue.currency)}}));
  };
  const auto with_fee = [&](registration::PayWay way) {
    return is_fee_left ? base : base + registration::payment_fee(catalogue, order.order, way, base);
  };
  set("card_fee", with_fee(registration::PayWay::card));
  set("transfer_fee",
      order.term ? due_by_transfer(order, catalogue) : with_fee(registration::PayWay::transfer));
  if (any || base != order.due()) page.set("due_without_fee", amount_value(base, catalogue.currency));
}

}  // namespace

PayWays ways_to_pay(const Site& site, const Visit& visit, const OrderPage& order) {
  const registration::Catalogue& catalogue = *visit.catalogue;
  PayWays ways;
  // An order for trying out is paid with play money alone, a real one never.
  ways.cards = site.cards && visit.card_mode.is_offered && catalogue.payment.offers_card &&
               visit.card_mode.is_test == order.order.is_sandbox;
  ways.played =
      site.plays_payments(visit.card_mode, catalogue) && (order.order.is_sandbox || site.is_development());
  if (!order.order.hold_is_live(visit.now) && !(order.is_sold() && order.due() > 0)) return ways;
  ways.transfer_chosen = order.term.has_value();
  if (!ways.transfer_chosen) ways.transfer_until = registration::transfer_term(catalogue, visit.now);
  return ways;
}

web::Response pay_page(Site& site, web::Request& request, const OrderPage& order, const PlayedCard& card,
                       std::vector<Fault> faults, int status, std::string_view outcome) {
  const Visit& visit = request.context<Visit>();
  const registration::Catalogue& catalogue = *visit.catalogue;
  Page page(site, request, "django_program/registration/pay.html");
  set_order(page, site, order, visit);
  const PayWays ways = ways_to_pay(site, visit, order);
  const auto link = [&](std::string_view name, OrderLink to) {
    page.set(name, Value(order_url(site, visit, to, order.order.reference, order.token)));
  };
  page.set("takes_cards", ways.cards);
  page.set("plays_cards", ways.played);
  page.set("has_way", ways.any());
  if (ways.cards) {
    link("intent_url", OrderLink::pay_intent);
    page.set("card_script", Value(site.cards->js_url()));
    page.set("return_url", Value(payment_return_url(site, visit, order.order)));
    // Alone, the form is there at once; beside others it is one choice.
    page.set("card_first", !ways.transfer_until && !ways.transfer_chosen && order.credits.empty());
  }
  if (ways.transfer_until || ways.transfer_chosen) link("transfer_url", OrderLink::pay_transfer);
  if (ways.transfer_until) page.set("transfer_until", Value(*ways.transfer_until));
  if (ways.transfer_chosen) page.set("transfer", transfer_value(order, catalogue));
  set_fees(page, order, catalogue);
  page.set("term_days", Value(catalogue.payment.term_days));
  if (!order.credits.empty()) {
    std::vector<Value> credits;
    // A change that waits is not paid with credits.
    const std::int64_t pays = due_without_fee(order) - (order.waiting ? order.waiting->difference : 0);
    for (const registration::Credit& credit : order.credits) {
      const std::int64_t used = std::min(credit.remaining, pays);
      credits.push_back(Value::dict(
          {{"id", Value(credit.id)},
           {"remaining", amount_value(credit.remaining, catalogue.currency)},
           {"used", amount_value(used, catalogue.currency)},
           {"pays_all", used == due_without_fee(order)},
           {"stays",
            credit.remaining > used ? amount_value(credit.remaining - used, catalogue.currency) : Value()},
           {"expires_at", credit.expires_at ? Value(*credit.expires_at) : Value()},
           {"submission", Value(new_submission(request))}}));
    }
    page.set("credits", Value::list(std::move(credits)));
    link("apply_credit_url", OrderLink::apply_credit);
  }
  page.set("submission", Value(new_submission(request)));
  page.set("card",
           Value::dict({{"number", Value::borrowed(card.number)}, {"expiry", Value::borrowed(card.expiry)}}));
  page.set("invalid", invalid_fields(faults));
  page.faults(std::move(faults));
  web::Response response = page.html(status);
  if (ways.cards) admit_provider(response, origin_of(site.cards->js_url()));
  return personal(std::move(response), outcome);
}

std::string payment_return_url(const Site& site, const Visit& visit, const registration::Order& order) {
  const std::string token =
      registration::order_link_token(site.link_key, order.reference, order.link_version);
  return site.settings.server.base_url() +
         url(site, visit, "registration:order-secret-pay-return", order.reference, token);
}

}  // namespace plenary::site
