// Forms that were posted while their person was signed out, or the session locked: kept sealed for two hours
// and offered to the same person after the next sign-in. Also how a form's fields become one text that can be
// sealed, and fields again. One request, its thread. source: ground rules 15, 5.2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/form_data.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

// Fields and their order, without files, the CSRF token and the fields of this file and of proof.hpp.
std::string packed_form(const web::FormData& form);
// std::invalid_argument for a text that packed_form did not make.
web::FormData unpacked_form(std::string_view packed);

// Keeps the form for this person; where to come back to: the page that offers it, or `path` itself when there
// was nothing to keep or too much. `path` is one of ours.
Task<std::string> keep_form(Site& site, web::Request& request, std::int64_t user_id, std::string_view path,
                            const web::FormData& form);

// A POST with this field means the form that is kept for its person and its path: it takes the place of what
// was posted, and is kept no longer. Refused("no_kept_form") when there is none.
inline constexpr std::string_view kept_field = "_kept";
Task<void> take_up_kept_form(Site& site, web::Request& request);

// GET offers what is kept for the query's path; POST throws it away.
Task<web::Response> kept_form(Site& site, web::Request& request);

}  // namespace plenary::site
