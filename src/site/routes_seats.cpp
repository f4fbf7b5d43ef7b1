#include "site/page_table.hpp"

namespace plenary::site {

void add_seat_pages(PageTable&) {}

}  // namespace plenary::site
