#include <array>

#include "site/page.hpp"
#include "site/values.hpp"
#include "web/csrf.hpp"
#include "web/flash.hpp"
#include "web/routes.hpp"

namespace plenary::site {
namespace {

using templating::Value;

// Made when a form asks for it: a page without forms sets no cookie.
class CsrfObject : public templating::Object {
 public:
  explicit CsrfObject(web::Request& request) : request_(request) {}
  Value get(std::string_view) const override { return Value::undefined(); }
  Value text() const override {
    if (token_.empty()) token_ = web::csrf_token(request_);
    return Value::borrowed(token_);
  }

 private:
  web::Request& request_;
  mutable std::string token_;  // one signature, however many forms there are
};

class MessageObject : public templating::Object {
 public:
  explicit MessageObject(web::FlashMessage message) : message_(std::move(message)) {}
  Value get(std::string_view name) const override {
    if (name == "message" || name == "text") return Value::borrowed(message_.text);
    if (name == "tags" || name == "level_tag" || name == "level") return Value::borrowed(message_.level);
    return Value::undefined();
  }
  Value text() const override { return Value::borrowed(message_.text); }

 private:
  web::FlashMessage message_;
};

// Public navigation, one list for every public page. source: configuration 10, 3.5.
struct NavigationEntry {
  std::string_view label, route, feature;  // feature: besides public_ui
};
constexpr std::array navigation{
    NavigationEntry{"Schedule", "pretalx:schedule", ""},
    NavigationEntry{"Speakers", "pretalx:speaker-list", ""},
    NavigationEntry{"Sponsors", "sponsors:sponsor-list", "sponsors"},
    NavigationEntry{"Programs", "programs:activity-list", "programs"},
    NavigationEntry{"Travel Grants", "programs:travel-grant-status", "travel_grants"},
    NavigationEntry{"Register", "registration:ticket-select", "registration"},
};

Value navigation_value(const Site& site, const Visit& visit) {
  std::vector<Value> links;
  const auto on = [&](std::string_view feature) {
    return conference::is_feature_enabled(feature, site.features, visit.conference->flags);
  };
  if (!site.router || !on("public_ui")) return Value::list({});
  for (const NavigationEntry& entry : navigation) {
    const web::Route* route = site.router->find(entry.route);
    if (!route || !route->exists || (!entry.feature.empty() && !on(entry.feature))) continue;
    links.push_back(Value::dict({{"label", Value::borrowed(entry.label)},
                                 {"url", Value(site.router->url(entry.route, {visit.conference->slug}))}}));
  }
  return Value::list(std::move(links));
}

}  // namespace

Page::Page(const Site& site, web::Request& request, std::string_view file)
    : site_(site), request_(request), file_(file) {
  const Visit* visit = request.find_context<Visit>();
  if (visit && visit->conference) {
    context_.set("conference", conference_value(*visit));
    context_.set("navigation", navigation_value(site, *visit));
    context_.time_zone = visit->catalogue->zone;
    context_.now = visit->now;
  }
  context_.default_time_zone = context_.time_zone;
  context_.set("program_features", features_value(site, visit));
  context_.set("csrf_token", Value(templating::make<CsrfObject>(request)));
  context_.set("development", site.is_development());
}

Page& Page::set(std::string_view name, Value value) {
  context_.set(name, std::move(value));
  return *this;
}

Page& Page::faults(std::vector<Fault> faults) {
  faults_ = std::move(faults);
  return *this;
}

web::Response Page::html(int status) {
  std::vector<Value> messages;
  for (web::FlashMessage& message : web::take_flashes(request_)) {
    messages.push_back(Value(templating::make<MessageObject>(std::move(message))));
  }
  context_.set("messages", Value::list(std::move(messages)));
  std::vector<Value> faults;
  for (const Fault& fault : faults_) {
    faults.push_back(
        Value::dict({{"field", Value::borrowed(fault.field)}, {"message", Value::borrowed(fault.message)}}));
  }
  context_.set("faults", Value::list(std::move(faults)));
  return web::Response::html(site_.engine.render(file_, context_), status);
}

}  // namespace plenary::site
