// The handlers of the payment set-up: whether the provider's keys are complete and of which mode (never what
// they are), where it has to send its events and which, when the last one came, a check that asks the
// provider; going live from the test mode; the bank account and the terms of transfers. They ask
// manage_conference_settings, going live full access and a fresh proof. Threads: the I/O thread; the provider
// is asked on its own pool. source: payments 21, P30, P31 and P33.
#pragma once

#include <string>
#include <vector>

#include "base/task.hpp"
#include "manage/frame.hpp"
#include "site/page_table.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

Task<web::Response> payment_setup(Site& site, web::Request& request);   // GET and POST: the account
Task<web::Response> check_provider(Site& site, web::Request& request);  // POST

Task<web::Response> go_live(Site& site, web::Request& request);  // GET: what goes; POST

// One thing that a check found.
struct Finding {
  bool is_fine = false;
  std::string text;
};
// The page as it is stored, with what a check found.
Task<web::Response> payment_setup_page(Site& site, web::Request& request,
                                       const std::vector<Finding>& findings);

void add_payment_setup_pages(site::PageTable& table);

}  // namespace plenary::manage
