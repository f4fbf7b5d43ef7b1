// The pages of the waiting list: joining it, a place in it with its offer, leaving it. A mailed link opens
// one place and nothing else. Each handler makes one domain call; the rules are
// domain/registration/waiting_list.hpp's. Threads: the I/O thread of the connection. source:
// docs/waiting-list.md; ground rules 15, 2.4.
#pragma once

#include <string>

#include "domain/registration/waiting_list.hpp"
#include "site/page.hpp"
#include "site/visit.hpp"

namespace plenary::site {

// Attaches StockLevels, those for everybody.
void load_waiting_list(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);
Task<web::Response> join_waiting_list(Site& site, web::Request& request);  // GET and POST

// Attaches WaitingPlace, if the link is right.
void load_waiting_place(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);
Task<web::Response> waiting_place(Site& site, web::Request& request);  // GET and POST
// POST leaves at once, also for mail programs (RFC 8058); GET shows the one button.
Task<web::Response> leave_waiting_list(Site& site, web::Request& request);

}  // namespace plenary::site
