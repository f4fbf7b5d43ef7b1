#include "manage/provider_state.hpp"

#include <utility>

#include <fmt/format.h>

#include "domain/conference/credentials.hpp"
#include "domain/payments/stripe_events.hpp"
#include "manage/money.hpp"
#include "site/text.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using site::tr;
using templating::Value;

}  // namespace

ProviderState provider_state(db::Tx& tx, const Site& site, const web::Request&, std::int64_t conference_id) {
  ProviderState state;
  try {
    const conference::StripeCredentials keys =
        conference::stripe_credentials(tx, conference_id, site.sealing_key, site.settings.program);
    state.has_keys = true;
    state.has_publishable = keys.publishable_key.has_value();
    state.has_webhook = keys.webhook_secret.has_value();
    state.is_test = payments::is_test_key(keys.secret_key);
    state.from_settings = keys.source == conference::CredentialSource::settings;
    state.api_version = keys.api_version;
    for (const conference::CredentialAdvice& one : conference::review(keys, site.is_development())) {
      state.blocks = state.blocks || one.blocks;
      state.advice.push_back(one.field + " " + one.text);
    }
  } catch (const conference::CredentialFault& fault) {
    // Nothing stored is no fault: then cards are simply not offered.
    if (fault.kind() != conference::CredentialFault::Kind::missing) state.fault = fault.what();
  }
  const payments::EventCounts counts = payments::count_events(tx, conference_id);
  state.last_event = counts.last_at;
  state.open_events = counts.fresh + counts.failed;
  const auto newest = payments::list_events(tx, conference_id, {}, std::nullopt, 1);
  if (!newest.empty()) state.last_event_kind = newest.front().kind;
  return state;
}

std::string webhook_url(const web::Request& request) {
  return web::absolute_url(request.services(), fmt::format("/{}/register/webhooks/stripe/",
                                                           request.context<Visit>().conference->slug));
}

void set_provider_state(site::Page& page, const Site& site, const web::Request& request,
                        const ProviderState& state) {
  const Visit& visit = request.context<Visit>();
  std::vector<Value> advice;
  for (const std::string& one : state.advice) advice.push_back(Value(tr(request, one)));
  std::vector<Value> kinds;
  for (const std::string& kind : payments::wanted_event_kinds()) kinds.push_back(Value(kind));
  const bool all = visit.rights.full_access(visit.conference->id);
  page.set("keys", Value::dict({{"has_secret", Value(state.has_keys)},
                                {"has_publishable", Value(state.has_publishable)},
                                {"has_webhook", Value(state.has_webhook)},
                                {"is_test", Value(state.is_test)},
                                {"from_settings", Value(state.from_settings)},
                                {"is_complete", Value(state.has_keys && state.has_publishable &&
                                                      state.has_webhook && !state.blocks)},
                                {"version", Value(state.api_version)},
                                {"fault", Value(all ? state.fault : std::string())},
                                {"has_fault", Value(!state.fault.empty())},
                                {"advice", Value::list(std::move(advice))}}))
      .set("webhook_url", Value(webhook_url(request)))
      .set("event_kinds", Value::list(std::move(kinds)))
      .set("keys_url",
           all ? Value(fmt::format("/admin/program_conference/conference/{}/change/", visit.conference->id))
               : Value())
      .set("check_url", Value(page_of(site, request, "payment-check")))
      .set("live_url", all ? Value(page_of(site, request, "payment-go-live")) : Value())
      .set("events_url",
           may(request, "view_registration") ? Value(page_of(site, request, "payment-event-list")) : Value())
      .set("last_event", state.last_event ? Value(moment_text(request, *state.last_event)) : Value())
      .set("last_event_kind", Value(state.last_event_kind))
      .set("open_events", Value(state.open_events));
}

}  // namespace plenary::manage
