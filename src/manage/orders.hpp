// The handlers of the organisers' pages of orders: finding them, one with everything that is known of it,
// what staff do with it, and the desk. Seeing asks view_registration, doing change_registration, files of
// lists export_reports too. Each does one thing in one write, recorded there, once however often its form is
// sent; money going back asks for a fresh proof. Threads: the I/O thread of the connection; files are made on
// the slow pool. source: staff pages 70, 11.3 to 11.5, 14.1 and 14.39; docs/dashboard.md.
#pragma once

#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

using site::Site;

Task<web::Response> show_orders(Site& site, web::Request& request);
Task<web::Response> export_orders(Site& site, web::Request& request);
Task<web::Response> mail_buyers(Site& site, web::Request& request);  // GET and POST: of several orders
Task<web::Response> show_order(Site& site, web::Request& request);
Task<web::Response> order_tickets(Site& site, web::Request& request);  // all its tickets as one PDF
Task<web::Response> answer_file(Site& site, web::Request& request);    // that an answer of the order is

// GET and POST.
Task<web::Response> take_payment(Site& site, web::Request& request);
Task<web::Response> waive_balance(Site& site, web::Request& request);
Task<web::Response> refund_order(Site& site, web::Request& request);
Task<web::Response> cancel_order(Site& site, web::Request& request);
Task<web::Response> change_buyer(Site& site, web::Request& request);
Task<web::Response> change_taxes(Site& site, web::Request& request);    // a VAT number confirmed later
Task<web::Response> change_address(Site& site, web::Request& request);  // of mail
Task<web::Response> change_seat(Site& site, web::Request& request);
Task<web::Response> replace_link(Site& site, web::Request& request);
Task<web::Response> change_lines(Site& site, web::Request& request);    // a review before anything happens
Task<web::Response> change_answers(Site& site, web::Request& request);  // of the order, or of one ticket
// POST.
Task<web::Response> resend(Site& site, web::Request& request);
Task<web::Response> note_order(Site& site, web::Request& request);

// The desk: selling, and what was just sold.
Task<web::Response> desk(Site& site, web::Request& request);  // GET and POST
Task<web::Response> show_sold(Site& site, web::Request& request);

}  // namespace plenary::manage
