// Who hears of paid orders in a program that embeds Plenary: a row of the outbox for each, written with the
// payment and delivered after the commit. source: payments 21, 6; site/extensions.hpp.
#pragma once

#include "jobs/worker.hpp"
#include "site/extensions.hpp"

namespace plenary::embed {

using PaidSubscribers = std::map<std::string, site::OnOrderPaid>;

// From now on rows are written for them, by whatever pays in this process. At start only, before the first
// transaction; those that it knows already are passed over.
void write_paid_orders_for(const PaidSubscribers& subscribers);
// Before the worker starts. `database` must outlive it.
void register_paid_orders(jobs::Worker& worker, db::Database& database, const PaidSubscribers& subscribers);

}  // namespace plenary::embed
