// The pages on which answers change: the buyer's for the order and for tickets that nobody else holds, the
// holder's for one seat; the files among them; and what order and ticket show of them. Who holds a seat by
// its own link answers alone: the buyer no longer reads it. Each handler makes one domain call; the rules are
// domain/registration/questions.hpp's. Threads: the I/O thread of the connection; files are read on the slow
// pool. source: registration 20, D33 and D37.
#pragma once

#include "base/task.hpp"
#include "site/page.hpp"
#include "site/seats.hpp"
#include "site/values.hpp"
#include "site/visit.hpp"

namespace plenary::site {

Task<web::Response> answers(Site& site, web::Request& request);  // GET and POST
Task<web::Response> send_answer_file(Site& site, web::Request& request);

// The variable `answers` of the order's and of the seat's own page.
templating::Value order_answers_value(const Site& site, const web::Request& request, const OrderPage& order);
templating::Value seat_answers_value(const Site& site, const web::Request& request, const SeatPage& seat);
// What the seat's own page shows of them.
void read_seat_answers(db::Tx& tx, const Visit& visit, SeatPage& page);

}  // namespace plenary::site
