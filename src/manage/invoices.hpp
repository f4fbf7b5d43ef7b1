// The handlers of the organisers' page of invoices: seeing and downloading asks view_registration, correcting
// change_registration. Threads: the I/O thread of the connection; files are made on the slow pool. source:
// taxes and invoices 25, 4.
#pragma once

#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

using site::Site;

Task<web::Response> show_invoices(Site& site, web::Request& request);
Task<web::Response> download_invoice(Site& site, web::Request& request);
Task<web::Response> correct_invoice(Site& site, web::Request& request);  // POST
Task<web::Response> export_invoices(Site& site, web::Request& request);  // ?from=…&to=…&format=csv|datev

}  // namespace plenary::manage
