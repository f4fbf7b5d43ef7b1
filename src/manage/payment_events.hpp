// The handlers of what the payment provider told: its events with what became of them, doing one or all open
// ones again, and the comparisons with the provider's own lists. Looking asks view_registration, payloads and
// acting change_registration; each act is recorded. Threads: the I/O thread; what may wait for the provider
// runs on its own pool. source: payments 21, 10 and 12, P24 and P27.
#pragma once

#include "base/task.hpp"
#include "manage/frame.hpp"
#include "site/page_table.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

Task<web::Response> show_payment_events(Site& site, web::Request& request);  // ?state=open&kind=…&q=…
Task<web::Response> show_payment_event(Site& site, web::Request& request);
Task<web::Response> replay_payment_event(Site& site, web::Request& request);  // POST
Task<web::Response> replay_open_events(Site& site, web::Request& request);    // POST
Task<web::Response> show_reconciliations(Site& site, web::Request& request);
Task<web::Response> reconcile_now(Site& site, web::Request& request);  // POST

void add_payment_event_pages(site::PageTable& table);

}  // namespace plenary::manage
