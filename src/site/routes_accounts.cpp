#include "site/page_table.hpp"

namespace plenary::site {

void add_account_pages(PageTable& table) {
  table.routes().push_back(web::later("accounts:login", "/accounts/login/", web::public_()));
}

}  // namespace plenary::site
