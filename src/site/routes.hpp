// The public routes: every name that customers' templates use, with its guard, from the start; a page that
// does not exist yet resolves and answers 404. Called once, before the server starts. source: configuration
// 10, 3.4 and 10.3; ground rules 15, 2.3.
#pragma once

#include "site/page_table.hpp"

namespace plenary::site {

// `site` may be null where only names and patterns are wanted (the theme commands, the reserved slugs); else
// it must outlive the table.
PageTable pages(Site* site, const std::vector<AddPages>& more = {});
inline web::RouteTable routes(Site* site, const std::vector<AddPages>& more = {}) {
  return std::move(pages(site, more).routes());
}

}  // namespace plenary::site
