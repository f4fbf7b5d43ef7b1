// GET /api/v1/conferences/{slug}/features: what is switched on at a conference, resolved, for everybody and
// from every origin. Read live with each request, so a change holds at the next one; a client keeps the
// answer with its ETag and asks again. A conference that does not exist or is not listed is a 404 as
// application/problem+json (RFC 9457). One read, no session. source: configuration 10, 3.
#pragma once

#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::api {

Task<web::Response> show_features(site::Site& site, web::Request& request);

}  // namespace plenary::api
