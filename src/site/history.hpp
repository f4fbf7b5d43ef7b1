// The history of sign-ins as the site writes it, and browsers in which a person signed in before: a signed
// cookie of a year that names them. It opens nothing; attempts from there count apart, so that a stranger's
// do not shut out the owner, and a sign-in from elsewhere is told to people with a right. One request, its
// thread. source: ground rules 15, 5.3 to 5.5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

// With this request's address and browser.
accounts::SignInEvent event_of(const web::Request& request, std::int64_t user_id, std::string_view what,
                               std::string_view way = {});
// Whole characters, no control characters, short: it is shown on the person's page.
std::string shown_user_agent(std::string_view sent);

struct Device {
  std::string id;                    // random; empty: no such cookie
  std::vector<std::int64_t> people;  // who signed in there, the latest first
  bool knows(std::int64_t user_id) const;
};
Device device_of(const Site& site, const web::Request& request);
// From now on it knows this person; the cookie goes out with the response.
void remember_device(const Site& site, web::Request& request, std::int64_t user_id);

Task<web::Response> sign_in_history(Site& site, web::Request& request);  // the person's own

}  // namespace plenary::site
