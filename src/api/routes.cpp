#include "api/routes.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "api/features.hpp"
#include "api/service.hpp"

namespace plenary::api {
namespace {

constexpr std::size_t largest_body = 1024 * 1024;  // 500 items with everything that can be said of them

// "orders.get" and its siblings at one address: "api:orders".
std::string name_of(const Endpoint& endpoint) {
  return "api:" + endpoint.operations.front()->id;
}

std::shared_ptr<Service> make_service(site::Site& site, SeenTokens* seen) {
  Parts parts{site.shop, site.settings, site.link_key};
  parts.features = [&site] { return static_cast<conference::FeatureDefaults>(site.features); };
  parts.makes_test_orders = [&site](db::Tx& tx, const registration::Catalogue& catalogue) {
    const site::CardMode mode =
        site.card_modes.at(tx, site.cards, catalogue.conference.id, catalogue.version);
    return site.makes_test_orders(mode, catalogue);
  };
  parts.public_url = site.settings.server.public_url;
  parts.order_path = [&site](std::string_view slug, std::string_view reference, std::string_view token) {
    return site.router->url("registration:order-secret", {slug, reference, token});
  };
  parts.gateway = &site.gateway;
  return std::make_shared<Service>(site.db, std::move(parts), seen);
}

}  // namespace

void add_pages(site::PageTable& table, SeenTokens* seen) {
  // No feature guards it: it is what tells that the public pages are off.
  table.add("api:features", "/api/v1/conferences/{slug}/features", web::Method::get,
            web::public_() & web::json_answers(), show_features);
  // Who may call is said by the table of operations, and judged by the service: by token, not by session.
  auto made = std::make_shared<std::pair<std::once_flag, std::shared_ptr<Service>>>();
  for (const Endpoint& endpoint : endpoints()) {
    web::Route& route = table.add(
        name_of(endpoint), "/api/v1" + endpoint.path, endpoint.methods(),
        web::public_() & web::json_answers(),
        [made, seen, &endpoint](site::Site& site, web::Request& request) {
          std::call_once(made->first, [&] { made->second = make_service(site, seen); });
          return made->second->answer(endpoint, request,
                                      site.settings.security.limits
                                          ? site::network_of(request.client_address(), site.settings.security)
                                          : std::string());
        });
    route.csrf = web::Csrf::none;
    route.max_body = largest_body;
  }
}

}  // namespace plenary::api
