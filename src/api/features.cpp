#include "api/features.hpp"

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "api/problem.hpp"
#include "base/beginning.hpp"
#include "domain/conference/conferences.hpp"

namespace plenary::api {
namespace {

// Nothing here belongs to a person: any site may read it, without cookies.
web::Response open_to_all(web::Response response) {
  response.set("Access-Control-Allow-Origin", "*");
  response.set("Access-Control-Expose-Headers", "ETag");
  response.set("Cache-Control", "no-cache");
  return response;
}

web::Response no_such_conference(std::string_view slug) {
  return open_to_all(answer_of(Problem(
      404, "no_such_conference", "There is no conference \"" + std::string(beginning(slug, 100)) + "\".")));
}

}  // namespace

Task<web::Response> show_features(site::Site& site, web::Request& request) {
  const std::string slug(request.param("slug"));
  auto look = [&](db::Tx& tx) { return conference::find_state(tx, slug); };
  const std::optional<conference::ConferenceState> state = co_await site.db.read(look);
  if (!state || !state->is_active) co_return no_such_conference(slug);

  nlohmann::ordered_json features;
  std::string etag = "\"";
  for (const conference::Feature feature : conference::all_features()) {
    const bool on = conference::is_feature_enabled(feature, site.features, state->flags);
    features[std::string(conference::feature_key(feature))] = on;
    etag += on ? '1' : '0';
  }
  etag += '"';
  const std::string_view known = request.header("If-None-Match");
  web::Response response;
  if (known == "*" || known.find(etag) != std::string_view::npos) {
    response.status = 304;
  } else {
    const nlohmann::ordered_json body = {{"conference", state->slug}, {"features", features}};
    response = web::Response::json(body.dump());
  }
  response.set("ETag", std::move(etag));
  co_return open_to_all(std::move(response));
}

}  // namespace plenary::api
