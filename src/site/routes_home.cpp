#include "site/page_table.hpp"
#include "site/pages.hpp"
#include "site/theme_css.hpp"

namespace plenary::site {

void add_home_pages(PageTable& table) {
  table.add("site:conference-list", "/", web::Method::get, web::public_(), show_conferences);
  table.add("site:wallet-domain", "/.well-known/apple-developer-merchantid-domain-association",
            web::Method::get, web::public_(), show_wallet_domain);
  table.add("site:conference", "/{conference}/", web::Method::get, web::features({"public_ui"}),
            show_conference);
  table.add("site:theme-css", "/{conference}/theme.css", web::Method::get, web::conference_scoped(),
            show_theme_css);
}

}  // namespace plenary::site
