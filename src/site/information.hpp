// Pages that inform: a conference's legal texts, the accessibility statement, robots.txt; and the links to
// the legal texts that every conference page carries. Legal pages need the conference alone: no feature
// closes them, and those of an inactive conference stay, because its buyers hold tickets. One request, its
// thread. source: ground rules 15, 3.3 and 4.6.
#pragma once

#include "base/task.hpp"
#include "domain/conference/legal.hpp"
#include "site/visit.hpp"
#include "templating/context.hpp"
#include "templating/value.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

Task<web::Response> show_legal_text(Site& site, web::Request& request);
Task<web::Response> show_accessibility(Site& site, web::Request& request);
Task<web::Response> show_robots(Site& site, web::Request& request);
Task<web::Response> show_favicon(Site& site, web::Request& request);

// `legal_links` and, by itself, `contact` of a conference's page: label, url, slug, is_external, is_mail. Not
// set where the conference has none.
void set_legal_links(templating::Context& context, const Site& site, const web::Request& request,
                     const Visit& visit);
// Label, url, is_external and slug of one text that the conference has.
templating::Value legal_link(const Site& site, const web::Request& request, const Visit& visit,
                             const conference::LegalText& text);

}  // namespace plenary::site
