#include "site/information.hpp"
#include "site/language.hpp"
#include "site/page_table.hpp"

namespace plenary::site {

void add_information_pages(PageTable& table) {
  const web::Methods get = web::Method::get;
  table.add("site:accessibility", "/accessibility/", get, web::public_(), show_accessibility);
  table.add("site:set-language", "/language/", web::Method::post, web::public_(), set_language);
  table.add("site:robots", "/robots.txt", get, web::public_(), show_robots);
  table.add("site:favicon", "/favicon.ico", get, web::public_(), show_favicon);
  table.add("site:legal", "/{conference}/legal/{kind:slug}/", get, web::conference_scoped(), show_legal_text);
}

}  // namespace plenary::site
