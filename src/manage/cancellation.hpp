// The handlers of a conference that does not take place: what becomes of the money is chosen, a preview
// counts and sums, whoever is sure types the conference's short name and proves who they are; then a page
// shows how far the run is, stops it and lets it go on, and what came of it. For full access alone. Threads:
// the I/O thread; previews run on the slow pool. source: payments 21, P34.
#pragma once

#include "base/task.hpp"
#include "manage/frame.hpp"
#include "site/page_table.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

Task<web::Response> cancel_conference(Site& site, web::Request& request);    // GET; POST: preview, start
Task<web::Response> steer_cancellation(Site& site, web::Request& request);   // POST: stop, continue
Task<web::Response> stream_cancellation(Site& site, web::Request& request);  // how far it is, as events

void add_cancellation_pages(site::PageTable& table);

}  // namespace plenary::manage
