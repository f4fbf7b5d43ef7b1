// The handlers of the data admin. A handler reads on the slow pool, makes one write, and renders or
// redirects; the rules are in the domain rooms and in the entity descriptions. source: configuration 10, 5.
#pragma once

#include "admin/model.hpp"
#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::admin {

using site::Site;

Task<web::Response> show_index(Site& site, web::Request& request);  // also who has no role yet
Task<web::Response> show_area(Site& site, web::Request& request);
Task<web::Response> show_list(Site& site, web::Request& request);
Task<web::Response> act_on_list(Site& site, web::Request& request);  // POST of the list: bulk actions
Task<web::Response> export_list(Site& site, web::Request& request);
Task<web::Response> add(Site& site, web::Request& request);     // GET and POST
Task<web::Response> change(Site& site, web::Request& request);  // GET and POST
Task<web::Response> remove(Site& site, web::Request& request);  // GET: what it would touch; POST
Task<web::Response> show_history(Site& site, web::Request& request);
Task<web::Response> undo(Site& site, web::Request& request);  // of a change that was recorded; GET and POST
// A form that was laid over and checked, once more, with what is wrong with it: 422.
struct FormState;
web::Response form_with_faults(Site& site, web::Request& request, const Model& model, const FormState& form);
Task<web::Response> choices(Site& site, web::Request& request);  // JSON for pickers

}  // namespace plenary::admin
