// The work that asks Stripe and waits for it: refunds, intents that are watched until they are settled,
// intents that are cancelled, cards and fees, the daily comparison, and the emptying of old payloads. For a
// worker of its own, so that a slow Stripe keeps no sweep and no mail waiting. Each asks outside of every
// transaction, then settles in a write of its own; repeats are harmless. source: payments 21, 9.3, P3, P27.
#pragma once

#include "domain/payments/provider.hpp"
#include "jobs/worker.hpp"

namespace plenary::payments {

// What `provider` refers to outlives the worker. Tests run them with run_due().
void register_stripe_jobs(jobs::Worker& worker, const Provider& provider);
// The outbox kinds alone, without what is done day by day.
void register_stripe_kinds(jobs::Worker& worker, const Provider& provider);

// How such a worker is made.
jobs::WorkerOptions stripe_worker_options();

}  // namespace plenary::payments
