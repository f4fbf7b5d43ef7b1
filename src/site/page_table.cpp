#include "site/page_table.hpp"

#include <utility>

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
    if (web::is_safe(request.method()) || request.header("Plenary-Send").empty())
      return handler(*site, request);
    return told_where_to_go(handler(*site, request));
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
