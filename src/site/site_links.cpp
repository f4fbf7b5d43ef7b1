#include "site/site_links.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "i18n/languages.hpp"
#include "site/text.hpp"
#include "site/theme_css.hpp"
#include "site/values.hpp"
#include "web/routes.hpp"

namespace plenary::site {
namespace {

using templating::Name;
using templating::Value;

using conference::Feature;

struct NavigationEntry {
  const char* label;
  std::string_view route;
  Feature feature = Feature::public_ui;  // besides public_ui
};
constexpr std::array navigation{
    NavigationEntry{message("Schedule"), "pretalx:schedule"},
    NavigationEntry{message("Speakers"), "pretalx:speaker-list"},
    NavigationEntry{message("Sponsors"), "sponsors:sponsor-list", Feature::sponsors},
    NavigationEntry{message("Programs"), "programs:activity-list", Feature::programs},
    NavigationEntry{message("Travel Grants"), "programs:travel-grant-status", Feature::travel_grants},
    NavigationEntry{message("Manage"), "manage:dashboard", Feature::manage_ui},
    NavigationEntry{message("Register"), "registration:ticket-select", Feature::registration},
};

bool is_on(const Visit& visit, Feature feature) {
  return conference::is_feature_enabled(feature, visit.features, visit.conference->flags);
}

// What of a request the navigation shows.
struct Place {
  std::size_t current;  // entry of the page; as many as there are: none
  bool manages;         // may look at the dashboard
  bool operator==(const Place&) const = default;
};

// The navigation as one language and one place show it.
struct Navigation {
  const i18n::Languages* words;
  std::string language;
  Place place;
  Value value;
};

// The addresses that are the same for all pages of a conference: worked out once by each thread for each of
// its versions.
struct FrameLinks {
  static inline std::atomic<std::int64_t> made = 0;
  const std::int64_t number = ++made;  // of no other conference, version or server of this process
  const web::Router* router = nullptr;
  std::int64_t conference_id = 0, catalogue_version = 0;
  std::uint32_t features = 0;  // those of the navigation that are on, a bit each
  std::string slug, accent_color;
  std::array<std::string, navigation.size()> entries;
  std::string theme, cart, find_order, sign_in, account, language, accessibility, admin;
  mutable std::vector<Navigation> navigations;  // as its thread was asked for them

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
  if (!is_on(visit, Feature::public_ui)) return bits;
  for (std::size_t i = 0; i < navigation.size(); ++i) {
    if (is_on(visit, navigation[i].feature)) bits |= 1U << i;
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
  if (in_conference && is_on(*visit, Feature::registration) && is_on(*visit, Feature::public_ui)) {
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

Place place_of(const FrameLinks& frame, const web::Request& request, const Visit* visit) {
  Place place{navigation.size(), false};
  if (!visit || !visit->conference) return place;
  place.current = static_cast<std::size_t>(
      std::find(frame.entries.begin(), frame.entries.end(), request.path()) - frame.entries.begin());
  // The page behind it asks for the same. source: configuration 10, Do better 25.
  const std::int64_t id = visit->conference->id;
  place.manages = visit->rights.full_access(id) || visit->rights.may("view_dashboard", id);
  return place;
}

// What the kept parts of base.html and includes/footer.html show beside `site`, `development` and
// `test_mode`.
const std::array frame_variables{Name("conference"),  Name("navigation"), Name("contact"),
                                 Name("legal_links"), Name("languages"),  Name("LANGUAGE_CODE")};

class SiteLinks : public templating::Object {
 public:
  SiteLinks(const Site& site, const web::Request& request, const templating::Context& context)
      : request_(request), context_(context), links_(frame_links(site, request.find_context<Visit>())) {
    for (std::size_t i = 0; i < frame_variables.size(); ++i)
      if (const Value* value = context.find(frame_variables[i])) frame_values_[i] = *value;
  }

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
    if (name == "frame") return frame();
    // Where a form of the frame leads back to: this page, also one found by a secret link, whose own forms
    // name it anyway.
    if (name == "path") return Value::borrowed(request_.path());
    return Value::undefined();
  }

 private:
  static Value shown(const std::string& url) { return url.empty() ? Value() : Value::borrowed(url); }

  // Another number wherever the frame's conference, its switches, or the navigation of this page is another.
  // None where the page, or a program that embeds us, has put something else into one of its variables.
  Value frame() const {
    for (std::size_t i = 0; i < frame_variables.size(); ++i) {
      const Value* value = context_.find(frame_variables[i]);
      if (value ? !value->is_same(frame_values_[i]) : !frame_values_[i].is_null()) return Value();
    }
    const Place place = place_of(*links_, request_, request_.find_context<Visit>());
    constexpr auto places = static_cast<std::int64_t>(2 * (navigation.size() + 1));
    return Value(links_->number * places + static_cast<std::int64_t>(2 * place.current) +
                 (place.manages ? 1 : 0));
  }

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
  const templating::Context& context_;
  const std::shared_ptr<const FrameLinks> links_;
  std::array<Value, frame_variables.size()> frame_values_;
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

Value site_links_value(const Site& site, const web::Request& request, const templating::Context& context) {
  return Value(templating::make<SiteLinks>(site, request, context));
}

Value navigation_value(const Site& site, const web::Request& request, const Visit& visit) {
  const std::shared_ptr<const FrameLinks> frame = frame_links(site, &visit);
  const i18n::Languages* const words = &i18n::languages();
  const std::string_view language = language_of(request);
  const Place place = place_of(*frame, request, &visit);
  for (const Navigation& one : frame->navigations) {
    if (one.words == words && one.place == place && one.language == language) return one.value;
  }
  std::vector<Value> links;
  for (std::size_t i = 0; i < navigation.size(); ++i) {
    const std::string& url = frame->entries[i];
    if (url.empty() || (navigation[i].feature == Feature::manage_ui && !place.manages)) continue;
    links.push_back(Value::dict({{"label", Value(tr(request, navigation[i].label))},
                                 {"url", Value(url)},
                                 {"is_current", i == place.current}}));
  }
  // Languages times pages of the navigation, and no more where the words change.
  if (frame->navigations.size() >= 64) frame->navigations.clear();
  frame->navigations.push_back({words, std::string(language), place, Value::list(std::move(links))});
  return frame->navigations.back().value;
}

}  // namespace plenary::site
