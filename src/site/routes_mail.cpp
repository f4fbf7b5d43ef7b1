#include "site/mailbox.hpp"
#include "site/page_table.hpp"

namespace plenary::site {

void add_mail_pages(PageTable& table) {
  constexpr std::size_t largest_report = 512 * 1024;  // with the mail that came back
  const web::Methods get = web::Method::get;
  const std::string mailbox = "/development/mail/";
  table.add("site:mailbox", mailbox, get, web::public_(), show_mailbox);
  table.add("site:mailbox-mail", mailbox + "{id}/", get, web::public_(), show_mail);
  table.add("site:mailbox-html", mailbox + "{id}/html/", get, web::public_(), show_mail_html);
  table.add("site:mailbox-file", mailbox + "{id}/files/{index:int}/", get, web::public_(),
            download_attachment);
  web::Route& bounces =
      table.add("site:mail-bounces", "/mail/bounces/", web::Method::post, web::public_(), take_bounces);
  bounces.csrf = web::Csrf::none;  // no browser: it proves itself with its token
  bounces.max_body = largest_report;
}

}  // namespace plenary::site
