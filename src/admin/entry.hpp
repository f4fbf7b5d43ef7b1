// One entry of the record of changes as pages show it, and its own page: who, when, from where, each value
// before and after, its place in the chain, and whether it can be taken back. One request, its thread.
// source: docs/audit.md; configuration 10, Do better 23.
#pragma once

#include <string>

#include "admin/desk.hpp"
#include "base/task.hpp"
#include "domain/conference/audit.hpp"
#include "templating/value.hpp"
#include "web/response.hpp"

namespace plenary::admin {

bool is_record_of_changes(const Model& model);

// For the templates. `model`: of the entry's object; null where nobody administers such rows. Changes that
// this person must not see are left out.
templating::Value entry_value(const web::Request& request, const Model* model,
                              const conference::AuditEntry& entry, const Terms& terms);

// GET of /admin/operation/change/{key}/change/. The handler has asked for the right to see it.
Task<web::Response> show_entry(Site& site, web::Request& request, const std::string& key);

}  // namespace plenary::admin
