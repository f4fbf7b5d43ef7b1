// The choice of a language: the form at the foot of every page and what pages are told of it. The choice is a
// cookie of one year; of somebody signed in it is kept with the account as well. One request, its thread.
// source: ground rules 15, 3.2.
#pragma once

#include <string>
#include <string_view>

#include "base/task.hpp"
#include "site/visit.hpp"
#include "templating/context.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

inline constexpr std::string_view language_cookie = "language";

Task<web::Response> set_language(Site& site, web::Request& request);  // POST /language/

// What language_of() answers from: worked out once the session is known.
std::string_view chosen_language(const web::Request& request, std::string_view of_account);

// The page's language for the engine, and for templates LANGUAGE_CODE, LANGUAGE_BIDI and `languages`: code,
// name and is_current of each.
void speak(templating::Context& context, const web::Request& request);
// Says which language it is, and by what else another answer could have been chosen.
void tell_language(web::Response& response, const web::Request& request);

// `next` when it is a path of this site, "/" otherwise.
std::string path_of_ours(std::string_view next);

}  // namespace plenary::site
