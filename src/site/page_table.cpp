#include "site/page_table.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "db/errors.hpp"
#include "site/error_pages.hpp"
#include "web/errors.hpp"

namespace plenary::site {

namespace {

// A form sent by script (assets/js/send.js) is told where to go instead of being sent there: the page it goes
// to is then loaded as a whole, with its own policy, and shows its messages itself.
Task<web::Response> told_where_to_go(Task<web::Response> answer) {
  web::Response response = co_await std::move(answer);
  if (const std::string* location = response.find("Location"); location && response.status == 303) {
    response.set("HX-Redirect", *location);
    response.status = 200;
    std::erase_if(response.headers, [](const auto& header) { return header.first == "Location"; });
  }
  co_return response;
}

// The connection to the database broke while a write was made durable. Whoever sent it is told that it may
// have worked, and where that is seen.
Task<web::Response> told_if_unknown(Task<web::Response> answer, const web::Request& request) {
  try {
    co_return co_await std::move(answer);
  } catch (const db::OutcomeUnknown&) {
    spdlog::error("the outcome of a commit is unknown: {} request={}",
                  request.route() ? request.route()->pattern : "-", request.id());
  }
  throw web::HttpError(
      500,
      message("The connection to the database broke at the last moment, so it is not known whether what you "
              "sent was done."),
      std::string(outcome_unknown));
}

}  // namespace

web::Route& PageTable::add(std::string name, std::string pattern, web::Methods methods, web::Guard guard,
                           Handler handler, Loader loader) {
  if (loader) loaders_.emplace(name, loader);
  web::Route route;
  route.pattern = std::move(pattern);
  route.name = std::move(name);
  route.methods = methods;
  route.guard = std::move(guard);
  route.handler = [site = site_, handler = std::move(handler)](web::Request& request) {
    if (web::is_safe(request.method())) return handler(*site, request);
    if (request.header("Plenary-Send").empty()) return told_if_unknown(handler(*site, request), request);
    return told_where_to_go(told_if_unknown(handler(*site, request), request));
  };
  routes_.push_back(std::move(route));
  return routes_.back();
}

std::vector<Loader> PageTable::loaders(const web::Router& router) const {
  std::vector<Loader> loaders(router.routes().size(), nullptr);
  for (const web::Route& route : router.routes()) {
    const auto found = loaders_.find(route.name);
    if (found != loaders_.end()) loaders[static_cast<std::size_t>(route.index)] = found->second;
  }
  return loaders;
}

web::Guard shop_guard() {
  return web::features({"registration", "public_ui"});
}

}  // namespace plenary::site
