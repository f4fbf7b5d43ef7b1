// Where Stripe sends its events. No session, no CSRF token: the signature over the body says who it is. Every
// event is stored as it came before anything else happens; nothing here waits for Stripe. Answers: 200 done,
// known already, or none of ours; 400 bad signature or no event; 404 no such conference; 413 above 1 MiB; 429
// wrong signatures over and over; 500 no secret, or it could not be processed: Stripe sends it again.
// Conferences that are over are served too. source: payments 21, 10.1 and 10.10, P26.
#pragma once

#include "base/task.hpp"
#include "domain/payments/webhook_gate.hpp"
#include "site/page_table.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

Task<web::Response> take_stripe_event(Site& site, web::Request& request, payments::WebhookGate& gate);
void add_webhook_pages(PageTable& table);

}  // namespace plenary::site
