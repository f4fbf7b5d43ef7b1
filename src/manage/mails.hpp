// The organisers' pages of what their mails say and as whom they write: all of them ask
// manage_conference_settings. Nothing is stored that would not work; what was typed stays on the page. The
// preview stands below the editor and needs no JavaScript. Threads: the I/O thread of the connection. source:
// payments 21, 11; docs/mail.md.
#pragma once

#include "base/task.hpp"
#include "site/page_table.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

using site::Site;

Task<web::Response> show_mail_texts(Site& site, web::Request& request);
Task<web::Response> edit_mail_text(Site& site, web::Request& request);    // GET and POST
Task<web::Response> drop_mail_text(Site& site, web::Request& request);    // POST
Task<web::Response> edit_mail_sender(Site& site, web::Request& request);  // GET and POST

void add_mail_pages(site::PageTable& table);

}  // namespace plenary::manage
