// The JSON API's part of the route table: below /api/v1/, for sites in other languages. source: configuration
// 10, 3; docs/configuration.md.
#pragma once

#include "site/page_table.hpp"

namespace plenary::api {

// `table`'s site may be null where only names and patterns are wanted.
void add_pages(site::PageTable& table);

}  // namespace plenary::api
