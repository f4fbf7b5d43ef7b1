// Mail's own pages: the development mailbox, which shows what landed in [mail] folder, and the address to
// which a mail server reports what came back. The mailbox exists in development only and for this machine
// only; the report page only with a [mail] bounce_token, which the caller must know. source: ground rules
// 15, 6.1 and 6.2.
#pragma once

#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

Task<web::Response> show_mailbox(Site& site, web::Request& request);
Task<web::Response> show_mail(Site& site, web::Request& request);
Task<web::Response> show_mail_html(Site& site,
                                   web::Request& request);  // the HTML alone, for a sandboxed frame
Task<web::Response> download_attachment(Site& site, web::Request& request);

// POST: JSON, or a delivery status report as it came.
Task<web::Response> take_bounces(Site& site, web::Request& request);

}  // namespace plenary::site
