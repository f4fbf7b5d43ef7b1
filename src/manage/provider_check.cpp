// Asking the provider whether what is stored works, and going live from its test mode. source: payments 21,
// P31 and P33.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/pool.hpp"
#include "domain/payments/card_payments.hpp"
#include "domain/payments/stripe_events.hpp"
#include "domain/registration/payment_setup.hpp"
#include "manage/money.hpp"
#include "manage/payment_setup.hpp"
#include "manage/provider_state.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using site::tr;

// A restricted key may be allowed some of it alone.
constexpr const char* forbidden_texts[] = {message("The secret key may not read the balance."),
                                           message("The secret key may not read webhook endpoints, so they "
                                                   "cannot be checked."),
                                           message("The secret key may not read payment intents: no card can "
                                                   "be charged with it."),
                                           message("The secret key may not read refunds: none can be made."),
                                           message("The secret key may not read disputes."),
                                           message("The secret key may not read payouts."),
                                           message("The secret key may not read events.")};

struct Asked {
  std::vector<std::string> currencies;
  std::optional<std::vector<payments::WebhookEndpoint>> endpoints;
  std::vector<const char*> forbidden;
  bool is_test = false, is_unknown = false;
  std::string down, refused;
};

Asked ask(const payments::Provider& provider, std::int64_t conference) {
  Asked asked;
  try {
    payments::Stripe stripe = provider.stripe_of(conference);
    stripe.hurry(provider.lines.now());
    asked.is_test = stripe.is_test();
    const auto ask_for = [&](std::size_t what, auto&& look) {
      try {
        look();
      } catch (const payments::ProviderRefused& refused) {
        if (refused.status() != 403) throw;
        asked.forbidden.push_back(forbidden_texts[what]);
      }
    };
    const Instant from = provider.db.read_now([](db::Tx& tx) { return tx.now(); });
    ask_for(0, [&] { asked.currencies = stripe.balance_currencies(); });
    ask_for(1, [&] { asked.endpoints = stripe.webhook_endpoints(); });
    ask_for(2, [&] { stripe.intents_since(from, {}); });
    ask_for(3, [&] { stripe.refunds_since(from, {}); });
    ask_for(4, [&] { stripe.disputes_since(from, {}); });
    ask_for(5, [&] { stripe.payouts_since(from, {}); });
    ask_for(6, [&] { stripe.events_since(from, {}); });
  } catch (const payments::ProviderDown& down) {
    asked.down = down.what();
  } catch (const payments::ProviderRefused& refused) {
    asked.is_unknown = refused.status() == 401;
    asked.refused = refused.message().empty() ? refused.code() : refused.message();
  } catch (const conference::CredentialFault& fault) {
    asked.refused = fault.what();
  }
  return asked;
}

std::vector<Finding> findings_of(const web::Request& request, const Asked& asked,
                                 const std::string& address) {
  std::vector<Finding> list;
  const auto add = [&](bool is_fine, std::string text) { list.push_back({is_fine, std::move(text)}); };
  if (!asked.down.empty()) {
    add(false, tr(request, message("Stripe does not answer at the moment. Please try again later.")));
    return list;
  }
  if (asked.is_unknown) {
    add(false,
        tr(request, message("Stripe does not know this secret key: {what}"), {{"what", asked.refused}}));
    return list;
  }
  if (!asked.refused.empty()) {
    add(false, tr(request, message("Stripe refused: {what}"), {{"what", asked.refused}}));
    return list;
  }
  add(true, tr(request, message("Stripe takes the secret key.")));
  if (asked.is_test)
    add(true, tr(request, message("It is a key of the test mode: no real money moves with it.")));
  for (const char* const text : asked.forbidden)
    add(false, tr(request, text) + " " +
                   tr(request,
                      message("It is a restricted key: allow it at Stripe, or store an unrestricted one.")));
  const std::string currency(request.context<Visit>().catalogue->currency.code());
  std::string all;
  for (const std::string& one : asked.currencies) all += (all.empty() ? "" : ", ") + one;
  if (!asked.currencies.empty()) {
    const bool has =
        std::find(asked.currencies.begin(), asked.currencies.end(), currency) != asked.currencies.end();
    add(has,
        has ? tr(request, message("The account holds money in {currency}."), {{"currency", currency}})
            : tr(request,
                 message("The account holds money in {all}, not in {currency}: what is paid is exchanged."),
                 {{"all", all}, {"currency", currency}}));
  }
  if (!asked.endpoints) return list;
  const auto endpoint =
      std::find_if(asked.endpoints->begin(), asked.endpoints->end(),
                   [&](const payments::WebhookEndpoint& one) { return one.url == address; });
  if (endpoint == asked.endpoints->end()) {
    add(false, tr(request, message("Stripe sends no events to this address yet: add the endpoint.")));
    const bool nearly =
        std::any_of(asked.endpoints->begin(), asked.endpoints->end(),
                    [&](const payments::WebhookEndpoint& one) { return one.url + "/" == address; });
    if (nearly)
      add(false,
          tr(request, message("There is one without the slash at the end: events sent there get lost.")));
    return list;
  }
  add(endpoint->status == "enabled", endpoint->status == "enabled"
                                         ? tr(request, message("Stripe sends its events to this address."))
                                         : tr(request, message("The endpoint is switched off at Stripe.")));
  std::string missing;
  const std::vector<std::string>& events = endpoint->events;
  if (std::find(events.begin(), events.end(), "*") == events.end())
    for (const std::string& kind : payments::wanted_event_kinds())
      if (std::find(events.begin(), events.end(), kind) == events.end())
        missing += (missing.empty() ? "" : ", ") + kind;
  add(missing.empty(), missing.empty()
                           ? tr(request, message("All events are ticked."))
                           : tr(request, message("Not ticked: {missing}"), {{"missing", missing}}));
  return list;
}

}  // namespace

Task<web::Response> check_provider(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  Asked asked;
  if (!site.cards) {
    asked.refused = tr(request, message("This server is not connected to a payment provider."));
  } else {
    auto work = [&] { return ask(site.cards->provider(), conference); };
    asked = co_await site.cards->pool().run(work);
  }
  const std::vector<Finding> findings = findings_of(request, asked, webhook_url(request));
  co_return co_await payment_setup_page(site, request, findings);
}

}  // namespace plenary::manage
