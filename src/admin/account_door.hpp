// What staff may do about somebody's sign-in: end every session, and, for superusers, remove a second factor
// whose phone and recovery codes are lost. Both ask for a fresh proof, are recorded, stand in that person's
// history, and the latter is mailed. One request, its thread. source: ground rules 15, 5.3.
#pragma once

#include <string>
#include <string_view>

#include "admin/model.hpp"
#include "base/task.hpp"
#include "site/page_table.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::admin {

// The address of that page, for the page of an account whose sign-in this visitor may end; else empty.
std::string account_door_url(const web::Request& request, const Model& model, std::string_view key);

Task<web::Response> account_door(site::Site& site, web::Request& request);  // GET and POST
void add_account_door(site::PageTable& table);

}  // namespace plenary::admin
