// The handlers of bank statements: a file is read and shown with everything that is wrong with it, columns of
// a CSV can be named by hand, and its entries are kept; then each is booked on the orders that it is for,
// proposed ones in one go, ignored, or marked as sent back. Looking asks view_registration, acting
// change_registration or change_finance. A file travels sealed in the form until it is imported. Threads: the
// I/O thread; reading, importing and booking many run on the slow pool. source: payments 21, 5.3; dashboard
// 70, 11.5.
#pragma once

#include <string>

#include "base/task.hpp"
#include "domain/payments/statement_import.hpp"
#include "manage/frame.hpp"
#include "site/page_table.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

Task<web::Response> show_statements(Site& site, web::Request& request);     // ?state=…&q=…&page=…
Task<web::Response> import_statement(Site& site, web::Request& request);    // GET and POST
Task<web::Response> undo_statement(Site& site, web::Request& request);      // POST: a whole import
Task<web::Response> book_exact_entries(Site& site, web::Request& request);  // POST
Task<web::Response> match_entries(Site& site, web::Request& request);       // POST
Task<web::Response> show_entry(Site& site, web::Request& request);          // ?q=… searches orders
Task<web::Response> book_bank_entry(Site& site, web::Request& request);     // POST
Task<web::Response> decide_entry(Site& site, web::Request& request);        // POST: ignore, refunded, again

void add_statement_pages(site::PageTable& table);

// What both pages show of an entry.
templating::Value entry_value(const Site& site, const web::Request& request,
                              const payments::ListedEntry& listed);
std::string state_name(const web::Request& request, payments::EntryState state);
// Whether whoever asks may book and decide.
bool may_book(const web::Request& request);
conference::Actor bank_actor(const web::Request& request);

}  // namespace plenary::manage
