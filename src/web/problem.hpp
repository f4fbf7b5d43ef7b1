// Errors of the JSON API's addresses as application/problem+json, whoever finds them: the parser, the router,
// a guard, a handler that threw. Any thread. source: RFC 9457.
#pragma once

#include <string_view>

#include "web/error_pages.hpp"
#include "web/response.hpp"

namespace plenary::web {

inline constexpr std::string_view problem_prefix = "/api/v1/";
bool answers_problems(std::string_view path);
Response problem_page(const ErrorInfo& error);

}  // namespace plenary::web
