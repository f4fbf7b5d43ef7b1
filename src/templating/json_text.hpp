// JSON from a value, ASCII only, as Python's json.dumps with Django's encoder writes it: ", " and ": "
// between parts, moments to the millisecond, decimals as texts. Throws TemplateError for what JSON cannot
// hold.
#pragma once

#include <string>

#include "templating/value.hpp"

namespace plenary::templating {

std::string json_text(const Value& value);

}  // namespace plenary::templating
