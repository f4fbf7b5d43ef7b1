// The JSON API's part of the route table: below /api/v1/, for sites in other languages. source: configuration
// 10, 3; docs/configuration.md.
#pragma once

#include "api/seen_tokens.hpp"
#include "site/page_table.hpp"

namespace plenary::api {

// `table`'s site may be null where only names and patterns are wanted. `seen` hears which tokens were used;
// it must outlive the table's routes, and may be null.
void add_pages(site::PageTable& table, SeenTokens* seen = nullptr);

}  // namespace plenary::api
