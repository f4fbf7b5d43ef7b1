// Checks a value against a JSON Schema of the kind that the API's description has. A keyword that this does
// not know is a fault, so that nothing is described which nobody checks. source: JSON Schema 2020-12.
#pragma once

#include <string>
#include <vector>

#include "api/json.hpp"

namespace plenary::api::testing {

// What is wrong, one line each: "/lines/0/total: …". `root`: where $ref begins.
std::vector<std::string> schema_faults(const Json& root, const Json& schema, const Json& value,
                                       const std::string& pointer = {});
// Follows "#/components/schemas/Order". Null when there is none.
const Json* referenced(const Json& root, const std::string& reference);
// The schema itself, behind its $ref where it has one.
const Json& resolved(const Json& root, const Json& schema);

}  // namespace plenary::api::testing
