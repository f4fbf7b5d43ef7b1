#include "site/page_table.hpp"

namespace plenary::site {

void add_information_pages(PageTable& table) {
  table.routes().push_back(
      web::later("site:accessibility", "/accessibility/", web::public_(), web::Method::get));
}

}  // namespace plenary::site
