#include "site/page_table.hpp"

namespace plenary::site {

void add_mail_pages(PageTable&) {}

}  // namespace plenary::site
