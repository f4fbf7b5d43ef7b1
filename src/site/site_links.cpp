#include "site/site_links.hpp"

#include <array>
#include <memory>
#include <string>
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

bool is_on(const Visit& visit, std::string_view feature) {
  return conference::is_feature_enabled(feature, visit.features, visit.conference->flags);
}

// The addresses that are the same for all pages of a conference: worked out once by each thread for each of
// its versions.
struct FrameLinks {
  const web::Router* router = nullptr;
  std::int64_t conference_id = 0, catalogue_version = 0;
  std::uint32_t features = 0;  // those of the navigation that are on, a bit each
  std::string slug, accent_color;
  std::array<std::string, navigation.size()> entries;
  std::string theme, cart, find_order, sign_in, account, language, accessibility, admin;

  bool are_for(const web::Router* its_router, const Visit* visit, std::uint32_t on) const {
    if (router != its_router || features != on) return false;
    if (!visit || !visit->conference) return conference_id == 0;
    return conference_id == visit->conference->id && slug == visit->conference->slug &&
           catalogue_version == visit->conference->catalogue_version &&
           accent_color == visit->catalogue->conference.accent_color;
  }
};

// None without the public pages themselves.
std::uint32_t features_on(const Visit& visit) {
  std::uint32_t bits = 0;
  if (!is_on(visit, "public_ui")) return bits;
  for (std::size_t i = 0; i < navigation.size(); ++i) {
    const std::string_view feature = navigation[i].feature;
    if (feature.empty() || is_on(visit, feature)) bits |= 1U << i;
  }
  return bits;
}

std::shared_ptr<const FrameLinks> frame_links(const Site& site, const Visit* visit) {
  const bool in_conference = visit && visit->conference;
  const std::uint32_t features = in_conference ? features_on(*visit) : 0;
  constexpr std::size_t most = 8;  // conferences that are looked at alternately
  thread_local std::array<std::shared_ptr<const FrameLinks>, most> kept;
  thread_local std::size_t oldest = 0;
  for (const auto& links : kept) {
    if (links && links->are_for(site.router, visit, features)) return links;
  }
  auto links = std::make_shared<FrameLinks>();
  links->router = site.router;
  links->features = features;
  if (in_conference) {
    links->conference_id = visit->conference->id;
    links->catalogue_version = visit->conference->catalogue_version;
    links->slug = visit->conference->slug;
    links->accent_color = visit->catalogue->conference.accent_color;
  }
  if (is_color(links->accent_color)) {
    links->theme = fmt::format("{}?v={}", link_to(site, visit, "site:theme-css"), links->catalogue_version);
  }
  for (std::size_t i = 0; i < navigation.size(); ++i) {
    if (features >> i & 1) links->entries[i] = link_to(site, visit, navigation[i].route);
  }
  if (in_conference && is_on(*visit, "registration") && is_on(*visit, "public_ui")) {
    links->cart = link_to(site, visit, "registration:cart");
    links->find_order = link_to(site, visit, "registration:find-order");
  }
  links->sign_in = link_to(site, visit, "accounts:login");
  links->account = link_to(site, visit, "accounts:home");
  links->admin = link_to(site, visit, "admin:index");
  links->language = link_to(site, visit, "site:set-language");
  links->accessibility = link_to(site, visit, "site:accessibility");
  kept[oldest] = links;
  oldest = (oldest + 1) % most;
  return links;
}

class SiteLinks : public templating::Object {
 public:
  SiteLinks(const Site& site, const web::Request& request)
      : request_(request), links_(frame_links(site, request.find_context<Visit>())) {}

  Value get(std::string_view name) const override {
    if (name == "theme_url") return shown(links_->theme);
    if (name == "cart_url") return shown(links_->cart);
    if (name == "cart_count") return cart_count();
    if (name == "sign_in_url") return sign_in_url();
    if (name == "admin_url") return admin_url();
    if (name == "account_url") return shown(links_->account);
    if (name == "find_order_url") return shown(links_->find_order);
    if (name == "language_url") return shown(links_->language);
    if (name == "accessibility_url") return shown(links_->accessibility);
    // Where a form of the frame leads back to: this page, also one found by a secret link, whose own forms
    // name it anyway.
    if (name == "path") return Value::borrowed(request_.path());
    return Value::undefined();
  }

 private:
  static Value shown(const std::string& url) { return url.empty() ? Value() : Value::borrowed(url); }

  // By what somebody may do; the staff flag alone opens nothing there.
  Value admin_url() const {
    const Visit* visit = request_.find_context<Visit>();
    return visit && visit->rights.any_role() ? shown(links_->admin) : Value();
  }

  Value sign_in_url() const {
    if (links_->sign_in.empty()) return Value();
    if (request_.path() == links_->sign_in || request_.find_param("token")) return shown(links_->sign_in);
    if (way_in_.empty()) way_in_ = links_->sign_in + "?next=" + web::percent_encode(request_.path());
    return Value::borrowed(way_in_);
  }

  Value cart_count() const {
    const CartPage* cart = request_.find_context<CartPage>();
    if (!cart) return Value();
    std::int64_t count = 0;
    for (const registration::CartItem& item : cart->view.items) count += item.quantity;
    return Value(count);
  }

  const web::Request& request_;
  const std::shared_ptr<const FrameLinks> links_;
  mutable std::string way_in_;
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
  const std::shared_ptr<const FrameLinks> frame = frame_links(site, &visit);
  std::vector<Value> links;
  for (std::size_t i = 0; i < navigation.size(); ++i) {
    const std::string& url = frame->entries[i];
    if (url.empty()) continue;
    // The page behind it asks for the same. source: configuration 10, Do better 25.
    if (navigation[i].feature == "manage_ui" && !visit.rights.full_access(visit.conference->id) &&
        !visit.rights.may("view_dashboard", visit.conference->id))
      continue;
    links.push_back(Value::dict({{"label", Value(tr(request, navigation[i].label))},
                                 {"url", Value(url)},
                                 {"is_current", request.path() == url}}));
  }
  return Value::list(std::move(links));
}

}  // namespace plenary::site
