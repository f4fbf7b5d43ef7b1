// The handlers of the outbox page: what of this conference waits to be done after its commit (mail, answers
// to payment providers, files), what was given up and why, trying again and discarding. Looking asks
// view_registration, acting change_registration; each act is recorded. And the red line of every organisers'
// page while mail is stuck. Threads: the I/O thread of the connection. source: payments 21, 11; ground rules
// 15, 6.2.
#pragma once

#include "base/task.hpp"
#include "mail/status.hpp"
#include "manage/frame.hpp"
#include "site/page.hpp"
#include "site/page_table.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

Task<web::Response> show_outbox(Site& site, web::Request& request);
Task<web::Response> retry_row(Site& site, web::Request& request);     // POST
Task<web::Response> discard_row(Site& site, web::Request& request);   // POST
Task<web::Response> retry_kind(Site& site, web::Request& request);    // POST
Task<web::Response> discard_kind(Site& site, web::Request& request);  // POST

void add_outbox_pages(site::PageTable& table);

// Attached by load_frame, and shown by frame: "stuck_mail".
void load_stuck_mail(db::Tx& tx, web::Request& request, std::int64_t conference_id);
void set_stuck_mail(site::Page& page, const Site& site, web::Request& request);

}  // namespace plenary::manage
