// What every organiser's page shows around its content: the switch between conferences, the side bar with the
// pages that exist and that this person may open, the way there. An entry whose page is not built leads to
// the data admin's list of the same rows, narrowed to this conference; without either it is left out. One
// request, its thread. source: configuration 10, 8.4 and 9; dashboard 70, 3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/conference/audit.hpp"
#include "domain/conference/managed.hpp"
#include "manage/visibility.hpp"
#include "site/page.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"

namespace plenary::manage {

using site::Site;
using site::Visit;

// The conferences of whoever asks, attached by load_frame: what the switch offers.
struct Conferences {
  std::vector<conference::ManagedConference> listed;
};
// Active ones of every role, and inactive ones where they have full access; superusers all.
std::vector<conference::ManagedConference> conferences_of(db::Tx& tx, const Visit& visit);
void load_frame(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);  // site::Loader

// Whether the organisers' pages are switched on there.
bool is_open(const Visit& visit, const conference::ManagedConference& one);
// Its dashboard where this person may open it, else empty.
std::string dashboard_url(const Site& site, const Visit& visit, const conference::ManagedConference& one);

Visibility visibility(const web::Request& request);
// Where the rows of an entity are to be seen: its page here, else the data admin's list. Empty: nowhere, or
// its module is switched off. `stem`: "ticket-type". `filter` for the admin's list: "status=paid".
std::string rows_url(const Site& site, const Visit& visit, std::string_view stem,
                     std::string_view filter = {});
// A page of this conference that exists and whose module is on; else empty. "team-list".
std::string page_url(const Site& site, const Visit& visit, std::string_view name);

// Whoever acts, for the record of changes.
conference::Actor actor_of(const web::Request& request);

struct Crumb {
  std::string label, url;
};
// "title", "crumbs", "manage_nav", "user_perms", "active_nav", "other_conferences" and the frame's addresses.
void frame(site::Page& page, const Site& site, web::Request& request, std::string_view title,
           std::string_view active_nav, const std::vector<Crumb>& crumbs = {});

}  // namespace plenary::manage
