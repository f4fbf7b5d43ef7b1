#include "site/page_table.hpp"

#include <utility>

namespace plenary::site {

web::Route& PageTable::add(std::string name, std::string pattern, web::Methods methods, web::Guard guard,
                           Handler handler, Loader loader) {
  if (loader) loaders_.emplace(name, loader);
  web::Route route;
  route.pattern = std::move(pattern);
  route.name = std::move(name);
  route.methods = methods;
  route.guard = std::move(guard);
  route.handler = [site = site_, handler](web::Request& request) { return handler(*site, request); };
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
