#include "site/site_links.hpp"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "site/text.hpp"
#include "site/theme_css.hpp"
#include "site/values.hpp"
#include "web/routes.hpp"

namespace plenary::site {
namespace {

using templating::Value;

struct NavigationEntry {
  const char* label;
  std::string_view route, feature;  // feature: besides public_ui
};
constexpr std::array navigation{
    NavigationEntry{message("Schedule"), "pretalx:schedule", ""},
    NavigationEntry{message("Speakers"), "pretalx:speaker-list", ""},
    NavigationEntry{message("Sponsors"), "sponsors:sponsor-list", "sponsors"},
    NavigationEntry{message("Programs"), "programs:activity-list", "programs"},
    NavigationEntry{message("Travel Grants"), "programs:travel-grant-status", "travel_grants"},
    NavigationEntry{message("Manage"), "manage:dashboard", "manage_ui"},
    NavigationEntry{message("Register"), "registration:ticket-select", "registration"},
};

bool is_on(const Site& site, const Visit& visit, std::string_view feature) {
  return conference::is_feature_enabled(feature, site.features, visit.conference->flags);
}

class SiteLinks : public templating::Object {
 public:
  SiteLinks(const Site& site, const web::Request& request)
      : site_(site), request_(request), visit_(request.find_context<Visit>()) {}

  Value get(std::string_view name) const override {
    if (name == "theme_url") return theme_url();
    if (name == "cart_url") return sells() ? Value(link_to(site_, visit_, "registration:cart")) : Value();
    if (name == "cart_count") return cart_count();
    if (name == "sign_in_url") return sign_in_url();
    if (name == "account_url") return Value(link_to(site_, visit_, "accounts:home"));
    if (name == "find_order_url") {
      return sells() ? Value(link_to(site_, visit_, "registration:find-order")) : Value();
    }
    if (name == "language_url") return Value(link_to(site_, visit_, "site:set-language"));
    if (name == "accessibility_url") return Value(link_to(site_, visit_, "site:accessibility"));
    if (name == "path") return Value(way_back());
    return Value::undefined();
  }

 private:
  bool sells() const {
    return visit_ && visit_->conference && is_on(site_, *visit_, "registration") &&
           is_on(site_, *visit_, "public_ui");
  }

  // Where a form of the frame leads back to: this page, also one found by a secret link, whose own forms name
  // it anyway.
  std::string way_back() const { return std::string(request_.path()); }

  Value sign_in_url() const {
    const std::string url = link_to(site_, visit_, "accounts:login");
    if (url.empty()) return Value();
    if (request_.path() == url || request_.find_param("token")) return Value(url);
    return Value(url + "?next=" + web::percent_encode(request_.path()));
  }

  Value cart_count() const {
    const CartPage* cart = request_.find_context<CartPage>();
    if (!cart) return Value();
    std::int64_t count = 0;
    for (const registration::CartItem& item : cart->view.items) count += item.quantity;
    return Value(count);
  }

  Value theme_url() const {
    if (!visit_ || !visit_->conference || !is_color(visit_->catalogue->conference.accent_color))
      return Value();
    return Value(fmt::format("{}?v={}", link_to(site_, visit_, "site:theme-css"),
                             visit_->conference->catalogue_version));
  }

  const Site& site_;
  const web::Request& request_;
  const Visit* visit_;
};

}  // namespace

std::string link_to(const Site& site, const Visit* visit, std::string_view route) {
  const web::Route* found = site.router ? site.router->find(route) : nullptr;
  if (!found || !found->exists) return {};
  if (found->pattern.find('{') == std::string::npos) return site.router->url(route, {});
  if (!visit || !visit->conference) return {};
  return site.router->url(route, {visit->conference->slug});
}

Value site_links_value(const Site& site, const web::Request& request) {
  return Value(templating::make<SiteLinks>(site, request));
}

Value navigation_value(const Site& site, const web::Request& request, const Visit& visit) {
  std::vector<Value> links;
  if (!is_on(site, visit, "public_ui")) return Value::list({});
  for (const NavigationEntry& entry : navigation) {
    if (!entry.feature.empty() && !is_on(site, visit, entry.feature)) continue;
    // Until rights are more than one, whoever has it has all.
    if (entry.feature == "manage_ui" && !(visit.session && visit.session->is_superuser)) continue;
    std::string url = link_to(site, &visit, entry.route);
    if (url.empty()) continue;
    const bool is_current = request.path() == url;
    links.push_back(Value::dict({{"label", Value(tr(request, entry.label))},
                                 {"url", Value(std::move(url))},
                                 {"is_current", is_current}}));
  }
  return Value::list(std::move(links));
}

}  // namespace plenary::site
