// Routes for whoever runs the server: is it alive, is it ready, what does it count.
#include "base/secret.hpp"
#include "web/server.hpp"

namespace plenary::web {

std::string absolute_url(const Services& services, std::string_view path) {
  return services.public_url + std::string(path);
}

RouteTable health_routes(Readiness readiness) {
  RouteTable table;
  Route alive;
  alive.pattern = "/healthz";
  alive.name = "healthz";
  alive.guard = public_();
  alive.handler = [](Request&) -> Task<Response> { co_return Response::text("ok\n").no_store(); };
  table.push_back(std::move(alive));

  Route ready;
  ready.pattern = "/readyz";
  ready.name = "readyz";
  ready.guard = public_();
  ready.handler = [readiness = std::move(readiness)](Request& request) -> Task<Response> {
    std::string problem;
    if (request.services().draining->load()) {
      problem = "the server is stopping";
    } else if (readiness.problem) {
      problem = co_await readiness.problem();
    }
    Response response =
        problem.empty() ? Response::text("ready\n") : Response::text("not ready: " + problem + "\n", 503);
    response.no_store();
    if (!problem.empty()) response.set("Retry-After", "2");
    co_return response;
  };
  table.push_back(std::move(ready));
  return table;
}

RouteTable metrics_routes(std::string token) {
  RouteTable table;
  if (token.empty()) return table;
  Route route;
  route.pattern = "/metrics";
  route.name = "metrics";
  route.guard = public_();
  route.handler = [secret = Secret("Bearer " + token)](Request& request) -> Task<Response> {
    if (!secret.equals(request.header("Authorization"))) {
      Response refused =
          Response::error(401, "The metrics need \"Authorization: Bearer\" with the token of the settings.");
      refused.set("WWW-Authenticate", "Bearer");
      co_return refused;
    }
    if (!request.services().metrics) co_return Response::not_found();
    Response response = Response::text(request.services().metrics->text());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.no_store();
    co_return response;
  };
  table.push_back(std::move(route));
  return table;
}

}  // namespace plenary::web
