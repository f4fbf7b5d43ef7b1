// Cross-site request forgery: a form carries HMAC(key, random cookie); nothing is stored. Besides the token,
// a request from another site is refused by Sec-Fetch-Site or Origin where the browser sends one. Checked for
// every method that may change something, unless the route says Csrf::none. source: transactions 5; OWASP
// CSRF prevention, "signed double submit".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "web/request.hpp"

namespace plenary::web {

inline constexpr std::string_view csrf_field = "csrfmiddlewaretoken";  // the name in customers' templates
inline constexpr std::string_view csrf_header = "X-CSRFToken";

// The token for forms of this page. The first call for a browser without the cookie makes one, which goes out
// with the response.
std::string csrf_token(Request& request);
// The hidden input, ready for a page.
std::string csrf_input(Request& request);
// A new cookie: at sign-in and sign-out, so that an old page's token no longer counts.
void renew_csrf(Request& request);

// Why the request is refused, worded for the person, or nothing.
std::optional<std::string> csrf_problem(Request& request);

}  // namespace plenary::web
