#include "site/stripe_webhook.hpp"

#include <memory>
#include <string>

#include <spdlog/spdlog.h>

#include "domain/payments/card_payments.hpp"
#include "domain/payments/stripe_events.hpp"
#include "domain/payments/webhook_signature.hpp"

namespace plenary::site {
namespace {

namespace pay = payments;

constexpr std::size_t largest_event = 1024 * 1024;

web::Response answer(int status, std::string text = {}) {
  web::Response response = web::Response::text(std::move(text), status);
  response.no_store();
  return response;
}

// The conference's secrets; none where they are missing or cannot be read.
std::vector<Secret> secrets_of(db::Tx& tx, const pay::Provider& provider, std::int64_t conference_id) {
  try {
    return pay::webhook_secrets(provider.credentials(tx, conference_id).webhook());
  } catch (const conference::CredentialFault& fault) {
    spdlog::error("Stripe's webhook: {}", fault.what());
    return {};
  }
}

}  // namespace

Task<web::Response> take_stripe_event(Site& site, web::Request& request, pay::WebhookGate& gate) {
  const Visit& visit = request.context<Visit>();
  const std::string address(request.client_address());
  if (!gate.is_open(address, visit.now)) co_return answer(429, "Too many wrong signatures.\n");
  const std::int64_t conference = visit.conference->id;
  if (!site.cards) co_return answer(500, "Stripe is not set up here.\n");
  const pay::Provider& provider = site.cards->provider();

  auto load = [&](db::Tx& tx) { return secrets_of(tx, provider, conference); };
  const std::vector<Secret> secrets = co_await site.db.read(load);
  if (secrets.empty()) co_return answer(500, "The webhook secret of this conference is missing.\n");
  const Duration tolerance = Duration::seconds(provider.settings().stripe.webhook_tolerance);
  const pay::SignatureCheck check =
      pay::check_signature(request.header("Stripe-Signature"), request.body(), secrets, visit.now, tolerance);
  if (check != pay::SignatureCheck::good) {
    gate.was_wrong(address, visit.now);
    spdlog::warn("Stripe's webhook of {}: {}", visit.conference->slug,
                 check == pay::SignatureCheck::too_old
                     ? "the signature is too old; is this machine's clock right?"
                 : check == pay::SignatureCheck::wrong ? "the signature does not fit the webhook secret"
                                                       : "there is no signature that can be read");
    co_return answer(400, "The signature is not right.\n");
  }
  pay::StripeEvent event;
  try {
    event = pay::read_event(request.body());
  } catch (const Refused& refused) {
    co_return answer(400, refused.message() + "\n");
  }

  auto store = [&](db::Tx& tx) { return pay::store_event(tx, conference, event); };
  const pay::Stored stored = co_await site.db.write(conference, "store stripe event", store);
  if (stored.state == pay::EventState::processed || stored.state == pay::EventState::ignored)
    co_return answer(200);
  auto process = [&](db::Tx& tx) { return pay::process_event(tx, provider, stored.id); };
  std::string failure;
  try {
    co_await site.db.write(conference, "stripe event", process);
  } catch (const std::exception& error) {
    failure = error.what();
    if (failure.empty()) failure = "unknown";
  }
  if (failure.empty()) co_return answer(200);
  spdlog::error("Stripe's event {} ({}) could not be processed: {}", event.id, event.kind, failure);
  auto note = [&](db::Tx& tx) { pay::note_failure(tx, stored.id, failure); };
  co_await site.db.write(conference, "stripe event failed", note);
  co_return answer(500, "The event was kept, and could not be processed yet.\n");
}

void add_webhook_pages(PageTable& table) {
  // Money already taken must always be processed: no feature closes it.
  auto gate = std::make_shared<pay::WebhookGate>();
  web::Route& route = table.add(
      "registration:stripe-webhook", "/{conference}/register/webhooks/stripe/", web::Method::post,
      web::conference_scoped(),
      [gate](Site& site, web::Request& request) { return take_stripe_event(site, request, *gate); });
  route.csrf = web::Csrf::none;
  route.max_body = largest_event;
}

}  // namespace plenary::site
