// The public pages of sponsors and activities, their template objects, and the tag library sponsor_tags.
// Sponsors come from the snapshot that the request has (Visit::lineup); activities are read with their
// counts. Contacts, notes, what was delivered and names of participants are on none of them. Threads: as
// pages.hpp. source: sponsors 50, 7; programs 60, 3; configuration 10, 10.3.
#pragma once

#include <vector>

#include "base/task.hpp"
#include "domain/programs/activities.hpp"
#include "domain/sponsors/lineup.hpp"
#include "site/visit.hpp"
#include "templating/library.hpp"
#include "templating/value.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

Task<web::Response> show_sponsors(Site& site, web::Request& request);
Task<web::Response> show_sponsor(Site& site, web::Request& request);
Task<web::Response> show_activities(Site& site, web::Request& request);
Task<web::Response> show_activity(Site& site, web::Request& request);

// Loaders: visit.hpp.
void load_activities(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);
void load_activity(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);

// Objects for templates; each refers to the visit, which must live until the page is rendered.
templating::Value sponsor_value(const Visit& visit, const sponsors::ShownSponsor& sponsor);
// Levels that have sponsors, each with `level` and `sponsors`.
templating::Value sponsor_groups_value(const Visit& visit);

templating::Library sponsor_tags();

}  // namespace plenary::site
