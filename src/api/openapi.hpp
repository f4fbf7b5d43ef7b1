// The description of the API, OpenAPI 3.1, made from the table of operations. Made once; any thread. source:
// https://spec.openapis.org/oas/v3.1.0.
#pragma once

#include "api/json.hpp"

namespace plenary::api {

const Json& description();

}  // namespace plenary::api
