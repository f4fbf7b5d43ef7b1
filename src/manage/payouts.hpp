// The handlers of money that staff pay back by hand: the open transfers, as a table and as a payment order
// for the bank (SEPA), and noting that they were paid. Looking asks view_registration, files and noting
// change_registration or change_finance. Threads: the I/O thread of the connection. source: payments 21, 9.3
// and P34.
#pragma once

#include "base/task.hpp"
#include "manage/frame.hpp"
#include "site/page_table.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

Task<web::Response> show_payouts(Site& site, web::Request& request);
Task<web::Response> download_payouts(Site& site, web::Request& request);  // ?format=csv|sepa&on=…&version=…
Task<web::Response> mark_payouts(Site& site, web::Request& request);      // POST

void add_payout_pages(site::PageTable& table);

}  // namespace plenary::manage
