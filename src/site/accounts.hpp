// The pages of people's accounts: sign-up, sign-in, passwords, addresses, sessions, claims of orders, finding
// an order. Answers for a known and an unknown address look the same, cost the same hashes and the same
// writes. One file a subject: accounts_*.cpp. Threads: each runs on its connection's I/O thread. source:
// ground rules 15, 5 and 6.3; registration 20, D29 and D34.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/task.hpp"
#include "domain/accounts/types.hpp"
#include "site/forms.hpp"
#include "site/page.hpp"
#include "site/values.hpp"
#include "site/visit.hpp"
#include "web/forms.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

Task<web::Response> sign_in(Site& site, web::Request& request);         // GET and POST
Task<web::Response> sign_out(Site& site, web::Request& request);        // POST
Task<web::Response> give_code(Site& site, web::Request& request);       // GET and POST, of a started sign-in
Task<web::Response> lock(Site& site, web::Request& request);            // POST
Task<web::Response> unlock(Site& site, web::Request& request);          // GET and POST
Task<web::Response> security(Site& site, web::Request& request);        // GET and POST
Task<web::Response> set_up_factor(Site& site, web::Request& request);   // GET and POST
Task<web::Response> sign_up(Site& site, web::Request& request);         // GET and POST
Task<web::Response> show_mail_sent(Site& site, web::Request& request);  // after each form that mails a link
Task<web::Response> verify(Site& site, web::Request& request);  // GET and POST, as all below with a link
Task<web::Response> forgot_password(Site& site, web::Request& request);
Task<web::Response> reset_password(Site& site, web::Request& request);
Task<web::Response> change_password(Site& site, web::Request& request);
Task<web::Response> account(Site& site, web::Request& request);
Task<web::Response> sessions(Site& site, web::Request& request);
Task<web::Response> change_email(Site& site, web::Request& request);
Task<web::Response> confirm_email(Site& site, web::Request& request);
Task<web::Response> claim(Site& site, web::Request& request);
Task<web::Response> set_up(Site& site, web::Request& request);
Task<web::Response> invitation(Site& site, web::Request& request);  // of a colleague to take a role
Task<web::Response> find_order(Site& site, web::Request& request);
Task<web::Response> mail_claim(Site& site, web::Request& request);           // POST, from an order's page
Task<web::Response> correct_order_email(Site& site, web::Request& request);  // POST, likewise

// On an order's page: may_correct_email and correct_email_url, claim_order_url; empty where not to be had.
void set_order_account_links(Page& page, const Site& site, const OrderPage& order, const Visit& visit);

// What to say instead of looking for a voucher, when this browser or its network has tried too many.
Task<std::optional<Refused>> count_voucher_try(Site& site, web::Request& request);

// ---- what these pages share

// `file` below django_program/accounts/, with the form and its faults.
web::Response account_page(Site& site, web::Request& request, std::string_view file, const web::Form& form,
                           int status = 200, std::string_view outcome = {});
// The page of a link that was used, has expired or never was.
web::Response dead_link(Site& site, web::Request& request);
// The usable link of this address, from a read.
Task<std::optional<accounts::Link>> read_link(Site& site, web::Request& request, accounts::LinkKind kind);
std::string link_hash(const web::Request& request);  // of the token in the path
// Puts what is wrong with a new password beside its field; names of conferences count as easily guessed.
Task<void> check_new_password(Site& site, web::Form& form, const std::vector<std::string>& own);
web::Field new_password_field();
web::Field current_password_field();
// The signed-in person; the guard has seen to it that there is one. NotFound when the account is gone.
Task<accounts::User> signed_in_user(Site& site, web::Request& request);

}  // namespace plenary::site
