// The handlers of the organisers' pages; one file a subject. Each checks what was sent, makes one domain
// call, and renders or redirects; rows are reached through the conference of the address. Threads: each runs
// on its connection's I/O thread. source: configuration 10, 9; dashboard 70.
#pragma once

#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

using site::Site;

Task<web::Response> show_conferences(Site& site, web::Request& request);
Task<web::Response> show_dashboard(Site& site, web::Request& request);

Task<web::Response> go_to_voucher_batches(Site& site, web::Request& request);

// The team of a conference.
Task<web::Response> show_team(Site& site, web::Request& request);
Task<web::Response> invite(Site& site, web::Request& request);               // POST
Task<web::Response> withdraw_invitation(Site& site, web::Request& request);  // POST
Task<web::Response> resend_invitation(Site& site, web::Request& request);    // POST
Task<web::Response> edit_role(Site& site, web::Request& request);            // GET and POST
Task<web::Response> end_role(Site& site, web::Request& request);             // POST

}  // namespace plenary::manage
