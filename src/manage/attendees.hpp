// The pages of a conference's people: the list of everybody who holds a ticket, as a page and as a file;
// reminding the buyers of tickets without a name; and one of them with everything that is known. Seeing asks
// view_registration, the file export_reports too; what is done with a ticket are the pages of its order. Each
// handler makes one read; threads: the I/O thread of the connection, files on the slow pool. source: staff
// pages 70, 11.1, 11.2, 14.17 and 14.33; docs/dashboard.md.
#pragma once

#include <cstdint>
#include <string>

#include "base/task.hpp"
#include "domain/registration/attendees.hpp"
#include "site/page_table.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

Task<web::Response> show_attendees(site::Site& site, web::Request& request);
Task<web::Response> export_attendees(site::Site& site, web::Request& request);
Task<web::Response> remind_buyers(site::Site& site, web::Request& request);  // GET and POST
Task<web::Response> show_attendee(site::Site& site, web::Request& request);
void add_attendee_pages(site::PageTable& table);

// What both pages say of somebody: their state in one word, and who it is where nobody is named.
const char* state_word(const registration::Attendee& attendee);
std::string attendee_name(const web::Request& request, const registration::Attendee& attendee);

}  // namespace plenary::manage
