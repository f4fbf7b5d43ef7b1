// The variable `site` of every page's frame: the addresses of the pages it links to, each empty while that
// page does not exist or is switched off; how many items are in the cart, where the page read it anyway.
// Worked out when a template asks. It points at the request, which must outlive the page. One thread, one
// request. source: configuration 10, 3.5.
#pragma once

#include <string>
#include <string_view>

#include "site/visit.hpp"
#include "templating/value.hpp"
#include "web/request.hpp"

namespace plenary::site {

templating::Value site_links_value(const Site& site, const web::Request& request);

// The public navigation: label, url and is_current of each page that exists and is switched on.
templating::Value navigation_value(const Site& site, const web::Request& request, const Visit& visit);

// The address of a page of this conference that exists; empty otherwise.
std::string link_to(const Site& site, const Visit* visit, std::string_view route);

}  // namespace plenary::site
