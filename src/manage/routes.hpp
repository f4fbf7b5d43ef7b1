// The organiser's routes below /manage/<conference>/: the pages that are there, and, with its guard from the
// start, every further name that customers' templates use. Called once, before the server starts. source:
// configuration 10, 8.3 and 10.3.
#pragma once

#include "site/page_table.hpp"
#include "web/routes.hpp"

namespace plenary::manage {

void add_pages(site::PageTable& table);  // those that exist
web::RouteTable routes();                // those that are to come: 404 behind their guards

}  // namespace plenary::manage
