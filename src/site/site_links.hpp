// The variable `site` of every page's frame: the addresses of the pages it links to, each empty while that
// page does not exist or is switched off; how many items are in the cart, where the page read it anyway; and
// `frame`, by which the parts of the frame that are alike on many pages are kept ({% keep site.frame %}).
// Worked out when a template asks. It points at the request, which must outlive the page. One thread, one
// request. source: configuration 10, 3.5.
#pragma once

#include <string>
#include <string_view>

#include "site/visit.hpp"
#include "templating/context.hpp"
#include "templating/value.hpp"
#include "web/request.hpp"

namespace plenary::site {

// `context`: the page's, with the variables of its frame already there; it must outlive the value.
templating::Value site_links_value(const Site& site, const web::Request& request,
                                   const templating::Context& context);

// The public navigation: label, url and is_current of each page that exists and is switched on.
templating::Value navigation_value(const Site& site, const web::Request& request, const Visit& visit);

// The address of a page of this conference that exists; empty otherwise.
std::string link_to(const Site& site, const Visit* visit, std::string_view route);

}  // namespace plenary::site
