// A page's variables from JSON text, for `plenary template render` and for tests.
// What JSON has no type for is an object with one key: {"__datetime__": "2027-05-14T09:00:00Z"}, __date__,
// __time__,
// __decimal__ ("12.50"), __safe__ (markup). Errors: std::invalid_argument naming place, what was found and
// expected.
#pragma once

#include <string_view>

#include "templating/context.hpp"
#include "templating/value.hpp"

namespace plenary::templating {

// Any JSON value. A datetime without offset is one of `zone`.
Value value_from_json(std::string_view json, TimeZone zone = TimeZone::utc());
// The text must be an object: each key becomes a variable.
void fill_from_json(Context& context, std::string_view json);

}  // namespace plenary::templating
