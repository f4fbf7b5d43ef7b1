// The admin's part of the route table. Whoever has no role finds none of it but its first page. source:
// configuration 10, 5 and 8.1.
#pragma once

#include "site/page_table.hpp"

namespace plenary::admin {

// `table`'s site may be null where only names and patterns are wanted.
void add_pages(site::PageTable& table);

}  // namespace plenary::admin
