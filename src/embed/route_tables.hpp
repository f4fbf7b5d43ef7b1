// The route tables of the rooms beside site, in one place: the server, the theme commands and the test of the
// reserved slugs use the same. Called at start, by one thread. source: ground rules 15, 2.2 and 2.3.
#pragma once

#include <vector>

#include "api/seen_tokens.hpp"
#include "site/extensions.hpp"
#include "site/page_table.hpp"
#include "web/routes.hpp"

namespace plenary::embed {

std::vector<web::RouteTable> other_rooms();
// Those that answer with pages of the site: given to site::Application or site::routes.
// `seen`: hears which tokens of the API were used; may be null.
std::vector<site::AddPages> room_pages(api::SeenTokens* seen = nullptr);
// The same, and after them those of `extensions`.
std::vector<site::AddPages> room_pages(const site::Extensions& extensions);

}  // namespace plenary::embed
